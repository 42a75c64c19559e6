"""Orders that are charged to a card: placed first, asked for afterwards, accepted or undone by the answer."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F

from billing.models import GatewayCall, Payment, PaymentIntent
from billing.operations import authorise_orders, work_calls
from billing.rules import Outcome, PaymentMethod
from core import clock, operations
from core.actor import SYSTEM
from core.db import rows
from core.hooks import INVARIANTS
from core.models import OutboxEvent, OutgoingMail
from inventory.models import Allocation
from orders.models import Order, Shipment
from orders.operations import Leaving, cancel_orders, place_orders, ship_shipments, take_payments
from tests.factories.cards import Sandbox, a_kept_card, a_sandbox
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_known_customer, a_person, a_shop, placed
from tests.orders.test_entry import URL, a_desk, a_phone_shop, placed_by, the_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with a_sandbox(tmp_path) as running:
        yield running


def a_card_order(shop: Shop, token: str = "pm_card_visa", **given: object) -> Order:
    customer = a_known_customer(shop)
    card = a_kept_card(customer, token)
    variant = shop.variant(stock=[5])
    draft = a_draft(shop, (variant, 2), customer_id=customer.pk, payment_method=PaymentMethod.CARD, means_id=card.means_id, **given)
    return Order.objects.get(pk=placed(draft)[0].order_id)


def test_an_order_waits_for_its_card_and_is_accepted_with_it(sandbox):
    order = a_card_order(a_shop())
    assert (order.status, order.payment_status) == ("pending", "unpaid")

    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT)

    order.refresh_from_db()
    assert (taken.outcome, order.status, order.payment_status) == (Outcome.OK, "confirmed", "authorised")
    assert [(e["what"], e["amount"]) for e in sandbox.effects()] == [("authorise", 2000)]


def test_a_refused_card_ends_the_order_and_frees_its_stock(sandbox):
    order = a_card_order(a_shop(), "pm_card_chargeCustomerFail")

    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT)

    order.refresh_from_db()
    assert (taken.outcome, taken.code, order.status, order.payment_status) == (Outcome.FAILED, "generic_decline", "cancelled", "voided")
    assert "card was declined" in taken.message
    assert set(Allocation.objects.values_list("status", flat=True)) == {"released"}
    assert sandbox.effects("authorise") == []


def test_silence_keeps_the_order_and_the_clock_finds_out(sandbox):
    order = a_card_order(a_shop())
    sandbox.trouble("confirm", "cut_after")

    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT)
    order.refresh_from_db()
    assert (taken.outcome, order.status) == (Outcome.UNKNOWN, "pending")
    assert PaymentIntent.objects.get().status == "unknown"

    _time_passes()
    work_calls(actor=SYSTEM, at=AT)
    _carry_events()

    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("confirmed", "authorised")
    assert len(sandbox.effects("authorise")) == 1


def test_asking_twice_authorises_once(sandbox):
    order = a_card_order(a_shop())

    answers = [take_payments([order.pk], actor=SYSTEM, at=AT)[0].outcome for _ in range(3)]

    assert (answers, len(sandbox.effects("authorise"))) == ([Outcome.OK] * 3, 1)
    assert OutboxEvent.objects.filter(name="orders.OrderAccepted").count() == 1


def test_the_buyer_goes_to_their_bank_and_comes_back(sandbox):
    order = a_card_order(a_shop(), "pm_card_threeDSecure2Required")

    (sent,) = take_payments([order.pk], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")
    back = sandbox.approve(sent.action_url)
    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")

    order.refresh_from_db()
    assert (sent.outcome, taken.outcome, order.status) == (Outcome.ACTION, Outcome.OK, "confirmed")
    assert back.startswith("http://shop.example/back/?payment_intent=pi_")


def test_a_buyer_who_says_no_to_their_bank_has_no_order(sandbox):
    order = a_card_order(a_shop(), "pm_card_threeDSecure2Required")
    (sent,) = take_payments([order.pk], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")

    sandbox.approve(sent.action_url, yes=False)
    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")

    order.refresh_from_db()
    assert (taken.outcome, taken.code, order.status) == (Outcome.FAILED, "authentication_failed", "cancelled")


def test_a_buyer_who_never_comes_back_is_not_waited_for(sandbox):
    order = a_card_order(a_shop(), "pm_card_threeDSecure2Required")
    take_payments([order.pk], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")

    _time_passes(minutes=31)
    work_calls(actor=SYSTEM, at=AT)
    _carry_events()

    order.refresh_from_db()
    assert (order.status, PaymentIntent.objects.get().decline_code) == ("cancelled", "authentication_abandoned")
    assert sandbox.state()["payments"][0]["status"] == "canceled"


def test_a_renewal_that_wants_its_buyer_fails(sandbox):
    order = a_card_order(a_shop(), "pm_card_authenticationRequired")

    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT)

    assert (taken.outcome, taken.code) == (Outcome.FAILED, "authentication_required")


def test_the_money_is_taken_when_the_parcel_leaves_and_booked_once(sandbox):
    order = a_card_order(a_shop())
    take_payments([order.pk], actor=SYSTEM, at=AT)

    _ship(order)
    for _ in range(2):
        _carry_events()
        work_calls(actor=SYSTEM, at=AT)
    _carry_events()

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.paid_total) == ("completed", "paid", 2000)
    assert [(p.amount, p.unapplied_amount) for p in Payment.objects.all()] == [(2000, 0)]
    assert [e["what"] for e in sandbox.effects()] == ["authorise", "capture"]


def test_parcels_of_one_order_take_its_money_once(sandbox):
    shop = a_shop()
    customer = a_known_customer(shop)
    card = a_kept_card(customer)
    first, second = shop.variant(1_000, stock=[5]), shop.variant(500, stock=[0, 5])
    draft = a_draft(shop, (first, 1), (second, 1), customer_id=customer.pk, payment_method=PaymentMethod.CARD, means_id=card.means_id)
    order = Order.objects.get(pk=placed(draft)[0].order_id)
    take_payments([order.pk], actor=SYSTEM, at=AT)
    parcels = list(Shipment.objects.filter(order=order).order_by("id"))
    assert len(parcels) == 2

    for parcel in parcels:
        ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)
        _carry_events()
        work_calls(actor=SYSTEM, at=AT)
        _carry_events()

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.paid_total) == ("completed", "paid", 1500)
    assert [e["amount"] for e in sandbox.effects("capture")] == [1500]
    assert [(p.amount, p.unapplied_amount) for p in Payment.objects.all()] == [(1500, 0)]


def test_an_order_cancelled_before_it_ships_lets_the_card_go(sandbox):
    order = a_card_order(a_shop())
    take_payments([order.pk], actor=SYSTEM, at=AT)

    cancel_orders([order.pk], reason="changed mind", actor=STAFF, at=AT)
    work_calls(actor=SYSTEM, at=AT)

    assert [e["what"] for e in sandbox.effects()] == ["authorise", "void"]
    assert PaymentIntent.objects.get().status == "voided"
    assert set(GatewayCall.objects.values_list("kind", "state")) == {("authorise", "ok"), ("void", "ok")}


def test_an_order_cancelled_while_nobody_knows_is_let_go_all_the_same(sandbox):
    order = a_card_order(a_shop())
    sandbox.trouble("confirm", "cut_after")
    take_payments([order.pk], actor=SYSTEM, at=AT)

    cancel_orders([order.pk], reason="changed mind", actor=STAFF, at=AT)
    _time_passes()
    work_calls(actor=SYSTEM, at=AT)

    assert [e["what"] for e in sandbox.effects()] == ["authorise", "void"]
    assert set(GatewayCall.objects.values_list("state", flat=True)) <= {"ok", "failed"}


def test_an_order_cancelled_before_anybody_asked_touches_no_card(sandbox):
    order = a_card_order(a_shop())

    cancel_orders([order.pk], reason="changed mind", actor=STAFF, at=AT)
    _time_passes()
    work_calls(actor=SYSTEM, at=AT)
    (taken,) = take_payments([order.pk], actor=SYSTEM, at=AT)

    assert (sandbox.effects(), taken.outcome) == ([], Outcome.FAILED)


def test_an_authorisation_that_ran_out_holds_the_order(sandbox):
    order = a_card_order(a_shop())
    take_payments([order.pk], actor=SYSTEM, at=AT)
    sandbox.order("expire", payment=PaymentIntent.objects.get().provider_ref)

    _ship(order)
    _carry_events()
    work_calls(actor=SYSTEM, at=AT)
    _carry_events()

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.open_holds) == ("confirmed", "unpaid", 1)
    assert sandbox.effects("capture") == []


def test_nobody_is_charged_to_a_strangers_card(sandbox):
    shop = a_shop()
    card = a_kept_card(a_known_customer(shop))
    draft = a_draft(
        shop, (shop.variant(), 1), customer_id=a_known_customer(shop).pk, payment_method=PaymentMethod.CARD, means_id=card.means_id
    )

    (refused,) = place_orders([draft], actor=SYSTEM, at=AT)

    assert (refused.code, Order.objects.count()) == ("billing.no_such_card", 0)


def test_a_card_order_without_a_card_is_charged_elsewhere(sandbox):
    shop = a_shop()
    order = Order.objects.get(pk=placed(a_draft(shop, (shop.variant(), 1), payment_method=PaymentMethod.CARD))[0].order_id)

    assert (order.status, GatewayCall.objects.count()) == ("confirmed", 0)


def test_mails_follow_the_answer(sandbox):
    shop = a_shop()
    good, bad = a_card_order(shop, person=a_person()), a_card_order(shop, "pm_card_chargeCustomerFail", person=a_person())
    _carry_events()
    assert OutgoingMail.objects.count() == 0

    take_payments([good.pk, bad.pk], actor=SYSTEM, at=AT)
    _carry_events()

    assert sorted(OutgoingMail.objects.values_list("kind", flat=True)) == ["order.declined", "order.placed"]


def test_a_buyer_who_saw_the_refusal_is_not_written_to_even_when_the_relay_is_quicker(sandbox):
    order = a_card_order(a_shop(), "pm_card_chargeCustomerFail", person=a_person())

    authorise_orders([order.public_id], actor=SYSTEM, at=AT, return_url="http://shop.example/back/")
    _carry_events()

    order.refresh_from_db()
    assert (order.status, OutgoingMail.objects.count()) == ("cancelled", 0)


def test_every_promise_holds_after_all_of_it(sandbox):
    shop = a_shop()
    orders = [a_card_order(shop, token) for token in ("pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_jcb")]
    take_payments([order.pk for order in orders], actor=SYSTEM, at=AT)
    _ship(orders[0])
    cancel_orders([orders[2].pk], reason="changed mind", actor=STAFF, at=AT)
    for _ in range(3):
        _carry_events()
        work_calls(actor=SYSTEM, at=AT)

    assert [
        (i.name, rows(i.sql, {"company": None})) for s in INVARIANTS.all() for i in s.invariants() if rows(i.sql, {"company": None})
    ] == []


def _ship(order: Order) -> None:
    ids = list(Shipment.objects.filter(order=order).values_list("id", flat=True))
    assert all(hasattr(r, "invoice_number") for r in ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=AT))


def _time_passes(minutes: int = 5) -> None:
    """The database's own clock can't be moved: what is due later is due now, what was begun was begun earlier."""
    GatewayCall.objects.exclude(state__in=["ok", "failed"]).update(
        due_at=F("due_at") - timedelta(minutes=minutes), recorded_at=F("recorded_at") - timedelta(minutes=minutes), lease_until_at=None
    )


def _carry_events() -> None:
    """What the relay does: every event reaches its handlers."""
    with clock.travel(AT):
        while not operations.carry(at=lambda: AT).idle:
            continue


def test_the_desk_offers_a_customers_own_card_and_charges_it_while_they_are_on_the_line(sandbox):
    shop, desk = a_phone_shop(), a_desk()
    customer = a_known_customer(shop)
    card, stranger = a_kept_card(customer), a_kept_card(a_known_customer(shop))
    tea = shop.variant(stock=[5])
    page = the_page(shop, (tea, "1"), customer=str(customer.pk), payment_method=f"card:{card.means_id}")

    shown = desk.get(URL, {"customer": customer.pk}).content.decode()
    placed_by(desk, page)

    assert "Visa •••• 4242" in shown
    assert f"card:{stranger.means_id}" not in shown
    order = Order.objects.get()
    assert (order.payment_method, order.status, order.payment_status) == ("card", "confirmed", "authorised")


@pytest.mark.parametrize("word", ["card:{stranger}", "card", "card:", "card:x", "card:99999999999999999999"])
def test_the_desk_takes_no_card_that_is_not_the_customers(sandbox, word):
    shop, desk = a_phone_shop(), a_desk()
    customer, stranger = a_known_customer(shop), a_kept_card(a_known_customer(shop))
    page = the_page(shop, (shop.variant(stock=[5]), "1"), customer=str(customer.pk), payment_method=word.format(stranger=stranger.means_id))

    answer = placed_by(desk, page)

    assert (answer.status_code, Order.objects.count()) == (422, 0)
