"""How the sign-in library writes accounts of ours: a handle nobody has to think of, and one proof in the same transaction."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import clock
from core.actor import Actor, ActorKind
from core.ids import new_id
from core.text import email_key
from customers.models import Account
from customers.operations import EMAIL_PROVIDER, AccountExists, open_account, prove_email
from customers.rules import AccountKind

SIGNING_UP = Actor(ActorKind.CUSTOMER, "sign-up")
"""Who acts before there is an account."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-up opens a person's account, never a customer; staff accounts are made in the back office only."""

    def populate_username(self, request: HttpRequest | None, user: Account) -> None:
        """The handle is opaque and stays when the e-mail address changes: people sign in with the address."""
        if not user.handle:
            user.handle = f"u{new_id().hex[:16]}"

    def clean_email(self, email: str) -> str:
        """One safe mailbox, or the form says so."""
        if not email_key(email):
            raise forms.ValidationError(_("This is not an e-mail address that can be written to."), code="invalid")
        return email

    def save_user(self, request: HttpRequest, user: Account, form: Any, commit: bool = True) -> Account:
        """The account and its e-mail proof are written together; taken already, the answer is the same as for a fresh address."""
        super().save_user(request, user, form, commit=False)
        user.kind, user.is_staff = AccountKind.PERSON, False
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
            actor = Actor(ActorKind.CUSTOMER, str(account.pk), str(account))
            prove_email(account.pk, email=email_address.email, actor=actor, at=clock.now())
        return confirmed
