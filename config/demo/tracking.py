"""The demo's parcels under way: what Yamato says of them, one of them nobody was in for, one with a word nobody knows."""

from datetime import datetime, timedelta
from typing import Final

from config.demo.finding import Cast
from core.actor import SYSTEM
from core.db import rows
from core.errors import Refusal
from orders.operations import find_delays, take_tracking_events
from orders.rules import TrackingSaid

_PARCELS: Final = """
SELECT id, tracking_number, shipped_at, delivered_at FROM orders_shipment
WHERE company_id = %s AND carrier = 'yamato' AND tracking_number <> '' AND status IN ('shipped', 'delivered') ORDER BY id DESC LIMIT 24
"""
_WAY: Final = ((1, "荷物受付", "京都伏見営業所"), (9, "発送済み", "京都ベース店"), (20, "作業店通過", "羽田クロノゲートベース店"))
_ENDS: Final = (
    ((22, "配達中", "千代田神保町営業所"),),
    ((22, "配達中", "千代田神保町営業所"), (24, "ご不在", "千代田神保町営業所")),
    ((21, "配達準備中", "千代田神保町営業所"), (23, "連携コード82", "千代田神保町営業所")),
    (),
)


def number_for(shipment_id: int) -> str:
    """A number of Yamato's shape for a parcel of the demo: the last digit fits the others."""
    body = 39_000_000_000 + shipment_id
    return f"{body}{body % 7}"


def tell_tracking(cast: Cast, *, now: datetime) -> None:
    """The latest parcels have told their way, as far as it is over. Told twice, it changes nothing."""
    company_id = cast.house.company_id
    words = []
    for place, parcel in enumerate(rows(_PARCELS, (company_id,))):
        told = _WAY if parcel.delivered_at else (*_WAY, *_ENDS[place % len(_ENDS)])
        steps = [(parcel.shipped_at + timedelta(hours=hours), code, where) for hours, code, where in told]
        if parcel.delivered_at:
            steps = [step for step in steps if step[0] < parcel.delivered_at] + [(parcel.delivered_at, "配達完了", "千代田神保町営業所")]
        words += [
            TrackingSaid(tracking_number=parcel.tracking_number, code=code, at=at, carrier="yamato", place=where)
            for at, code, where in steps
            if at < now
        ]
    for answer in take_tracking_events(words, company_id=company_id, actor=SYSTEM, at=now):
        if isinstance(answer, Refusal):
            raise RuntimeError(f"The demo's carrier was not understood: {answer.code} {answer.text()}")
    find_delays(company_id=company_id, actor=SYSTEM, at=now)
