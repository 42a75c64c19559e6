"""Documents of outside counters at the machine counter."""

import base64
from typing import Any

import pytest
from django.test import Client

from orders.models import Order
from tests.factories.intake import an_outside_shop, house_document, house_order
from tests.factories.orders import a_shop
from tests.orders.test_api import caller, post

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/intake-documents"


def handed_in(client: Client, headers: dict[str, str], raw: bytes, shop: str) -> Any:
    content = base64.b64encode(raw).decode()
    return post(client, headers, {"shop": shop, "name": "orders.json", "content": content}, url=URL)


def test_a_document_is_taken_in_with_a_result_per_order(client: Client):
    shop = a_shop()
    outside, headers, sku = an_outside_shop(shop), caller(shop.company, "orders:intake"), shop.variant().sku
    raw = house_document(house_order(sku=sku), house_order("C-2", sku="?"), house_order("C-3", sku=sku, quantity="1e308", total=1_000))

    answer = handed_in(client, headers, raw, outside.code).json()
    again = handed_in(client, headers, raw, outside.code).json()

    order = Order.objects.get()
    assert (answer["state"], answer["repeated"], again["repeated"]) == ("partly", False, True)
    assert [(one["row"], one["outside_number"], one["fate"], one["state"], one["code"]) for one in answer["results"]] == [
        (1, "C-1", "new", "placed", ""), (2, "C-2", "new", "person", "intake.unknown_article"), (3, "C-3", "unreadable", "", "intake.number"),
    ]  # fmt: skip
    assert answer["results"][0]["order"] == f"ord_{order.public_id.hex}"
    assert answer["results"][2]["message"] == "lines 1/quantity is “1e308”, which is no whole number. Write it like 1200."


def test_a_shop_of_another_company_does_not_exist(client: Client):
    outside = an_outside_shop(a_shop())

    answer = handed_in(client, caller(a_shop().company, "orders:intake"), b"{}", outside.code)

    assert (answer.status_code, answer.json()["code"]) == (404, "intake.no_such_shop")


def test_another_scope_is_not_enough(client: Client):
    shop = a_shop()

    assert handed_in(client, caller(shop.company, "orders:write"), b"{}", an_outside_shop(shop).code).status_code == 403
