"""Parcels leave in the afternoon, arrive the next day or the one after, and a few come back."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from billing.operations import receive_payments
from billing.rules import PaymentAsk, PaymentMethod
from config.simulation.scene import Scene
from core.db import rows
from core.errors import Refusal
from orders.operations import Leaving, mark_delivered, return_undelivered, ship_shipments
from orders.rules import Placed

CARRIERS: Final = ("yamato", "yamato", "yamato", "sagawa", "japanpost")
FAR: Final = ("北海道", "沖縄県", "鹿児島県", "福岡県")
LOST_AT_THE_DOOR, LOST_ELSEWHERE = 0.022, 0.006
"""How many parcels nobody takes: of those to be paid at the door, and of the others."""
BACK_AFTER: Final = timedelta(days=9)

_READY = """
SELECT s.id, o.id AS order_id, s.location_id, d.wished_on FROM orders_order o
JOIN orders_shipment s ON s.order_id = o.id AND s.status = 'planned' JOIN orders_destination d ON d.id = s.destination_id
WHERE o.company_id = %(company)s AND o.status = 'confirmed' AND o.fulfilment_status IN ('planned', 'partly_shipped') AND o.open_holds = 0
    AND o.placed_at < %(until)s AND o.taken_at_id IS NULL
    AND (o.payment_method <> 'bank_transfer' OR o.payment_status = 'paid')
    AND (d.wished_on IS NULL OR d.wished_on <= %(day)s::date + 2)
ORDER BY s.id
"""
_ON_THE_WAY = """
SELECT s.id, s.order_id, s.shipped_on, o.payment_method, d.prefecture FROM orders_order o
JOIN orders_shipment s ON s.order_id = o.id AND s.status = 'shipped' JOIN orders_destination d ON d.id = s.destination_id
WHERE o.company_id = %(company)s AND o.fulfilment_status IN ('shipped', 'partly_shipped') AND s.shipped_on < %(day)s::date ORDER BY s.id
"""
_OF_ORDERS = "SELECT id, order_id FROM orders_shipment WHERE order_id = ANY (%s::bigint[]) AND status = 'planned' ORDER BY id"


def send_off(scene: Scene, day: date, at: datetime) -> int:
    """What was ordered by one o'clock and may leave, leaves; warehouses rest on Sundays."""
    if day.weekday() == 6:
        return 0
    ready = rows(_READY, {"company": scene.company.id, "until": scene.moment(day, 13), "day": day}, prepare=False)
    by_place: dict[int, list[Any]] = defaultdict(list)
    for row in ready:
        by_place[row.location_id].append(row)
    for parcels in by_place.values():
        ship_shipments([_leaving(scene, row.id) for row in parcels], actor=scene.person("warehouse"), at=at)
    return len(ready)


def _leaving(scene: Scene, shipment_id: int) -> Leaving:
    number = scene.chance.between(10**11, 10**12 - 1, "tracking", shipment_id)
    return Leaving(shipment_id=shipment_id, carrier=scene.chance.pick(CARRIERS, "carrier", shipment_id), tracking_number=str(number))


def hand_over(scene: Scene, placed: Sequence[Placed], at: datetime) -> None:
    """Goods bought in the store go over the counter and are paid there."""
    staff = scene.person("store_staff")
    found = rows(_OF_ORDERS, ([order.order_id for order in placed],))
    leaving = [Leaving(shipment_id=row.id, carrier="other") for row in found]
    if leaving:
        ship_shipments(leaving, actor=staff, at=at)
        mark_delivered([one.shipment_id for one in leaving], actor=staff, at=at)
    receive_payments(
        [
            PaymentAsk(
                company_id=scene.company.id,
                method=PaymentMethod.CASH_AT_STORE,
                currency=order.currency,
                amount=order.total,
                received_on=at.astimezone(scene.zone).date(),
                once_key=f"simulated:{order.public_id}:till",
                reference="レジ",
                order_ref=order.public_id,
            )
            for order in placed
        ],
        actor=staff,
        at=at,
    )


def comes_back(scene: Scene, order_id: int, payment_method: str) -> bool:
    """Whether nobody will take this parcel."""
    likely = LOST_AT_THE_DOOR if payment_method == PaymentMethod.CASH_ON_DELIVERY else LOST_ELSEWHERE
    return scene.chance.happens(likely, "comes back", order_id)


def arrive(scene: Scene, day: date, at: datetime) -> int:
    """Parcels reach their doors; those on the way in vain for long enough are back in the warehouse. Answers with how many moved."""
    arriving, back = [], []
    for row in rows(_ON_THE_WAY, {"company": scene.company.id, "day": day}, prepare=False):
        if comes_back(scene, row.order_id, row.payment_method):
            if row.shipped_on + BACK_AFTER <= day:
                back.append(row.id)
        elif row.shipped_on + timedelta(days=2 if row.prefecture in FAR else 1) <= day:
            arriving.append(row.id)
    for result in mark_delivered(arriving, actor=scene.person("warehouse"), at=at) if arriving else ():
        if isinstance(result, Refusal):
            raise RuntimeError(f"A parcel on its way could not arrive: {result.code}")
    if back:
        return_undelivered(back, reason="受取人不在・保管期限切れ", actor=scene.person("warehouse"), at=at)
    return len(arriving) + len(back)
