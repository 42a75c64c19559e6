"""Goods fetched in a store: ordered where they lie, prepared, handed over against a code, reminded of, and given up."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice, Payment
from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.clock import travel
from core.models import OutboxEvent, OutgoingMail
from core.queries import WorkingDays
from inventory.models import Component, Stock
from inventory.queries import counter_stock
from orders.events import PickupLapsed, PickupReady, PickupReminded
from orders.handlers import mail_pickup_lapsed, mail_pickup_ready, mail_pickup_reminded
from orders.models import Destination, Order, Pickup, Shipment
from orders.operations import (
    HandedOver,
    HandOver,
    Leaving,
    Prepared,
    cancel_orders,
    hand_over_pickup,
    lapse_pickups,
    place_orders,
    prepare_pickups,
    quote_orders,
    remind_pickups,
    ship_shipments,
)
from orders.queries import pickup_by_code, pickup_rows, pickup_stores, pickups_of_order
from orders.rules import ChangeItem, ChangeKind, PickupState, PickupTermsRow, Refused, Tender, kept_until, ready_on
from tests.factories.inventory import stock_of
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee, a_shop, placed
from tests.factories.pickup import a_fetched_draft, a_store, some_terms
from tests.orders.test_api import an_order_said, caller, pointers, post
from tests.orders.test_changes import broken, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


@pytest.fixture
def store(shop: Shop) -> Any:
    return a_store(shop)


def in_store(shop: Shop, store: Any, quantity: int, *, elsewhere: int = 100, price: int = 1_000) -> Any:
    variant = shop.variant(price, stock=[elsewhere])
    stock_of(Component.objects.get(variant=variant).stock_item, store, quantity)
    return variant


def fetched(shop: Shop, store: Any, quantity: int = 1, **given: Any) -> tuple[Order, Shipment]:
    (result,) = placed(a_fetched_draft(shop, store, (in_store(shop, store, 5), quantity), **given))
    order = Order.objects.get(pk=result.order_id)
    return order, Shipment.objects.get(order=order)


def prepared(parcel: Shipment, at: datetime = AT) -> str:
    (answer,) = prepare_pickups([parcel.pk], actor=STAFF, at=at)
    assert isinstance(answer, Prepared), answer
    return answer.code


def test_what_is_fetched_is_taken_from_its_store_without_postage(shop, store):
    a_fee(shop, 600)
    order, parcel = fetched(shop, store, 2)

    assert (parcel.location_id, order.fee_total, order.total) == (store.pk, 0, 2_000)
    assert Destination.objects.get(order=order).pickup_at_id == store.pk
    assert Stock.objects.get(location=store).allocated == 2
    assert broken() == []


def test_what_the_store_lacks_is_refused_though_the_warehouse_has_it(shop, store):
    variant = in_store(shop, store, 1)

    (answer,) = place_orders([a_fetched_draft(shop, store, (variant, 2))], actor=SYSTEM, at=AT)

    assert isinstance(answer, Refused)
    assert [(r.code, r.field) for r in answer.reasons] == [("inventory.out_of_stock", "/lines/0/quantity")]
    assert not Order.objects.exists()


def test_what_is_sent_is_never_taken_from_a_store_that_does_not_ship(shop, store):
    variant = in_store(shop, store, 5, elsewhere=1)

    (answer,) = place_orders([a_draft(shop, (variant, 2))], actor=SYSTEM, at=AT)

    assert isinstance(answer, Refused)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"payment_method": PaymentMethod.CASH_ON_DELIVERY}, "order.pickup_method"), ({"two": True}, "order.pickup_alone")],
)
def test_what_is_fetched_is_whole_and_not_paid_to_a_driver(shop, store, given, code):
    draft = a_fetched_draft(shop, store, (in_store(shop, store, 5), 1))
    if given.pop("two", False):
        draft = replace(draft, destinations=(*draft.destinations, *a_draft(shop).destinations))

    (answer,) = place_orders([replace(draft, **given)], actor=SYSTEM, at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == code


def test_a_store_that_hands_nothing_over_is_refused(shop, store):
    draft = a_fetched_draft(shop, store, (in_store(shop, store, 5), 1))
    store.can_pick_up = False
    store.save()

    (answer,) = quote_orders([draft], at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == "order.no_pickup_here"


def test_it_is_prepared_once_and_its_buyer_gets_the_code(shop, store):
    order, parcel = fetched(shop, store)

    code = prepared(parcel)
    (again,) = prepare_pickups([parcel.pk], actor=STAFF, at=AT)
    with travel(AT):
        mail_pickup_ready(PickupReady(order_id=order.pk, order_ref=order.public_id, company_id=shop.company.pk, customer_id=order.customer_id,
                                  shipment_id=parcel.pk, shipment_ref=parcel.public_id), at=AT)  # fmt: skip

    row = Pickup.objects.get()
    assert again == Prepared(parcel.pk, code, repeated=True)
    assert (row.state, row.until_on, len(code)) == ("ready", date(2026, 5, 18), 6)
    assert OutboxEvent.objects.filter(name="orders.PickupReady").count() == 1
    mail = OutgoingMail.objects.get(kind="order.pickup_ready")
    assert code in mail.body
    assert "神保町店" in mail.body


def test_it_is_handed_over_against_its_code_and_paid_at_the_counter(shop, store):
    order, parcel = fetched(shop, store, 2)
    code = prepared(parcel)

    unpaid = hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code), actor=STAFF, at=AT)
    wrong = hand_over_pickup(HandOver(shipment_id=parcel.pk, code="x", paid=2_000), actor=STAFF, at=AT)
    done = hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code, paid=2_000, identity_note="免許証"), actor=STAFF, at=AT)
    again = hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code, paid=2_000), actor=STAFF, at=AT)

    row = Pickup.objects.get()
    parcel.refresh_from_db()
    assert (unpaid.code, wrong.code) == ("order.pay_at_store", "order.wrong_code")
    assert isinstance(done, HandedOver)
    assert again == HandedOver(parcel.pk, order.pk, repeated=True)
    assert (row.state, row.handed_by, row.identity_note, parcel.status) == ("handed_over", "受注 太郎", "免許証", "delivered")
    assert Stock.objects.get(location=store).on_hand == 3
    assert list(Payment.objects.values_list("method", "amount")) == [("cash_at_store", 2_000)]
    assert Invoice.objects.count() == 1
    assert broken() == []


def test_nothing_is_handed_over_before_it_is_ready_or_shipped_past_the_counter(shop, store):
    _order, parcel = fetched(shop, store)

    early = hand_over_pickup(HandOver(shipment_id=parcel.pk, code="000000", paid=1_000), actor=STAFF, at=AT)
    (shipped,) = ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)

    assert early.code == "order.not_ready"
    assert shipped.code == "order.is_fetched"
    assert Stock.objects.get(location=store).on_hand == 5


def test_a_parcel_that_is_sent_is_not_prepared(shop):
    (result,) = placed(a_draft(shop, (shop.variant(), 1)))

    (answer,) = prepare_pickups([Shipment.objects.get(order_id=result.order_id).pk], actor=STAFF, at=AT)

    assert answer.code == "order.no_pickup"


def test_who_has_not_come_is_reminded_once_then_the_goods_go_back_on_sale(shop, store):
    some_terms(shop, keep_days=5, remind_days=2)
    order, parcel = fetched(shop, store, 2)
    prepared(parcel)
    until = date(2026, 5, 16)

    early = remind_pickups(actor=SYSTEM, at=AT + timedelta(days=2))
    reminded = [remind_pickups(actor=SYSTEM, at=AT + timedelta(days=3)) for _ in range(2)]
    kept = lapse_pickups(actor=SYSTEM, at=AT + timedelta(days=5))
    lapsed = [lapse_pickups(actor=SYSTEM, at=AT + timedelta(days=6)) for _ in range(2)]

    order.refresh_from_db()
    row = Pickup.objects.get()
    assert (row.until_on, early, reminded, kept, lapsed) == (until, 0, [1, 0], 0, [1, 0])
    assert (row.state, order.status) == ("lapsed", "cancelled")
    assert Stock.objects.get(location=store).allocated == 0
    assert OutboxEvent.objects.filter(name="orders.PickupLapsed").count() == 1
    assert broken() == []


def test_mails_say_what_became_of_it(shop, store):
    order, parcel = fetched(shop, store)
    told = {"order_id": order.pk, "order_ref": order.public_id, "company_id": shop.company.pk, "customer_id": order.customer_id,
            "shipment_id": parcel.pk, "shipment_ref": parcel.public_id}  # fmt: skip
    prepared(parcel)

    with travel(AT):
        mail_pickup_reminded(PickupReminded(**told), at=AT)
        mail_pickup_lapsed(PickupLapsed(**told), at=AT)

    assert sorted(OutgoingMail.objects.values_list("kind", flat=True)) == ["order.pickup_lapsed", "order.pickup_reminded"]


def test_what_was_paid_by_the_terminal_is_told_from_cash(shop, store):
    _order, parcel = fetched(shop, store, 2)
    ask = HandOver(shipment_id=parcel.pk, code=prepared(parcel), paid=2_000, tender=Tender.CARD_TERMINAL, slip="00123")

    too_long = hand_over_pickup(replace(ask, slip="9" * 41), actor=STAFF, at=AT)
    hand_over_pickup(ask, actor=STAFF, at=AT)

    assert (too_long.code, too_long.field) == ("order.slip_too_long", "/slip")
    assert list(Payment.objects.values_list("amount", "reference")) == [(2_000, "神保町店 カード端末 00123")]
    assert broken() == []


def test_a_cancelled_order_is_not_handed_over(shop, store):
    order, parcel = fetched(shop, store)
    code = prepared(parcel)

    cancel_orders([order.pk], reason="電話にて", actor=STAFF, at=AT)
    answer = hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code, paid=1_000), actor=STAFF, at=AT)

    assert answer.code == "order.pickup_over"
    assert Pickup.objects.get().state == "cancelled"


def test_what_is_fetched_can_become_less_not_more(shop, store):
    order, _parcel = fetched(shop, store, 2)
    line = order.lines.get()

    assert refused(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after="3")) == [
        ("order.no_more_there", "/items/0/after")
    ]
    assert refused(order, ChangeItem(kind=ChangeKind.ADDED, target=line.sku, after="1")) == [("order.no_more_there", "/items/0/after")]
    assert refused(order, ChangeItem(kind=ChangeKind.DESTINATION, target="1", field="city", after="港区")) == [
        ("order.is_fetched_there", "/items/0/after")
    ]


def test_the_page_of_a_store_shows_its_own_parcels_in_as_many_statements_for_many(shop, store):
    other = a_store(shop, "shibuya", name="渋谷店")
    variant = in_store(shop, store, 50)
    placed(*[a_fetched_draft(shop, store, (variant, 1)) for _ in range(3)])

    with CaptureQueriesContext(connection) as asked:
        waiting = pickup_rows("to_prepare", location_ids=[store.pk])

    assert len(asked) == 1
    assert [row.goods[0][2] for row in waiting] == [1, 1, 1]
    assert pickup_rows("to_prepare", location_ids=[other.pk]) == []
    code = prepared(Shipment.objects.get(pk=waiting[0].shipment_id))
    assert pickup_by_code(code, location_ids=[store.pk]) is not None
    assert pickup_by_code(code, location_ids=[other.pk]) is None
    assert len(pickup_rows("ready", location_ids=[store.pk])) == 1


def test_the_buyer_sees_the_code_only_while_it_lies_ready(shop, store):
    order, parcel = fetched(shop, store)

    before = pickups_of_order(order.pk)[parcel.pk]
    code = prepared(parcel)
    ready = pickups_of_order(order.pk)[parcel.pk]
    hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code, paid=1_000), actor=STAFF, at=AT)
    after = pickups_of_order(order.pk)[parcel.pk]

    assert [(one.state, one.code) for one in (before, ready, after)] == [
        (None, ""),
        (PickupState.READY, code),
        (PickupState.HANDED_OVER, ""),
    ]


def test_stock_is_told_store_by_store_and_a_stores_own_terms_win(shop, store):
    other = a_store(shop, "shibuya", name="渋谷店")
    variant = in_store(shop, store, 5)
    some_terms(shop, ready_days=2)
    some_terms(shop, location=other, ready_days=0, pays_at_store=False)

    found = counter_stock([variant.pk], pickups=[store.pk, other.pk], company_id=shop.company.pk, channel_id=shop.channel.pk, at=AT)

    terms = {one.code: (one.terms.ready_days, one.terms.pays_at_store) for one in pickup_stores(shop.company.pk)}
    assert found == {store.pk: {variant.pk: 5}, other.pk: {variant.pk: 0}}
    assert terms == {"jimbocho": (2, True), "shibuya": (0, False)}


@pytest.mark.parametrize(
    ("ordered_at", "cutoff_at", "days", "expected"),
    [
        (datetime(2026, 5, 11, 10, 0, tzinfo=UTC), time(15), 0, date(2026, 5, 11)),  # a Monday before the cut-off
        (datetime(2026, 5, 11, 15, 0, tzinfo=UTC), time(15), 0, date(2026, 5, 12)),
        (datetime(2026, 5, 11, 23, 0, tzinfo=UTC), None, 0, date(2026, 5, 11)),
        (datetime(2026, 5, 8, 16, 0, tzinfo=UTC), time(15), 0, date(2026, 5, 11)),  # Friday after it: Monday
        (datetime(2026, 5, 9, 9, 0, tzinfo=UTC), time(15), 0, date(2026, 5, 11)),  # closed on Saturday
        (datetime(2026, 5, 8, 10, 0, tzinfo=UTC), time(15), 2, date(2026, 5, 12)),
    ],
)
def test_the_day_follows_from_cut_off_and_calendar(ordered_at, cutoff_at, days, expected):
    assert ready_on(ordered_at, cutoff_at=cutoff_at, terms=PickupTermsRow(ready_days=days), days=WorkingDays()) == expected


def test_it_is_kept_for_as_many_days_as_the_terms_say():
    assert kept_until(date(2026, 5, 11), PickupTermsRow(keep_days=3)) == date(2026, 5, 14)


def test_a_partner_has_it_fetched_prepares_it_and_hands_it_over(client, shop, store):
    headers = caller(shop.company)
    said = an_order_said(shop, (in_store(shop, store, 5), 2), payment_method="cash_at_store")
    said["destinations"][0]["pickup_at"] = store.code
    elsewhere = {**said, "destinations": [{**said["destinations"][0], "pickup_at": "nowhere"}]}

    made = post(client, headers, said)
    unknown = post(client, headers, elsewhere, key="key-0002")
    parcel = Shipment.objects.get()
    url = f"/api/v1/shipments/shp_{parcel.public_id.hex}"
    ready = post(client, headers, {}, key="key-0003", url=f"{url}/preparation")
    wrong = post(client, headers, {"code": "x", "paid": 2_000}, key="key-0004", url=f"{url}/handover")
    done = post(client, headers, {"code": Pickup.objects.get().code, "paid": 2_000}, key="key-0005", url=f"{url}/handover")
    told = client.get(made["Location"], headers=headers).json()

    assert (made.status_code, unknown.status_code, pointers(unknown)) == (201, 422, {"/destinations/0/pickup_at"})
    assert (ready.status_code, ready.json()["state"], "code" in ready.json()) == (200, "ready", False)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "order.wrong_code")
    assert (done.status_code, done.json()["state"], done.json()["order"]) == (200, "handed_over", told["id"])
    assert (told["destinations"][0]["pickup_at"], told["destinations"][0]["building"]) == (store.code, "神保町店")


def test_another_companys_parcel_is_not_there(client, shop, store):
    _order, parcel = fetched(shop, store)
    url = f"/api/v1/shipments/shp_{parcel.public_id.hex}/preparation"

    assert post(client, caller(a_shop().company), {}, url=url).status_code == 404
