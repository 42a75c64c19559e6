"""Orders at the machine counter: every kind of caller, every kind of answer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.ids import public
from core.models import OutboxEvent, PersonalDataRead
from inventory.models import Stock
from orders.models import Order, Shipment
from tests.factories import customers as make
from tests.factories.orders import Shop, a_fee, a_shipped_order, a_shop, an_order
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders"
ALL = "orders:read orders:write shipments:read shipments:write"


def caller(company: Any, scopes: str = ALL) -> dict[str, str]:
    return as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))


def an_order_said(shop: Shop, *lines: tuple[Any, int], **given: Any) -> dict[str, Any]:
    """A guest's order as a partner says it."""
    return {
        "channel": shop.channel.code,
        "person": {"family_name": "山田", "given_name": "花子", "family_kana": "ヤマダ", "given_kana": "ハナコ",
                   "phone": "090-1234-5678", "email": "hanako@example.jp"},
        "lines": [{"sku": v.sku, "quantity": q} for v, q in lines],
        "destinations": [{"place": {"family_name": "山田", "given_name": "花子", "postal_code": "101-0051", "prefecture": "東京都",
                                    "city": "千代田区", "street": "神田神保町1-1"}}],
        "payment_method": "cash_on_delivery",
        **given,
    }  # fmt: skip


def post(client: Client, headers: dict[str, str], body: Any, *, key: str | None = "key-0001", url: str = URL) -> Any:
    given = headers if key is None else {**headers, "idempotency-key": key}
    return client.post(url, body, content_type="application/json", headers=given)


def pointers(response: Any) -> set[str]:
    return {error["pointer"] for error in response.json()["errors"]}


def nothing_was_written() -> bool:
    return not (Order.objects.exists() or OutboxEvent.objects.exists() or Stock.objects.exclude(allocated=0).exists())


def test_an_order_is_placed_and_can_be_read(client: Client):
    shop = a_shop()
    a_fee(shop, 600)
    headers = caller(shop.company)
    tea, cream = shop.variant(1_080, tax_class="reduced"), shop.variant(3_300)

    made = post(client, headers, an_order_said(shop, (tea, 2), (cream, 1), outside_number="R-1", remark="急ぎません"))
    read = client.get(made["Location"], headers=headers)

    assert (made.status_code, read.status_code) == (201, 200)
    told, placed = read.json(), made.json()
    assert (placed["total"], placed["currency"], placed["repeated"]) == (6_060, "JPY", False)
    assert (told["id"], told["number"], told["total"], told["remark"]) == (placed["id"], placed["number"], 6_060, "急ぎません")
    assert [(n["sku"], n["quantity"], n["total"]) for n in told["lines"]] == [(tea.sku, 2, 2_160), (cream.sku, 1, 3_300)]
    assert [(t["tax_class"], t["taxable"] + t["tax"]) for t in told["taxes"]] == [("standard", 3_900), ("reduced", 2_160)]
    assert told["buyer"] == {"name": "山田 花子", "email": "hanako@example.jp", "phone": "090-1234-5678"}
    assert read["ETag"] == '"v1"'
    order = Order.objects.get()
    assert (order.actor_kind, order.outside_number) == ("partner", "R-1")
    assert list(PersonalDataRead.objects.values_list("subject", flat=True)) == [f"customer:{order.customer.public_id}"]


