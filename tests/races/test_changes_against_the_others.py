"""Orders are changed by several people while others ship and cancel them: nothing is lost, nothing is done twice, money and stock are exact."""

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.models import Invoice
from core.actor import SYSTEM, Actor, ActorKind
from core.errors import HouseError, Refusal
from core.models import OutboxEvent
from inventory.models import Allocation, Stock
from orders.models import Line, Order, OrderChange, Shipment
from orders.operations import (
    Changed,
    ChangeOpened,
    Confirming,
    Conflicted,
    Leaving,
    cancel_orders,
    confirm_change,
    open_change,
    ship_shipments,
)
from orders.rules import ChangeItem, ChangeKind, Refused
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def clerk(number: int) -> Actor:
    return Actor(ActorKind.STAFF, str(100 + number), f"担当{number}")


def units(ref: Any, after: int, before: int | None = None) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.QUANTITY, target=str(ref), after=str(after), before=None if before is None else str(before))


def edit(order_id: int, *items: ChangeItem, actor: Actor) -> Any:
    """A set is taken over if need be, and confirmed: what two hurried people do."""
    opened = open_change(order_id, actor=actor, at=AT, take_over=True)
    if not isinstance(opened, ChangeOpened):
        return opened
    return confirm_change(Confirming(change_id=opened.change_id, items=items), actor=actor, at=AT)


def test_a_set_that_is_confirmed_by_many_at_once_is_done_once() -> None:
    shop = a_shop()
    (order,) = placed(a_draft(shop, (shop.variant(1_000, stock=[50]), 2)))
    line = Line.objects.get()
    opened = open_change(order.order_id, items=[units(line.public_id, 5)], actor=STAFF, at=AT)
    assert isinstance(opened, ChangeOpened)

    answers = contend([partial(confirm_change, Confirming(change_id=opened.change_id), actor=STAFF, at=AT)] * 8, threads=8)

    assert Counter(a.repeated for a in answers if isinstance(a, Changed)) == {False: 1, True: 7}
    assert (Order.objects.get().revision, Stock.objects.get(on_hand=50).allocated) == (2, 5)
    assert OutboxEvent.objects.filter(name="orders.OrderChanged").count() == 1
    assert broken_promises() == {}


def test_of_two_who_open_one_gets_the_set() -> None:
    shop = a_shop()
    orders = placed(*[a_draft(shop, (shop.variant(stock=[50]), 1)) for _ in range(10)])

    answers = contend([partial(open_change, o.order_id, actor=clerk(n), at=AT) for o in orders for n in (1, 2)], threads=8)

    assert Counter(type(a).__name__ for a in answers) == {"ChangeOpened": 10, "Refused": 10}
    assert OrderChange.objects.filter(state="open").count() == 10


def test_of_two_who_change_the_same_value_the_second_is_told_both() -> None:
    shop = a_shop()
    variant = shop.variant(1_000, stock=[500])
    orders = placed(*[a_draft(shop, (variant, 2)) for _ in range(40)])
    refs = dict(Line.objects.values_list("order_id", "public_id"))
    jobs = [partial(edit, o.order_id, units(refs[o.order_id], n + 2, before=2), actor=clerk(n)) for o in orders for n in (1, 2)]

    answers = contend(jobs, threads=8)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    for order, pair in zip(orders, zip(answers[::2], answers[1::2], strict=True), strict=True):
        won = [n for n, a in enumerate(pair, 1) if isinstance(a, Changed)]
        quantity = Line.objects.get(order_id=order.order_id, until_revision=None).quantity
        if not won:  # each took the other's set over, so that neither was confirmed
            assert (quantity, {a.code for a in pair if isinstance(a, Refused)}) == (2, {"order.change_discarded"})
            continue
        (first,) = won
        assert quantity == first + 2
        (second,) = [a for a in pair if not isinstance(a, Changed)]
        if isinstance(second, Conflicted):
            assert [(d.was, d.theirs, d.mine) for d in second.fields] == [("2", str(first + 2), str(5 - first))]
        else:
            assert isinstance(second, Refused)
            assert second.code == "order.change_discarded"
    assert broken_promises() == {}


