"""Purchase orders and transfers at the machine counter."""

import pytest
from django.contrib.auth.models import Permission

from inventory.models import GoodsReceipt, PurchaseOrder, Stock, StockTransfer
from inventory.operations import approve_purchase_orders, send_purchase_orders
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, SYSTEM, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of
from tests.factories.partners import a_partner, a_token, as_partner
from tests.factories.purchasing import a_draft, a_supplier, a_transfer, supplied

pytestmark = pytest.mark.django_db
BOTH = "inventory:read inventory:write"


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def caller(company):
    return as_partner(a_token(a_partner(company, scopes=BOTH), scopes=BOTH))


@pytest.fixture
def place(company):
    return a_location(company, "east")


@pytest.fixture
def order(company, place):
    draft = a_draft(company, {a_stock_item(company, "CAN"): 4}, location=place)
    approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    send_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    return draft


def post(client, path, body, caller, *, key="k1"):
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers={**caller, "idempotency-key": key})


def delivery(**given):
    return {"delivery_note": "N-1", "lines": [{"item": "CAN", "quantity": 3}], "reference": "R-1", **given}


def public(order):
    order.refresh_from_db()
    return f"pur_{order.public_id.hex}"


def test_sent_orders_are_listed_with_their_lines(client, company, caller, order):
    a_draft(company, {a_stock_item(company): 1})
    a_draft(other := a_trading_company(), {a_stock_item(other): 1})

    listed = client.get("/api/v1/purchase-orders", {"status": "sent"}, headers=caller).json()

    assert listed["next_cursor"] is None
    [row] = listed["data"]
    assert (row["id"], row["number"], row["location"], row["status"], row["currency"]) == (
        public(order),
        order.number,
        "east",
        "sent",
        "JPY",
    )
    assert row["lines"] == [
        {"item": "CAN", "name": "CAN", "quantity": 4, "received": 0, "unit_cost": None, "expected_on": "2026-05-14"}
    ]  # fmt: skip


def test_what_goods_cost_is_told_under_a_scope_of_its_own(client, company, order):
    scopes = f"{BOTH} purchasing:read"
    buyer = as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))

    [row] = client.get("/api/v1/purchase-orders", headers=buyer).json()["data"]

    assert [line["unit_cost"] for line in row["lines"]] == [100]


def test_a_case_counts_as_its_pieces(client, company, caller, place):
    tea = a_stock_item(company, "TEA")
    a_stocked_variant(company, parts={tea: 12}, sku="TEA-CASE", jan="4901234567894")
    draft = a_draft(company, {tea: 36}, location=place)
    approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    send_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    lines = [{"item": "4901234567894", "quantity": 3, "unsellable_quantity": 1}]

    answer = post(client, f"purchase-orders/{public(draft)}/deliveries", delivery(lines=lines), caller)

    assert answer.json() == {"number": draft.number, "status": "closed", "missing": 0, "repeated": False}
    assert (Stock.objects.get().on_hand, Stock.objects.get().sellable) == (36, 24)


def test_a_code_of_several_items_is_not_guessed(client, company, caller, place):
    for sku in ("OLD", "NEW"):
        stock_of(a_stocked_variant(company, sku=sku, jan="4901234567894"), place, 9)
    a_location(company, "shop")
    body = {"from": "east", "to": "shop", "lines": [{"item": "4901234567894", "quantity": 6}], "reference": "T-1"}

    answer = post(client, "stock/transfers", body, caller)

    assert (answer.status_code, answer.json()["code"]) == (422, "inventory.ambiguous_code")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lines/0/item"]


def test_a_delivery_is_taken_in_once_whatever_is_repeated(client, caller, order):
    path = f"purchase-orders/{public(order)}/deliveries"

    answers = [post(client, path, delivery(), caller, key=key) for key in ("k1", "k1", "k2")]
    refused = post(client, path, delivery(reference="R-2"), caller, key="k3")

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert [answer.json()["repeated"] for answer in answers] == [False, False, True]
    assert answers[0].json() == {"number": order.number, "status": "partly_received", "missing": 1, "repeated": False}
    assert (refused.status_code, refused.json()["code"]) == (422, "purchase.note_received")
    assert (GoodsReceipt.objects.count(), Stock.objects.get().on_hand) == (1, 3)


