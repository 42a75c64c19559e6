"""Second factors and passkeys: what they are called, and how their secrets are kept."""

import base64
from hashlib import sha256
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from customers.adapters.accounts import shop_name
from customers.models import Account

DEVICES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Macintosh", "Mac"), ("Windows", "Windows"), ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)  # fmt: skip


def _box() -> MultiFernet:
    """Closes with the installation's secret, opens with former ones too."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(sha256(f"customers.factors:{key}".encode()).digest())) for key in keys])


class FactorsAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names in words of people, secrets encrypted in the database, the shop's name on the device."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: Account, type: Any) -> str:
        """The device somebody is sitting at, as far as its browser tells."""
        agent = context.request.META.get("HTTP_USER_AGENT", "")
        return next((name for sign, name in DEVICES if sign in agent), str(_("Passkey")))

    def get_totp_label(self, user: Account) -> str:
        return str(user.email or user.handle)

    def get_totp_issuer(self) -> str:
        return shop_name(context.request)

    def _get_site_name(self) -> str:
        return shop_name(context.request)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Staff keep a second factor where the installation requires one."""
        account: Account = authenticator.user
        if not (account.is_staff and settings.REQUIRE_STAFF_MFA):
            return True
        others = Authenticator.objects.filter(user_id=account.pk).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())
