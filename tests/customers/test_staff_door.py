"""The back office's door: password and second factor, without scripts; and nobody else's key fits."""

import time
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter as factors
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from customers import operations
from customers.models import Account, AccountAct
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
WORDS = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


def staff(**given: Any) -> Account:
    return make.a_staff_account(**{"handle": "misaki", "email": "misaki@example.com", "is_superuser": True, "password": WORDS, **given})


def signs_in(client: Client, word: str = "misaki", password: str = WORDS, **given: Any) -> Any:
    return client.post("/admin/login/", {"username": word, "password": password, **given})


def totp(at: float | None = None) -> str:
    return format_hotp_value(hotp_value(SECRET, int(at or time.time()) // 30))


def with_factor(account: Account) -> Account:
    TOTP.activate(account, SECRET)
    return account


@pytest.mark.parametrize("word", ["misaki", "misaki@example.com", " MISAKI@example.com "])
def test_staff_sign_in_by_name_or_address(client: Client, word: str) -> None:
    staff()

    response = signs_in(client, word, next="/admin/orders/order/")

    assert (response.status_code, response["Location"]) == (302, "/admin/orders/order/")
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/admin/", "//evil.example", "/mypage/", "javascript:alert(1)"])
def test_the_door_leads_into_the_back_office_only(client: Client, elsewhere: str) -> None:
    staff()

    assert signs_in(client, next=elsewhere)["Location"] == "/admin/"


def test_a_shoppers_right_password_reads_like_a_wrong_one(client: Client) -> None:
    make.an_account(email="hanako@example.com", password=WORDS)
    staff()

    answers = [
        signs_in(client, word, password).content.decode()
        for word, password in (("hanako@example.com", WORDS), ("hanako@example.com", "wrong"), ("nobody", "wrong"), ("misaki", "wrong"))
    ]

    assert {"ログイン名またはパスワードが正しくありません。" in answer for answer in answers} == {True}
    assert "_auth_user_id" not in client.session


def test_a_second_factor_is_asked_for_after_the_password(client: Client) -> None:
    with_factor(staff())

    response = signs_in(client)
    assert response["Location"] == "/account/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert "office-card" in page  # in the back office's frame, though nobody is signed in yet
    assert client.post(response["Location"], {"code": "000000"}).status_code == 200
    assert "_auth_user_id" not in client.session

    done = client.post(response["Location"], {"code": totp()})

    assert (done.status_code, done["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_the_same_six_digits_open_the_door_once(client: Client) -> None:
    with_factor(staff())
    code = totp()
    signs_in(client)
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/admin/"
    other = Client()
    signs_in(other)

    assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == 200
    assert "_auth_user_id" not in other.session


def test_guessing_the_six_digits_is_stopped(client: Client) -> None:
    with_factor(staff())
    signs_in(client)
    for n in range(5):
        client.post("/account/2fa/authenticate/", {"code": f"00000{n}"})

    page = client.post("/account/2fa/authenticate/", {"code": totp()})

    assert page.status_code == 200
    assert "_auth_user_id" not in client.session


def test_the_secret_lies_encrypted_in_the_database() -> None:
    account = with_factor(staff())

    held = Authenticator.objects.get(user=account).data["secret"]

    assert SECRET not in held
    assert factors().decrypt(held) == SECRET


def test_a_former_secret_key_still_opens_what_it_closed(settings: Any) -> None:
    account = with_factor(staff())
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key of this installation"

    assert factors().decrypt(Authenticator.objects.get(user=account).data["secret"]) == SECRET


def test_where_it_is_required_nothing_opens_before_a_second_factor_is_set_up(client: Client, settings: Any) -> None:
    settings.REQUIRE_STAFF_MFA = True
    staff()
    signs_in(client)

    for path in ("/admin/", "/admin/orders/order/", "/admin/customers/account/"):
        assert (client.get(path).status_code, client.get(path)["Location"]) == (302, "/account/2fa/")
    assert client.get("/account/2fa/").status_code == 200

    # Who sets one up shows the password once more, gets recovery codes, and is in.
    asked = client.get("/account/2fa/totp/activate/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    client.post(asked["Location"], {"password": WORDS, "next": "/account/2fa/totp/activate/"})
    page = client.get("/account/2fa/totp/activate/")
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    done = client.post("/account/2fa/totp/activate/", {"code": code})
    assert done["Location"] == "/account/2fa/recovery-codes/"
    assert len(client.get(done["Location"]).context["unused_codes"]) == 10
    assert client.get("/admin/").status_code == 200


def test_a_recovery_code_opens_once(client: Client) -> None:
    account = with_factor(staff())
    code = RecoveryCodes.activate(account).get_unused_codes()[0]
    signs_in(client)
    assert client.post("/account/2fa/authenticate/", {"code": code})["Location"] == "/admin/"
    other = Client()
    signs_in(other)

    assert other.post("/account/2fa/authenticate/", {"code": code}).status_code == 200


def test_staff_keep_their_last_factor_where_it_is_required(client: Client, settings: Any) -> None:
    settings.REQUIRE_STAFF_MFA = True
    account = with_factor(staff())

    assert factors().can_delete_authenticator(Authenticator.objects.get(user=account)) is False
    settings.REQUIRE_STAFF_MFA = False
    assert factors().can_delete_authenticator(Authenticator.objects.get(user=account)) is True


@pytest.mark.parametrize("how", ["password", "code"])
def test_staff_do_not_come_in_by_the_shops_door(client: Client, how: str, mailoutbox: Any) -> None:
    staff()
    if how == "password":
        response = client.post("/account/login/", {"login": "misaki@example.com", "password": WORDS})
    else:
        client.post("/account/login/code/", {"email": "misaki@example.com"})
        code = next(line for line in mailoutbox[-1].body.splitlines() if line[:4].isdigit())
        response = client.post("/account/login/code/confirm/", {"code": code})

    assert (response.status_code, response["Location"]) == (302, "/admin/login/")
    assert "_auth_user_id" not in client.session


def test_guessing_is_stopped_in_words(client: Client, settings: Any) -> None:
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 3
    settings.ACCOUNT_RATE_LIMITS = False
    staff()

    answers = [signs_in(client, password="wrong") for _ in range(3)]

    assert answers[-1].status_code == 429
    assert "少し時間をおいてください" in answers[-1].content.decode()
    assert signs_in(client).status_code == 429
    assert "_auth_user_id" not in client.session


def test_resetting_somebodys_factors_signs_them_out(client: Client) -> None:
    account = staff()
    signs_in(client)
    with_factor(account)
    assert UserSession.objects.filter(user=account).count() == 1

    operations.reset_factors([account.id], reason="携帯を紛失", actor=make.STAFF, at=make.NOON)

    assert client.get("/admin/").status_code == 302
    assert Authenticator.objects.count() == 0
    assert AccountAct.objects.get().kind == "factors_reset"