@pytest.mark.parametrize(
    ("line", "status", "pointer"),
    [
        ({"quantity": 0}, 400, "/lines/0/quantity"),
        ({"quantity": -1}, 400, "/lines/0/quantity"),
        ({"quantity": "３"}, 400, "/lines/0/quantity"),
        ({"quantity": 1e308}, 400, "/lines/0/quantity"),
        ({"item": "NONE"}, 422, "/lines/0/item"),
        ({"quantity": 5}, 422, "/lines/0/quantity"),
    ],
)
def test_a_bad_delivery_is_refused_with_its_place(client, caller, order, line, status, pointer):
    answer = post(client, f"purchase-orders/{public(order)}/deliveries", delivery(lines=[{"item": "CAN", "quantity": 1, **line}]), caller)

    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (status, [pointer])
    assert (GoodsReceipt.objects.count(), Stock.objects.count()) == (0, 0)


def test_a_transfer_goes_from_plan_to_arrival(client, company, caller, place):
    a_location(company, "shop")
    stock_of(a_stock_item(company, "CAN"), place, 10)
    body = {"from": "east", "to": "shop", "lines": [{"item": "CAN", "quantity": 6}], "reference": "T-1"}

    planned = post(client, "stock/transfers", body, caller)
    again = post(client, "stock/transfers", body, caller, key="k2")
    trf = planned.json()["id"]
    sent = post(client, f"stock/transfers/{trf}/dispatch", {}, caller, key="k3")
    arrived = post(
        client, f"stock/transfers/{trf}/arrivals", {"lines": [{"item": "CAN", "quantity": 6}], "reference": "A-1"}, caller, key="k4"
    )

    assert (planned.status_code, again.json()["id"], sent.status_code, arrived.status_code) == (201, trf, 200, 201)
    assert [answer.json()["status"] for answer in (planned, sent, arrived)] == ["planned", "in_transit", "closed"]
    assert arrived.json()["lines"] == [
        {"item": "CAN", "name": "CAN", "lot": "", "quantity": 6, "received": 6, "came_home": 0, "written_off": 0}
    ]  # fmt: skip
    assert client.get("/api/v1/stock/transfers", headers=caller).json()["data"] == [arrived.json()]
    assert StockTransfer.objects.count() == 1


def test_a_transfer_is_refused_in_words(client, company, caller, place):
    stock_of(a_stock_item(company, "CAN"), place, 1)
    a_location(company, "shop")
    body = {"from": "east", "to": "nowhere", "lines": [{"item": "CAN", "quantity": 6}], "reference": "T-1"}

    unknown = post(client, "stock/transfers", body, caller)
    planned = post(client, "stock/transfers", {**body, "to": "shop"}, caller, key="k2").json()
    short = post(client, f"stock/transfers/{planned['id']}/dispatch", {}, caller, key="k3")

    assert (unknown.status_code, unknown.json()["code"], unknown.json()["errors"][0]["pointer"]) == (
        422,
        "inventory.unknown_location",
        "/to",
    )
    assert (short.status_code, short.json()["code"]) == (422, "inventory.promised")


def test_foreign_and_mistyped_ids_are_not_there(client, company, caller):
    other = a_trading_company()
    item, here, there = a_stock_item(other), a_location(other), a_location(other)
    foreign = a_transfer(here, there, {item: 1})
    foreign.refresh_from_db()

    for trf in (f"trf_{foreign.public_id.hex}", "trf_1", "pur_x"):
        assert post(client, f"stock/transfers/{trf}/dispatch", {}, caller).status_code == 404
    assert post(client, "purchase-orders/pur_1/deliveries", delivery(), caller).status_code == 404


def test_reading_is_not_writing(client, company, place, order):
    reader = as_partner(a_token(a_partner(company, scopes="inventory:read"), scopes="inventory:read"))

    assert post(client, f"purchase-orders/{public(order)}/deliveries", delivery(), reader).status_code == 403
    assert post(client, "stock/transfers", {}, reader).status_code == 403
    assert client.get("/api/v1/stock/transfers").status_code == 401


BUYING = "inventory:read purchasing:read purchasing:write purchasing:approve"


def somebody_may_approve(company):
    """A member of staff: where nobody else may approve, whoever drafted does."""
    a_staff_account(company=company).user_permissions.add(Permission.objects.get(codename="approve_purchaseorder"))


