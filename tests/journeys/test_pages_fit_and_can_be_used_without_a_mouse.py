"""Every page a customer needs fits a phone, names its parts for those who cannot see it, and works from the keyboard."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Variant
from core import clock
from orders.models import Order
from subscriptions.models import Subscription
from tests.factories.campaigns import a_coupon
from tests.factories.cards import a_kept_card, a_sandbox
from tests.factories.orders import a_shipped_order
from tests.factories.subscriptions import a_contract
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_regular, a_tea_shop, may_be_subscribed, opens_signed_in, time_passes
from tests.journeys.test_guest_orders_and_operator_ships import fills_in

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]

NAMELESS = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')].filter(e => {
    if (e.closest('[hidden], [aria-hidden=true]')) return false;
    const labels = e.labels ? [...e.labels].map(l => l.textContent.trim()).join('') : '';
    const alt = [...e.querySelectorAll('img')].map(i => i.alt).join('');
    return !(e.getAttribute('aria-label') || labels || e.textContent.trim() || alt || e.title);
}).map(e => e.outerHTML.slice(0, 120))"""
PICTURES = "() => [...document.images].filter(i => !i.hasAttribute('alt')).map(i => i.src)"
DOUBLE_IDS = (
    "() => { const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.filter((id, n) => ids.indexOf(id) !== n) }"
)
WIDTHS = "() => [document.documentElement.scrollWidth, window.innerWidth]"
TOO_FAINT = """() => {
    const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b };
    const parts = c => (c.match(/[\\d.]+/g) || []).map(Number);
    const behind = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0.9) return c.slice(0, 3) } return [255, 255, 255] };
    const found = [];
    for (const e of document.querySelectorAll('body *')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.offsetParent) continue;
        const s = getComputedStyle(e), ink = parts(s.color);
        if (ink.length === 4 && ink[3] < 1) continue;
        const a = light(ink.slice(0, 3)), b = light(behind(e)), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        const large = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
        if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 30)}`);
    }
    return found;
}"""


def pages(page: Any, address: str) -> Iterator[str]:
    """Each page on the way from the door to the order, with its name; the caller looks at it before the next step."""
    page.goto(f"{address}/")
    yield "home"
    page.goto(f"{address}/products/?q=茶")
    yield "list"
    page.goto(f"{address}/products/?q=ないもの")
    yield "nothing-found"
    page.goto(f"{address}/products/")
    page.click("text=急須 常滑焼")
    yield "product"
    page.click("form.offer button")
    page.wait_for_url("**/cart/")
    yield "cart"
    page.goto(f"{address}/checkout/")
    yield "checkout"
    page.click("form.two aside button")
    page.wait_for_selector(".note.error")
    yield "checkout-wrong"
    fills_in(page)
    page.click("form.two aside button")
    page.wait_for_url("**/confirm/")
    yield "confirm"
    page.click("button.strong")
    page.wait_for_url("**/orders/**")
    yield "order"
    page.goto(f"{address}/orders/")
    yield "find-my-order"
    page.goto(f"{address}/account/login/")
    yield "sign-in"


def own_pages(page: Any, address: str, order: Order, contract: Subscription, tea: Variant) -> Iterator[str]:
    """Each page that is a signed-in shopper's own, and those on the way to a subscription."""
    page.goto(f"{address}/products/{tea.product.code}/")
    page.check("input[name=purchase_type][value=subscription]")
    yield "product-subscription"
    page.click("form.offer .button")
    page.wait_for_url("**/cart/")
    yield "cart-subscription"
    page.goto(f"{address}/checkout/")
    page.check("input[type=radio][name=card][value=new]")
    page.wait_for_selector("[data-card-field] iframe")
    yield "checkout-card"
    page.check("[name=payment_method][value=cash_on_delivery]")
    page.click("form.two aside button")
    page.wait_for_url("**/confirm/")
    yield "confirm-subscription"
    for name in (
        "",
        "orders/",
        "subscriptions/",
        "addresses/",
        "addresses/add/",
        "cards/",
        "points/",
        "coupons/",
        "profile/",
        "consent/",
        "records/",
    ):
        page.goto(f"{address}/mypage/{name}")
        yield f"mypage-{name.replace('/', '-')}"
    page.goto(f"{address}/mypage/addresses/add/")
    page.click("form.panel button")
    page.wait_for_selector(".note.error")
    yield "mypage-address-wrong"
    page.goto(f"{address}/mypage/orders/{order.number}/")
    yield "mypage-order"
    page.goto(f"{address}/mypage/subscriptions/{contract.public_id}/")
    for summary in page.locator("details > summary").all():
        summary.click()
    yield "mypage-subscription"
    page.goto(f"{address}/mypage/subscriptions/{contract.public_id}/cancel/")
    yield "mypage-subscription-cancel"


