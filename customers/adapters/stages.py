"""What the sign-in library asks between the password and the door, as this house answers it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest

from core.text import email_key
from customers.models import Account
from customers.queries import is_address_proven
from customers.rules import AccountKind


class AddressStage(EmailVerificationStage):  # type: ignore[misc]
    """Shoppers confirm their address before they are let in; staff are known by who made their account.

    Our proof of an address counts, whichever way it came: the library's own note of it follows.
    """

    def handle(self) -> Any:
        account: Account | None = self.login.user
        if account is not None:
            if account.kind == AccountKind.STAFF:
                return None, True
            if is_address_proven(account.pk, email_key(account.email)):
                EmailAddress.objects.update_or_create(
                    user=account, email=account.email.lower(), defaults={"verified": True, "primary": True}
                )
        return super().handle()


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]
    """A shopper's passkey is another way in, not a second lock; staff show their second factor after every password."""

    def _should_handle(self, request: HttpRequest) -> bool:
        account: Account | None = self.login.user
        if account is not None and account.kind != AccountKind.STAFF and not is_mfa_enabled(account, [Authenticator.Type.TOTP]):
            return False
        return bool(super()._should_handle(request))
