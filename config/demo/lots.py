"""Lots that expire soon, channels that want goods to keep, and a lot that is being recalled: what the screens of lots are shown with."""

from datetime import datetime, timedelta
from typing import Final

from config.demo.finding import Cast
from config.demo.orders import TOKYO
from contact.operations import open_cases
from contact.rules import OpenCase, Priority
from core.actor import SYSTEM
from core.db import acting, rows
from core.errors import Refusal
from customers.rules import ContactChannel
from inventory.models import ShelfLife
from inventory.operations import receive_stock, set_lots_aside
from inventory.queries import item_keys
from inventory.rules import Receipt, StockState

SHORT: Final = (
    ("FOOD-SENBEI-12", "osaka", 6, -2),
    ("FOOD-SENBEI-12", "store", 8, 4),
    ("FOOD-SENBEI-12", "osaka", 24, 12),
    ("FOOD-SHOGA-240", "osaka", 18, 26),
    ("TEA-SENCHA-100", "osaka", 30, 47),
    ("CARE-LOTION-120", "osaka", 12, 83),
)
"""(item, where, how many, days left)"""
MINIMUMS: Final = {"b2b": 60, "market": 30}
_TOLD: Final = "SELECT 1 AS told FROM inventory_movement WHERE once_key = %s"
# The lot of food that went to most customers and of which something is still here.
_RECALLED: Final = """
SELECT lot.id, lot.number, i.name, array_agg(DISTINCT sl.id) AS shelves
FROM inventory_lot lot JOIN inventory_stockitem i ON i.id = lot.stock_item_id AND i.company_id = %s AND i.code LIKE 'FOOD-%%'
JOIN inventory_stocklot sl ON sl.lot_id = lot.id AND sl.sellable > sl.picked
JOIN inventory_pick p ON p.lot_id = lot.id JOIN inventory_allocation a ON a.id = p.allocation_id AND a.status = 'shipped'
GROUP BY lot.id, i.id ORDER BY count(DISTINCT a.id) DESC, lot.id LIMIT 1
"""


def tell_lots(cast: Cast, *, now: datetime) -> None:
    """Some goods expire soon, two channels want theirs to keep, one lot is recalled. Told twice, it changes nothing."""
    if rows(_TOLD, ("demo:lot:0",)):
        return
    company, keeper = cast.house.company_id, cast.staff.actor("warehouse")
    today = now.astimezone(TOKYO).date()
    items = item_keys([code for code, *_rest in SHORT], company_id=company)
    receipts = [
        Receipt(
            stock_item_id=items[code],
            location_id=getattr(cast.places, place),
            quantity=quantity,
            lot_number=f"S{today + timedelta(days=left):%y%m%d}-{code}",
            expires_on=today + timedelta(days=left),
            once_key=f"demo:lot:{nth}",
            cause="仕入",
        )
        for nth, (code, place, quantity, left) in enumerate(SHORT)
    ]
    for result in receive_stock(receipts, company_id=company, actor=keeper, at=now - timedelta(hours=3)):
        if isinstance(result, Refusal):
            raise RuntimeError(f"The demo's own lot was refused: {result.code} {result.text()}")
    with acting(SYSTEM, reason="demo"):
        for channel, days in MINIMUMS.items():
            ShelfLife.objects.get_or_create(channel_id=cast.house.channels[channel], defaults={"least_days": days})
    _recall(cast, now=now)


def _recall(cast: Cast, *, now: datetime) -> None:
    """A customer found something odd in a lot: what is left of it is in quarantine, and its recipients are to be told."""
    found = rows(_RECALLED, (cast.house.company_id,))
    if not found:
        return
    [lot] = found
    set_lots_aside(
        lot.shelves, to_state=StockState.QUARANTINE, once_key="demo:recall", reason="異物混入のご申告があり、回収の確認中",
        actor=cast.staff.actor("warehouse"), at=now - timedelta(hours=1),
    )  # fmt: skip
    case = OpenCase(
        company_id=cast.house.company_id,
        customer_id=cast.people[23].customer_id,
        reason="complaint",
        theme=f"ロット {lot.number} の異物混入のご申告",
        body=f"{lot.name}に異物が入っていた。ロット番号は {lot.number}。同じロットのお客様への連絡と、残りの隔離を確認中。",
        channel=ContactChannel.CALL,
        priority=Priority.HIGH,
        occurred_at=now - timedelta(hours=2),
        once_key="demo:recalled-lot",
    )
    open_cases([case], actor=cast.staff.actor("support"), at=now - timedelta(hours=1, minutes=50))
