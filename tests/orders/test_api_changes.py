"""Changes of placed orders at the machine counter."""

from typing import Any

import pytest
from django.test import Client

from core.ids import public
from core.models import PersonalDataRead
from orders.models import Order, OrderChange
from orders.operations import Confirming, confirm_change, open_change
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.orders.test_api import caller, post
from tests.orders.test_changes import broken, quantity

pytestmark = pytest.mark.django_db
ALL = "orders:read orders:write"


def url(order: Order, *rest: str) -> str:
    return "/".join([f"/api/v1/orders/{public('ord', order.public_id)}/changes", *rest])


def more(order: Order, after: str, **given: Any) -> dict[str, Any]:
    line = order.lines.get(until_revision=None)
    return {"items": [{"kind": "quantity", "line": public("orl", line.public_id), "after": after, **given}]}


def test_a_set_is_opened_shown_and_confirmed_once(client: Client):
    shop = a_shop()
    order, headers = an_order(shop, (shop.variant(1_000, stock=[9]), 2)), caller(shop.company, ALL)

    opened = post(client, headers, more(order, "5", before="2"), url=url(order))
    again = post(client, headers, more(order, "5", before="2"), url=url(order))
    told = client.get(url(order, opened.json()["id"]), headers=headers).json()

    assert (opened.status_code, opened.content) == (201, again.content)
    assert (told["state"], told["money"]["total"], told["stands_in_the_way"]) == ("open", {"before": 2_000, "after": 5_000}, [])
    assert told["stock"] == [{"sku": order.lines.get().sku, "more": 3, "free": 7, "is_short": False}]

    confirm = url(order, opened.json()["id"], "confirmation")
    done = post(client, headers, {"expected_total": 5_000}, url=confirm, key="key-0002")
    repeated = post(client, headers, {"expected_total": 5_000}, url=confirm, key="key-0003")

    order.refresh_from_db()
    assert (done.status_code, done.json()["state"], done.json()["revision"], repeated.json()["revision"]) == (200, "confirmed", 2, 2)
    assert (order.revision, order.total) == (2, 5_000)
    assert len(client.get(url(order), headers=headers).json()["data"]) == 1
    assert broken() == []


def test_a_conflict_tells_both_values(client: Client):
    shop = a_shop()
    order, headers = an_order(shop, (shop.variant(1_000), 2)), caller(shop.company, ALL)
    mine = post(client, headers, more(order, "5"), url=url(order)).json()["id"]
    theirs = open_change(order.pk, items=[quantity(order.lines.get(), 3)], actor=STAFF, at=AT, take_over=True)
    confirm_change(Confirming(change_id=theirs.change_id), actor=STAFF, at=AT)  # type: ignore[union-attr]

    answer = post(client, headers, {}, url=url(order, mine, "confirmation"), key="key-0002")
    stale = post(client, headers, more(order, "5", before="2"), url=url(order), key="key-0003")

    for problem in (answer, stale):
        assert (problem.status_code, problem.json()["code"]) == (409, "order.change_conflict")
        (error,) = problem.json()["errors"]
        assert error["pointer"] == "/items/0/after"
        assert [n for n in error["detail"] if n.isdigit()] == ["2", "3", "5"]
    order.refresh_from_db()
    assert (order.revision, order.total) == (2, 3_000)


def test_somebody_elses_set_is_in_the_way_until_it_is_taken_over(client: Client):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company, ALL)
    open_change(order.pk, actor=STAFF, at=AT)

    barred = post(client, headers, more(order, "2"), url=url(order))
    taken = post(client, headers, {**more(order, "2"), "take_over": True}, url=url(order), key="key-0002")

    assert (barred.status_code, barred.json()["code"], taken.status_code) == (409, "order.change_open", 201)
    assert list(OrderChange.objects.order_by("id").values_list("state", flat=True)) == ["discarded", "open"]


def test_a_set_is_discarded_and_the_order_stays(client: Client):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company, ALL)
    change = post(client, headers, more(order, "2"), url=url(order)).json()["id"]

    gone = post(client, headers, {}, url=url(order, change, "discard"), key="key-0002")
    late = post(client, headers, {}, url=url(order, change, "confirmation"), key="key-0003")

    order.refresh_from_db()
    assert (gone.json()["state"], late.status_code, late.json()["code"], order.revision) == ("discarded", 409, "order.change_discarded", 1)


@pytest.mark.parametrize(
    ("item", "status"),
    [
        ({"kind": "quantity", "after": "-1"}, 422), ({"kind": "quantity", "after": "x"}, 422), ({"kind": "price", "after": "900"}, 422),
        ({"kind": "price", "after": "-1", "reason": "x"}, 422), ({"kind": "nothing", "after": "1"}, 400), ({"kind": "quantity"}, 400),
        ({"kind": "quantity", "after": 3}, 400), ({"kind": "destination", "field": "wished_on", "after": "2026-02-30"}, 422),
        ({"kind": "destination", "field": "id", "after": "1"}, 422), ({"kind": "payment", "after": "card"}, 422),
        ({"kind": "added", "sku": "NO-SUCH", "after": "1"}, 422), ({"kind": "quantity", "after": "1", "surprise": 1}, 400),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_opens_nothing(client: Client, item: dict[str, Any], status: int):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company, ALL)
    if item["kind"] in ("quantity", "price"):
        item = {"line": public("orl", order.lines.get().public_id), **item}

    answer = post(client, headers, {"items": [item]}, url=url(order))

    assert answer.status_code == status
    assert all(error["pointer"].startswith("/items/0") for error in answer.json()["errors"])
    assert not OrderChange.objects.exists()


def test_out_of_stock_is_told_before_and_refused_after(client: Client):
    shop = a_shop()
    order, headers = an_order(shop, (shop.variant(stock=[3]), 2)), caller(shop.company, ALL)

    opened = post(client, headers, more(order, "9"), url=url(order)).json()
    answer = post(client, headers, {}, url=url(order, opened["id"], "confirmation"), key="key-0002")

    assert [one["code"] for one in opened["stands_in_the_way"]] == ["inventory.out_of_stock"]
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/items/0/after")
    order.refresh_from_db()
    assert order.revision == 1
    assert broken() == []


def test_an_order_of_another_company_is_not_there(client: Client):
    order, other = an_order(), a_shop()
    headers = caller(other.company, ALL)

    assert client.get(url(order), headers=headers).status_code == 404
    assert post(client, headers, more(order, "2"), url=url(order)).status_code == 404


def test_reading_does_not_write(client: Client):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company, "orders:read")

    assert post(client, headers, more(order, "2"), url=url(order)).status_code == 403


def test_whoever_is_told_an_address_by_a_change_is_written_down(client: Client):
    shop = a_shop()
    order, headers = an_order(shop, (shop.variant(), 1)), caller(shop.company, ALL)
    said = {"items": [{"kind": "destination", "destination": 1, "field": "street", "after": "神保町9-9"}]}

    opened = post(client, headers, said, url=url(order))
    assert opened.status_code == 201
    read = PersonalDataRead.objects.filter(subject=f"order:{order.number}", screen="api /orders/changes")
    assert read.count() == 1
    post(client, headers, {}, url=url(order, opened.json()["id"], "confirmation"), key="key-0002")
    assert read.count() == 2
