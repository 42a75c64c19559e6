"""A thousand parcels as label data for a carrier, and their numbers back: seconds and statements."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.bench_placing import a_draft
from benchmarks.figures import Figure
from benchmarks.shop import AT, BenchShop, bench_shop

PARCELS = 1_000
_PLACE = {
    "family_name": "髙橋", "given_name": "花子", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区",
    "street": "神田神保町1-2-3", "building": "大福ビルディング〜別館〜12階1203号室", "phone": "03-1234-5678",
}  # fmt: skip


def figures() -> Iterator[Figure]:
    """The file, then the numbers of its printed labels."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    shop = bench_shop()
    location, parcels = parcels_of_a_location(shop)
    _contract(shop)
    began = time.monotonic()
    with CaptureQueriesContext(connection) as spent:
        made = _labels([row.id for row in parcels])
    yield Figure(f"labels: {PARCELS:,d} parcels, one file", time.monotonic() - began, "s", target=3, at_most=True)
    yield Figure("labels: statements", len(spent), "", target=14, at_most=True)
    assert (made.files[0].parcels, made.left_out) == (PARCELS, ()), made.left_out[:1]
    content = _numbers([row.number for row in parcels])
    began = time.monotonic()
    with CaptureQueriesContext(connection) as spent:
        taken = _taken(content, shop, location)
    yield Figure(f"labels: {PARCELS:,d} numbers back", time.monotonic() - began, "s", target=3, at_most=True)
    yield Figure("labels: statements of numbers back", len(spent), "", target=22, at_most=True)
    assert taken.done == PARCELS, taken


def _doing() -> dict[str, Any]:
    from core.actor import SYSTEM

    return {"actor": SYSTEM, "at": AT}


def parcels_of_a_location(shop: BenchShop) -> tuple[int, list[Any]]:
    """The location that has most of them, and a thousand parcels there that may leave."""
    from core.db import rows
    from customers.rules import PlaceOfDelivery
    from orders.operations import place_orders
    from orders.rules import DraftDestination

    chance = random.Random(1)
    to = (DraftDestination(place=PlaceOfDelivery(**_PLACE)),)
    for _batch in range(2 * PARCELS // 500):
        place_orders([replace(a_draft(shop, chance), destinations=to) for _n in range(500)], **_doing())
    found = rows(
        "SELECT s.id, s.number, s.location_id FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        " JOIN orders_destination d ON d.id = s.destination_id WHERE s.status = 'planned' AND d.name LIKE %s"
        " AND (o.payment_method <> 'bank_transfer' OR o.payment_status = 'paid')"
        " AND s.location_id = (SELECT location_id FROM orders_shipment GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
        " ORDER BY s.id DESC LIMIT %s",
        ("髙橋%", PARCELS),
    )
    assert len(found) == PARCELS, len(found)
    return found[0].location_id, found


def _contract(shop: BenchShop) -> None:
    from core.actor import SYSTEM
    from core.db import acting
    from orders.models import CarrierContract

    with acting(SYSTEM):
        CarrierContract.objects.get_or_create(
            company_id=shop.company_id, carrier="yamato", location=None, ended_at=None,
            defaults={
                "layout": "yamato_b2_95", "customer_code": "000000000540", "freight_code": "01", "sender_name": "ベンチ商店",
                "sender_phone": "03-0000-0000", "sender_postal_code": "100-0001", "sender_address": "東京都千代田区千代田1-1", "goods": "食品",
            },
        )  # fmt: skip


def _labels(ids: list[int]) -> Any:
    from orders.operations import write_labels

    return write_labels(ids, carrier="yamato", again=True, **_doing())


def _numbers(parcels: list[str]) -> bytes:
    bodies = enumerate(parcels, start=random.Random().randrange(10**10, 9 * 10**10))
    rows = [f"{parcel},{body:011d}{body % 7}" for body, parcel in bodies]
    return "\r\n".join(["お客様管理番号,伝票番号", *rows, ""]).encode("cp932")


def _taken(content: bytes, shop: BenchShop, location: int) -> Any:
    from inventory.operations import take_file
    from inventory.rules import FilePlace

    place = FilePlace(company_id=shop.company_id, location_id=location)
    return take_file("label_result_yamato", content, name="b2.csv", place=place, **_doing())
