"""Holds at the machine counter."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from core.ids import public
from orders.models import Hold, Order
from orders.operations import cancel_orders
from tests.factories import customers as make
from tests.factories.orders import AT, STAFF, a_hold_rule, a_shop, an_order
from tests.orders.test_api import caller, post

pytestmark = pytest.mark.django_db
ALL = "orders:read holds:write"


def holds_of(order: Order) -> str:
    return f"/api/v1/orders/{public('ord', order.public_id)}/holds"


def release_of(hold: Hold) -> str:
    return f"/api/v1/holds/{public('hld', hold.public_id)}/release"


def test_an_order_is_held_told_and_released(client: Client):
    shop = a_shop()
    a_hold_rule(shop, name="備考欄の確認", kind="remark", has_remark=True)
    order, headers = an_order(shop, remark="急ぎ"), caller(shop.company, ALL)

    held = post(client, headers, {"reason": "在庫を数え直す"}, url=holds_of(order))
    again = post(client, headers, {"reason": "在庫を数え直す"}, url=holds_of(order))
    told = client.get(holds_of(order), headers=headers)

    assert (held.status_code, held.content, told.json()) == (200, again.content, held.json())
    rule, hand = told.json()["data"]
    assert [(hold["kind"], hold["reason"], hold["role"], hold["released_at"]) for hold in (rule, hand)] == [
        ("remark", "備考欄の確認", "", None), ("manual", "在庫を数え直す", "", None),
    ]  # fmt: skip
    for number, hold in enumerate(order.holds.order_by("pk")):
        assert post(client, headers, {"reason": "確認"}, url=release_of(hold), key=f"key-1{number:03d}").status_code == 200
    repeated = post(client, headers, {"reason": "確認"}, url=release_of(order.holds.first()), key="key-2000")
    order.refresh_from_db()
    assert (repeated.status_code, order.open_holds) == (200, 0)


def test_a_hold_of_a_role_is_not_a_partners_to_release(client: Client):
    shop = a_shop()
    a_hold_rule(shop, total_from=1, role=Group.objects.create(name="経理担当"))
    order = an_order(shop)

    response = post(client, caller(shop.company, ALL), {"reason": "確認"}, url=release_of(order.holds.get()))

    assert (response.status_code, response.json()["code"]) == (422, "order.hold_of_another_role")
    assert "経理担当" in response.json()["detail"]
    assert Hold.objects.get().released_at is None


def test_a_cancelled_order_is_not_held(client: Client):
    shop = a_shop()
    order = an_order(shop)
    cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=AT)

    response = post(client, caller(shop.company, ALL), {"reason": "確認"}, url=holds_of(order))

    assert (response.status_code, response.json()["code"]) == (422, "order.not_open")
    assert not Hold.objects.exists()


def test_orders_of_another_company_are_not_there(client: Client):
    shop = a_shop()
    a_hold_rule(shop, total_from=1)
    order, headers = an_order(shop), caller(make.a_company(), ALL)

    assert client.get(holds_of(order), headers=headers).status_code == 404
    assert post(client, headers, {"reason": "x"}, url=holds_of(order)).status_code == 404
    assert post(client, headers, {"reason": "x"}, url=release_of(order.holds.get()), key="key-0002").status_code == 404
    assert Hold.objects.filter(released_at=None).count() == 1


@pytest.mark.parametrize("scopes", ["orders:read", "orders:write", "shipments:write"])
def test_holding_and_releasing_take_their_own_scope(client: Client, scopes: str):
    shop = a_shop()
    a_hold_rule(shop, total_from=1)
    order, headers = an_order(shop), caller(shop.company, scopes)

    assert post(client, headers, {"reason": "x"}, url=holds_of(order)).status_code == 403
    assert post(client, headers, {"reason": "x"}, url=release_of(order.holds.get()), key="key-0002").status_code == 403


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 201}, {"reason": 1}, {"reason": "x", "more": 1}])
def test_a_hold_wants_a_reason(client: Client, body: dict[str, object]):
    shop = a_shop()
    response = post(client, caller(shop.company, ALL), body, url=holds_of(an_order(shop)))

    assert response.status_code == 400
    assert not Hold.objects.exists()