def test_the_same_key_answers_to_the_byte_and_another_body_is_refused(client: Client):
    shop = a_shop()
    headers, body = caller(shop.company), an_order_said(shop, (shop.variant(), 1))

    first, again = post(client, headers, body), post(client, headers, body)
    other = post(client, headers, {**body, "remark": "別"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert (again["Idempotency-Replayed"], again["Location"]) == ("true", first["Location"])
    assert other.json()["code"] == "idempotency.key_reused"
    assert Order.objects.count() == 1


@pytest.mark.parametrize("key", [None, "", "k" * 256, "鍵", "a,b"])
def test_without_a_usable_key_nothing_happens(client: Client, key: str | None):
    shop = a_shop()

    response = post(client, caller(shop.company), an_order_said(shop, (shop.variant(), 1)), key=key)

    assert response.status_code == 400
    assert nothing_was_written()


def test_a_repeated_outside_number_answers_with_its_order(client: Client):
    shop = a_shop()
    headers, body = caller(shop.company), an_order_said(shop, (shop.variant(), 1), outside_number="R-7")

    first, second = post(client, headers, body), post(client, headers, body, key="key-0002")

    assert (first.status_code, second.status_code) == (201, 200)
    assert (second.json()["id"], second.json()["repeated"]) == (first.json()["id"], True)
    assert Order.objects.count() == 1


def test_a_refusal_names_every_reason_and_its_field(client: Client):
    shop = a_shop()
    body = an_order_said(shop, (shop.variant(), 1))
    body["lines"] = [{"sku": "NO-SUCH", "quantity": 1}, body["lines"][0], {"sku": "NEITHER", "quantity": 1}]

    response = post(client, caller(shop.company), body)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert pointers(response) == {"/lines/0/sku", "/lines/2/sku"}
    assert response.json()["code"] == "catalog.unknown_sku"
    assert nothing_was_written()


def test_a_refused_key_may_be_used_again(client: Client):
    shop = a_shop(locations=1)
    headers, tea = caller(shop.company), shop.variant(stock=[1])

    refused = post(client, headers, an_order_said(shop, (tea, 2)))
    placed = post(client, headers, an_order_said(shop, (tea, 1)))

    assert (refused.status_code, refused.json()["code"], pointers(refused)) == (422, "inventory.out_of_stock", {"/lines/0/quantity"})
    assert placed.status_code == 201


@pytest.mark.parametrize(
    ("_case", "change", "code", "pointer"),
    [
        ("an unknown channel", {"channel": "nowhere"}, "channel.not_found", "/channel"),
        ("a total that moved", {"expected_total": 1}, "order.total_changed", "/expected_total"),
        ("nobody", {"person": None}, None, None),
        ("a nameless person", {"person": {"phone": "090-1234-5678"}}, "customers.name_missing", "/person/family_name"),
        ("an unreadable phone", {"person": {"family_name": "山田", "phone": "12"}}, "customers.phone_unreadable", "/person/phone"),
        ("an unknown customer", {"customer": "cus_" + "0" * 32}, "customer.not_found", "/customer"),
    ],
)
def test_what_is_refused_is_named(client: Client, _case, change, code, pointer):
    shop = a_shop()
    body = {name: value for name, value in {**an_order_said(shop, (shop.variant(), 1)), **change}.items() if value is not None}

    response = post(client, caller(shop.company), body)

    assert response.status_code == 422
    assert response.json()["code"] == (code or "order.no_customer")
    assert pointers(response) == {pointer or "/customer"}
    assert nothing_was_written()


def test_an_address_that_cannot_be_read_is_named_where_it_stands(client: Client):
    shop = a_shop()
    body = an_order_said(shop, (shop.variant(), 1))
    body["destinations"][0]["place"]["postal_code"] = "12"

    response = post(client, caller(shop.company), body)

    assert pointers(response) == {"/destinations/0/place/postal_code"}
    assert nothing_was_written()


def test_a_customer_of_another_company_is_not_there(client: Client):
    shop = a_shop()
    stranger = make.a_customer(make.a_company())

    response = post(client, caller(shop.company), an_order_said(shop, (shop.variant(), 1), customer=public("cus", stranger.public_id)))

    assert (response.status_code, pointers(response)) == (422, {"/customer"})
    assert nothing_was_written()


def test_bulk_answers_item_by_item_and_repeating_it_changes_nothing(client: Client):
    shop = a_shop(locations=1)
    tea = shop.variant(stock=[2])
    orders = [an_order_said(shop, (tea, q), outside_number=f"B-{n}") for n, q in enumerate((1, 5, 1))]
    orders.append(an_order_said(shop, (tea, 1), outside_number="B-9", channel="nowhere"))
    headers = caller(shop.company)

    first = post(client, headers, {"orders": orders}, url=f"{URL}/bulk")
    second = post(client, headers, {"orders": orders}, url=f"{URL}/bulk")

    results = first.json()["results"]
    assert [("order" in r, [e["pointer"] for e in r.get("errors", ())]) for r in results] == [
        (True, []), (False, ["/lines/0/quantity"]), (True, []), (False, ["/channel"]),
    ]  # fmt: skip
    assert [r["order"]["id"] for r in second.json()["results"] if "order" in r] == [r["order"]["id"] for r in results if "order" in r]
    assert [r["order"]["repeated"] for r in second.json()["results"] if "order" in r] == [True, True]
    assert Order.objects.count() == 2


def test_an_order_in_bulk_needs_its_outside_number(client: Client):
    shop = a_shop()

    response = post(client, caller(shop.company), {"orders": [an_order_said(shop, (shop.variant(), 1))]}, url=f"{URL}/bulk")

    assert (response.status_code, pointers(response)) == (400, {"/orders/0/outside_number"})
    assert nothing_was_written()


def test_cancelling_gives_the_stock_back_and_repeats_calmly(client: Client):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company)
    url = f"{URL}/{public('ord', order.public_id)}/cancellation"

    first = post(client, headers, {"reason": "お客様都合"}, url=url)
    second = post(client, headers, {"reason": "お客様都合"}, url=url, key="key-0002")

    assert (first.status_code, first.json()["status"], second.status_code) == (200, "cancelled", 200)
    assert not Stock.objects.exclude(allocated=0).exists()
    assert OutboxEvent.objects.filter(name="orders.OrderCancelled").count() == 1


def test_what_has_left_cannot_be_cancelled(client: Client):
    shop = a_shop()
    order = a_shipped_order(shop)

    response = post(client, caller(shop.company), {"reason": "遅い"}, url=f"{URL}/{public('ord', order.public_id)}/cancellation")

    assert (response.status_code, response.json()["code"]) == (422, "order.already_shipped")


def test_a_warehouse_asks_for_parcels_and_lets_them_leave(client: Client):
    shop = a_shop()
    order, headers = an_order(shop), caller(shop.company, "shipments:read shipments:write")
    (planned,) = client.get("/api/v1/shipments", {"status": "planned"}, headers=headers).json()["data"]

    departure = f"/api/v1/shipments/{planned['id']}/departure"
    first = post(client, headers, {"carrier": "yamato", "tracking_number": "123456789012"}, url=departure)
    second = post(client, headers, {"carrier": "yamato", "tracking_number": "123456789012"}, url=departure, key="key-0002")

    assert (planned["order_number"], planned["location"], planned["on_hold"]) == (order.number, shop.locations[0].code, False)
    assert (first.status_code, first.json()["shipments"][0]["tracking_number"], second.status_code) == (200, "123456789012", 200)
    assert client.get("/api/v1/shipments", {"status": "planned"}, headers=headers).json()["data"] == []
    assert OutboxEvent.objects.filter(name="orders.ShipmentShipped").count() == 1


def short_picked(client: Client, headers: dict[str, str], shipment: Shipment, *found: tuple[str, int], key: str = "key-0001") -> Any:
    body = {"reason": "棚になかった", "found": [{"item": item, "quantity": quantity} for item, quantity in found]}
    return post(client, headers, body, url=f"/api/v1/shipments/{public('shp', shipment.public_id)}/short-picks", key=key)


def test_a_picker_that_finds_too_few_has_the_rest_sent_from_elsewhere_once(client: Client):
    shop = a_shop()
    tea = shop.variant(stock=[5, 9])
    order, headers = an_order(shop, (tea, 4)), caller(shop.company, "shipments:write")
    parcel = Shipment.objects.get()

    first = short_picked(client, headers, parcel, (tea.sku, 1))
    replayed = short_picked(client, headers, parcel, (tea.sku, 1))
    again = short_picked(client, headers, parcel, (tea.sku, 1), key="key-0002")

    assert [answer.status_code for answer in (first, replayed, again)] == [200, 200, 200]
    assert first.json()["id"] == public("ord", order.public_id)
    parcels = [[line["quantity"] for line in one["lines"]] for one in first.json()["shipments"]]
    assert (parcels, replayed.content == first.content, again.json()["shipments"]) == ([[1], [3]], True, first.json()["shipments"])
    assert list(Stock.objects.order_by("location_id").values_list("quarantine", "allocated")) == [(3, 1), (0, 3)]


@pytest.mark.parametrize(
    ("_case", "found", "status", "code"),
    [
        ("a foreign item", [("NOTHING", 1)], 422, "order.not_in_parcel"),
        ("an item twice", [("TEA", 1), ("TEA", 2)], 422, "order.item_twice"),
        ("fewer than none", [("TEA", -1)], 400, "request.malformed"),
        ("nothing said", [], 400, "request.malformed"),
    ],
)
def test_a_short_pick_that_cannot_be_so_is_refused_and_changes_nothing(client: Client, _case, found, status, code):
    shop = a_shop()
    tea = shop.variant(sku="TEA", stock=[5, 9])
    an_order(shop, (tea, 4))
    parcel = Shipment.objects.get()
    before = list(Stock.objects.order_by("pk").values())

    refused = short_picked(client, caller(shop.company), parcel, *found)

    assert (refused.status_code, refused.json()["code"], list(Stock.objects.order_by("pk").values())) == (status, code, before)
    assert Shipment.objects.get().lines.get().quantity == 4


def test_a_parcel_that_has_left_is_not_picked_short(client: Client):
    shop = a_shop()
    tea = shop.variant(stock=[5])
    a_shipped_order(shop, (tea, 4))

    refused = short_picked(client, caller(shop.company), Shipment.objects.get(), (tea.sku, 1))

    assert (refused.status_code, refused.json()["code"]) == (422, "order.already_shipped")


def test_a_list_goes_on_by_cursor_newest_first(client: Client):
    shop = a_shop()
    tea = shop.variant()
    numbers = [an_order(shop, (tea, 1)).number for _n in range(5)]
    headers = caller(shop.company)

    seen, cursor = [], None
    for _page in range(3):
        page = client.get(URL, {"limit": 2, **({"cursor": cursor} if cursor else {})}, headers=headers).json()
        seen += [o["number"] for o in page["data"]]
        cursor = page["next_cursor"]

    assert seen == numbers[::-1]
    assert cursor is None


@pytest.mark.parametrize(
    ("_case", "query", "found"),
    [
        ("status", {"status": "confirmed"}, 1), ("another status", {"status": "cancelled"}, 0), ("payment", {"payment_status": "unpaid"}, 1),
        ("fulfilment", {"fulfilment_status": "shipped"}, 0), ("outside number", {"outside_number": "楽天-1"}, 1),
        ("from its day", {"placed_from_on": "2026-05-11"}, 1), ("until its day", {"placed_until_on": "2026-05-11"}, 0),
    ],
)  # fmt: skip
def test_a_list_is_filtered(client: Client, _case, query, found):
    shop = a_shop()
    an_order(shop, outside_number="楽天-1")

    assert len(client.get(URL, query, headers=caller(shop.company)).json()["data"]) == found


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=１",
        "page=2",
        "sort=password",
        "status=open",
        "status=confirmed&status=cancelled",
        "cursor=x",
        "placed_from_on=2026-02-30",
    ],
)
def test_a_query_nobody_knows_is_refused(client: Client, query: str):
    response = client.get(f"{URL}?{query}", headers=caller(a_shop().company))

    assert response.status_code == 400
    assert len(pointers(response)) == 1


