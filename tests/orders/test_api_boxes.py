"""Boxes at the machine counter: what could travel together, what does, and what leaves by itself."""

import pytest
from django.test import Client

from billing.rules import PaymentMethod
from core.ids import public
from orders.models import Shipment
from tests.factories.orders import a_fee, a_known_customer, a_shop, an_order
from tests.orders.test_api import caller, post

pytestmark = pytest.mark.django_db
URL = "/api/v1/shipments"


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def parcels(shop):
    buyer = a_known_customer(shop)
    a_fee(shop, 600)
    for _ in range(2):
        an_order(shop, (shop.variant(1_080, stock=[9]), 3), customer_id=buyer.pk, payment_method=PaymentMethod.DEFERRED)
    return list(Shipment.objects.order_by("pk"))


def ids(*parcels) -> list[str]:
    return [public("shp", p.public_id) for p in parcels]


def test_a_proposal_is_combined_shown_and_parted(client: Client, shop, parcels):
    headers = caller(shop.company)
    (proposal,) = client.get(f"{URL}/combinations", headers=headers).json()["data"]
    assert ([one["id"] for one in proposal["shipments"]], proposal["spare_postage"]) == (ids(*parcels), 600)

    made = post(client, headers, {"shipments": ids(*parcels)}, url=f"{URL}/combinations")
    again = post(client, headers, {"shipments": ids(*parcels)}, url=f"{URL}/combinations", key="key-0002")

    assert (made.status_code, made.json()["repeated"], again.json()["repeated"]) == (200, False, True)
    assert {one["box"] for one in client.get(URL, headers=headers).json()["data"]} == {made.json()["box"]}
    assert client.get(f"{URL}/combinations", headers=headers).json()["data"] == []
    parted = post(client, headers, {}, url=f"{URL}/{ids(parcels[0])[0]}/parting", key="key-0003")
    assert (parted.status_code, parted.json()["repeated"]) == (200, False)
    assert {one["box"] for one in client.get(URL, headers=headers).json()["data"]} == {None}


def test_a_part_leaves_by_itself_once_per_key(client: Client, shop, parcels):
    headers = caller(shop.company)
    line = public("orl", parcels[0].order.lines.get().public_id)
    url, body = f"{URL}/{ids(parcels[0])[0]}/split", {"lines": [{"line": line, "quantity": 1}]}

    made, again = post(client, headers, body, url=url), post(client, headers, body, url=url)

    assert (made.status_code, made.json()["made"], again.content) == (200, [f"{parcels[0].order.number}-2"], made.content)
    assert Shipment.objects.filter(order=parcels[0].order).count() == 2
    zones = post(client, headers, {}, url=url, key="key-0004")
    assert (zones.status_code, zones.json()["repeated"]) == (200, True)


def test_refusals_say_why_and_nothing_of_others_is_touched(client: Client, shop, parcels):
    headers, reads = caller(shop.company), caller(shop.company, "shipments:read")
    stranger = an_order()
    foreign = Shipment.objects.get(order=stranger)
    url = f"{URL}/combinations"

    alone = post(client, headers, {"shipments": ids(parcels[0])}, url=url)
    others = post(client, headers, {"shipments": ids(parcels[0], foreign)}, url=url, key="key-0002")
    unseen = post(client, headers, {}, url=f"{URL}/{ids(foreign)[0]}/split", key="key-0003")
    unscoped = post(client, reads, {"shipments": ids(*parcels)}, url=url, key="key-0004")
    line = public("orl", parcels[0].order.lines.get().public_id)
    many = post(client, headers, {"lines": [{"line": line, "quantity": 9}]}, url=f"{URL}/{ids(parcels[0])[0]}/split", key="key-0005")

    assert [r.status_code for r in (alone, others, unseen, unscoped, many)] == [422, 422, 404, 403, 422]
    assert (alone.json()["code"], many.json()["code"]) == ("order.nothing_to_combine", "order.line_not_in_parcel")
    assert Shipment.objects.filter(box__isnull=False).count() == 0
