"""My Page's page for claiming one's past, seen from the browser's side; and doors that tell nothing."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client

from customers import operations
from customers.models import Account, CustomerAccount, LinkTries
from orders.models import Order
from tests.factories import customers as make
from tests.factories.core import a_channel, a_site
from tests.factories.orders import a_draft, a_person, a_shop, placed

pytestmark = pytest.mark.django_db
WORDS = "tea in the morning rain"
PHONE = "090-1234-5678"


def an_order() -> Order:
    shop = a_shop()
    a_channel(shop.company, site=a_site(shop.company, domain="testserver"), kind="web")
    (answer,) = placed(a_draft(shop, (shop.variant(), 1), person=a_person(phone=PHONE)))
    return Order.objects.get(pk=answer.order_id)


def an_account(email: str = "hanako@example.com") -> Account:
    account = Account(handle=f"u-{email}", email=email, kind="person")
    account.set_password(WORDS)
    operations.open_account(account, provider="email", subject=email, verified=True, actor=make.STAFF, at=make.NOON)
    return account


def signed_in(account: Account) -> Client:
    client = Client()
    assert client.post("/account/login/", {"login": account.email, "password": WORDS}).status_code == 302
    return client


def claims(client: Client, number: str, phone: str = PHONE) -> Any:
    return client.post("/mypage/link/", {"number": number, "phone": phone})


def test_number_and_phone_link_the_past_once(client: Client) -> None:
    order, account = an_order(), an_account()
    client = signed_in(account)

    assert claims(client, order.number)["Location"] == "/mypage/"
    assert claims(client, order.number)["Location"] == "/mypage/"

    assert CustomerAccount.objects.count() == 1
    assert order.number in client.get("/mypage/").content.decode()


@pytest.mark.parametrize(
    ("number", "phone"), [("{n}", "090-0000-0000"), ("X-1", PHONE), ("{n}", ""), ("{n}", "abc"), ("{n}' OR 1=1 --", PHONE)]
)
def test_a_wrong_proof_reads_the_same_whatever_was_wrong(number: str, phone: str) -> None:
    order = an_order()
    client = signed_in(an_account())

    answer = claims(client, number.format(n=order.number), phone)

    assert answer.status_code == 422
    assert CustomerAccount.objects.count() == 0
    if phone:
        assert "一致するご注文が見つかりませんでした" in answer.content.decode()


def test_guessing_is_stopped_in_words_and_the_right_answer_with_it() -> None:
    order = an_order()
    client = signed_in(an_account())
    for n in range(5):
        claims(client, order.number, f"090-0000-000{n}")

    answer = claims(client, order.number)

    assert answer.status_code == 422
    assert "試行回数の上限" in answer.content.decode()
    assert CustomerAccount.objects.count() == 0
    assert LinkTries.objects.filter(tries=6).count() >= 1


def test_who_comes_second_with_a_parcel_slip_is_asked_for_more() -> None:
    order = an_order()
    claims(signed_in(an_account()), order.number)

    answer = claims(signed_in(an_account("jiro@example.com")), order.number)

    assert answer.status_code == 422
    assert CustomerAccount.objects.count() == 1


def test_nobody_unlinks_for_somebody_else() -> None:
    order = an_order()
    mine = signed_in(an_account())
    claims(mine, order.number)
    link = CustomerAccount.objects.get()

    signed_in(an_account("jiro@example.com")).post(f"/mypage/link/{link.pk}/end/")
    assert CustomerAccount.objects.get().ended_at is None
    mine.post(f"/mypage/link/{link.pk}/end/")
    assert CustomerAccount.objects.get().ended_at is not None


def test_an_address_known_or_not_gets_the_same_page() -> None:
    order = an_order()
    make.a_contact_point(order.customer, kind="email", value="old@example.jp")
    client = signed_in(an_account())

    pages = []
    for address in ("old@example.jp", "nobody@example.jp"):
        answer = client.post("/mypage/link/", {"address": address})
        pages.append((answer.status_code, answer["Location"], client.get(answer["Location"]).content.decode().count(address)))

    assert pages == [(302, "/mypage/link/code/", 1)] * 2


def test_the_pages_are_for_who_is_signed_in(client: Client) -> None:
    an_order()
    for path in ("/mypage/link/", "/mypage/link/code/", "/mypage/sign-in/", "/mypage/sign-in/close/"):
        assert client.get(path)["Location"].startswith("/account/login/")
    for path in ("/mypage/sign-in/end/", "/mypage/link/1/end/"):
        assert client.post(path)["Location"].startswith("/account/login/")


def test_closing_an_account_asks_who_it_is_and_signs_out_everywhere() -> None:
    an_order()
    account = an_account()
    here, elsewhere = signed_in(account), signed_in(account)
    asked = here.get("/mypage/sign-in/close/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    here.post("/account/reauthenticate/", {"password": WORDS})

    assert here.post("/mypage/sign-in/close/").status_code == 422
    assert here.post("/mypage/sign-in/close/", {"sure": "1"})["Location"] == "/"

    account.refresh_from_db()
    assert account.is_active is False
    assert elsewhere.get("/mypage/").status_code == 302
    assert UserSession.objects.count() == 0


# ---------------------------------------------------------------------------------------------- doors that tell nothing


def what_is_seen(answer: Any, client: Client, email: str) -> tuple[Any, ...]:
    page = client.get(answer["Location"]) if answer.status_code == 302 else answer
    text = page.content.decode().replace(email, "@").replace("nobody@example.com", "@")
    body = text[text.index("<main") : text.index("</main>")]
    return answer.status_code, answer.get("Location"), page.status_code, "".join(n for n in body.splitlines() if "csrf" not in n)


@pytest.mark.parametrize(
    ("_case", "path", "data"),
    [
        ("sign up", "/account/signup/", {"email": "{e}", "password1": WORDS}),
        ("passkey sign up", "/account/signup/passkey/", {"email": "{e}"}),
        ("sign in", "/account/login/", {"login": "{e}", "password": "wrong words altogether"}),
        ("code", "/account/login/code/", {"email": "{e}"}),
        ("reset", "/account/password/reset/", {"email": "{e}"}),
    ],
    ids=lambda v: v if isinstance(v, str) and " " in v else "",
)
def test_no_door_tells_whether_an_address_has_an_account(_case: str, path: str, data: dict[str, str], mailoutbox: Any) -> None:
    an_order()
    account = an_account()
    EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=True)

    seen = []
    for email in (account.email, "nobody@example.com"):
        cache.clear()
        client = Client()
        seen.append(what_is_seen(client.post(path, {k: v.format(e=email) for k, v in data.items()}), client, email))

    assert seen[0] == seen[1]


def test_a_mail_server_that_fails_is_told_and_nothing_breaks(settings: Any) -> None:
    an_order()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client = Client()

    answer = client.post("/account/signup/", {"email": "hanako@example.com", "password1": WORDS}, follow=True)

    assert answer.status_code == 200
    assert "ただいまメールを送信できませんでした" in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/x"])
def test_signing_in_leads_nowhere_else(elsewhere: str) -> None:
    an_order()
    account = an_account()

    answer = Client().post("/account/login/", {"login": account.email, "password": WORDS, "next": elsewhere})

    assert answer["Location"] == "/mypage/"