def faults_of(page: Any, *, language: str) -> dict[str, Any]:
    """What is wrong with the page in sight; nothing where nothing is."""
    wide, window = page.evaluate(WIDTHS)
    found = {
        "scrolls sideways": [f"{wide} > {window}"] if wide > window else [],
        "nameless": page.evaluate(NAMELESS),
        "pictures without words": page.evaluate(PICTURES),
        "ids twice": page.evaluate(DOUBLE_IDS),
        "too faint": page.evaluate(TOO_FAINT),
        "main headings": [] if page.locator("h1").count() == 1 else [page.locator("h1").count()],
        "language": [] if page.get_attribute("html", "lang") == language else ["html has another lang"],
    }
    return {what: where for what, where in found.items() if where}


def listens(page: Any) -> list[str]:
    """What the browser complains of from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize(("_case", "viewport"), [("desk", DESK), ("phone", PHONE)], ids=lambda v: v if isinstance(v, str) else "")
def test_every_page_fits_names_its_parts_and_can_be_read(_case: str, viewport: Any, live_server: Any, chromium: Any, shots: Path) -> None:
    a_tea_shop("localhost")
    page = chromium.new_context(locale="ja-JP", viewport=viewport).new_page()
    page.set_default_timeout(15_000)
    said, wrong = listens(page), {}

    for name in pages(page, live_server.url):
        page.screenshot(path=shots / f"{name}-{viewport['width']}.png", full_page=True)
        if found := faults_of(page, language="ja"):
            wrong[name] = found
    time_passes()

    assert wrong == {}
    assert [text for text in said if "422" not in text] == []  # a form sent back is an answer of 422, which the browser mentions


@pytest.mark.parametrize(
    ("_case", "viewport", "language"),
    [("desk", DESK, "ja"), ("phone", PHONE, "ja"), ("phone in English", PHONE, "en")],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_every_page_of_ones_own_fits_names_its_parts_and_can_be_read(
    _case: str, viewport: Any, language: str, live_server: Any, chromium: Any, shots: Path, tmp_path: Path
) -> None:
    shop = a_tea_shop("localhost")
    tea = may_be_subscribed(shop, "深蒸し煎茶 100g", first=756)
    customer, account = a_regular(shop)
    contract = a_contract(shop, (tea, 1), customer_id=customer.pk, at=clock.now())
    order = a_shipped_order(shop, (tea, 2), customer_id=customer.pk, at=clock.now())
    a_coupon(
        shop.company,
        percent_bp=1_000,
        most_off=2_000,
        minimum=3_000,
        customer=customer,
        articles=[tea],
        until_at=clock.now() + timedelta(days=9),
    )
    a_coupon(shop.company, "LATER", is_shown=True, starts_at=clock.now() + timedelta(days=9))
    time_passes()
    wrong: dict[str, Any] = {}
    with a_sandbox(tmp_path / "gateway"):
        a_kept_card(customer)
        page = opens_signed_in(chromium, live_server.url, account, viewport=viewport, language=language)
        said = listens(page)
        for name in own_pages(page, live_server.url, order, contract, tea):
            page.screenshot(path=shots / f"{name}-{viewport['width']}-{language}.png", full_page=True)
            if found := faults_of(page, language=language):
                wrong[name] = found

    assert wrong == {}
    assert [text for text in said if "422" not in text] == []


def test_tea_can_be_ordered_from_the_keyboard_alone(live_server: Any, chromium: Any) -> None:
    a_tea_shop("localhost")
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{live_server.url}/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    to(page, "a.card-link, .card a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/*/")
    to(page, "form.offer button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cart/")
    to(page, "aside a.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/")
    fills_in(page)
    to(page, "form.two aside button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/confirm/")
    to(page, "button.strong")
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/**")

    assert page.locator(".thanks h1").count() == 1


def to(page: Any, selector: str) -> None:
    """Press Tab until the focus is there; every stop on the way must show where it is."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", f"{selector} does not show its focus"
            return
    raise AssertionError(f"Tab never comes to {selector}")
