"""Counters hear of parcels once each: by file, or by calls to a server that speaks their protocol, delays, declines and dies."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from core.actor import SYSTEM
from orders.events import ShipmentShipped
from orders.handlers import tell_counter
from orders.models import NoticeFile, Order, OutsideNotice, OutsideShop, Shipment
from orders.operations import Leaving, NoticesWritten, queue_notices, ship_shipments, tell_counters, write_notices
from tests.factories.intake import an_outside_shop, golden, taken
from tests.factories.orders import AT, STAFF, a_shipped_order, a_shop

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = {
    "koyomi": {"service_secret": "SP1", "license_key": "SL1", "access_token": "token", "seller_id": "koyomido"},
}
NUMBER = "123456789013"


@pytest.fixture(autouse=True)
def secrets() -> Iterator[None]:
    with override_settings(INTAKE_SECRETS={name: dict(keys) for name, keys in SECRETS.items()}):
        yield


class Counter:
    """A counter's interface: what it was asked, and what it answers next (status, body); the last answer stays."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.answers, self.asked = list(answers), []
        counter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve("")

            def do_POST(self) -> None:
                self._serve(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _serve(self, body: str) -> None:
                counter.asked.append((self.command, self.path, dict(self.headers), body))
                status, answer = counter.answers.pop(0) if len(counter.answers) > 1 else counter.answers[0]
                if status == 0:  # dies in the middle of the answer
                    self.connection.close()
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_words: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def open(self) -> Iterator["Counter"]:
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join(timeout=5)


def a_shipped(adapter: str, document: str, *, address: str = "", way: str = "call") -> OutsideShop:
    """A shop whose recorded order was taken in and has left, told to be told."""
    settings.INTAKE_SECRETS["koyomi"]["base_url"] = address
    shop = a_shop()
    shop.variant(1_080, sku="TEA-100")
    shop.variant(3_300, sku="POT-1")
    outside = an_outside_shop(shop, adapter, secret_name="koyomi", tells_by=way)
    taken(golden(document), outside)
    keys = list(Shipment.objects.order_by("destination__position").values_list("pk", flat=True))
    ship_shipments([Leaving(shipment_id=key, carrier="yamato", tracking_number=NUMBER) for key in keys], actor=STAFF, at=AT)
    assert queue_notices(keys, actor=SYSTEM, at=AT) == len(keys)
    return outside


def told(at: Any = AT) -> int:
    return tell_counters(actor=SYSTEM, at=at)


def states() -> list[tuple[str, int, str]]:
    return list(OutsideNotice.objects.order_by("pk").values_list("state", "tries", "answer"))


def test_rakuten_hears_of_each_basket_once():
    with Counter((200, '{"MessageModelList": [{"messageType": "INFO", "messageCode": "OK"}]}')).open() as counter:
        a_shipped("rakuten", "rakuten.json", address=counter.address)

        first, second = told(), told()

    bodies = [json.loads(body) for _method, _path, _headers, body in counter.asked]
    assert (first, second, states()) == (2, 0, [("sent", 1, ""), ("sent", 1, "")])
    assert {path for _method, path, _headers, _body in counter.asked} == {"/es/2.0/order/updateOrderShipping/"}
    assert counter.asked[0][2]["Authorization"] == "ESA U1AxOlNMMQ=="
    assert [body["BasketidModelList"][0]["basketId"] for body in bodies] == [900_001, 900_002]
    assert bodies[0]["BasketidModelList"][0]["ShippingModelList"] == [
        {"deliveryCompany": "1001", "shippingNumber": NUMBER, "shippingDate": "2026-05-11"}
    ]


def test_a_counter_that_dies_and_stalls_is_called_again_later_and_hears_it_once():
    with Counter((0, ""), (503, "busy"), (200, "{}")).open() as counter:
        a_shipped("amazon", "amazon.json", address=counter.address)

        first, too_early = told(), told()
        after_death = states()
        second, third = told(AT + timedelta(hours=1)), told(AT + timedelta(hours=3))

    assert (first, too_early, second, third, len(counter.asked)) == (0, 0, 0, 1, 3)
    assert (after_death, states()) == ([("due", 1, "no_answer")], [("sent", 3, "")])
    method, path, headers, body = counter.asked[-1]
    assert (method, path, headers["x-amz-access-token"]) == ("POST", "/orders/v0/orders/249-1234567-7654321/shipmentConfirmation", "token")
    assert json.loads(body)["packageDetail"]["orderItems"] == [{"orderItemId": "68828574383266", "quantity": 3}]


def test_what_a_counter_declines_waits_for_a_person():
    answer = (
        "<ResultSet><Result><Status>NG</Status><Warning><Code>od90101</Code><Message>no such order</Message></Warning></Result></ResultSet>"
    )
    with Counter((200, answer)).open() as counter:
        a_shipped("yahoo", "yahoo.xml", address=counter.address)

        first, again = told(), told(AT + timedelta(days=1))

    assert (first, again, len(counter.asked), states()) == (0, 0, 1, [("failed", 1, "od90101 no such order")])
    assert "<OrderId>koyomido-10000321</OrderId>" in counter.asked[0][3]
    assert f"<ShipInvoiceNumber1>{NUMBER}</ShipInvoiceNumber1>" in counter.asked[0][3]


def test_shopify_fulfils_what_is_open_and_bears_being_told_twice():
    opened = {
        "fulfillment_orders": [{"id": 7, "status": "open", "line_items": [{"id": 70, "line_item_id": 111, "fulfillable_quantity": 2}]}]
    }
    closed = {"fulfillment_orders": [{"id": 7, "status": "closed", "line_items": []}]}
    with Counter((200, json.dumps(opened)), (201, "{}"), (200, json.dumps(closed))).open() as counter:
        a_shipped("shopify", "shopify.json", address=counter.address)
        first = told()
        OutsideNotice.objects.update(state="due", leased_until=None)  # as if the process had died before noting it
        again = told(AT + timedelta(days=1))

    assert (first, again, [method for method, *_rest in counter.asked]) == (1, 1, ["GET", "POST", "GET"])
    fulfilment = json.loads(counter.asked[1][3])["fulfillment"]
    assert fulfilment["line_items_by_fulfillment_order"] == [
        {"fulfillment_order_id": 7, "fulfillment_order_line_items": [{"id": 70, "quantity": 2}]}
    ]
    assert fulfilment["tracking_info"] == {"number": NUMBER, "company": "Yamato (JA)"}


def test_a_line_that_stands_in_two_fulfilment_orders_is_fulfilled_once():
    shares = [{"id": n, "line_item_id": 111, "fulfillable_quantity": 2} for n in (70, 80)]
    opened = {"fulfillment_orders": [{"id": one["id"] // 10, "status": "open", "line_items": [one]} for one in shares]}
    with Counter((200, json.dumps(opened)), (201, "{}")).open() as counter:
        a_shipped("shopify", "shopify.json", address=counter.address)
        told()

    assert json.loads(counter.asked[1][3])["fulfillment"]["line_items_by_fulfillment_order"] == [
        {"fulfillment_order_id": 7, "fulfillment_order_line_items": [{"id": 70, "quantity": 2}]}
    ]


def test_without_its_secrets_nobody_is_called():
    a_shipped("yahoo", "yahoo.xml", address="http://127.0.0.1:9")
    OutsideNotice.objects.update(tries=11)

    with override_settings(INTAKE_SECRETS={}):
        assert told() == 0

    assert states() == [("failed", 12, "missing: access_token, seller_id")]


def test_a_file_tells_every_parcel_once():
    outside = a_shipped("rakuten", "rakuten.json", way="file")

    written = write_notices(shop_id=outside.pk, actor=STAFF, at=AT)
    again = write_notices(shop_id=outside.pk, actor=STAFF, at=AT)

    assert isinstance(written, NoticesWritten)
    assert written.content.decode("cp932").splitlines() == [
        "注文番号,送付先ID,発送明細ID,お荷物伝票番号,配送会社,発送日",
        f"123456-20261128-00001701,900001,,{NUMBER},1001,2026/05/11",
        f"123456-20261128-00001701,900002,,{NUMBER},1001,2026/05/11",
    ]
    assert getattr(again, "code", "") == "intake.nothing_to_tell"
    assert (NoticeFile.objects.count(), [state for state, _tries, _answer in states()]) == (1, ["sent", "sent"])


def test_a_parcel_of_our_own_shop_is_told_to_nobody():
    order = a_shipped_order()
    parcel = Shipment.objects.get(order=order)
    event = ShipmentShipped(
        order_id=order.pk, order_ref=order.public_id, shipment_id=parcel.pk, shipment_ref=parcel.public_id, company_id=order.company_id,
        customer_id=order.customer_id, carrier="yamato", tracking_number=NUMBER,
    )  # fmt: skip

    tell_counter(event, at=AT)

    assert (OutsideNotice.objects.count(), Order.objects.count()) == (0, 1)
