"""Pickers report the same parcels short twice at once, while others ship and cancel them and shoppers buy what is left."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.actor import SYSTEM
from core.errors import Refusal
from inventory.models import Movement, Stock
from orders.models import Line, Shipment
from orders.operations import Leaving, Resourced, ShortPick, cancel_orders, place_orders, report_short_picks, ship_shipments
from tests.factories.inventory import the_item
from tests.factories.orders import AT, STAFF, a_draft, a_shop, placed
from tests.races.contention import contend, deadlocks
from tests.races.test_one_cart_makes_one_order import broken_promises

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

ORDERS = 12


def test_a_parcel_is_short_once_whoever_else_ships_cancels_or_buys() -> None:
    shop = a_shop()
    tea = shop.variant(1_100, stock=[60, 60])
    code = the_item(tea).code
    orders = placed(*[a_draft(shop, (tea, 3)) for _ in range(ORDERS)])
    parcels = dict(Shipment.objects.values_list("order_id", "id"))

    def short(order_id: int) -> Any:
        picks = [ShortPick(shipment_id=parcels[order_id], found=((code, 1),))]
        return report_short_picks(picks, reason="棚にない", actor=STAFF, at=AT)[0]

    def ship(order_id: int) -> Any:
        return ship_shipments([Leaving(shipment_id=parcels[order_id])], actor=STAFF, at=AT)[0]

    def cancel(order_id: int) -> Any:
        return cancel_orders([order_id], reason="気が変わった", actor=SYSTEM, at=AT)[0]

    def buy(_order_id: int) -> Any:
        return place_orders([a_draft(shop, (tea, 2))], actor=SYSTEM, at=AT)[0]

    jobs: list[Callable[[], Any]] = []
    for n, order in enumerate(orders):
        rivals = [short, (ship, cancel)[n % 2], buy, short]
        jobs += [partial(deed, order.order_id) for deed in (rivals if n % 3 else rivals[::-1])]
    before = deadlocks()

    answers = contend(jobs, threads=8)

    assert [a for a in answers if isinstance(a, BaseException)] == []
    moved = [a for a in answers if isinstance(a, Resourced) and not a.repeated]
    assert {(a.elsewhere, a.missing) for a in moved} <= {(2, 0)}
    assert len({a.shipment_id for a in moved}) == len(moved)
    assert {a.code for a in answers if isinstance(a, Refusal)} <= {"order.already_shipped", "order.cancelled"}
    quarantined = sum(Stock.objects.values_list("quarantine", flat=True))
    assert (
        quarantined
        == 2 * len(moved)
        == -sum(Movement.objects.filter(cause__startswith="allocation:").values_list("sellable_quantity", flat=True))
    )
    assert not Line.objects.filter(shipped_quantity__gt=3).exists()
    assert broken_promises() == {}
    assert deadlocks() - before == 0
