"""Estimates at the machine counter: issued in bulk once per key, read, ordered once, withdrawn; each company its own."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import clock
from core.clock import travel
from core.ids import public
from orders.models import Estimate, Order
from tests.factories.orders import Shop, a_shop
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
URL = "/api/v1/estimates"


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def who(shop: Shop) -> dict[str, str]:
    return as_partner(a_token(a_partner(shop.company)))


def asked(shop: Shop, key: str = "a", **given: Any) -> dict[str, Any]:
    person = {"family_name": "山田", "given_name": "花子", "phone": "090-1234-5678"}
    place = {"family_name": "山田", "postal_code": "101-0051", "prefecture": "東京都", "city": "千代田区", "street": "神田神保町1-1"}
    usual = {
        "key": key, "valid_until_on": (clock.now() + timedelta(days=30)).date().isoformat(), "channel": shop.channel.code, "person": person,
        "lines": [{"sku": shop.variant(1_000).sku, "quantity": 2}], "destinations": [{"place": place}], "payment_method": "bank_transfer",
    }  # fmt: skip
    return {**usual, **given}


def post(client: Client, path: str, body: Any, who: dict[str, str]) -> Any:
    return client.post(f"{URL}{path}", body, content_type="application/json", headers=who)


def issue(client: Client, shop: Shop, who: dict[str, str]) -> dict[str, Any]:
    (made,) = post(client, "", {"estimates": [asked(shop)]}, who).json()["results"]
    assert "errors" not in made, made
    return made


def test_estimates_are_issued_with_a_result_each_and_once_per_key(client: Client, shop: Shop, who: dict[str, str]) -> None:
    good, bad = asked(shop, "a"), asked(shop, "b", lines=[{"sku": "NO-SUCH", "quantity": 1}])
    late = asked(shop, "c", valid_until_on="2020-01-01")

    first = post(client, "", {"estimates": [good, bad, late]}, who).json()["results"]
    again = post(client, "", {"estimates": [good]}, who).json()["results"]

    assert first[0]["total"] == 2_000
    assert first[1]["errors"][0]["pointer"].startswith("/lines/0")
    assert first[2]["errors"][0]["code"] == "estimate.valid_until"
    assert again == [{**first[0], "repeated": True}]
    assert Estimate.objects.count() == 1


def test_an_estimate_is_read_and_listed(client: Client, shop: Shop, who: dict[str, str]) -> None:
    made = issue(client, shop, who)

    one = client.get(f"{URL}/{made['id']}", headers=who).json()
    listed = client.get(f"{URL}?status=open", headers=who).json()["data"]
    ordered = client.get(f"{URL}?status=ordered", headers=who).json()["data"]

    assert (one["number"], one["total"], one["status"], one["order"]) == (made["number"], 2_000, "open", None)
    assert [line["quantity"] for line in one["lines"]] == [2]
    assert ([e["id"] for e in listed], ordered) == ([made["id"]], [])


def test_ordering_twice_places_one_order_at_the_promised_total(client: Client, shop: Shop, who: dict[str, str]) -> None:
    made = issue(client, shop, who)
    nobodys = public("est", uuid4())

    first = post(client, "/acceptance", {"estimates": [made["id"], nobodys]}, who).json()["results"]
    again = post(client, "/acceptance", {"estimates": [made["id"]]}, who).json()["results"]

    order = Order.objects.get()
    assert (first[0]["order_number"], first[0]["total"], again[0]["repeated"]) == (order.number, 2_000, True)
    assert first[1]["errors"][0]["code"] == "estimate.not_found"


def test_withdrawn_it_cannot_be_ordered_and_ordered_it_cannot_be_withdrawn(client: Client, shop: Shop, who: dict[str, str]) -> None:
    made = issue(client, shop, who)
    body = {"estimates": [made["id"]], "reason": "予算が付かず"}

    gone, again = (post(client, "/withdrawal", body, who).json()["results"][0] for _n in range(2))
    refused = post(client, "/acceptance", {"estimates": [made["id"]]}, who).json()["results"][0]
    (second,) = post(client, "", {"estimates": [asked(shop, "z")]}, who).json()["results"]
    post(client, "/acceptance", {"estimates": [second["id"]]}, who)
    too_late = post(client, "/withdrawal", {"estimates": [second["id"]], "reason": "x"}, who).json()["results"][0]

    assert (gone["number"], gone) == (made["number"], again)
    assert refused["errors"][0]["code"] == "estimate.declined"
    assert too_late["errors"][0]["code"] == "estimate.ordered"
    assert Estimate.objects.get(number=made["number"]).decline_reason == "予算が付かず"


def test_another_company_and_another_scope_see_and_do_nothing(client: Client, shop: Shop, who: dict[str, str]) -> None:
    made = issue(client, shop, who)
    stranger = as_partner(a_token(a_partner(a_shop().company)))
    reader = as_partner(a_token(a_partner(shop.company, scopes="orders:read"), scopes="orders:read"))
    nobody = as_partner(a_token(a_partner(shop.company, scopes="catalog:read"), scopes="catalog:read"))

    theirs = post(client, "/acceptance", {"estimates": [made["id"]]}, stranger).json()["results"][0]

    assert theirs["errors"][0]["code"] == "estimate.not_found"
    assert client.get(f"{URL}/{made['id']}", headers=stranger).status_code == 404
    assert post(client, "/acceptance", {"estimates": [made["id"]]}, reader).status_code == 403
    assert client.get(URL, headers=nobody).status_code == 403
    assert not Order.objects.exists()


def test_out_of_date_it_is_refused_in_words(client: Client, shop: Shop, who: dict[str, str]) -> None:
    made = issue(client, shop, who)

    with travel(clock.now() + timedelta(days=60)):
        late = as_partner(a_token(a_partner(shop.company), seconds=60 * 60 * 24 * 100))
        (refused,) = post(client, "/acceptance", {"estimates": [made["id"]]}, late).json()["results"]

    assert refused["errors"][0]["code"] == "estimate.out_of_date"


@pytest.mark.parametrize(
    "body", [{}, {"estimates": []}, {"estimates": ["est_1"]}, {"estimates": ["1"], "x": 1}, [], "x", {"estimates": [None]}]
)
def test_a_body_that_is_none_is_refused(client: Client, shop: Shop, who: dict[str, str], body: Any) -> None:
    answer = post(client, "/acceptance", body, who)

    assert answer.status_code == 400