def test_another_partners_cursor_is_worth_nothing(client: Client):
    shop = a_shop()
    tea = shop.variant()
    for _n in range(2):
        an_order(shop, (tea, 1))
    cursor = client.get(URL, {"limit": 1}, headers=caller(shop.company)).json()["next_cursor"]

    response = client.get(URL, {"limit": 1, "cursor": cursor}, headers=caller(shop.company))

    assert (response.status_code, response.json()["code"]) == (400, "cursor.invalid")


def every_address(shop: Shop) -> list[tuple[str, str, Any]]:
    order = an_order(shop)
    shipment = Shipment.objects.get(order=order)
    one = f"{URL}/{public('ord', order.public_id)}"
    return [
        ("get", one, None),
        ("post", f"{one}/cancellation", {"reason": "x"}),
        ("post", f"/api/v1/shipments/{public('shp', shipment.public_id)}/departure", {}),
        (
            "post",
            f"/api/v1/shipments/{public('shp', shipment.public_id)}/short-picks",
            {"reason": "x", "found": [{"item": "X", "quantity": 0}]},
        ),
        ("get", URL, None),
        ("get", "/api/v1/shipments", None),
        ("post", URL, an_order_said(shop, (shop.variant(), 1))),
        ("post", f"{URL}/bulk", {"orders": [an_order_said(shop, (shop.variant(), 1), outside_number="B-1")]}),
    ]


