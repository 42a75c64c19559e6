"""Counters are asked for their orders: by servers that speak their protocols, page, renew tokens, delay, decline and die."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from orders.adapters import calling
from orders.models import IntakeDocument, IntakeFetch, IntakeOrder, Order, OutsideCode, OutsideShop
from orders.operations import fetch_counter, fetch_soon, tell_counters
from orders.rules import CodeKind
from tests.factories.intake import an_outside_shop, golden
from tests.factories.malls import Call, Mall, Says
from tests.factories.orders import AT, STAFF, a_shop

pytestmark = pytest.mark.django_db(transaction=True)
RENEWING = {"refresh_token": "R1", "client_id": "us", "client_secret": "hush", "seller_id": "koyomido"}
RAKUTEN = json.loads(golden("rakuten.json"))
AMAZON = json.loads(golden("amazon.json"))["payload"]["Orders"][0]
SHOPIFY = json.loads(golden("shopify.json"))


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    calling._tokens.clear()
    with override_settings(INTAKE_SECRETS={}):
        yield
    calling._tokens.clear()


def asked_shop(adapter: str, mall: Mall, **keys: str) -> OutsideShop:
    """A shop whose counter is asked every ten minutes."""
    settings.INTAKE_SECRETS["koyomi"] = {"base_url": mall.address, "token_url": f"{mall.address}/token", **keys}
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    shop.variant(3_300, sku="POT-1")
    return an_outside_shop(shop, adapter, secret_name="koyomi", fetch_minutes=10)


def looked(at: Any = AT) -> tuple[int, str] | None:
    done = fetch_counter(actor=SYSTEM, at=at)
    return None if done is None else (done.orders, done.answer)


def states() -> list[tuple[str, str]]:
    return list(IntakeOrder.objects.order_by("outside_number").values_list("outside_number", "state"))


def rakuten(stands: dict[int, list[str]], *, pages: int = 1, of: dict[str, Any] = RAKUTEN["OrderModelList"][0]) -> Any:
    """RMS: searchOrder by progress, getOrder with the recorded order under each number."""

    def answers(_mall: Mall, call: Call) -> Says:
        if call.path.endswith("/searchOrder/"):
            found = [number for progress in call.said["orderProgressList"] for number in stands.get(progress, [])]
            page = call.said["PaginationRequestModel"]["requestPage"]
            here = found[page - 1 :: pages]
            return Says(json.dumps({"orderNumberList": here, "PaginationResponseModel": {"totalPages": pages if found else 0}}))
        standing = {number: progress for progress, numbers in stands.items() for number in numbers}
        orders = [{**of, "orderNumber": one, "orderProgress": standing[one]} for one in call.said["orderNumberList"]]
        return Says(json.dumps({"OrderModelList": orders, "MessageModelList": []}, ensure_ascii=False))

    return answers


def test_rakuten_is_asked_page_by_page_and_each_order_is_fetched_once():
    stands = {300: ["A-1", "A-2", "A-3"], 100: ["A-4"]}
    with Mall(rakuten(stands, pages=2)).open() as mall:
        asked_shop("rakuten", mall, service_secret="SP1", license_key="SL1")

        first, too_early, again = looked(), looked(AT + timedelta(minutes=9)), looked(AT + timedelta(minutes=10))

    fetched = [call.said["orderNumberList"] for call in mall.asked if call.path.endswith("/getOrder/")]
    assert (first, too_early, again) == ((4, ""), None, (0, ""))
    assert sorted(number for some in fetched for number in some) == ["A-1", "A-2", "A-3", "A-4"]
    assert states() == [("A-1", "placed"), ("A-2", "placed"), ("A-3", "placed"), ("A-4", "waiting")]
    assert mall.asked[0].said["startDatetime"].endswith("+0900")
    assert mall.asked[0].headers["Authorization"] == "ESA U1AxOlNMMQ=="


def test_what_stands_otherwise_there_is_fetched_again():
    stands = {300: ["A-1"], 100: ["A-2"]}
    with Mall(rakuten(stands)).open() as mall:
        asked_shop("rakuten", mall, service_secret="SP1", license_key="SL1")
        looked()
        stands |= {300: ["A-2"], 100: [], 900: ["A-1"]}

        again = looked(AT + timedelta(hours=1))

    assert (again, states()) == ((2, ""), [("A-1", "cancelled"), ("A-2", "placed")])
    assert [order.status for order in Order.objects.order_by("outside_number")] == ["cancelled", "confirmed"]


def test_an_order_that_changes_while_it_stands_is_noticed_within_the_hour_though_the_list_tells_nothing():
    stands = {300: ["A-1"]}
    told = dict(RAKUTEN["OrderModelList"][0])
    with Mall(rakuten(stands, of=told)).open() as mall:
        asked_shop("rakuten", mall, service_secret="SP1", license_key="SL1")
        looked()
        told["remarks"] = "[配送日時指定:]\n2026-12-05\n[備考]\n宅配ボックスへ"

        early, later = looked(AT + timedelta(minutes=30)), looked(AT + timedelta(minutes=60))
        settled = looked(AT + timedelta(minutes=90))

    assert (early, later, settled, states()) == ((0, ""), (1, ""), (0, ""), [("A-1", "changed")])
    assert Order.objects.get().open_holds == 1


def test_an_order_that_is_read_otherwise_than_the_list_names_it_is_fetched_once():
    with Mall(rakuten({300: ["A-1"]})).open() as mall:
        shop = asked_shop("rakuten", mall, service_secret="SP1", license_key="SL1")
        with acting(SYSTEM):
            OutsideCode.objects.create(shop=shop, kind=CodeKind.STATUS, theirs="300", ours="unconfirmed")

        looks = [looked(AT + timedelta(minutes=minutes)) for minutes in (0, 10, 20)]

    assert (looks, states()) == ([(1, ""), (0, ""), (0, "")], [("A-1", "waiting")])
    assert len([call for call in mall.asked if call.path.endswith("/getOrder/")]) == 1


def amazon(*, renewals: list[str], refuse: set[str] | None = None, most: int = 99) -> Any:
    """Selling Partner API: tokens, a list in two pages, ``most`` restricted data tokens in a row, an order and its items."""
    left = [most]
    head = {key: value for key, value in AMAZON.items() if key not in ("ShippingAddress", "BuyerInfo", "OrderItems")}

    def answers(_mall: Mall, call: Call) -> Says:
        if call.path == "/token":
            renewals.append(call.body)
            return Says(json.dumps({"access_token": f"T{len(renewals)}", "expires_in": 3600}))
        token = call.headers.get("x-amz-access-token", "")
        if token in (refuse or set()):
            return Says("{}", status=403)
        if call.path == "/tokens/2021-03-01/restrictedDataToken":
            left[0] -= 1
            if left[0] < 0:
                left[0] = most
                return Says("{}", status=429)
            return Says(json.dumps({"restrictedDataToken": "RDT", "expiresIn": 3600}))
        if call.path == "/orders/v0/orders":
            if call.query.get("NextToken"):
                return Says(json.dumps({"payload": {"Orders": [{**head, "AmazonOrderId": "249-2"}]}}))
            return Says(json.dumps({"payload": {"Orders": [{**head, "AmazonOrderId": "249-1"}], "NextToken": "more"}}))
        if token != "RDT":
            return Says("{}", status=403)
        number = call.path.split("/")[4]
        if call.path.endswith("/orderItems"):
            return Says(json.dumps({"payload": {"OrderItems": AMAZON["OrderItems"], "AmazonOrderId": number}}))
        order = {**head, "AmazonOrderId": number, "ShippingAddress": AMAZON["ShippingAddress"], "BuyerInfo": AMAZON["BuyerInfo"]}
        return Says(json.dumps({"payload": order}, ensure_ascii=False))

    return answers


def test_amazon_is_asked_with_a_token_that_is_renewed_once_and_shows_addresses_to_a_restricted_one():
    renewals: list[str] = []
    with Mall(amazon(renewals=renewals)).open() as mall:
        asked_shop("amazon", mall, **RENEWING)

        first, again = looked(), looked(AT + timedelta(hours=1))

    assert (first, again, states()) == ((2, ""), (0, ""), [("249-1", "placed"), ("249-2", "placed")])
    assert len(renewals) == 1
    assert "grant_type=refresh_token" in renewals[0]
    assert "client_secret=hush" in renewals[0]
    assert mall.asked[1].query["LastUpdatedBefore"].endswith("Z")
    assert Order.objects.first().destinations.get().city == "千代田区"


def test_what_amazon_answered_before_it_asked_us_to_wait_is_taken_in_and_the_rest_a_minute_later():
    with Mall(amazon(renewals=[], most=1)).open() as mall:
        asked_shop("amazon", mall, **RENEWING)

        first, second = looked(), looked(AT + timedelta(minutes=1))

    assert (first, second, states()) == ((1, "http_429"), (1, ""), [("249-1", "placed"), ("249-2", "placed")])
    assert IntakeFetch.objects.get().tries == 0


def test_a_token_that_ended_early_is_renewed_with_the_next_look():
    renewals: list[str] = []
    with Mall(amazon(renewals=renewals, refuse={"T1"})).open() as mall:
        asked_shop("amazon", mall, **RENEWING)

        first, second = looked(), looked(AT + timedelta(minutes=1))

    assert (first, second, len(renewals)) == ((0, "http_403"), (2, ""), 2)


def test_a_counter_that_no_longer_knows_us_waits_and_says_why():
    with Mall(lambda _mall, _call: Says('{"error": "invalid_grant"}', status=400)).open() as mall:
        asked_shop("amazon", mall, **RENEWING)

        first, at_once, later = looked(), looked(), looked(AT + timedelta(minutes=1))

    fetch = IntakeFetch.objects.get()
    assert (first, at_once, later) == ((0, 'http_400 {"error": "invalid_grant"}'), None, (0, 'http_400 {"error": "invalid_grant"}'))
    assert (fetch.tries, fetch.fetched_until_at, fetch.due_at) == (2, None, AT + timedelta(minutes=3))
    assert "hush" not in fetch.answer


def shopify(orders: list[dict[str, Any]], *, fail_at: str = "") -> Any:
    """The Admin API: a list in pages of one by its Link header, and orders by their ids."""

    def answers(mall: Mall, call: Call) -> Says:
        if call.query.get("ids"):
            wanted = call.query["ids"].split(",")
            if fail_at in wanted and mall.paths().count(call.path) < 5:
                return Says(status=0)
            return Says(json.dumps({"orders": [one for one in orders if str(one["id"]) in wanted]}, ensure_ascii=False))
        place = int(call.query.get("page_info", "0"))
        following = f'<{mall.address}{call.path}?page_info={place + 1}&limit=250>; rel="next"' if place + 1 < len(orders) else ""
        seen = [{"id": one["id"], "updated_at": one["updated_at"]} for one in orders[place : place + 1]]
        return Says(json.dumps({"orders": seen}), headers={"Link": following} if following else {})

    return answers


def test_shopify_is_followed_by_its_pages_and_a_later_change_is_fetched():
    orders = [{**SHOPIFY, "id": 1}, {**SHOPIFY, "id": 2}]
    with Mall(shopify(orders)).open() as mall:
        asked_shop("shopify", mall, access_token="shpat")
        first = looked()
        orders[1] = {**orders[1], "updated_at": "2026-11-29T09:00:00+09:00", "cancelled_at": "2026-11-29T09:00:00+09:00"}

        second, third = looked(AT + timedelta(hours=1)), looked(AT + timedelta(hours=2))

    assert (first, second, third) == ((2, ""), (1, ""), (0, ""))
    assert states() == [("1", "placed"), ("2", "cancelled")]
    assert IntakeDocument.objects.filter(source="fetched").count() == 2


def test_an_order_that_was_only_touched_is_not_fetched_with_every_look():
    orders = [{**SHOPIFY, "id": 1}]
    with Mall(shopify(orders)).open() as mall:
        asked_shop("shopify", mall, access_token="shpat")
        looked()
        orders[0] = {**orders[0], "updated_at": "2026-11-29T09:00:00+09:00"}

        looks = [looked(AT + timedelta(minutes=minutes)) for minutes in (10, 20, 80)]

    assert (looks, states()) == ([(1, ""), (0, ""), (0, "")], [("1", "placed")])
    assert sum(1 for call in mall.asked if call.query.get("ids")) == 2
    assert IntakeDocument.objects.count() == 1


def test_a_line_that_breaks_loses_nothing_and_is_looked_at_again():
    with Mall(shopify([{**SHOPIFY, "id": 1}], fail_at="1")).open() as mall:
        asked_shop("shopify", mall, access_token="shpat")

        first, second = looked(), looked(AT + timedelta(minutes=2))
        third = looked(AT + timedelta(minutes=10))

    assert (first, second, third) == ((0, "no_answer"), (0, "no_answer"), (1, ""))
    assert (states(), IntakeFetch.objects.get().tries) == ([("1", "placed")], 0)


def yahoo(_mall: Mall, call: Call) -> Says:
    """Yahoo: a token for Basic credentials, orderList, orderInfo."""
    if call.path == "/token":
        return Says('{"access_token": "Y1", "expires_in": 3600}')
    if call.path.endswith("/orderList"):
        found = (
            "<OrderInfo><Index>1</Index><OrderId>koyomido-10000321</OrderId>"
            "<LastUpdateTime>2026-11-28T20:05:00+09:00</LastUpdateTime></OrderInfo>"
        )
        return Says(f"<Result><Status>OK</Status><Search><TotalCount>1</TotalCount>{found}</Search></Result>")
    return Says(golden("yahoo.xml"))


def test_yahoo_is_asked_and_told_with_the_same_renewed_token():
    with Mall(yahoo).open() as mall:
        asked_shop("yahoo", mall, **RENEWING)

        first, again = looked(), looked(AT + timedelta(hours=1))
        told = tell_counters(actor=SYSTEM, at=AT)

    assert (first, again, told, states()) == ((1, ""), (0, ""), 0, [("koyomido-10000321", "placed")])
    assert mall.asked[0].headers["Authorization"].startswith("Basic ")
    assert {call.headers["Authorization"] for call in mall.asked[1:]} == {"Bearer Y1"}
    assert "<SellerId>koyomido</SellerId>" in mall.asked[1].body


def test_an_order_nobody_can_read_is_not_fetched_with_every_look():
    broken = {**SHOPIFY, "id": 1, "currency": "USD"}
    with Mall(shopify([broken])).open() as mall:
        asked_shop("shopify", mall, access_token="shpat")
        looks = [looked(AT + timedelta(minutes=minutes)) for minutes in (0, 10, 30, 61)]

    assert looks == [(1, ""), (0, ""), (0, ""), (1, "")]
    assert Order.objects.count() == 0


def test_secrets_that_are_not_there_are_named_and_nobody_is_called():
    with Mall(lambda _mall, _call: Says()).open() as mall:
        asked_shop("yahoo", mall, refresh_token="R1")

        first = looked()

    assert (first, mall.asked) == ((0, "missing: access_token, seller_id"), [])


def test_a_shop_that_is_not_asked_cannot_be_asked_now():
    with Mall(lambda _mall, _call: Says()).open() as mall:
        outside = asked_shop("rakuten", mall)
        with acting(STAFF):
            OutsideShop.objects.update(fetch_minutes=None)

        answer, look = fetch_soon([outside.pk], actor=STAFF, at=AT)[0], looked()

    assert isinstance(answer, Refusal)
    assert (answer.code, answer.field, look) == ("intake.does_not_fetch", "/fetch_minutes", None)


def test_whoever_asks_for_it_is_served_with_the_next_turn():
    with Mall(rakuten({})).open() as mall:
        outside = asked_shop("rakuten", mall, service_secret="SP1", license_key="SL1")
        looked()

        before = looked(AT + timedelta(minutes=1))
        fetch_soon([outside.pk], actor=STAFF, at=AT + timedelta(minutes=1))
        after = looked(AT + timedelta(minutes=1))

    assert (before, after) == (None, (0, ""))
