"""The same parcels are labelled, and the same numbers handed in, at eight counters at once: one label, one number each."""

from collections import Counter
from functools import partial

import pytest

from core.db import acting
from core.errors import Refusal
from inventory.models import ExchangeFile
from inventory.operations import take_file
from inventory.rules import FilePlace
from orders.models import Shipment, ShipmentLabel, TrackingNumber
from orders.operations import Leaving, ship_shipments, write_labels
from tests.factories.orders import AT, STAFF, a_contract, a_shop, an_order
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
HOW = {"actor": STAFF, "at": AT}


def some_parcels(count):
    shop = a_shop(locations=1)
    a_contract(shop)
    tea = shop.variant(1_080, stock=[100])
    for _n in range(count):
        an_order(shop, (tea, 1))
    return shop, list(Shipment.objects.order_by("id"))


def a_result(parcels, *, start):
    bodies = range(start, start + len(parcels))
    lines = ["お客様管理番号,伝票番号", *(f"{parcel.number},{body}{body % 7}" for parcel, body in zip(parcels, bodies, strict=True)), ""]
    return "\r\n".join(lines).encode("cp932")


def test_each_parcel_is_on_one_label_file() -> None:
    _shop, parcels = some_parcels(6)
    ids = [parcel.pk for parcel in parcels]
    before = deadlocks()

    answers = contend([partial(write_labels, ids if n % 2 else ids[::-1], carrier="yamato", **HOW) for n in range(8)], threads=8)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert sum(file.parcels for answer in answers for file in answer.files) == 6
    assert (ShipmentLabel.objects.count(), ExchangeFile.objects.count(), deadlocks() - before) == (6, 1, 0)


def test_the_same_result_counts_once() -> None:
    shop, parcels = some_parcels(6)
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    content = a_result(parcels, start=12345678901)

    answers = contend([partial(take_file, "label_result_yamato", content, name="b2.csv", place=place, **HOW)] * 8, threads=8)

    told = Counter(answer.code if isinstance(answer, Refusal) else answer.done for answer in answers)
    assert told == {6: 1, "inventory.file_known": 7}
    assert TrackingNumber.objects.count() == 6


def test_one_number_is_given_to_one_parcel_though_two_locations_hand_it_in_while_it_leaves() -> None:
    shop, (one,) = some_parcels(1)
    other_shop = a_shop(locations=1)
    tea = shop.variant(500, stock=[100])
    an_order(shop, (tea, 1))
    two = Shipment.objects.exclude(pk=one.pk).get()
    with acting(STAFF):
        Shipment.objects.filter(pk=two.pk).update(location=other_shop.locations[0])
        type(other_shop.locations[0]).objects.filter(pk=other_shop.locations[0].pk).update(company=shop.company)
    here, there = (FilePlace(company_id=shop.company.pk, location_id=place.pk) for place in (shop.locations[0], other_shop.locations[0]))
    jobs = [
        partial(take_file, "label_result_yamato", a_result([one], start=12345678901), name="a.csv", place=here, **HOW),
        partial(take_file, "label_result_yamato", a_result([two], start=12345678901), name="b.csv", place=there, **HOW),
        partial(ship_shipments, [Leaving(shipment_id=one.pk)], **HOW),
    ]

    answers = contend(jobs, threads=3)

    assert [answer for answer in answers if isinstance(answer, BaseException)] == []
    assert (answers[0].done + answers[1].done, TrackingNumber.objects.count()) == (1, 1)
    owner = TrackingNumber.objects.get().shipment_id
    assert Shipment.objects.get(pk=owner).tracking_number == "123456789013"
