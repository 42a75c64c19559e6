"""Changed orders that are charged to a card, or were paid before: what the card holds, what is owed, what is too much."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing.models import PaymentIntent
from billing.operations import work_calls
from billing.rules import Outcome, PaymentMethod
from core.actor import SYSTEM
from orders.models import Hold, Order
from orders.operations import Leaving, ship_shipments, take_payments
from tests.factories.billing import money_in
from tests.factories.cards import Sandbox, a_sandbox
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.orders.test_cards import _carry_events, a_card_order
from tests.orders.test_changes import LATER, broken, changed, price, quantity

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with a_sandbox(tmp_path) as running:
        yield running


def an_accepted_order(token: str = "pm_card_visa") -> Order:
    order = a_card_order(a_shop(), token)
    take_payments([order.pk], actor=SYSTEM, at=AT)
    order.refresh_from_db()
    assert order.payment_status == "authorised"
    return order


def test_a_card_that_holds_too_little_is_asked_for_the_whole_once(sandbox):
    order = an_accepted_order()

    answer = changed(order, quantity(order.lines.get(), 3))
    assert (answer.asks_card, order.status, order.payment_status) == (True, "pending", "unpaid")
    (taken,) = take_payments([order.pk], actor=STAFF, at=LATER)

    order.refresh_from_db()
    assert (taken.outcome, order.status, order.payment_status) == (Outcome.OK, "confirmed", "authorised")
    assert [e["amount"] for e in sandbox.effects("authorise")] == [2_000, 3_000]
    assert list(PaymentIntent.objects.order_by("attempt").values_list("status", "amount")) == [("voided", 2_000), ("authorised", 3_000)]
    work_calls(actor=SYSTEM, at=LATER)
    assert len(sandbox.effects("void")) == 1
    assert broken() == []


def test_a_card_that_holds_enough_keeps_it_and_less_is_taken(sandbox):
    order = an_accepted_order()

    answer = changed(order, quantity(order.lines.get(), 1))
    assert (answer.asks_card, order.status, order.payment_status) == (False, "confirmed", "authorised")
    ship_shipments([Leaving(shipment_id=order.shipments.get().pk)], actor=STAFF, at=LATER)
    _carry_events()
    work_calls(actor=SYSTEM, at=LATER)
    _carry_events()

    order.refresh_from_db()
    assert [(e["what"], e["amount"]) for e in sandbox.effects()] == [("authorise", 2_000), ("capture", 1_000)]
    assert (order.paid_total, order.payment_status) == (1_000, "paid")
    assert broken() == []


def test_an_order_that_was_accepted_is_held_and_not_cancelled_when_its_card_refuses_more(sandbox):
    order = an_accepted_order()
    sandbox.trouble("confirm", "decline")

    changed(order, price(order.lines.get(), 9_000))
    (taken,) = take_payments([order.pk], actor=STAFF, at=LATER)

    order.refresh_from_db()
    assert (taken.outcome, order.status, order.payment_status, order.open_holds) == (Outcome.FAILED, "confirmed", "unpaid", 1)
    assert Hold.objects.get(order=order).kind == "payment"
    assert broken() == []


def test_what_was_paid_over_the_new_total_is_a_deposit():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000), 3), payment_method=PaymentMethod.BANK_TRANSFER)
    money_in(order.customer, 3_000, order_ref=order.public_id)
    _carry_events()

    changed(order, quantity(order.lines.get(), 2))

    assert (order.total, order.paid_total, order.payment_status) == (2_000, 3_000, "paid")
    assert broken() == []


def test_what_is_owed_more_is_waited_for_again():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000), 3), payment_method=PaymentMethod.BANK_TRANSFER)
    money_in(order.customer, 3_000, order_ref=order.public_id)
    _carry_events()

    changed(order, quantity(order.lines.get(), 4))

    assert (order.paid_total, order.payment_status) == (3_000, "partly_paid")
    assert list(PaymentIntent.objects.order_by("attempt").values_list("status", "amount")) == [("captured", 3_000), ("requested", 4_000)]
    money_in(order.customer, 1_000, order_ref=order.public_id)
    _carry_events()
    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert PaymentIntent.objects.order_by("attempt").last().status == "captured"
    assert broken() == []
