"""Somebody who ordered by phone opens an account, proves whose order it was, and finds it on My Page; passkeys work in a real browser."""

import re
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache

from customers.models import Account, Customer, CustomerAccount
from customers.tasks import send_link_codes
from orders.models import Order
from tests.factories.core import a_channel
from tests.factories.customers import STAFF, a_contact_point
from tests.factories.orders import a_draft, a_person, placed
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, broken_promises, mails_in, time_passes
from tests.journeys.test_pages_fit_and_can_be_used_without_a_mouse import DOUBLE_IDS, NAMELESS, TOO_FAINT, WIDTHS

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
MAIL, WORDS = "hanako@example.jp", "tea in the morning rain"


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    """What was counted in another test is forgotten."""
    cache.clear()


def a_phone_order(**person: Any) -> Order:
    """The order desk took an order by phone; the caller has no account."""
    shop = a_tea_shop("localhost")
    phone = a_channel(shop.company, kind="phone", name="お電話")
    variant = shop.variant(1_080, name="くき茶 200g", stock=[10])
    draft = a_draft(shop, (variant, 2), channel_id=phone.id, person=a_person(phone="090-1234-5678", email="", **person))
    (answer,) = placed(draft, actor=STAFF)
    return Order.objects.get(pk=answer.order_id)


def code_in(mail: Any) -> str:
    """The code that stands in a mail."""
    return re.search(r"^(\d{4}-\d{4})\s*$", mail.get_content(), re.MULTILINE).group(1)


def signs_up(page: Any, address: str, folder: Path) -> None:
    """Open an account with a password and the code from the mail."""
    page.goto(f"{address}/account/signup/")
    page.fill("[name=email]", MAIL)
    page.fill("[name=password1]", WORDS)
    page.click(".card-form button")
    page.wait_for_url("**/confirm-email/")
    page.fill("[name=code]", code_in(mails_in(folder)[-1]))
    page.click(".card-form button")
    page.wait_for_url("**/mypage/")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_caller_signs_up_and_finds_the_phone_order(scripts: bool, live_server: Any, chromium: Any, sent_mail: Path) -> None:
    order = a_phone_order()
    page = chromium.new_context(locale="ja-JP", viewport=PHONE, java_script_enabled=scripts).new_page()
    page.set_default_timeout(15_000)

    signs_up(page, live_server.url, sent_mail)
    assert order.number not in page.inner_text("main")
    page.goto(f"{live_server.url}/mypage/link/")
    page.fill("[name=number]", order.number)
    page.fill("[name=phone]", "090-0000-0000")
    page.click("section[aria-labelledby=by-order] button")
    assert "見つかりませんでした" in page.inner_text("main")
    page.fill("[name=phone]", "０９０−１２３４−５６７８")
    page.click("section[aria-labelledby=by-order] button")
    page.wait_for_url("**/mypage/")

    assert order.number in page.inner_text("main")
    link = CustomerAccount.objects.get()
    assert (link.customer_id, link.evidence, link.evidence_note) == (order.customer_id, "order_and_phone", order.number)
    page.goto(f"{live_server.url}/mypage/link/")
    page.evaluate("document.querySelector('details.sure').open = true") if scripts else page.click("details.sure summary")
    page.click("details.sure button")
    page.goto(f"{live_server.url}/mypage/")
    assert order.number not in page.inner_text("main")
    assert broken_promises() == {}


