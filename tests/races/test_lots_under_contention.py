"""Workers pick, receive, move, expire, ship and recall the same lots at once: sums per lot equal the shelf, none is ever negative."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from core.actor import SYSTEM
from core.db import acting, operation, rows
from core.errors import Refusal
from inventory.models import Movement, StockItem, StockLot
from inventory.operations import (
    PickAsk,
    allocate,
    expire_lots,
    pick_lots,
    receive_stock,
    release_allocations,
    set_lots_aside,
    ship_allocations,
    transfer_stock,
    turn_stock,
)
from inventory.queries import invariants, lots_named, stock_differences, supply_for
from inventory.rules import Demand, Receipt, ShipAsk, StockState, Transfer, Turn
from orders.queries import recipients_of_lot
from tests.factories.inventory import AT, a_channel, a_location, a_stocked_variant, a_trading_company, lots_of, the_item
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
HOW: dict[str, Any] = {"actor": SYSTEM, "at": AT}
EXPIRES = {"OLD": AT.date() - timedelta(1), "SOON": AT.date() + timedelta(9), "LATE": AT.date() + timedelta(90)}
NUMBERS = tuple(EXPIRES)
SUMS = """
SELECT s.id FROM inventory_stock s JOIN (
    SELECT stock_id, sum(on_hand) AS on_hand, sum(sellable) AS sellable, sum(expired) AS expired, sum(quarantine) AS quarantine,
        min(least(on_hand, sellable, picked, sellable - picked, expired, quarantine)) AS least
    FROM inventory_stocklot GROUP BY stock_id
) l ON l.stock_id = s.id
WHERE (s.on_hand, s.sellable, s.expired, s.quarantine) IS DISTINCT FROM (l.on_hand, l.sellable, l.expired, l.quarantine) OR l.least < 0
"""


@operation
def bought(variant: Any, channel: Any, quantity: int, *, actor: Any, at: Any) -> Any:
    """What an order does: read the supply, then allocate."""
    supply = supply_for([variant.pk], company_id=channel.company_id, channel_id=channel.pk, at=AT)
    demand = Demand(order_key=1, demand_id=uuid4(), variant_id=variant.pk, quantity=quantity)
    return allocate([demand], supply=supply, company_id=channel.company_id, channel_id=channel.pk, actor=actor, at=at)[1]


@dataclass(frozen=True)
class Scene:
    """Two shelves of one item with the same three lots, and what happens to them."""

    company: Any
    channel: Any
    variant: Any
    item: Any
    places: list[Any]
    shelf_lots: list[int]
    lot_ids: list[int]
    chance: random.Random


def a_scene() -> Scene:
    company = a_trading_company()
    channel, variant = a_channel(company), a_stocked_variant(company)
    with acting(SYSTEM):
        StockItem.objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    places = [a_location(company) for _ in range(2)]
    for place in places:
        lots_of(variant, place, **{number: (40, EXPIRES[number]) for number in NUMBERS})
    return Scene(
        company=company, channel=channel, variant=variant, item=the_item(variant), places=places,
        shelf_lots=list(StockLot.objects.order_by("pk").values_list("pk", flat=True)),
        lot_ids=[lot.lot_id for number in NUMBERS for lot in lots_named(number)], chance=random.Random(15),
    )  # fmt: skip


def buying(scene: Scene, quantity: int, fate: str) -> str:
    """An order is placed, its lots are picked, and it ships or is given back."""
    found = bought(scene.variant, scene.channel, quantity, **HOW)
    if isinstance(found, Refusal):
        return found.code
    ids = [one.allocation_id for one in found]
    picked = pick_lots([PickAsk(allocation_id=one) for one in ids], **HOW)
    if fate == "released" or any(isinstance(one, Refusal) for one in picked):
        release_allocations(allocation_ids=ids, **HOW)
        return "released"
    left = ship_allocations([ShipAsk(allocation_id=one, cause=f"s:{one}") for one in ids], **HOW)
    return "shipped" if not any(isinstance(one, Refusal) for one in left) else "stayed"


def handling(scene: Scene, key: int) -> Callable[[], Any]:
    """One thing that is done to a lot: received, moved, turned and turned back, expired, set aside, recalled."""
    here, there = scene.chance.sample(scene.places, 2)
    number, quantity, chosen = scene.chance.choice(NUMBERS), scene.chance.randint(1, 4), scene.chance.choice(scene.shelf_lots)
    shelf: dict[str, Any] = {
        "stock_item_id": scene.item.pk, "location_id": here.pk, "quantity": quantity, "lot_number": number, "once_key": f"k{key}",
    }  # fmt: skip
    away = Transfer(
        stock_item_id=scene.item.pk,
        from_location_id=here.pk,
        to_location_id=there.pk,
        quantity=quantity,
        lot_number=number,
        once_key=f"k{key}",
    )
    turned = {"from_state": StockState.AVAILABLE, "to_state": StockState.QUARANTINE}
    back = {"from_state": StockState.QUARANTINE, "to_state": StockState.AVAILABLE}
    ours = {"company_id": scene.company.pk, **HOW}
    return scene.chance.choice(
        [
            lambda: receive_stock([Receipt(**shelf, expires_on=EXPIRES[number], cause="po")], **ours),
            lambda: transfer_stock([away], **ours),
            lambda: turn_stock([Turn(**shelf, **turned)], reason="x", **ours),
            lambda: turn_stock([Turn(**shelf, **back)], reason="x", **ours),
            lambda: expire_lots(scene.shelf_lots, **HOW),
            lambda: set_lots_aside([chosen], to_state=StockState.QUARANTINE, once_key=f"aside{key}", reason="回収", **HOW),
            lambda: [len(recipients_of_lot(lot_id)) for lot_id in scene.lot_ids],
        ]
    )


def test_lots_that_everybody_handles_at_once_sum_to_their_shelf_and_are_never_negative() -> None:
    scene = a_scene()
    jobs: list[Callable[[], Any]] = [
        partial(buying, scene, scene.chance.randint(1, 3), scene.chance.choice(("shipped", "shipped", "released"))) for _ in range(120)
    ]
    jobs += [handling(scene, key) for key in range(120)]
    scene.chance.shuffle(jobs)
    before = deadlocks()

    answers = contend(jobs, threads=10)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert Counter(answer for answer in answers if isinstance(answer, str))["shipped"] > 20
    assert rows(SUMS, prepare=False) == []
    assert stock_differences() == []
    assert [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)] == []
    assert not Movement.objects.filter(kind="shipment", lot__number="OLD").exists()
    assert deadlocks() - before == 0