def call(client: Client, verb: str, url: str, body: Any, headers: dict[str, str]) -> Any:
    return client.get(url, headers=headers) if verb == "get" else post(client, headers, body, url=url)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer nobody"}, {"authorization": "Basic eDp5"}, {"authorization": "Bearer ü"}]
)
def test_nobody_without_a_token_gets_anywhere(client: Client, headers: dict[str, str]):
    shop = a_shop()

    answers = [call(client, *address, headers) for address in every_address(shop)]

    assert {a.status_code for a in answers} == {401}
    assert Order.objects.count() == 1


@pytest.mark.parametrize("scopes", ["customers:read", "catalog:read"])
def test_a_token_without_the_scope_is_forbidden(client: Client, scopes: str):
    shop = a_shop()
    headers = caller(shop.company, scopes)

    answers = [call(client, *address, headers) for address in every_address(shop)]

    assert {(a.status_code, a.json()["code"]) for a in answers} == {(403, "auth.scope_missing")}
    assert Order.objects.count() == 1


def test_another_companys_partner_finds_nothing(client: Client):
    shop = a_shop()
    addresses = every_address(shop)
    headers = caller(make.a_company())

    answers = [call(client, *address, headers) for address in addresses]

    assert [a.status_code for a in answers] == [404, 404, 404, 404, 200, 200, 422, 200]
    assert [a.json().get("data") for a in answers[4:6]] == [[], []]
    assert pointers(answers[6]) == {"/channel"}
    assert Order.objects.count() == 1
    assert Order.objects.get().status == "confirmed"


