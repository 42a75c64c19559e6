"""How the sign-in library writes accounts of ours: a handle nobody has to think of, and one proof in the same transaction."""

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.actor import Actor, ActorKind
from core.ids import new_id
from core.queries import UnknownSite, site_context, sites
from core.text import email_key
from customers.models import Account
from customers.operations import EMAIL_PROVIDER, AccountExists, open_account, prove_email
from customers.rules import AccountKind

SIGNING_UP = Actor(ActorKind.CUSTOMER, "sign-up")
"""Who acts before there is an account."""
STAFF_DOOR = "at_staff_door"
"""The attribute of a request that came in by the back office's own sign-in page."""

logger = logging.getLogger(__name__)


def actor_of(account: Account) -> Actor:
    """An account's owner, as who acts."""
    return Actor(ActorKind.CUSTOMER, str(account.pk), str(account))


def shop_name(request: HttpRequest | None) -> str:
    """The name of the shop a request came to; the only shop's where the address is none's."""
    host = request.get_host() if request is not None else ""
    try:
        return str(site_context(host).name)
    except UnknownSite:
        known = sites()
        return str(known[0].name) if known else "Daifuku"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up opens a person's account, never a customer; staff accounts are made in the back office, and come in by its door only."""

    def populate_username(self, request: HttpRequest | None, user: Account) -> None:
        """The handle is opaque and stays when the e-mail address changes: people sign in with the address."""
        if not user.handle:
            user.handle = f"u{new_id().hex[-16:]}"

    def clean_email(self, email: str) -> str:
        """One safe mailbox, or the form says so."""
        if not email_key(email):
            raise forms.ValidationError(_("This is not an e-mail address that can be written to."), code="invalid")
        return email

    def save_user(self, request: HttpRequest, user: Account, form: Any, commit: bool = True) -> Account:
        """The account and its e-mail proof are written together; taken already, the answer is the same as for a fresh address."""
        super().save_user(request, user, form, commit=False)
        user.kind, user.is_staff, user.is_superuser = AccountKind.PERSON, False, False
        if not commit:
            return user
        try:
            open_account(user, provider=EMAIL_PROVIDER, subject=email_key(user.email), verified=False, actor=SIGNING_UP, at=clock.now())
        except AccountExists:
            raise ImmediateHttpResponse(self.respond_email_verification_sent(request, user)) from None
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A confirmed address proves the account; the one confirmed before no longer does once it isn't primary."""
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and email_address.primary:
            account: Account = email_address.user
            prove_email(account.pk, email=email_address.email, actor=actor_of(account), at=clock.now())
        return confirmed

    def get_login_stages(self) -> list[str]:
        """The library's stages, with our answer to who confirms an address and who has a second factor to show."""
        ours = {
            "allauth.account.stages.EmailVerificationStage": "customers.adapters.stages.AddressStage",
            "allauth.mfa.stages.AuthenticateStage": "customers.adapters.stages.SecondFactorStage",
        }
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def pre_login(self, request: HttpRequest, user: Account, **given: Any) -> HttpResponse | None:
        """Staff come in by the back office's door, shoppers by the shop's; whoever is at the wrong one is told, once known."""
        refused: HttpResponse | None = super().pre_login(request, user, **given)
        if refused is not None:
            return refused
        at_staff_door = getattr(request, STAFF_DOOR, False)
        if user.kind == AccountKind.PERSON and not at_staff_door:
            return None
        if user.is_staff and at_staff_door:
            return None
        words = _("Staff sign in here.") if user.is_staff else _("This account belongs to a shopper. Please sign in at the shop.")
        messages.error(request, words)
        return HttpResponseRedirect(reverse("admin:login" if user.is_staff else "account_login"))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff find themselves in the back office, shoppers on their page."""
        return reverse("admin:index") if request.user.is_staff else str(super().get_login_redirect_url(request))  # type: ignore[union-attr]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails with codes and keys leave at once and are kept nowhere; a mail server that fails is told on the page."""
        shown = {**context, "shop": shop_name(self.request)}
        try:
            super().send_mail(template_prefix, email, shown)
        except (OSError, smtplib.SMTPException):
            logger.exception("sign-in mail not taken by the mail server")
            messages.error(self.request, _("The mail could not be sent just now. Please try again in a few minutes."))
