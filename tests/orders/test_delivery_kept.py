"""What was agreed of a delivery is kept while its parcels are planned anew: release days, chosen services, boxes, cash at the door."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.db import acting, rows
from inventory.models import Location
from inventory.operations import receive_stock
from inventory.rules import Receipt, WaitKind
from orders.api.shapes import order_shown
from orders.models import DeliveryService, Destination, Fee, Order, Shipment
from orders.operations import (
    Changed,
    Confirming,
    ShortPick,
    SplitParcel,
    allocate_waiting,
    combine_shipments,
    confirm_change,
    open_change,
    place_orders,
    report_short_picks,
    ship_shipments,
    split_shipments,
)
from orders.operations.replanning import plan_parcels_of
from orders.operations.shipping import Leaving
from orders.queries import DeliveryAsk, delivery_answer, delivery_masters, invariants, order_views
from orders.rules import ChangeItem, ChangeKind, DraftDestination, DraftLine, FeeKind, Placed
from tests.factories.customers import a_staff_account
from tests.factories.delivery import a_closure, a_delivery, a_lead_time, a_service
from tests.factories.gifts import a_gift_to
from tests.factories.inventory import may_be_back_ordered, the_item
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee, a_known_customer, a_person, a_place, a_shop, an_order, placed

pytestmark = pytest.mark.django_db
RELEASE = date(2026, 7, 1)
HOKKAIDO = {"prefecture": "北海道", "postal_code": "060-0001", "city": "札幌市中央区", "street": "北一条西1-1"}


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    assert [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)] == []


def comes(shop: Shop, variant: Any, quantity: int, *, place: int = 0, key: str = "r1") -> None:
    receipt = Receipt(
        stock_item_id=the_item(variant).pk, location_id=shop.locations[place].pk, quantity=quantity, once_key=key, cause="test"
    )
    receive_stock([receipt], company_id=shop.company.pk, actor=SYSTEM, at=AT)
    allocate_waiting([the_item(variant).pk], company_id=shop.company.pk, actor=SYSTEM, at=AT)


def a_pre_order(shop: Shop, *wanted: tuple[Any, int], is_here: bool = True, **given: Any) -> Order:
    """An order of a book of 1 July, which came early or is waited for, beside what else is wanted."""
    book = shop.variant(stock=[0])
    may_be_back_ordered(book, kind=WaitKind.PRE_ORDER, release_on=RELEASE, lead_days=None)
    draft = a_draft(shop, (book, 1), *wanted, **given)
    (order,) = placed(replace(draft, lines=tuple(replace(line, waits_until=date.max) for line in draft.lines)))
    if is_here:
        comes(shop, book, 3)
    return Order.objects.get(pk=order.order_id)


def days(order: Order) -> list[tuple[str, str, str]]:
    found = Shipment.objects.filter(order=order).exclude(status="cancelled").order_by("id")
    return [(str(s.planned_on), str(s.expected_on), str(s.not_before_on)) for s in found]


def changed(order: Order, *items: ChangeItem) -> Any:
    opened = open_change(order.pk, actor=STAFF, at=AT, items=items)
    assert not hasattr(opened, "reasons"), opened
    return confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=AT)


def to(field: str, after: str, target: str = "1") -> ChangeItem:
    return ChangeItem(kind=ChangeKind.DESTINATION, target=target, field=field, after=after)


def test_pre_ordered_goods_leave_no_earlier_however_often_they_are_planned_anew():
    shop = a_shop()
    a_delivery(shop)
    order = a_pre_order(shop)
    assert days(order) == [("2026-07-01", "2026-07-02", "2026-07-01")]

    plan_parcels_of([order.pk], at=AT + timedelta(days=1))
    assert days(order) == [("2026-07-01", "2026-07-02", "2026-07-01")]

    done = changed(order, *(to(name, value) for name, value in HOKKAIDO.items()))
    assert isinstance(done, Changed)
    assert days(order) == [("2026-07-01", "2026-07-03", "2026-07-01")]


def test_more_of_a_pre_order_leaves_with_the_rest_of_it():
    shop = a_shop()
    a_delivery(shop)
    order = a_pre_order(shop)

    done = changed(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(order.lines.get().public_id), after="2"))

    assert isinstance(done, Changed)
    assert days(order) == [("2026-07-01", "2026-07-02", "2026-07-01")]


def test_a_new_wish_does_not_send_pre_ordered_goods_before_their_day_without_services_either():
    shop = a_shop()
    order = a_pre_order(shop)

    done = changed(order, to("wished_on", "2026-06-01"))

    assert isinstance(done, Changed)
    assert days(order) == [("2026-07-01", "None", "2026-07-01")]


@pytest.mark.parametrize(("_case", "is_here"), [("it waits", False), ("it came before its day", True)])
def test_a_new_wish_is_no_earlier_than_what_was_promised(_case: str, is_here: bool):
    shop = a_shop()
    a_delivery(shop)
    order = a_pre_order(shop, is_here=is_here)

    early = open_change(order.pk, actor=STAFF, at=AT, items=[to("wished_on", "2026-06-01")])
    done = changed(order, to("wished_on", "2026-07-04"))

    assert [(fault.code, fault.field) for fault in early.reasons] == [("delivery.too_early", "/items/0/after")]
    assert isinstance(done, Changed)
    assert str(order.destinations.get().wished_on) == "2026-07-04"


def test_another_way_to_pay_is_not_refused_for_a_promise_that_slipped():
    shop = a_shop()
    a_delivery(shop)
    order = a_pre_order(shop, is_here=False)
    Destination.objects.filter(order=order).update(wished_on="2026-06-01")

    assert isinstance(changed(order, ChangeItem(kind=ChangeKind.PAYMENT, after="bank_transfer")), Changed)


def test_the_rest_of_a_short_pick_keeps_its_release_day():
    shop = a_shop()
    a_delivery(shop)
    order = a_pre_order(shop)
    book = order.lines.get().variant
    comes(shop, book, 3, place=1, key="r2")
    parcel = Shipment.objects.get(order=order)

    report_short_picks([ShortPick(shipment_id=parcel.pk, found=((the_item(book).code, 0),))], reason="棚にない", actor=STAFF, at=AT)

    assert days(order) == [("2026-07-01", "2026-07-02", "2026-07-01")]
    assert Shipment.objects.exclude(status="cancelled").get(order=order).location_id == shop.locations[1].pk


def combined(shop: Shop) -> tuple[Order, Order]:
    """Two orders of one customer in one box."""
    customer, tea = a_known_customer(shop).pk, shop.variant()
    paid = {"customer_id": customer, "payment_method": PaymentMethod.POINTS}
    pair = (an_order(shop, (tea, 1), **paid), an_order(shop, (tea, 1), **paid))
    ids = list(Shipment.objects.filter(order__in=pair).order_by("id").values_list("id", flat=True))
    (answer,) = combine_shipments([ids], actor=STAFF, at=AT)
    assert not hasattr(answer, "code"), answer
    return pair


def test_what_lies_in_a_box_is_not_planned_anew_alone():
    shop = a_shop()
    a_delivery(shop)
    order, _other = combined(shop)

    plan_parcels_of([order.pk], at=AT + timedelta(days=3))

    assert [d[:2] for d in days(order)] == [("2026-05-11", "2026-05-12")]


def test_a_parcel_that_leaves_its_box_for_a_new_address_is_planned_for_it():
    shop = a_shop()
    a_delivery(shop)
    order, _other = combined(shop)

    done = changed(order, *(to(name, value) for name, value in HOKKAIDO.items()))

    assert isinstance(done, Changed)
    assert [d[:2] for d in days(order)] == [("2026-05-11", "2026-05-13")]
    assert Shipment.objects.get(order=order).box is None


def a_packet(shop: Shop, **given: Any) -> DeliveryService:
    return a_service(shop, "packet", **{"position": 90, "most_size": "packet", "most_pieces": 1, **given})


def test_the_service_that_was_chosen_is_kept_with_its_fee_while_the_order_changes():
    shop = a_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 600)
    a_fee(shop, 210, service=a_packet(shop))
    chosen = (DraftDestination(place=a_place(), service="packet"),)
    order = an_order(shop, (shop.variant(parcel_size="packet/4"), 1), destinations=chosen)

    plan_parcels_of([order.pk], at=AT)
    changed(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(order.lines.get().public_id), after="2"))
    changed(order, to("street", "神田神保町2-2"))

    assert Destination.objects.get(order=order).service == "packet"
    assert Shipment.objects.get(order=order).service.code == "packet"
    assert list(Fee.objects.filter(order=order, until_revision=None).values_list("amount", flat=True)) == [210]
    assert delivery.parcel.pk != Shipment.objects.get(order=order).service_id


def test_the_service_that_was_chosen_is_told_to_staff_partners_and_the_buyer(client: Client):
    shop = a_shop()
    a_delivery(shop)
    DeliveryService.objects.filter(pk=a_packet(shop).pk).update(name="ネコポス")
    article = (shop.variant(parcel_size="packet/4"), 1)
    order = an_order(shop, article, destinations=(DraftDestination(place=a_place(), service="packet"),))
    other = an_order(shop, article)

    client.force_login(a_staff_account(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")
    told = [order_shown(view, customer="cus_x")["destinations"][0] for view in order_views([order.pk, other.pk])]
    page = client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    theirs = client.get(f"/admin/orders/order/{other.pk}/change/").content.decode()
    order_for_buyer = render_to_string("storefront/_order_body.html", {"order": order_views([order.pk])[0], "tracks": {}})

    assert [(place.service, place.service_name) for place in told] == [("packet", "ネコポス"), ("", "")]
    assert "ご指定の配送方法 ネコポス" in page
    assert "ご指定の配送方法" not in theirs
    assert "ご指定の配送方法: ネコポス" in order_for_buyer


def refusals(shop: Shop, draft: Any) -> list[tuple[str, str]]:
    (result,) = place_orders([draft], actor=SYSTEM, at=AT)
    return [] if isinstance(result, Placed) else [(r.code, r.field) for r in result.reasons]


@pytest.mark.parametrize(("most", "expected"), [(1_599, [("delivery.no_cash", "/payment_method")]), (1_600, [])])
def test_what_a_driver_may_take_is_measured_by_all_that_is_to_be_paid(most: int, expected: list[tuple[str, str]]):
    shop = a_shop()
    a_delivery(shop)
    DeliveryService.objects.update(most_cash=most)
    a_fee(shop, 600)

    assert refusals(shop, a_draft(shop, (shop.variant(1_000), 1))) == expected


def test_a_sum_too_high_for_one_driver_goes_by_another_and_stays_there():
    shop = a_shop()
    delivery = a_delivery(shop)
    DeliveryService.objects.update(most_cash=1_500)
    dear = a_service(shop, "dear", position=20)
    a_fee(shop, 600)
    a_fee(shop, 900, service=dear)

    order = an_order(shop, (shop.variant(1_000), 1))
    plan_parcels_of([order.pk], at=AT)

    assert (order.total, Shipment.objects.get(order=order).service_id) == (1_900, dear.pk)
    assert delivery.parcel.most_cash != 0


def test_a_charge_for_cash_that_names_a_service_applies_to_what_goes_by_it():
    shop = a_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 330, kind=FeeKind.CASH_ON_DELIVERY, method="cash_on_delivery", label="代引手数料")
    a_fee(shop, 440, kind=FeeKind.CASH_ON_DELIVERY, method="cash_on_delivery", label="代引手数料", service=delivery.parcel)

    order = an_order(shop, (shop.variant(), 1))

    assert list(Fee.objects.filter(order=order).values_list("amount", "destination")) == [(440, None)]


def test_a_parcel_that_is_split_is_counted_in_pieces_again():
    shop = a_shop()
    a_delivery(shop)
    order = an_order(shop, (shop.variant(parcel_size="80", weight_grams=12_000), 6))
    parcel = Shipment.objects.get(order=order)
    assert parcel.pieces == 3
    line = order.lines.get().public_id

    split_shipments([SplitParcel(shipment_id=parcel.pk, take=((line, 4),), once_key="a")], actor=STAFF, at=AT)

    assert list(Shipment.objects.filter(order=order).order_by("id").values_list("pieces", flat=True)) == [1, 2]


def asked(shop: Shop, **given: Any) -> Any:
    ask = DeliveryAsk(**{"channel_id": shop.channel.pk, "prefecture": "東京都", "postal_code": "101-0051", "size": "60", **given})
    return delivery_answer(ask, company_id=shop.company.pk, timezone="Asia/Tokyo", at=AT)


def test_the_trial_page_marks_no_service_that_placing_would_not_take_for_the_day():
    shop = a_shop()
    delivery = a_delivery(shop)
    quick = a_service(shop, "quick", position=20)
    a_lead_time(shop, 3, service=delivery.parcel)
    a_lead_time(shop, 0, service=quick)
    day = date(2026, 5, 12)

    answer = asked(shop, wished_on=day)

    draft = a_draft(shop, (shop.variant(), 1), destinations=(DraftDestination(place=a_place(), wished_on=day),))
    assert refusals(shop, draft) == [("delivery.too_early", "/destinations/0/wished_on")]
    assert [(one.name, one.is_chosen) for one in answer.services] == [("parcel", False), ("cool", False), ("quick", False)]
    assert [one.is_chosen for one in asked(shop).services] == [True, False, False]


def test_a_service_that_was_named_is_told_to_take_no_frozen_goods_not_that_nobody_goes_there():
    shop = a_shop()
    a_delivery(shop)

    parcel, cool, *_rest = asked(shop, temperature="frozen").services

    assert [f.message for f in parcel.faults] == [
        "This delivery service takes no frozen goods. Choose another, or leave the choice to the shop."
    ]
    assert (cool.faults, cool.is_chosen) == ((), True)


def test_where_nothing_is_sent_from_is_no_place_to_reckon_from():
    shop = a_shop(locations=1)
    a_delivery(shop)
    with acting(SYSTEM):
        Location.objects.create(company=shop.company, code="shop", name="店", kind="store", priority=0, can_ship=False)

    masters = delivery_masters(shop.company.pk, on=AT.date())

    assert next(iter(masters.origins)) == shop.locations[0].pk


def test_the_home_of_a_new_customer_is_never_a_friends():
    shop = a_shop()
    tea = shop.variant()
    friend = DraftDestination(place=a_place(family_name="佐藤", given_name="一郎", city="港区"))
    own = DraftDestination(place=a_place(city="新宿区"))
    lines = tuple(DraftLine(variant_id=tea.pk, quantity=1, destination=n) for n in (1, 2))

    both = an_order(shop, (tea, 1), lines=lines, destinations=(friend, own), person=a_person())
    given = an_order(shop, (tea, 1), destinations=(friend,), person=a_person())
    noshi = an_order(shop, (tea, 1), destinations=(a_gift_to(),), person=a_person())

    homes = [list(order.customer.addresses.values_list("city", flat=True)) for order in (both, given, noshi)]
    assert homes == [["新宿区"], [], []]


def test_a_changed_order_that_left_in_part_keeps_its_postage_where_it_was_charged():
    shop = a_shop()
    a_fee(shop, 600)
    tea = shop.variant(1_000)
    two = (DraftDestination(place=a_place()), DraftDestination(place=a_place(family_name="佐藤", city="港区")))
    lines = tuple(DraftLine(variant_id=tea.pk, quantity=2, destination=n) for n in (1, 2))
    order = an_order(shop, (tea, 1), lines=lines, destinations=two, payment_method=PaymentMethod.BANK_TRANSFER)
    ship_shipments([Leaving(shipment_id=Shipment.objects.filter(order=order).order_by("id")[0].pk)], actor=STAFF, at=AT)

    line = order.lines.get(destination__position=2)
    done = changed(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after="1"))

    assert isinstance(done, Changed)
    fees = Fee.objects.filter(order=order, until_revision=None).order_by("destination__position")
    assert list(fees.values_list("destination__position", "amount")) == [(1, 600), (2, 600)]


def test_a_closure_named_after_placing_is_heeded_when_the_parcel_is_planned_anew():
    shop = a_shop()
    a_delivery(shop)
    order = an_order(shop, (shop.variant(), 1))
    a_closure(shop, "shipping", "2026-05-11", "2026-05-14")

    plan_parcels_of([order.pk], at=AT)

    assert [d[:2] for d in days(order)] == [("2026-05-14", "2026-05-15")]