@pytest.mark.parametrize(
    "name", ["ord_", "ord_" + "0" * 32, "1", "0", "-1", "１", "1%20OR%201=1", "ORD_" + "a" * 32, "%7Babc%7D", "..%2f", "%00"]
)
def test_an_id_that_is_none_is_not_found(client: Client, name: str):
    headers = caller(a_shop().company)

    assert client.get(f"{URL}/{name}", headers=headers).status_code in (400, 404)


@pytest.mark.parametrize(("_case", "family_name", "most"), [("a guest known by phone and kana", "山田", 17), ("a new guest", "新規", 19)])
def test_an_order_takes_a_handful_of_statements_besides_the_token(client: Client, _case, family_name, most):
    """Counted cold: a running process keeps channel, tax rates, hold rules and number series for seconds, which saves five more."""
    shop = a_shop()
    a_fee(shop, 600)
    headers = caller(shop.company)
    tea, cream = shop.variant(), shop.variant()
    post(client, headers, an_order_said(shop, (tea, 1)), key="warm")
    body = an_order_said(shop, (tea, 1), (cream, 2))
    body["person"] |= {"family_name": family_name, "family_kana": {"山田": "ヤマダ", "新規": "シンキ"}[family_name]}

    with CaptureQueriesContext(connection) as spent:
        assert post(client, headers, body).status_code == 201

    plain = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SELECT a.client_id")
    own = [q["sql"] for q in spent.captured_queries if not q["sql"].strip().startswith(plain)]
    assert len(own) <= most, "\n".join(sql[:100] for sql in own)


@pytest.mark.parametrize("orders", [1, 50])
@pytest.mark.parametrize("url", [URL, "/api/v1/shipments"])
def test_a_list_takes_as_many_statements_however_long(client: Client, orders: int, url: str):
    shop = a_shop()
    tea = shop.variant()
    for _n in range(orders):
        an_order(shop, (tea, 1))
    headers = caller(shop.company)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(url, headers=headers)

    assert len(answer.json()["data"]) == orders
    assert len(spent) == 2


def test_the_api_document_tells_of_orders(client: Client):
    document = client.get("/api/openapi.yaml")
    page = client.get("/api/docs/")

    assert (document.status_code, page.status_code) == (200, 200)
    said = document.content.decode()
    assert all(f"  {path}:" in said for path in ("/api/v1/orders", "/api/v1/orders/bulk", "/api/v1/shipments/{shipment_id}/departure"))
    assert "cdn" not in page.content.decode()
