"""The phone rings: the operator finds who is calling, logs the call, cancels an order, and sees both on the timeline."""

from pathlib import Path
from typing import Any

import pytest

from contact.models import Case
from core import clock
from core.db import rows
from core.hooks import INVARIANTS
from core.models import PersonalDataRead
from customers.models import Customer
from customers.operations import add_notes
from customers.rules import NewNote
from orders.models import Order
from orders.rules import Placed
from tests.factories import customers as make
from tests.factories.orders import a_draft, placed
from tests.journeys.conftest import DESK
from tests.journeys.stage import a_tea_shop, an_operator, signs_in, time_passes

pytestmark = [pytest.mark.journeys, pytest.mark.django_db(transaction=True)]


def somebody_who_has_ordered() -> tuple[Customer, Placed]:
    """One of two customers of a shop, with a note and an order that has not left."""
    shop = a_tea_shop("localhost")
    an_operator(shop)
    caller = make.a_customer(shop.company, phone="090-1234-5678", email="hanako@example.com")
    make.an_address(caller)
    make.a_customer(shop.company, family_name="佐藤", given_name="健", family_kana="サトウ", given_kana="ケン", phone="090-8765-4321")
    tea = shop.variant(1_080, name="深蒸し煎茶 100g")
    (order,) = placed(a_draft(shop, (tea, 2), customer_id=caller.pk), at=clock.now())
    add_notes([NewNote(customer_id=caller.pk, body="お電話は午後に")], actor=make.STAFF, at=clock.now())
    return caller, order


def test_an_operator_answers_a_call_and_cancels_an_order(live_server: Any, chromium: Any, shots: Path) -> None:
    caller, order = somebody_who_has_ordered()
    page = chromium.new_context(locale="ja-JP", viewport=DESK).new_page()
    page.set_default_timeout(15_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))

    # The call screen: a number in any form, one customer, whose page opens with the form of the call ready.
    signs_in(page, live_server.url)
    page.goto(f"{live_server.url}/admin/contact/case/desk/")
    page.wait_for_function("document.activeElement.id === 'call-q'")
    page.keyboard.type("０９０ー１２３４ー５６７８")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/#log")
    assert "山田 花子" in page.inner_text(".house-who h1")
    assert "お電話は午後に" in page.inner_text(".house-notice")
    page.wait_for_function("document.activeElement.id === 'log-reason'")
    page.screenshot(path=shots / "call-page.png", full_page=True)

    # The call is logged without a mouse, and solved by what was answered.
    page.select_option("#log-reason", "change")
    page.focus("#log-theme")
    page.keyboard.type("ご注文の取消希望")
    page.keyboard.press("Tab")
    page.keyboard.type("間違えて注文したとのこと。")
    page.keyboard.press("Tab")
    page.keyboard.type("出荷前のため取消を承りました。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/change/#story")
    assert "ご注文の取消希望" in page.inner_text("#story")

    # The order is cancelled from the same page, and the operator stays on it.
    page.click(".desk-verb > summary")
    page.fill(".desk-inline input[name=reason]", "お客様都合")
    page.press(".desk-inline input[name=reason]", "Enter")
    page.wait_for_function("document.querySelector('#story').innerText.includes('お客様都合')")
    assert page.url.endswith(f"/customer/{caller.pk}/change/")
    assert page.locator(".desk-verb").count() == 0
    page.screenshot(path=shots / "call-answered.png", full_page=True)

    # Keys: "c" opens the form again, a chip narrows the story.
    page.keyboard.press("c")
    page.wait_for_function("document.activeElement.id === 'log-reason'")
    page.keyboard.press("Escape")
    page.click('.house-chip[href*="lane=contact"]')
    page.wait_for_selector('.house-chip[aria-current="true"]')
    assert "お客様都合" not in page.inner_text("#story")

    time_passes()
    case = Case.objects.get()
    assert (case.customer_id, case.state, case.resolution) == (caller.pk, "solved", "出荷前のため取消を承りました。")
    assert Order.objects.get(pk=order.order_id).status == "cancelled"
    assert PersonalDataRead.objects.filter(subject=f"customer:{caller.public_id}").count() >= 3
    assert complaints == []
    assert [p.name for source in INVARIANTS.all() for p in source.invariants() if rows(p.sql, {"company": None}, prepare=False)] == []