@pytest.mark.parametrize("rival", ["ship", "cancel"])
def test_a_change_against_shipping_or_cancelling_has_one_order_of_things(rival: str) -> None:
    shop = a_shop()
    variant = shop.variant(1_000, stock=[200])
    orders = placed(*[a_draft(shop, (variant, 3)) for _ in range(20)])
    refs, parcels = dict(Line.objects.values_list("order_id", "public_id")), dict(Shipment.objects.values_list("order_id", "id"))

    def other(order_id: int) -> Any:
        if rival == "cancel":
            return cancel_orders([order_id], reason="気が変わった", actor=SYSTEM, at=AT)[0]
        return ship_shipments([Leaving(shipment_id=parcels[order_id])], actor=STAFF, at=AT)[0]

    jobs: list[Callable[[], Any]] = []
    for n, order in enumerate(orders):
        pair = [partial(edit, order.order_id, units(refs[order.order_id], 1), actor=clerk(1)), partial(other, order.order_id)]
        jobs += pair if n % 2 else pair[::-1]
    before = deadlocks()

    answers = contend(jobs, threads=8)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    assert Stock.objects.get(on_hand__gt=0).allocated == 0 if rival == "cancel" else True
    if rival == "ship":
        shipped = sum(Line.objects.values_list("shipped_quantity", flat=True))
        assert Stock.objects.get(on_hand__gt=0).on_hand == 200 - shipped
        assert sum(Invoice.objects.values_list("total", flat=True)) == shipped * 1_000
    assert deadlocks() - before == 0
    assert broken_promises() == {}


def test_random_edits_and_cancels_against_shipping_keep_money_and_stock_exact() -> None:
    shop = a_shop(locations=2)
    goods = [shop.variant(price, stock=[220, 220]) for price in (333, 1_080, 2_500)]
    dice = random.Random(20_260_511)
    orders = placed(*[a_draft(shop, *[(v, dice.randint(1, 4)) for v in dice.sample(goods, 2)]) for _ in range(40)])
    start = {stock.pk: stock.on_hand for stock in Stock.objects.all()}

    def at_random(seed: int) -> Any:
        own = random.Random(seed)
        order_id = own.choice(orders).order_id
        what = own.random()
        if what < 0.04:
            return cancel_orders([order_id], reason="x", actor=SYSTEM, at=AT)[0]
        if what < 0.16:
            ids = list(Shipment.objects.filter(order_id=order_id, status="planned").values_list("id", flat=True))
            return ship_shipments([Leaving(shipment_id=own.choice(ids))], actor=STAFF, at=AT)[0] if ids else None
        items = []
        for line in Line.objects.filter(order_id=order_id, until_revision=None).order_by("id"):
            if own.random() < 0.7:
                items.append(units(line.public_id, own.randint(0, 6)))
            if own.random() < 0.3:
                price = str(own.randint(0, 3_000))
                items.append(ChangeItem(kind=ChangeKind.PRICE, target=str(line.public_id), after=price, reason="値引き"))
        if own.random() < 0.3:
            items.append(ChangeItem(kind=ChangeKind.ADDED, target=own.choice(goods).sku, after=str(own.randint(1, 3))))
        return edit(order_id, *items, actor=clerk(seed % 3))

    before = deadlocks()
    answers = contend([partial(at_random, seed) for seed in range(240)], threads=8)

    assert [a for a in answers if isinstance(a, BaseException) and not isinstance(a, HouseError)] == []
    told = Counter(a.code if isinstance(a, Refusal | Refused | HouseError) else type(a).__name__ for a in answers)
    assert told["Changed"] > 40, told
    gone: Counter[int] = Counter()
    for allocation in Allocation.objects.filter(status="shipped"):
        gone[allocation.stock_id] += allocation.quantity
    for stock in Stock.objects.all():
        held = sum(Allocation.objects.filter(stock=stock, status="open").values_list("quantity", flat=True))
        assert (stock.on_hand, stock.allocated) == (start[stock.pk] - gone[stock.pk], held)
    assert deadlocks() - before == 0
    assert broken_promises() == {}
