"""Returns at the machine counter: every step once per key, and nothing of another company."""

from typing import Any

import pytest
from django.test import Client

from core.ids import public
from orders.models import Order, ReturnCase
from tests.factories.orders import Shop, a_shop
from tests.factories.partners import a_partner, a_token, as_partner
from tests.factories.returns import a_delivered_order, a_policy, a_reason, broken_promises, line_refs

pytestmark = pytest.mark.django_db
ALL = "returns:read returns:write"


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


def caller(shop: Shop, scope: str = ALL) -> dict[str, str]:
    return as_partner(a_token(a_partner(shop.company, scopes=scope), scopes=scope))


def post(client: Client, url: str, body: Any, who: dict[str, str], key: str) -> Any:
    return client.post(f"/api/v1/{url}", body, content_type="application/json", headers={**who, "idempotency-key": key})


def said(order: Order, **line: Any) -> dict[str, Any]:
    (ref, *_rest) = line_refs(order)
    return {"order": public("ord", order.public_id), "kind": "return", "lines": [{"line": public("orl", ref), "quantity": 1, **line}]}


def delivered(shop: Shop) -> Order:
    a_policy(shop, days=3_650)
    return a_delivered_order(shop, (shop.variant(1_000, stock=[5]), 2))


def test_a_partner_takes_a_return_from_asking_to_settling(client: Client, shop: Shop) -> None:
    order, who = delivered(shop), caller(shop)
    a_reason(shop)

    asked = post(client, "returns", said(order, reason="not_liked"), who, "k1")
    again = post(client, "returns", said(order, reason="not_liked"), who, "k1")
    case = asked.json()["id"]
    steps = [
        post(client, f"returns/{case}/approval", {}, who, "k2"),
        post(client, f"returns/{case}/arrival", {"lines": [{"position": 1, "received": 1}]}, who, "k3"),
        post(client, f"returns/{case}/inspection", {"lines": [{"position": 1, "restocked": 1}]}, who, "k4"),
        post(client, f"returns/{case}/settlement", {}, who, "k5"),
    ]

    assert (asked.status_code, again.json()["id"], ReturnCase.objects.count()) == (201, case, 1)
    assert [(one.status_code, one.json()["status"]) for one in steps] == [
        (200, "approved"), (200, "received"), (200, "inspected"), (200, "settled"),
    ]  # fmt: skip
    assert steps[-1].json()["credited_total"] == 1_000
    listed = client.get("/api/v1/returns?status=settled", headers=who).json()["data"]
    assert [one["number"] for one in listed] == [ReturnCase.objects.get().number]
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("_case", "change", "pointer"),
    [
        ("nought", {"quantity": 0}, "/lines/0/quantity"),
        ("minus", {"quantity": -1}, "/lines/0/quantity"),
        ("half", {"quantity": 0.5}, "/lines/0/quantity"),
        ("a word", {"quantity": "1"}, "/lines/0/quantity"),
        ("more than sent", {"quantity": 3}, "/lines/0/quantity"),
        ("unknown reason", {"reason": "nonsense"}, "/lines/0/reason"),
        ("NUL in the remark", {"remark": "a\x00b"}, "/lines/0/remark"),
        ("a foreign line", {"line": "orl_" + "0" * 32}, "/lines/0/line"),
        ("a part refund of a return", {"part_refund": 100}, "/lines/0/part_refund"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(client: Client, shop: Shop, _case: str, change: dict[str, Any], pointer: str) -> None:
    order, who = delivered(shop), caller(shop)

    answer = post(client, "returns", said(order, **change), who, "k1")

    body = answer.content.decode()
    assert answer.status_code in (400, 422), body
    assert pointer in {one["pointer"] for one in answer.json()["errors"]}, body
    assert ReturnCase.objects.count() == 0
    assert "Traceback" not in body


def test_another_companys_cases_are_not_there(client: Client, shop: Shop) -> None:
    order, who = delivered(shop), caller(shop)
    case = post(client, "returns", said(order), who, "k1").json()["id"]
    stranger = caller(a_shop(locations=1))

    seen = client.get(f"/api/v1/returns/{case}", headers=stranger)
    touched = post(client, f"returns/{case}/approval", {}, stranger, "k1")

    assert (seen.status_code, touched.status_code) == (404, 404)
    assert client.get("/api/v1/returns", headers=stranger).json()["data"] == []


def test_reading_is_not_writing(client: Client, shop: Shop) -> None:
    order, who = delivered(shop), caller(shop, "returns:read")

    assert post(client, "returns", said(order), who, "k1").status_code == 403