def a_buyer(company, scopes=BUYING):
    return as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))


def test_a_purchase_order_is_drafted_once_and_approved_by_another_partner_who_saw_it(client, company, place):
    item = a_stock_item(company, "CAN")
    supplier = a_supplier(company, code="maru")
    supplied(supplier, item, unit_cost=250)
    somebody_may_approve(company)
    writer, boss = a_buyer(company), a_buyer(company)
    body = {"supplier": "maru", "location": "east", "lines": [{"item": "CAN", "quantity": 4}], "reference": "P-1"}

    drafted = post(client, "purchase-orders", body, writer)
    again = post(client, "purchase-orders", body, writer, key="k2")
    address = f"purchase-orders/{drafted.json()['id']}/approval"
    own = post(client, address, {"version": drafted.json()["version"]}, writer, key="k3")
    unseen = post(client, address, {"version": drafted.json()["version"] + 1}, boss, key="k4")
    approved = post(client, address, {"version": drafted.json()["version"]}, boss, key="k5")

    assert (drafted.status_code, drafted.json()["status"], drafted.json()["lines"][0]["unit_cost"]) == (201, "draft", 250)
    assert again.json()["id"] == drafted.json()["id"]
    assert [own.json()["errors"][0]["code"], unseen.json()["errors"][0]["code"]] == ["purchase.own_draft", "purchase.rewritten"]
    assert (approved.status_code, approved.json()["status"]) == (200, "approved")
    assert PurchaseOrder.objects.count() == 1


def test_a_draft_for_nobody_and_nowhere_is_refused_at_each_field(client, company):
    body = {"supplier": "no", "location": "nowhere", "lines": [{"item": "CAN", "quantity": 4}], "reference": "P-1"}

    answer = post(client, "purchase-orders", body, a_buyer(company))

    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/supplier", "inventory.unknown_supplier"), ("/location", "inventory.unknown_location"),
    ]  # fmt: skip
    assert not PurchaseOrder.objects.exists()


def test_drafting_and_approving_want_a_scope_each(client, company, caller, order):
    writer = a_buyer(company, "purchasing:write")

    assert post(client, "purchase-orders", {}, caller).status_code == 403
    assert post(client, f"purchase-orders/{public(order)}/approval", {"version": 1}, writer).status_code == 403


@pytest.mark.parametrize(("outcome", "home", "lost"), [("comes_home", 10, 0), ("written_off", 6, 4)])
def test_what_did_not_arrive_is_settled_once(client, company, caller, place, outcome, home, lost):
    item = a_stock_item(company, "CAN")
    stock_of(item, place, 10)
    transfer = a_transfer(place, a_location(company, "store"), {item: 4})
    address = f"stock/transfers/trf_{transfer.public_id.hex}"
    post(client, f"{address}/dispatch", {}, caller)

    done = post(client, f"{address}/settlement", {"outcome": outcome, "reason": "見当たらない"}, caller, key="k2")
    again = post(client, f"{address}/settlement", {"outcome": outcome, "reason": "見当たらない"}, caller, key="k2")

    assert (done.status_code, done.json()["status"], again.content) == (200, "closed", done.content)
    assert done.json()["lines"][0]["written_off"] == lost
    assert Stock.objects.get(location=place).on_hand == home


def test_a_planned_transfer_is_called_off_and_one_on_the_road_is_not(client, company, caller, place):
    item = a_stock_item(company, "CAN")
    stock_of(item, place, 10)
    there = a_location(company, "store")
    off, gone = a_transfer(place, there, {item: 4}), a_transfer(place, there, {item: 3})
    post(client, f"stock/transfers/trf_{gone.public_id.hex}/dispatch", {}, caller)

    answers = [
        post(client, f"stock/transfers/trf_{transfer.public_id.hex}/cancellation", {"reason": "不要"}, caller, key=f"c{n}")
        for n, transfer in enumerate((off, gone))
    ]
    foreign = post(client, f"stock/transfers/trf_{'0' * 32}/cancellation", {"reason": "不要"}, caller, key="c9")

    assert [answers[0].json()["status"], answers[1].json()["errors"][0]["code"]] == ["cancelled", "transfer.on_the_road"]
    assert foreign.status_code == 404
    assert [StockTransfer.objects.get(pk=t.pk).status for t in (off, gone)] == ["cancelled", "in_transit"]
