"""Signing up and signing in."""

from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth import authenticate
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.forms import ValidationError
from django.test import RequestFactory

from customers.models import Account, Customer, Identity
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


class _Form:
    def __init__(self, email: str) -> None:
        self.cleaned_data = {"email": email, "password1": PASSWORD}


def a_request() -> Any:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    request._messages = FallbackStorage(request)
    return request


def sign_up(email: str) -> Account:
    adapter = get_adapter(a_request())
    return adapter.save_user(a_request(), adapter.new_user(a_request()), _Form(email))


def test_signing_up_opens_a_persons_account_with_one_proof_and_no_customer() -> None:
    account = sign_up("Hanako@Example.com")

    account.refresh_from_db()
    assert (account.kind, account.is_staff, account.email) == ("person", False, "hanako@example.com")
    assert account.handle.startswith("u")
    assert account.handle != account.email
    proof = Identity.objects.get()
    assert (proof.account_id, proof.provider, proof.subject, proof.verified_at) == (account.id, "email", "hanako@example.com", None)
    assert Customer.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_mailbox_twice_is_one_account_and_the_answer_tells_nothing() -> None:
    sign_up("hanako@example.com")

    with pytest.raises(ImmediateHttpResponse) as raised:
        sign_up("ＨＡＮＡＫＯ@example.com")

    assert raised.value.response.status_code == 302
    assert (Account.objects.count(), Identity.objects.count()) == (1, 1)


@pytest.mark.parametrize("email", ["a@x.jp,b@x.jp", "x@y.jp\r\nBcc: z@y.jp", "a@b", ""])
def test_an_address_nobody_can_write_to_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        get_adapter().clean_email(email)


@pytest.mark.parametrize("word", ["handle", "email"])
def test_people_and_staff_sign_in_by_handle_or_address(word: str) -> None:
    person, staff = sign_up("hanako@example.com"), make.a_staff_account(handle="misaki", email="misaki@example.com", password=PASSWORD)

    for account in (person, staff):
        assert authenticate(a_request(), username=getattr(account, word), password=PASSWORD) == account
        assert authenticate(a_request(), username=getattr(account, word), password="wrong") is None


def test_a_closed_account_signs_in_no_more() -> None:
    account = sign_up("hanako@example.com")
    Account.objects.filter(pk=account.pk).update(is_active=False)

    assert authenticate(a_request(), username="hanako@example.com", password=PASSWORD) is None


def test_a_confirmed_address_proves_the_account() -> None:
    account = sign_up("hanako@example.com")
    address = EmailAddress.objects.create(user=account, email="hanako@example.com", primary=True, verified=False)

    assert get_adapter().confirm_email(a_request(), address)

    assert Identity.objects.get().verified_at is not None