def test_a_code_to_the_ledgers_address_links_too_and_its_owner_is_told(live_server: Any, chromium: Any, sent_mail: Path) -> None:
    order = a_phone_order()
    a_contact_point(Customer.objects.get(pk=order.customer_id), kind="email", value="old@example.jp")
    page = chromium.new_context(locale="en-US", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    signs_up(page, live_server.url, sent_mail)

    page.goto(f"{live_server.url}/mypage/link/")
    page.fill("[name=address]", "old@example.jp")
    page.click("section[aria-labelledby=by-mail] button")
    page.wait_for_url("**/link/code/")
    send_link_codes()
    mail = mails_in(sent_mail)[-1]
    page.fill("[name=code]", code_in(mail))
    page.click(".panel button")
    page.wait_for_url("**/mypage/")

    assert mail["To"] == "old@example.jp"
    assert order.number in page.inner_text("main")
    time_passes()
    told = mails_in(sent_mail)[-1]
    assert told["To"] == "old@example.jp"
    assert "連携" in told["Subject"]


def a_key(page: Any) -> None:
    """A device that makes and keeps passkeys, as a phone does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_shopper_adds_a_passkey_and_signs_in_with_it_alone(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    a_tea_shop("localhost")
    page = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    page.set_default_timeout(15_000)
    a_key(page)
    signs_up(page, live_server.url, sent_mail)

    page.goto(f"{live_server.url}/mypage/sign-in/")
    page.click("text=パスキーを追加する")
    page.fill("[name=password]", WORDS)  # who is asking?
    page.click(".card-form button")
    page.fill("[name=name]", "わたしの電話")
    page.wait_for_load_state()  # its script listens from then on
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/mypage/sign-in/")
    assert "わたしの電話" in page.inner_text("main")
    page.screenshot(path=shots / "ids-390.png", full_page=True)
    assert Authenticator.objects.values_list("type", flat=True).get() == "webauthn"

    page.goto(f"{live_server.url}/account/logout/")
    page.click(".card-form button")
    page.goto(f"{live_server.url}/account/login/")
    page.screenshot(path=shots / "sign-in-390.png", full_page=True)
    page.click("#passkey_login")
    page.wait_for_url("**/mypage/")

    # The passkey is another way in: the password alone still opens the door.
    page.goto(f"{live_server.url}/account/logout/")
    page.click(".card-form button")
    page.goto(f"{live_server.url}/account/login/")
    page.fill("[name=login]", MAIL)
    page.fill("[name=password]", WORDS)
    page.click(".card-form button")
    page.wait_for_url("**/mypage/")


def test_an_account_can_be_opened_with_a_passkey_and_no_password(live_server: Any, chromium: Any, sent_mail: Path) -> None:
    a_tea_shop("localhost")
    page = chromium.new_context(locale="ja-JP", viewport=PHONE).new_page()
    page.set_default_timeout(15_000)
    a_key(page)

    page.goto(f"{live_server.url}/account/signup/passkey/")
    page.fill("[name=email]", MAIL)
    page.click(".card-form button")
    page.wait_for_url("**/confirm-email/")
    page.fill("[name=code]", code_in(mails_in(sent_mail)[-1]))
    page.click(".card-form button")
    page.wait_for_load_state()  # its script listens from then on
    page.click("#mfa_webauthn_signup")
    page.wait_for_url("**/mypage/")

    account = Account.objects.get()
    assert (account.kind, account.has_usable_password()) == ("person", False)


DOORS = ("login", "signup", "signup/passkey", "login/code", "password/reset")
OWN = (
    "/mypage/sign-in/",
    "/mypage/link/",
    "/mypage/link/code/",
    "/mypage/sign-in/close/",
    "/account/password/change/",
    "/account/email/",
    "/account/sessions/",
)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("_case", "viewport"), [("desk", DESK), ("phone", PHONE)], ids=lambda v: v if isinstance(v, str) else "")
def test_every_sign_in_page_fits_and_can_be_read(
    _case: str, viewport: Any, language: str, live_server: Any, chromium: Any, sent_mail: Path, shots: Path
) -> None:
    a_tea_shop("localhost")
    page = chromium.new_context(locale={"ja": "ja-JP", "en": "en-US"}[language], viewport=viewport).new_page()
    page.set_default_timeout(15_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    wrong: dict[str, Any] = {}

    def look(name: str) -> None:
        page.screenshot(path=shots / f"account-{name}-{language}-{viewport['width']}.png", full_page=True)
        wide, window = page.evaluate(WIDTHS)
        found = {
            "scrolls sideways": [wide] if wide > window else [],
            "nameless": page.evaluate(NAMELESS),
            "ids twice": page.evaluate(DOUBLE_IDS),
            "too faint": page.evaluate(TOO_FAINT),
            "main headings": [] if page.locator("h1").count() == 1 else [page.locator("h1").count()],
            "language": [] if page.get_attribute("html", "lang") == language else [page.get_attribute("html", "lang")],
        }
        if any(found.values()):
            wrong[name] = {what: where for what, where in found.items() if where}

    for door in DOORS:
        page.goto(f"{live_server.url}/account/{door}/")
        look(door.replace("/", "-"))
    page.goto(f"{live_server.url}/account/login/")
    page.fill("[name=login]", MAIL)
    page.fill("[name=password]", "wrong")
    page.click(".card-form button")
    look("login-wrong")
    signs_up(page, live_server.url, sent_mail)
    for path in OWN:
        page.goto(f"{live_server.url}{path}")
        look(path.strip("/").replace("/", "-").removeprefix("account-").removeprefix("mypage-"))

    assert wrong == {}
    assert said == []
