"""Two stocktakes of this morning: the store's is closed with its differences, of a lot two pieces lay in another; a zone of the
warehouse is being counted blind.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from config.demo.finding import Cast
from core.actor import SYSTEM, Actor
from core.db import acting, rows
from core.errors import Refusal
from inventory.models import LocationStaff
from inventory.operations import Moved, approve_stocktake, mark_shelves, open_stocktake, receive_stock, record_counts, submit_stocktake
from inventory.rules import UNNAMED, CountEntry, CountKind, Receipt, StocktakeAsk, StocktakeScope, Uncounted

_ZONES: Final = {"TEA": "A", "FOOD": "B", "BOX": "D"}
_SHELVES: Final = """
SELECT s.id, s.stock_item_id, s.has_lots, i.code, s.on_hand, s.sellable - s.allocated - s.reserved AS free, l.id AS location_id, l.code AS location
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id JOIN inventory_location l ON l.id = s.location_id
WHERE l.company_id = %s AND l.code IN ('shizuoka', 'jimbocho') ORDER BY l.code, i.code
"""
_LYING: Final = """
SELECT s.id AS stock_id, i.code, coalesce(lot.number, '') AS lot, coalesce(sl.on_hand, s.on_hand) AS on_hand,
    coalesce(sl.sellable - sl.picked, s.sellable - s.allocated - s.reserved) AS free, s.has_lots AS by_lot
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id
LEFT JOIN inventory_stocklot sl ON sl.stock_id = s.id AND sl.on_hand > 0 LEFT JOIN inventory_lot lot ON lot.id = sl.lot_id
WHERE s.id = ANY(%s::bigint[]) AND (sl.id IS NOT NULL OR NOT s.has_lots OR s.on_hand = 0)
ORDER BY i.code, lot.expires_on NULLS LAST, sl.id
"""


def take_stock(cast: Cast, *, now: datetime) -> None:
    """Shelves are marked, the store's staff are named, and two stocktakes stand; told twice, it changes nothing."""
    company = cast.house.company_id
    if rows("SELECT 1 AS told FROM inventory_stocktake WHERE company_id = %s LIMIT 1", (company,)):
        return
    shelves = rows(_SHELVES, (company,))
    warehouse = [shelf for shelf in shelves if shelf.location == "shizuoka"]
    store = [shelf for shelf in shelves if shelf.location == "jimbocho"]
    keeper, clerk, accounting = (cast.staff.actor(role) for role in ("warehouse", "store_staff", "accounting"))
    marks = {shelf.id: f"{_ZONES.get(shelf.code.split('-')[0], 'C')}-{n // 6 + 1:02}-{n % 6 + 1}" for n, shelf in enumerate(warehouse)}
    mark_shelves(marks, actor=keeper, at=now)
    with acting(SYSTEM, reason="demo"):
        LocationStaff.objects.get_or_create(location_id=store[0].location_id, account_id=cast.staff.accounts["store_staff"])
    wrong = {place: (-1, 2, -3, 1, -2)[place % 5] for place, shelf in enumerate(store) if place % 7 == 2 and shelf.free > 5}
    _sure(_fresher([shelf for place, shelf in enumerate(store) if place not in wrong], company_id=company, actor=keeper, now=now))
    closed = open_stocktake(
        StocktakeAsk(location_id=store[0].location_id, name="月次棚卸"), company_id=company, actor=clerk, at=now - timedelta(minutes=80)
    )
    assert not isinstance(closed, Refusal), closed
    counts = _as_seen([shelf.id for shelf in store], wrong={shelf.id: wrong[place] for place, shelf in enumerate(store) if place in wrong})
    _sure(record_counts(closed.stocktake_id, counts, actor=clerk, at=now - timedelta(minutes=50)))
    _sure([submit_stocktake(closed.stocktake_id, uncounted=Uncounted.REFUSE, actor=clerk, at=now - timedelta(minutes=45))])
    _sure([approve_stocktake(closed.stocktake_id, reason="月次棚卸の差異", actor=accounting, at=now - timedelta(minutes=30))])
    ask = StocktakeAsk(
        location_id=warehouse[0].location_id, name="お茶の棚（循環棚卸）", scope=StocktakeScope.ZONE, zone="A-", is_blind=True
    )
    counting = open_stocktake(ask, company_id=company, actor=keeper, at=now - timedelta(minutes=20))
    assert not isinstance(counting, Refusal), counting
    half = [shelf.id for shelf in warehouse if marks[shelf.id].startswith("A-")][::2]
    _sure(record_counts(counting.stocktake_id, _as_seen(half, wrong={}), actor=keeper, at=now - timedelta(minutes=5)))


def _fresher(store: list[Any], *, company_id: int, actor: Actor, now: datetime) -> list[Moved | Refusal]:
    """A second lot of one of the store's goods came yesterday."""
    shelf = next(shelf for shelf in store if shelf.has_lots and shelf.free > 5)
    came, keeps_until = now - timedelta(days=1), (now + timedelta(days=540)).date()
    receipt = Receipt(
        stock_item_id=shelf.stock_item_id, location_id=shelf.location_id, quantity=12, lot_number=f"{came:%y%m%d}-{shelf.code}"[:60],
        expires_on=keeps_until, once_key="demo:count:fresher", cause="仕入",
    )  # fmt: skip
    return receive_stock([receipt], company_id=company_id, actor=actor, at=came)


def _as_seen(shelves: list[int], *, wrong: dict[int, int]) -> list[CountEntry]:
    """What lies on these shelves, lot by lot, but for what is wrong; of the first shelf with two lots some were taken for each other."""
    lying = rows(_LYING, (shelves,))
    seen = [row.on_hand for row in lying]
    for place, (one, other) in enumerate(pairwise(lying)):
        if wrong and one.stock_id == other.stock_id and one.stock_id not in wrong and one.by_lot and min(one.free, other.free) > 2:
            seen[place], seen[place + 1] = one.on_hand - 2, other.on_hand + 2
            break
    for shelf, difference in wrong.items():
        at = next((at for at, row in enumerate(lying) if row.stock_id == shelf and row.free > 5), None)
        if at is not None:
            seen[at] += difference
    return [
        CountEntry(
            code=row.code,
            quantity=quantity,
            lot_number=row.lot or (UNNAMED if row.on_hand and row.by_lot else ""),
            once_key=f"demo:count:{row.stock_id}:{row.lot}",
            kind=CountKind.TYPED,
        )
        for row, quantity in zip(lying, seen, strict=True)
    ]


def _sure(results: object) -> None:
    for result in results if isinstance(results, list) else [results]:
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's own count was refused: {result.code} {result.text()}")
