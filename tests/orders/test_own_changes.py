"""A buyer changes an order of her own: less, elsewhere, another day, until somebody packs it; and holds are asked again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import Actor, ActorKind
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Stock
from orders.models import Hold, HoldRule, Line, Order, OrderChange, Shipment, ShipmentInstruction
from orders.operations import (
    Calculated,
    Changed,
    Confirming,
    Conflicted,
    Leaving,
    change_own_order,
    confirm_change,
    foresee_own_change,
    make_picking_batches,
    open_change,
    ship_shipments,
)
from orders.rules import ChangeItem, ChangeKind, PickingWay, Refused
from tests.factories.orders import AT, STAFF, a_hold_rule, a_shop, an_order

pytestmark = pytest.mark.django_db
BUYER = Actor(ActorKind.CUSTOMER, "acc_1", "花子")
LATER = AT + timedelta(hours=1)


def fewer(line: Line, after: int, **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after=str(after), **given)


def to(field: str, after: str) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.DESTINATION, target="1", field=field, after=after)


def changed(order: Order, *items: ChangeItem, total: int | None = None, actor: Actor = BUYER) -> Any:
    return change_own_order(order.pk, items=items, expected_total=order.total if total is None else total, actor=actor, at=LATER)


def test_less_of_one_thing_none_of_another_elsewhere_and_later():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3), (shop.variant(500, stock=[9]), 1))
    tea, pot = order.lines.order_by("position")
    items = [fewer(tea, 2), fewer(pot, 0), to("street", "北沢9-9"), to("wished_on", "2026-05-20"), to("time_band", "1416")]

    foreseen = foresee_own_change(order.pk, items=items, at=LATER)
    done = changed(order, *items, total=2_000)

    assert isinstance(foreseen, Calculated)
    assert (foreseen.money.total.before, foreseen.money.total.after) == (3_500, 2_000)
    assert isinstance(done, Changed)
    order.refresh_from_db()
    place = order.destinations.get()
    assert (order.total, order.revision, place.street, str(place.wished_on), place.time_band) == (2_000, 2, "北沢9-9", "2026-05-20", "1416")
    assert sum(Stock.objects.values_list("allocated", flat=True)) == 2
    assert OrderChange.objects.get().actor_kind == "customer"
    assert OutboxEvent.objects.filter(name="orders.OrderChanged").count() == 1


@pytest.mark.parametrize(
    ("item", "code", "field"),
    [
        (lambda line: fewer(line, 4), "order.own_only_less", "/items/0/after"),
        (
            lambda line: ChangeItem(kind=ChangeKind.PRICE, target=str(line.public_id), after="1", reason="安く"),
            "order.own_not_here",
            "/items/0",
        ),
        (lambda line: ChangeItem(kind=ChangeKind.ADDED, target=line.sku, after="1"), "order.own_not_here", "/items/0"),
        (lambda line: ChangeItem(kind=ChangeKind.PAYMENT, after="deferred"), "order.own_not_here", "/items/0"),
        (lambda line: to("wished_on", "2026-05-12"), "order.own_too_soon", "/items/0/after"),
        (lambda line: fewer(line, 0), "order.nothing_left", "/items"),
        (lambda line: to("street", ""), "order.field_missing", "/items/0/after"),
    ],
)
def test_what_is_not_the_buyers_to_decide_is_refused_and_nothing_is_kept(item: Any, code: str, field: str):
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3))
    asked = item(order.lines.get())

    answers = [
        foresee_own_change(order.pk, items=[asked], at=LATER),
        changed(order, asked),
        open_change(order.pk, items=[asked], actor=BUYER, at=LATER),
    ]

    assert [(a.code, a.reasons[0].field) for a in answers if isinstance(a, Refused)] == [(code, field)] * 3
    assert (OrderChange.objects.count(), Order.objects.get().revision) == (0, 1)


def instructed(parcel: Shipment) -> None:
    ShipmentInstruction.objects.create(shipment=parcel, company=parcel.company, number="x", version=1, sent_at=AT)
    Shipment.objects.update(status="instructed")


def picked(parcel: Shipment) -> None:
    (batch,) = make_picking_batches([parcel.pk], way=PickingWay.TOTAL, actor=STAFF, at=AT)
    assert not isinstance(batch, Refusal), batch


def labelled(parcel: Shipment) -> None:
    Shipment.objects.update(tracking_number="123456789013")


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (instructed, "order.own_packing"),
        (labelled, "order.own_packing"),
        (picked, "order.own_packing"),
        (lambda parcel: ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT), "order.own_left"),
        (lambda parcel: open_change(parcel.order_id, actor=STAFF, at=AT), "order.being_changed"),
    ],
)
def test_once_somebody_is_at_it_the_buyer_is_told_so_in_her_words(happens: Any, code: str):
    order = an_order()
    happens(Shipment.objects.get())

    answer = changed(order, to("street", "北沢9-9"))

    assert isinstance(answer, Refused)
    assert (answer.code, order.destinations.get().street == "北沢9-9") == (code, False)


def test_at_another_total_nothing_is_done_and_no_set_is_left_open():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3))

    answer = changed(order, fewer(order.lines.get(), 2), total=1_999)

    assert isinstance(answer, Refused)
    assert (answer.code, OrderChange.objects.count()) == ("order.total_changed", 0)


def test_sent_twice_it_is_done_once_and_what_somebody_else_changed_is_told():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3))
    line = order.lines.get()
    first, again = (changed(order, fewer(line, 2, before="3"), total=2_000) for _time in range(2))
    stale = changed(order, fewer(line, 1, before="3"), total=1_000)

    assert isinstance(first, Changed)
    assert isinstance(again, Refused)
    assert again.code == "order.change_nothing"
    assert isinstance(stale, Conflicted)
    assert Order.objects.get().revision == 2


def test_a_rule_that_the_order_meets_only_now_holds_it_and_one_it_met_before_does_not_again():
    shop = a_shop()
    a_hold_rule(shop, name="沖縄の宛先", postal_prefixes=["90"])
    a_hold_rule(shop, name="時間指定あり", has_time_band=True)
    a_hold_rule(shop, name="初回", first_order=True)
    order = an_order(shop)
    before = sorted(Hold.objects.values_list("reason", flat=True))

    done = changed(order, to("postal_code", "900-0015"), to("prefecture", "沖縄県"))

    assert isinstance(done, Changed)
    held = Hold.objects.exclude(reason__in=before).get()
    assert (before, held.reason, held.rule) == (["初回"], "沖縄の宛先", HoldRule.objects.get(name="沖縄の宛先"))
    order.refresh_from_db()
    assert (order.open_holds, OutboxEvent.objects.filter(name="orders.HoldRaised").count()) == (2, 2)


def test_without_rules_a_change_asks_nothing_more():
    def statements(*, rule: bool) -> int:
        shop = a_shop()
        if rule:
            a_hold_rule(shop, total_from=10**9)
        order = an_order(shop)
        with CaptureQueriesContext(connection) as asked:
            assert isinstance(changed(order, to("street", "北沢9-9")), Changed)
        return len(asked)

    assert statements(rule=True) - statements(rule=False) == 1


def test_staff_change_more_and_are_asked_the_rules_as_well():
    shop = a_shop()
    a_hold_rule(shop, name="高額", total_from=5_000)
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 3))
    opened = open_change(order.pk, items=[fewer(order.lines.get(), 6)], actor=STAFF, at=LATER)

    assert isinstance(confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=LATER), Changed)  # type: ignore[union-attr]

    assert list(Hold.objects.values_list("reason", flat=True)) == ["高額"]
