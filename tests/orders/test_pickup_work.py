"""Work in a store: parcels are filled and inspected before they lie ready, codes are guarded, and what a store ends is still handed over."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Payment
from core.actor import SYSTEM, Actor, ActorKind
from core.clock import travel
from core.db import rows
from core.models import OutboxEvent, OutgoingMail
from inventory.models import Stock
from orders.events import PickupReady
from orders.handlers import mail_pickup_ready
from orders.models import Order, Pickup, Shipment, ShipmentInsert
from orders.operations import (
    HandedOver,
    HandOver,
    InBatch,
    Inspected,
    Prepared,
    ShortPick,
    blank_customers,
    change_own_order,
    finish_inspection,
    hand_over_pickup,
    lapse_pickups,
    make_picking_batches,
    open_inspection,
    place_orders,
    prepare_pickups,
    quote_orders,
    renew_pickup_code,
    report_short_picks,
    scan_piece,
)
from orders.queries import invariants, pickup_rows, pickup_stores, pickups_of_order, shipments_to_send, stores_at_work
from orders.rules import ChangeItem, ChangeKind, PickingWay, Refused
from tests.factories.inventory import stock_of
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_shop, an_insert_rule, an_inspection_policy, placed
from tests.factories.pickup import a_fetched_draft, a_store, some_terms
from tests.orders.test_api import caller, post
from tests.orders.test_entry import a_desk
from tests.orders.test_pickup import fetched, in_store, prepared

pytestmark = pytest.mark.django_db
BUYER = Actor(ActorKind.CUSTOMER, "acc_1", "花子")


@pytest.fixture
def shop() -> Shop:
    return a_shop(locations=1)


@pytest.fixture
def store(shop: Shop) -> Any:
    return a_store(shop)


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    assert [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)] == []


def handed(parcel: Shipment, code: str, **given: Any) -> Any:
    return hand_over_pickup(HandOver(shipment_id=parcel.pk, code=code, **given), actor=STAFF, at=AT)


def leaflet_in(shop: Shop, store: Any, *, stock: int = 5, **given: Any) -> Any:
    rule = an_insert_rule(shop, stock=0, **given)
    stock_of(rule.stock_item, store, stock)
    return rule.stock_item


def test_what_is_fetched_gets_its_inserts_when_it_is_prepared_and_they_leave_with_it(shop, store):
    leaflet = leaflet_in(shop, store)
    _order, parcel = fetched(shop, store)

    code = prepared(parcel)
    done = handed(parcel, code, paid=1_000)

    assert isinstance(done, HandedOver)
    assert ShipmentInsert.objects.get().stock_item == leaflet
    assert Stock.objects.get(stock_item=leaflet, location=store).on_hand == 4


def test_a_parcel_that_waits_for_its_insert_does_not_lie_ready_yet(shop, store):
    leaflet_in(shop, store, stock=0, when_short="wait")
    _order, parcel = fetched(shop, store)

    (answer,) = prepare_pickups([parcel.pk], actor=STAFF, at=AT)

    assert answer.code == "order.insert_awaited"
    assert not Pickup.objects.exists()
    assert not OutboxEvent.objects.filter(name="orders.PickupReady").exists()


def test_where_a_store_inspects_a_pickup_is_inspected_then_lies_ready_then_is_handed_over(shop, store):
    an_inspection_policy(shop, location=store)
    _order, parcel = fetched(shop, store)
    sku = parcel.order.lines.get().sku

    (early,) = prepare_pickups([parcel.pk], actor=STAFF, at=AT)
    opened = open_inspection(parcel.pk, actor=STAFF, at=AT)
    assert isinstance(opened, Inspected), opened
    scan_piece(opened.view.ref, sku, once_key="k1", company_id=None, actor=STAFF, at=AT)
    finished = finish_inspection(opened.view.ref, company_id=None, actor=STAFF, at=AT)
    code = prepared(parcel)
    done = handed(parcel, code, paid=1_000)

    assert early.code == "order.not_inspected"
    assert isinstance(finished, Inspected), finished
    assert isinstance(done, HandedOver), done


def test_pickups_are_picked_in_batches_where_somebody_names_them(shop, store):
    _order, parcel = fetched(shop, store)

    (answer,) = make_picking_batches([parcel.pk], way=PickingWay.TOTAL, actor=STAFF, at=AT)

    assert isinstance(answer, InBatch), answer


def test_a_store_that_takes_nothing_new_still_prepares_shows_and_hands_over_what_was_ordered(shop, store):
    _order, parcel = fetched(shop, store)
    store.can_pick_up = False
    store.save()

    code = prepared(parcel)

    assert pickup_stores(shop.company.pk) == []
    assert [one.id for one in stores_at_work([store.pk])] == [store.pk]
    assert [row.shipment_id for row in pickup_rows("ready", location_ids=[store.pk])] == [parcel.pk]
    assert pickups_of_order(parcel.order_id)[parcel.pk].ready_on is not None
    assert isinstance(handed(parcel, code, paid=1_000), HandedOver)
    assert stores_at_work([store.pk]) == []


def test_what_waits_for_its_payment_is_not_offered_to_be_sent(shop):
    (result,) = placed(a_draft(shop, (shop.variant(), 1), payment_method="bank_transfer"))
    (paid_later,) = placed(a_draft(shop, (shop.variant(), 1)))

    parcels = shipments_to_send([shop.locations[0].pk])

    assert [one.id for one in parcels] == [Shipment.objects.get(order_id=paid_later.order_id).pk]
    assert result.order_id != paid_later.order_id


def test_a_buyer_does_not_change_what_lies_packed_in_the_store(shop, store):
    order, parcel = fetched(shop, store, 2)
    item = ChangeItem(kind=ChangeKind.QUANTITY, target=str(order.lines.get().public_id), after="1")
    prepared(parcel)

    answer = change_own_order(order.pk, items=[item], expected_total=1_000, actor=BUYER, at=AT)

    assert isinstance(answer, Refused)
    assert answer.code == "order.own_laid_ready"
    assert Order.objects.get(pk=order.pk).total == 2_000


def test_a_parcel_of_which_nothing_was_found_waits_for_nobody_and_nothing_comes_from_elsewhere(shop, store):
    order, parcel = fetched(shop, store, 2)
    code = prepared(parcel)

    (answer,) = report_short_picks(
        [ShortPick(shipment_id=parcel.pk, found=((order.lines.get().sku, 0),))], reason="missing", actor=STAFF, at=AT
    )

    assert (answer.elsewhere, answer.missing) == (0, 2)
    assert Pickup.objects.get().state == "cancelled"
    assert list(Shipment.objects.values_list("status", flat=True)) == ["cancelled"]
    assert handed(parcel, code, paid=2_000).code == "order.pickup_over"


def test_five_wrong_codes_lock_the_parcel_until_its_buyer_gets_a_new_one(shop, store):
    _order, parcel = fetched(shop, store)
    code = prepared(parcel)
    wrong = f"{(int(code) + 1) % 10**6:06d}"

    said = [handed(parcel, wrong, paid=1_000).code for _try in range(6)]
    locked = handed(parcel, code, paid=1_000)
    renewed = renew_pickup_code(parcel.pk, actor=STAFF, at=AT)

    assert said == ["order.wrong_code"] * 5 + ["order.code_locked"]
    assert locked.code == "order.code_locked"
    assert isinstance(renewed, Prepared)
    assert renewed.code != code
    assert OutboxEvent.objects.filter(name="orders.PickupReady").count() == 2
    assert handed(parcel, code, paid=1_000).code == "order.wrong_code"
    assert isinstance(handed(parcel, renewed.code, paid=1_000), HandedOver)
    assert renew_pickup_code(parcel.pk, actor=STAFF, at=AT).code == "order.not_ready"


def test_a_new_code_is_mailed_and_mails_name_what_is_owed_not_the_total(shop, store):
    order, parcel = fetched(shop, store, 2)
    event = PickupReady(order_id=order.pk, order_ref=order.public_id, company_id=shop.company.pk, customer_id=order.customer_id,
                        shipment_id=parcel.pk, shipment_ref=parcel.public_id)  # fmt: skip
    prepared(parcel)
    Order.objects.filter(pk=order.pk).update(paid_total=500)

    with travel(AT):
        mail_pickup_ready(event, at=AT)
        mail_pickup_ready(event, at=AT)
        renew_pickup_code(parcel.pk, actor=STAFF, at=AT)
        mail_pickup_ready(event, at=AT)
    Order.objects.filter(pk=order.pk).update(paid_total=0)

    first, second = OutgoingMail.objects.order_by("pk")
    assert "1,500" in first.body
    assert "2,000" not in first.body
    assert Pickup.objects.get().code in second.body


def test_over_the_api_wrong_codes_count_though_the_request_is_undone_and_repeats_are_told(client, shop, store):
    headers = caller(shop.company)
    _order, parcel = fetched(shop, store)
    code = prepared(parcel)
    url = f"/api/v1/shipments/shp_{parcel.public_id.hex}"

    tries = [
        post(client, headers, {"code": "x", "paid": 1_000}, key=f"key-{n:04d}", url=f"{url}/handover").json()["code"] for n in range(6)
    ]
    renewed = post(client, headers, {}, key="key-0007", url=f"{url}/pickup-code")
    code, old = Pickup.objects.get().code, code
    done = post(client, headers, {"code": code, "paid": 1_000}, key="key-0008", url=f"{url}/handover")
    again = post(client, headers, {"code": code, "paid": 1_000}, key="key-0009", url=f"{url}/handover")

    assert tries == ["order.wrong_code"] * 5 + ["order.code_locked"]
    assert (renewed.status_code, renewed.json()["state"], code != old) == (200, "ready", True)
    assert (done.json()["repeated"], again.json()["repeated"]) == (False, True)


def test_parcels_that_cannot_be_given_up_do_not_hide_those_behind_them(shop, store):
    variant = in_store(shop, store, 5)
    stuck, free = placed(*[a_fetched_draft(shop, store, (variant, 1)) for _ in range(2)])
    first, second = Shipment.objects.order_by("pk")
    prepared(first)
    prepared(second, AT + timedelta(days=1))
    Shipment.objects.filter(pk=first.pk).update(status="shipped")  # as if another parcel of its order had left

    later = AT + timedelta(days=30)
    lapsed = [lapse_pickups(actor=SYSTEM, at=later, most=1) for _ in range(2)]
    Shipment.objects.filter(pk=first.pk).update(status="planned")

    assert lapsed == [1, 0]
    assert [Order.objects.get(pk=o.order_id).status for o in (stuck, free)] == ["confirmed", "cancelled"]


def test_where_a_store_wants_payment_in_advance_nothing_is_paid_at_its_counter(shop, store):
    some_terms(shop, location=store, pays_at_store=False)
    variant = in_store(shop, store, 5)
    at_store = a_fetched_draft(shop, store, (variant, 1))
    ahead = a_fetched_draft(shop, store, (variant, 1), payment_method="bank_transfer")

    quoted = quote_orders([at_store], at=AT)
    refused, taken = place_orders([at_store, ahead], actor=SYSTEM, at=AT)

    assert [(r.code, r.field) for r in refused.reasons] == [("order.paid_in_advance", "/payment_method")]
    assert isinstance(quoted[0], Refused)
    assert Order.objects.get().pk == taken.order_id


def test_who_paid_more_than_is_due_owes_nothing_at_the_counter(shop, store):
    order, parcel = fetched(shop, store, 2)
    code = prepared(parcel)
    Order.objects.filter(pk=order.pk).update(paid_total=2_500)

    answer = handed(parcel, code)
    Order.objects.filter(pk=order.pk).update(paid_total=0)

    assert isinstance(answer, HandedOver)
    assert not Payment.objects.exists()


def test_how_somebody_showed_who_they_are_is_forgotten_with_them(shop, store):
    order, parcel = fetched(shop, store)
    handed(parcel, prepared(parcel), paid=1_000, identity_note="免許証 山田花子")

    for _twice in range(2):
        blank_customers([order.customer_id], actor=SYSTEM, at=AT)

    row = Pickup.objects.get()
    assert (row.identity_note, row.state, row.handed_by) == ("", "handed_over", STAFF.label)


def test_codes_are_not_found_at_the_counter_by_trying_them_out(shop, store):
    _order, parcel = fetched(shop, store)
    code, desk, page = prepared(parcel), a_desk(), reverse("admin:orders_pickup_work")
    wrong = [f"{n:06d}" for n in range(1, 20) if f"{n:06d}" != code][:10]

    def told(typed: str, at: Any = AT) -> tuple[bool, list[str]]:
        with travel(at):
            answer = desk.get(page, {"code": typed})
        return answer.context["found"] is not None, [str(one) for one in answer.context["messages"]]

    assert [told(one)[0] for one in wrong[:9]] == [False] * 9
    assert told(code) == (True, [])
    assert [told(one)[0] for one in wrong] == [False] * 10
    found, words = told(code)
    assert (found, "15 分後" in words[0]) == (False, True)
    assert told(code, AT + timedelta(minutes=16)) == (True, [])


def test_the_counter_takes_a_card_at_its_terminal(shop, store):
    _order, parcel = fetched(shop, store)
    code, page = prepared(parcel), reverse("admin:orders_pickup_work")

    with travel(AT):
        a_desk().post(page, {"code": code, "paid": "1", "tender": "card_terminal", "slip": "00123"})

    parcel.refresh_from_db()
    assert (parcel.status, Payment.objects.get().reference) == ("delivered", "神保町店 カード端末 00123")
