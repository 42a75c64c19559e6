"""LINE, Google and Apple: an outside ID proves a person's account, and only what both sides have proved is believed."""

from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.actor import Actor
from core.db import operation
from core.ids import new_id
from customers.adapters.accounts import SIGNING_UP, actor_of
from customers.models import Account, Identity
from customers.operations import AccountExists, add_identity, open_account, prove_email
from customers.rules import AccountKind


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """One proof (provider, subject) per outside ID, written with its account. An address alone never connects anybody.

    Somebody who signs in with an outside ID whose address has an account already is told so by mail to that address, signs in there and
    adds the ID: that is the proof by both sides.
    """

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Staff are turned away; an ID that proves an account of ours is its, whatever the library remembers."""
        connecting = sociallogin.state.get("process") == AuthProcess.CONNECT
        if connecting and getattr(request.user, "kind", "") != AccountKind.PERSON:
            _turn_away(request)
        if not sociallogin.is_existing:
            proof = _proof(sociallogin.account)
            if proof is None:
                return
            assert proof.account is not None
            sociallogin.connect(request, proof.account)
        account: Account = sociallogin.user
        if account.kind != AccountKind.PERSON or account.is_staff:
            _turn_away(request)
        if _proof(sociallogin.account) is None:
            _note(sociallogin.account, account)

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> Account:
        """Not yet written, and with every value of its own: it may have to wait in the session for an address."""
        return Account(public_id=new_id(), recorded_at=clock.now())

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Account:
        """The account, its proof and what the library remembers of it are written together; taken already, nothing is told."""
        account: Account = sociallogin.user
        account.set_unusable_password()
        if form is not None:
            account_adapter().save_user(request, account, form, commit=False)
        account.handle = f"u{new_id().hex[-16:]}"
        account.kind, account.is_staff, account.is_superuser = AccountKind.PERSON, False, False
        try:
            _open(sociallogin, request, actor=SIGNING_UP)
        except AccountExists:
            raise ImmediateHttpResponse(account_adapter().respond_email_verification_sent(request, account)) from None
        return account

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        """The ID was added by the signed-in owner: our proof is written with it. (The library asks for nothing else at this moment.)"""
        if socialaccount.pk and socialaccount.user_id == request.user.pk:
            _note(socialaccount, request.user)
        return reverse("shop-ids")


def _turn_away(request: HttpRequest) -> None:
    messages.error(request, _("Staff accounts sign in with a password and a second factor only."))
    raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))


def _proof(outside: SocialAccount) -> Identity | None:
    return (
        Identity.objects.filter(provider=outside.provider, subject=outside.uid, ended_at=None, customer=None, account__is_active=True)
        .select_related("account")
        .first()
    )


def _note(outside: SocialAccount, account: Any) -> None:
    try:
        add_identity(account.pk, provider=outside.provider, subject=outside.uid, actor=actor_of(account), at=clock.now())
    except AccountExists:  # a proof of another account: this one can't have it
        outside.delete()


@operation
def _open(sociallogin: SocialLogin, request: HttpRequest, *, actor: Actor) -> None:
    """Account, proof and the library's own rows, or none of them."""
    account, outside, at = sociallogin.user, sociallogin.account, clock.now()
    open_account(account, provider=outside.provider, subject=outside.uid, verified=True, actor=actor, at=at)
    sociallogin.save(request)
    proven = next((e.email for e in sociallogin.email_addresses if e.verified and e.email.lower() == account.email.lower()), "")
    if proven:
        prove_email(account.pk, email=proven, actor=actor, at=at)
