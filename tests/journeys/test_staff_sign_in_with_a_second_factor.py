"""A new member of staff sets up an authenticator app before anything else, and signs in with it; a passkey does as well."""

import time
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import PASSWORD, a_tea_shop, an_operator
from tests.journeys.test_a_shopper_signs_up_and_claims_a_past_order import a_key
from tests.journeys.test_pages_fit_and_can_be_used_without_a_mouse import DOUBLE_IDS, NAMELESS, TOO_FAINT, WIDTHS

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _required(settings: Any) -> None:
    cache.clear()
    settings.REQUIRE_STAFF_MFA = True


def digits(secret: str) -> str:
    """What the app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def opens_the_door(page: Any, address: str) -> None:
    page.goto(f"{address}/admin/")
    page.fill("[name=username]", "hanako")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")


def faults(page: Any) -> dict[str, Any]:
    wide, window = page.evaluate(WIDTHS)
    found = {"wide": [wide] if wide > window else [], "nameless": page.evaluate(NAMELESS), "faint": page.evaluate(TOO_FAINT)}
    return {what: where for what, where in {**found, "ids": page.evaluate(DOUBLE_IDS)}.items() if where}


@pytest.mark.parametrize(("language", "viewport"), [("ja", DESK), ("en", PHONE)], ids=["ja desk", "en phone"])
def test_the_app_is_set_up_first_and_asked_for_next_time(
    language: str, viewport: Any, live_server: Any, chromium: Any, shots: Path
) -> None:
    an_operator(a_tea_shop("localhost"))
    browser = {"locale": {"ja": "ja-JP", "en": "en-US"}[language], "viewport": viewport, "java_script_enabled": True}
    page = chromium.new_context(**browser).new_page()
    page.set_default_timeout(15_000)
    seen: dict[str, Any] = {}

    def look(name: str) -> None:
        page.screenshot(path=shots / f"staff-{name}-{language}.png", full_page=True)
        seen.update({name: wrong} if (wrong := faults(page)) else {})

    page.goto(f"{live_server.url}/admin/")
    look("door")
    opens_the_door(page, live_server.url)
    page.wait_for_url("**/account/2fa/")
    look("factors")
    page.click("a[href*='totp/activate']")
    look("is-it-you")
    page.fill("[name=password]", PASSWORD)
    page.click(".card-form button")
    page.wait_for_url("**/totp/activate/")
    look("app")
    secret = page.inner_text("code.key")
    page.fill("[name=code]", digits(secret))
    page.click("li form button")
    page.wait_for_url("**/recovery-codes/")
    look("codes")
    codes = page.locator(".codes li").all_inner_texts()
    page.click("p a.button")
    page.wait_for_url("**/admin/")

    again = chromium.new_context(**{**browser, "java_script_enabled": False}).new_page()
    again.set_default_timeout(15_000)
    opens_the_door(again, live_server.url)
    again.wait_for_url("**/2fa/authenticate/")
    again.screenshot(path=shots / f"staff-second-{language}.png", full_page=True)
    again.fill("[name=code]", "000000")
    again.click(".card-form button")
    again.goto(f"{live_server.url}/admin/orders/order/")
    assert "/admin/login/" in again.url
    opens_the_door(again, live_server.url)
    again.fill("[name=code]", codes[0])
    again.click(".card-form button")
    again.wait_for_url("**/admin/")

    assert len(codes) == 10
    assert seen == {}


def test_a_passkey_is_both_factors_at_once(live_server: Any, chromium: Any) -> None:
    an_operator(a_tea_shop("localhost"))
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    a_key(page)

    opens_the_door(page, live_server.url)
    page.wait_for_url("**/account/2fa/")
    page.click("a[href*='webauthn/add']")
    page.fill("[name=password]", PASSWORD)
    page.click(".card-form button")
    page.wait_for_load_state()  # its script listens from then on
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{live_server.url}/account/logout/")
    page.click(".card-form button")

    page.goto(f"{live_server.url}/admin/orders/order/")
    page.click("#passkey_login")
    page.wait_for_url("**/admin/")
