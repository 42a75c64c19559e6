"""Eight counters hand in the same words about the same parcels at once: each word once, each parcel delivered once."""

from datetime import timedelta
from functools import partial

import pytest

from core.models import OutboxEvent
from orders.models import Shipment, TrackingCode, TrackingEvent
from orders.operations import Leaving, ship_shipments, take_tracking_events
from orders.rules import TrackingSaid
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def test_the_same_words_from_eight_sides_count_once() -> None:
    shop = a_shop(locations=1)
    tea = shop.variant(1_080, stock=[100])
    for _n in range(4):
        an_order(shop, (tea, 1))
    numbers = [f"{body}{body % 7}" for body in range(12345678901, 12345678905)]
    parcels = list(Shipment.objects.order_by("id").values_list("id", flat=True))
    ship_shipments(
        [Leaving(shipment_id=i, carrier="yamato", tracking_number=n) for i, n in zip(parcels, numbers, strict=True)], actor=STAFF, at=AT
    )
    words = [
        TrackingSaid(tracking_number=number, code=code, at=AT + timedelta(hours=hours))
        for number in numbers
        for hours, code in enumerate(("荷物受付", "Z9", "配達完了"), start=1)
    ]
    before = deadlocks()

    answers = contend(
        [
            partial(
                take_tracking_events, words if n % 2 else words[::-1], company_id=shop.company.pk, actor=STAFF, at=AT + timedelta(days=1)
            )
            for n in range(8)
        ],
        threads=8,
    )

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert sum(not one.repeated for answer in answers for one in answer) == 12
    assert (TrackingEvent.objects.count(), TrackingCode.objects.count(), deadlocks() - before) == (12, 1, 0)
    assert OutboxEvent.objects.filter(name="orders.ShipmentDelivered").count() == 4
    assert set(Shipment.objects.values_list("status", flat=True)) == {"delivered"}
