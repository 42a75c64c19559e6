"""Before an order ships two operators change it at once: nobody overwrites the other unseen, and by keyboard."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from catalog.models import Variant
from orders.models import Line, Order
from orders.operations import Leaving, ship_shipments
from tests.factories.core import a_channel
from tests.factories.customers import a_staff_account
from tests.factories.orders import STAFF, a_draft, placed
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.stage import a_tea_shop, an_operator, broken_promises, mails_in, opens_signed_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]
QUIET = "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"


def takes_over(second: Any, ref: Any, shots: Path) -> None:
    """The second one takes the set over and confirms three."""
    second.click("button[value=take]")
    second.fill(f"#quantity-{ref}", "3")
    second.wait_for_function("Number(document.querySelector('#change-side input[name=expected_total]')?.value) > 0")
    second.keyboard.press("Control+Enter")
    second.wait_for_url("**/change/")
    second.screenshot(path=shots / "change-order-changed.png", full_page=True)


def sees_both_values_and_chooses(first: Any, before: Order, shots: Path) -> None:
    """The first one is shown what it was, theirs and mine, and stays with five; the rest of what was typed is kept."""
    first.keyboard.press("Control+Enter")
    first.wait_for_selector(".change-choice")
    told = first.inner_text(".change-choice")
    assert all(value in told for value in ("2", "3", "5"))
    first.screenshot(path=shots / "change-both-values.png", full_page=True)
    assert Order.objects.get(pk=before.pk).revision == 2
    first.check(".change-choice input[value='5']")
    first.keyboard.press("Control+Enter")
    first.wait_for_selector("#change-side .change-sums")
    first.wait_for_function(QUIET)
    first.set_viewport_size(PHONE)
    assert first.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    first.screenshot(path=shots / "change-on-a-phone.png", full_page=True)
    first.set_viewport_size(DESK)
    first.keyboard.press("Control+Enter")
    first.wait_for_url("**/change/")


def test_two_operators_change_one_order(live_server: Any, chromium: Any, sent_mail: Path, shots: Path) -> None:
    from core import clock

    shop = a_tea_shop("localhost")
    a_channel(shop.company, kind="phone", name="お電話")
    tea = Variant.objects.filter(company=shop.company).order_by("id").first()
    (one,) = placed(a_draft(shop, (tea, 2)), at=clock.now())
    before = Order.objects.get(pk=one.order_id)
    hanako, jiro = an_operator(shop), a_staff_account(handle="jiro", email="jiro@daifuku.example", is_superuser=True, company=shop.company, display_name="次郎")  # fmt: skip
    url = f"{live_server.url}{reverse('admin:orders_order_changes', args=[before.pk])}"
    ref = Line.objects.get().public_id
    complaints: list[str] = []

    def screen(account: Any) -> Any:
        page = opens_signed_in(chromium, live_server.url, account, viewport=DESK)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(url)
        return page

    first = screen(hanako)
    first.keyboard.press("Enter")  # the button that begins has the focus
    first.wait_for_selector(f"#quantity-{ref}")
    first.fill(f"#quantity-{ref}", "5")
    first.fill("#to-1-building", "裏口")
    first.wait_for_selector("#change-side .change-sums")
    first.screenshot(path=shots / "change-difference.png", full_page=True)

    second = screen(jiro)
    assert "変更中" in second.inner_text("#desk")
    second.screenshot(path=shots / "change-somebody-is-at-it.png", full_page=True)
    takes_over(second, ref, shots)
    sees_both_values_and_chooses(first, before, shots)

    order = Order.objects.get(pk=before.pk)
    assert (order.revision, order.lines.get(until_revision=None).quantity, order.destinations.get().building) == (3, 5, "裏口")
    time_passes()
    assert sum("変更" in str(mail["subject"]) for mail in mails_in(sent_mail)) == 2
    ship_shipments([Leaving(shipment_id=s.pk) for s in order.shipments.filter(status="planned")], actor=STAFF, at=clock.now())
    assert complaints == []
    assert broken_promises() == {}
