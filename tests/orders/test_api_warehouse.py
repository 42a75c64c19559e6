"""The machine counter for the warehouse: batches, papers, inspection and why an insert is in a parcel."""

import base64

import pytest
from django.test import Client

from billing.rules import PaymentMethod
from core.ids import public
from core.models import PersonalDataRead
from orders.models import InspectionScan, PickingBatch, Shipment
from orders.tasks import set_papers
from tests.factories.orders import a_shop, an_insert_rule, an_inspection_policy, an_order
from tests.orders.test_api import caller, post

pytestmark = pytest.mark.django_db
URL = "/api/v1"


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def parcel(shop):
    return Shipment.objects.get(order=an_order(shop, (shop.variant(sku="TEA", stock=[9]), 2), payment_method=PaymentMethod.POINTS))


def test_a_batch_with_papers_is_made_followed_and_fetched(client: Client, shop, parcel):
    headers, ref = caller(shop.company), public("shp", parcel.public_id)

    made = post(client, headers, {"shipments": [ref], "way": "by_parcel", "papers": ["delivery_notes"]}, url=f"{URL}/picking-batches")
    again = post(client, headers, {"shipments": [ref], "way": "by_parcel"}, url=f"{URL}/picking-batches", key="key-0002")

    assert (made.status_code, made.json()["batches"][0]["shipments"], made.json()["left_out"]) == (201, [ref], [])
    assert [one["code"] for one in again.json()["left_out"]] == ["order.in_a_batch"]
    asked = post(client, headers, {"shipments": [ref], "kind": "delivery_notes", "again": True}, url=f"{URL}/papers", key="key-0003")
    (file,) = asked.json()["files"]
    assert (asked.status_code, file["state"], file["parcels"]) == (202, "waiting", 1)
    set_papers()
    assert client.get(f"{URL}/papers/{file['id']}", headers=headers).json()["state"] == "done"
    content = client.get(f"{URL}/papers/{file['id']}/content", headers=headers).json()["content"]
    assert base64.b64decode(content).startswith(b"%PDF-")
    assert PersonalDataRead.objects.filter(screen="api /papers").count() == 1
    assert PickingBatch.objects.count() == 1


def test_a_location_is_batched_as_a_whole_or_parcels_not_both(client: Client, shop, parcel):
    headers = caller(shop.company)

    both = post(
        client, headers, {"location": "x", "shipments": [public("shp", parcel.public_id)], "way": "total"}, url=f"{URL}/picking-batches"
    )
    made = post(client, headers, {"location": shop.locations[0].code, "way": "total"}, url=f"{URL}/picking-batches", key="key-0002")

    assert (both.status_code, made.status_code, len(made.json()["batches"])) == (400, 201, 1)


def test_a_box_is_inspected_by_the_interface_and_leaves_only_then(client: Client, shop, parcel):
    headers, ref = caller(shop.company), public("shp", parcel.public_id)
    an_inspection_policy(shop)
    departure = f"{URL}/shipments/{ref}/departure"
    assert post(client, headers, {}, url=departure).json()["code"] == "order.not_inspected"

    begun = post(client, headers, {"code": parcel.number}, url=f"{URL}/inspections", key="key-0002")
    url = f"{URL}/inspections/{begun.json()['id']}"
    wrong = post(client, headers, {"code": "POT"}, url=f"{url}/scans", key="key-0003")
    post(client, headers, {"code": "TEA", "pieces": 2}, url=f"{url}/scans", key="key-0004")
    post(client, headers, {}, url=f"{url}/undo", key="key-0005")
    early = post(client, headers, {}, url=f"{url}/completion", key="key-0006")
    for _twice in range(2):
        post(client, headers, {"code": "TEA", "pieces": 2}, url=f"{url}/scans", key="key-0007")
    done = post(client, headers, {}, url=f"{url}/completion", key="key-0008")

    assert (begun.status_code, begun.json()["wanted"], wrong.json()["fault"]) == (201, 2, "order.unknown_code")
    assert (early.status_code, early.json()["code"]) == (422, "order.inspection_incomplete")
    assert (done.json()["status"], done.json()["seen"], InspectionScan.objects.count()) == ("finished", 2, 4)
    assert client.get(url, headers=headers).json()["status"] == "finished"
    assert post(client, headers, {}, url=departure, key="key-0009").status_code == 200


def test_nothing_of_another_company_is_begun_scanned_or_read(client: Client, shop, parcel):
    stranger = caller(a_shop().company)
    begun = post(client, caller(shop.company), {"code": parcel.number}, url=f"{URL}/inspections").json()

    assert post(client, stranger, {"code": parcel.number}, url=f"{URL}/inspections").status_code == 404
    assert client.get(f"{URL}/inspections/{begun['id']}", headers=stranger).status_code == 404
    assert post(client, stranger, {"code": "TEA"}, url=f"{URL}/inspections/{begun['id']}/scans", key="key-0002").status_code == 404
    assert client.get(f"{URL}/shipments/{public('shp', parcel.public_id)}/inserts", headers=stranger).status_code == 404
    assert InspectionScan.objects.count() == 0


def test_why_an_insert_is_in_a_parcel_is_told(client: Client, shop, parcel):
    rule = an_insert_rule(shop, name="お茶のしおり", skus=["TEA"])
    headers, ref = caller(shop.company), public("shp", parcel.public_id)
    post(client, headers, {"shipments": [ref], "way": "total"}, url=f"{URL}/picking-batches")

    (one,) = client.get(f"{URL}/shipments/{ref}/inserts", headers=headers).json()["data"]

    assert (one["item"], one["rule"], one["because"]) == (rule.stock_item.code, "お茶のしおり", [{"condition": "skus", "met_by": "TEA"}])


def test_two_long_keys_that_begin_alike_are_two_scans(client: Client, shop, parcel):
    headers = caller(shop.company)
    begun = post(client, headers, {"code": parcel.number}, url=f"{URL}/inspections", key="key-0001").json()

    for last in "ab":
        post(client, headers, {"code": "TEA"}, url=f"{URL}/inspections/{begun['id']}/scans", key="k" * 80 + last)

    assert client.get(f"{URL}/inspections/{begun['id']}", headers=headers).json()["seen"] == 2
