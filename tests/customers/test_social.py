"""LINE, Google and Apple: what an outside ID opens, and what it never does."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import Client, RequestFactory

from customers import operations
from customers.models import Account, Identity
from tests.factories import customers as make
from tests.factories.core import a_channel, a_site

pytestmark = pytest.mark.django_db
APP = {"client_id": "id", "secret": "secret", "key": ""}


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    cache.clear()
    settings.SOCIALACCOUNT_PROVIDERS = {"line": {"APPS": [APP], "SCOPE": ["profile", "openid", "email"]}, "google": {"APPS": [APP]}}


def signs_in(provider: str, told: dict[str, Any], *, user: Any = None, process: str = "login") -> tuple[Any, Any]:
    """What happens after the outside service told who somebody is."""
    request = RequestFactory().get("/account/line/login/callback/", headers={"user-agent": "Firefox"})
    request.session = SessionStore()
    request.session.create()
    request._messages = FallbackStorage(request)
    request.user = user or AnonymousUser()
    with context.request_context(request):
        login = get_adapter().get_provider(request, provider).sociallogin_from_response(request, told)
        login.state = {"process": process}
        return request, complete_social_login(request, login)


def google(sub: str = "g-1", email: str = "hanako@gmail.example", verified: bool = True) -> dict[str, Any]:
    return {"sub": sub, "email": email, "email_verified": verified, "name": "山田 花子"}


def an_opened_account(email: str, *, verified: bool = True) -> Account:
    account = Account(handle=f"u-{email}", email=email, kind="person")
    account.set_password("correct horse battery")
    operations.open_account(account, provider="email", subject=email, verified=verified, actor=make.STAFF, at=make.NOON)
    if verified:
        EmailAddress.objects.create(user=account, email=email, primary=True, verified=True)
    return account


def proofs() -> list[tuple[str, str, bool]]:
    return [(i.provider, i.subject, i.verified_at is not None) for i in Identity.objects.filter(ended_at=None).order_by("id")]


def test_a_new_id_with_an_address_google_vouches_for_opens_an_account(mailoutbox: Any) -> None:
    request, response = signs_in("google", google())

    account = Account.objects.get()
    assert response.status_code == 302
    assert (account.kind, account.is_staff, account.has_usable_password(), account.email) == (
        "person",
        False,
        False,
        "hanako@gmail.example",
    )
    assert proofs() == [("google", "g-1", True), ("email", "hanako@gmail.example", True)]
    assert request.session["_auth_user_id"] == str(account.pk)


def test_an_address_nobody_vouches_for_is_confirmed_first(mailoutbox: Any) -> None:
    request, response = signs_in("line", {"sub": "U1", "email": "hanako@example.jp", "name": "花子"})

    assert response["Location"] == "/account/confirm-email/"
    assert "_auth_user_id" not in request.session
    assert proofs() == [("line", "U1", True)]
    assert [mail.to for mail in mailoutbox] == [["hanako@example.jp"]]


def test_an_id_without_an_address_is_asked_for_one(mailoutbox: Any) -> None:
    a_channel(company := make.a_company(), site=a_site(company, domain="testserver"), kind="web")
    request, response = signs_in("line", {"userId": "U1", "displayName": "花子"})
    assert response["Location"] == "/account/3rdparty/signup/"
    assert Account.objects.count() == 0
    request.session.save()
    client = Client()
    client.cookies["sessionid"] = request.session.session_key
    assert "あと少しです" in client.get(response["Location"]).content.decode()

    done = client.post(response["Location"], {"email": "hanako@example.jp"})

    assert done["Location"] == "/account/confirm-email/"
    assert proofs() == [("line", "U1", True)]
    assert [mail.to for mail in mailoutbox] == [["hanako@example.jp"]]


def test_the_same_id_signs_in_to_the_same_account(mailoutbox: Any) -> None:
    signs_in("google", google())
    request, _response = signs_in("google", google(email="new@gmail.example"))

    assert Account.objects.count() == 1
    assert request.session["_auth_user_id"] == str(Account.objects.get().pk)


@pytest.mark.parametrize("verified", [True, False], ids=["confirmed here", "not confirmed here"])
def test_an_address_alone_never_connects_two_accounts(verified: bool, mailoutbox: Any) -> None:
    mine = an_opened_account("hanako@gmail.example", verified=verified)

    request, response = signs_in("google", google())

    assert response["Location"] == "/account/confirm-email/"  # as for a fresh address
    assert "_auth_user_id" not in request.session
    assert SocialAccount.objects.count() == 0
    assert [i.provider for i in Identity.objects.filter(account=mine)] == ["email"]
    assert "すでにアカウントをお持ちです" in mailoutbox[-1].subject


def test_staff_never_come_in_by_an_outside_id() -> None:
    staff = make.a_staff_account(email="misaki@gmail.example")
    SocialAccount.objects.create(user=staff, provider="google", uid="g-1")

    request, response = signs_in("google", google(email="misaki@gmail.example"))

    assert response["Location"] == "/account/login/"
    assert "_auth_user_id" not in request.session
    assert [str(m) for m in get_messages(request)] == ["スタッフのアカウントは、パスワードと二要素認証でのみログインできます。"]
    assert Identity.objects.count() == 0


def test_staff_can_not_add_an_outside_id() -> None:
    staff = make.a_staff_account(email="misaki@gmail.example")

    _request, response = signs_in("google", google(), user=staff, process="connect")

    assert response["Location"] == "/account/login/"
    assert SocialAccount.objects.count() == 0


def test_an_id_ended_by_its_owner_opens_nothing_any_more(mailoutbox: Any) -> None:
    signs_in("google", google())
    account = Account.objects.get()
    row = next(i for i in Identity.objects.filter(account=account) if i.provider == "google")
    operations.end_identity(account.pk, id=f"identity:{row.pk}", actor=make.STAFF, at=make.NOON)

    request, _response = signs_in("google", google(email="other@gmail.example"))

    assert request.session["_auth_user_id"] != str(account.pk)
    assert Account.objects.count() == 2


def test_a_proof_of_ours_is_believed_even_where_the_library_forgot(mailoutbox: Any) -> None:
    mine = an_opened_account("hanako@example.jp")
    operations.add_identity(mine.pk, provider="google", subject="g-1", actor=make.STAFF, at=make.NOON)

    request, _response = signs_in("google", google())

    assert request.session["_auth_user_id"] == str(mine.pk)
    assert SocialAccount.objects.get().user_id == mine.pk


@pytest.mark.parametrize(("configured", "shown"), [(True, True), (False, False)])
def test_buttons_appear_only_where_there_are_keys(configured: bool, shown: bool, settings: Any, client: Client) -> None:
    a_channel(company := make.a_company(), site=a_site(company, domain="testserver"), kind="web")
    if not configured:
        settings.SOCIALACCOUNT_PROVIDERS = {}

    page = client.get("/account/login/").content.decode()

    assert ("LINEでログイン" in page) is shown
    assert ("Googleでログイン" in page) is shown
    assert "Appleでログイン" not in page
