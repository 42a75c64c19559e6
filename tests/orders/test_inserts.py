"""Leaflets and samples go into parcels by rules: once each, with their stock, and nobody is charged for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice
from billing.rules import PaymentMethod
from core.db import rows
from core.errors import Refusal
from inventory.models import Allocation, ExchangeFile, Movement, Stock
from inventory.queries import invariants as stock_promises
from inventory.rules import FilePlace, FileRow
from orders.models import InsertRule, Order, Shipment, ShipmentInsert
from orders.operations import (
    InsertsChosen,
    Leaving,
    Shipped,
    cancel_orders,
    choose_inserts,
    combine_shipments,
    instruct_shipments,
    place_orders,
    return_undelivered,
    ship_shipments,
    take_actuals,
    take_out_inserts,
)
from orders.queries import inserts_by_rule, inserts_of_parcels, invariants
from tests.factories.inventory import stock_of
from tests.factories.orders import AT, STAFF, a_draft, a_known_customer, a_shop, an_insert_rule, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=1)


def parcel_of(shop, *wanted, **given) -> Shipment:
    return Shipment.objects.get(order=an_order(shop, *wanted, **given))


def chosen(*parcels, at=AT):
    return choose_inserts([p.pk for p in parcels], actor=STAFF, at=at)


def given_to(parcel) -> list[str]:
    return [one.rule for one in inserts_of_parcels([parcel.pk]).get(parcel.pk, ()) if one.ended_at is None]


def counts(rule) -> tuple[int, int]:
    """On hand and allocated of a rule's leaflet."""
    stock = Stock.objects.get(stock_item=rule.stock_item_id)
    return stock.on_hand, stock.allocated


def a_file(shop) -> FilePlace:
    """A file to a warehouse that is being written."""
    file = ExchangeFile.objects.create(
        company=shop.company, location=shop.locations[0], kind="shipping_instruction", way="out", status="done", name="x.csv", at=AT
    )
    return FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk, file_id=file.pk)


def test_a_leaflet_is_allocated_shipped_and_never_invoiced(shop):
    rule = an_insert_rule(shop, stock=5, quantity=2)
    parcel = parcel_of(shop)

    assert chosen(parcel) == [InsertsChosen(shipment_id=parcel.pk, count=1)]
    assert counts(rule) == (5, 2)

    (left,) = ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=LATER)

    assert isinstance(left, Shipped)
    assert counts(rule) == (3, 0)
    moved = Movement.objects.get(stock_item=rule.stock_item_id, kind="shipment")
    assert (moved.quantity, moved.cause) == (-2, f"shipment:{parcel.public_id}")
    invoice, order = Invoice.objects.get(), Order.objects.get()
    assert invoice.total == order.total
    assert [line.sku for line in invoice.lines.all() if line.sku] == [line.sku for line in order.lines.all()]


def test_choosing_twice_changes_nothing_and_a_rule_of_later_does_not_reach_what_was_chosen(shop):
    an_insert_rule(shop)
    parcel = parcel_of(shop)
    chosen(parcel)
    later = an_insert_rule(shop)

    assert chosen(parcel) == [InsertsChosen(shipment_id=parcel.pk, count=1, repeated=True)]

    assert ShipmentInsert.objects.count() == 1
    assert counts(later) == (10, 0)


def test_why_a_leaflet_is_in_a_parcel_is_told_as_the_rule_stood_then(shop):
    rule = an_insert_rule(shop, name="初回の案内", first_order=True, skus=["TEA"])
    parcel = parcel_of(shop, (shop.variant(sku="TEA"), 1))
    chosen(parcel)
    InsertRule.objects.filter(pk=rule.pk).update(first_order=False)

    (told,) = inserts_of_parcels([parcel.pk])[parcel.pk]

    assert (told.rule, told.reasons) == ("初回の案内", (("skus", "TEA"), ("first_order", "")))


def test_the_purchase_number_counts_days_of_the_whole_person(shop):
    second = an_insert_rule(shop, name="F2", f_from=2, f_until=2)
    buyer = a_known_customer(shop)
    variant = shop.variant()
    first = place_orders([a_draft(shop, (variant, 1), customer_id=buyer.pk)], actor=STAFF, at=AT - timedelta(days=40))
    same_day = place_orders([a_draft(shop, (variant, 1), customer_id=buyer.pk)], actor=STAFF, at=AT - timedelta(days=40, minutes=-5))
    again = place_orders([a_draft(shop, (variant, 1), customer_id=buyer.pk)], actor=STAFF, at=AT)
    parcels = [Shipment.objects.get(order_id=one[0].order_id) for one in (first, same_day, again)]

    chosen(*parcels)

    assert [given_to(parcel) for parcel in parcels] == [[], [], ["F2"]]
    assert inserts_by_rule([second.pk])[second.pk].waiting == 1


def test_a_cancelled_parcel_gives_its_leaflet_back_also_the_right_to_have_it_once(shop):
    rule = an_insert_rule(shop, is_once=True)
    buyer = a_known_customer(shop)
    first, second, third = (parcel_of(shop, customer_id=buyer.pk) for _ in range(3))
    chosen(first, second)
    assert (given_to(first), given_to(second)) == ([rule.name], [])

    cancel_orders([first.order_id], reason="要らない", actor=STAFF, at=LATER)
    chosen(third, at=LATER)

    assert given_to(third) == [rule.name]
    assert counts(rule) == (10, 1)
    assert ShipmentInsert.objects.get(shipment=first).end == "cancelled"


def test_what_left_counts_for_good_and_after_a_merge_for_both(shop):
    rule = an_insert_rule(shop, is_once=True)
    one, other = a_known_customer(shop), a_known_customer(shop)
    had = parcel_of(shop, customer_id=one.pk)
    chosen(had)
    ship_shipments([Leaving(shipment_id=had.pk)], actor=STAFF, at=AT)
    type(other).objects.filter(pk=other.pk).update(principal_id=one.pk)
    parcel = parcel_of(shop, customer_id=other.pk)

    chosen(parcel)

    assert given_to(parcel) == []
    assert counts(rule) == (9, 0)


def test_a_parcel_waits_for_what_its_rule_says_and_nothing_is_held_meanwhile(shop):
    there = an_insert_rule(shop, position=1)
    waits = an_insert_rule(shop, position=2, stock=0, when_short="wait", name="必ず入れる冊子")
    parcel = parcel_of(shop)

    (refusal,) = chosen(parcel)

    assert (refusal.code, refusal.params["insert"]) == ("order.insert_awaited", "必ず入れる冊子")
    assert (ShipmentInsert.objects.count(), counts(there)) == (0, (10, 0))
    stock_of(waits.stock_item, shop.locations[0], 1)
    assert chosen(parcel) == [InsertsChosen(shipment_id=parcel.pk, count=2)]


def test_a_box_is_served_once_and_waits_as_a_whole(shop):
    rule = an_insert_rule(shop)
    an_insert_rule(shop, skus=["RARE"], stock=0, when_short="wait")
    buyer = a_known_customer(shop)
    given = {"customer_id": buyer.pk, "payment_method": PaymentMethod.POINTS}
    first, second = parcel_of(shop, **given), parcel_of(shop, (shop.variant(sku="RARE"), 1), **given)
    combine_shipments([[first.pk, second.pk]], actor=STAFF, at=AT)

    assert [one.code for one in chosen(first, second) if isinstance(one, Refusal)] == ["order.insert_awaited"] * 2
    assert counts(rule) == (10, 0)

    InsertRule.objects.exclude(pk=rule.pk).update(when_short="skip")
    chosen(first)
    assert (given_to(first), given_to(second)) == ([rule.name], [])
    assert counts(rule) == (10, 1)


def test_inserts_of_many_parcels_cost_as_many_statements_as_those_of_one(shop):
    for n in range(3):
        an_insert_rule(shop, stock=500, position=n)

    def spent(count):
        parcels = [parcel_of(shop) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            chosen(*parcels)
        return len(queries)

    assert spent(2) == spent(12)


def test_a_shop_without_rules_pays_three_statements(shop):
    parcel = parcel_of(shop)
    chosen(parcel)

    with CaptureQueriesContext(connection) as queries:
        chosen(parcel)

    assert len([q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SELECT set_config"))]) <= 4


def test_a_warehouse_is_told_of_inserts_and_may_tell_of_them_or_not(shop):
    rule = an_insert_rule(shop, stock=5)
    parcels = [parcel_of(shop, (shop.variant(sku=f"TEA{n}"), 2), payment_method=PaymentMethod.POINTS) for n in range(2)]
    place = a_file(shop)

    told = instruct_shipments(place=place, actor=STAFF, at=AT)

    assert [(row["line"], row["sku"], row["quantity"], row["insert"]) for row in told] == [
        (1, "TEA0", 2, None), (2, rule.stock_item.code, 1, 1), (1, "TEA1", 2, None), (2, rule.stock_item.code, 1, 1),
    ]  # fmt: skip
    said = [(parcels[0], "TEA0", 2), (parcels[0], rule.stock_item.code, 1), (parcels[1], "TEA1", 2)]
    rows_of = [
        FileRow(
            number=n,
            values={
                "instruction": f"{p.number}-1",
                "shipped_on": "2026-05-11",
                "tracking_number": f"4000{p.pk}",
                "sku": s,
                "quantity": str(q),
            },
        )
        for n, (p, s, q) in enumerate(said, start=1)
    ]
    fates = [note.fate for note in take_actuals(rows_of, place=place, actor=STAFF, at=LATER)]
    assert set(map(str, fates)) == {"done"}
    assert counts(rule) == (3, 0)


def test_a_warehouse_hears_of_a_parcel_only_once_what_it_waits_for_is_there(shop):
    waits = an_insert_rule(shop, stock=0, when_short="wait")
    parcel_of(shop, payment_method=PaymentMethod.POINTS)
    place = a_file(shop)

    assert instruct_shipments(place=place, actor=STAFF, at=AT) == []
    stock_of(waits.stock_item, shop.locations[0], 1)
    assert len(instruct_shipments(place=place, actor=STAFF, at=AT)) == 2


def test_what_comes_back_undelivered_brings_its_leaflet_back(shop):
    rule = an_insert_rule(shop, stock=5)
    parcel = parcel_of(shop)
    chosen(parcel)
    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)

    return_undelivered([parcel.pk], reason="不在", actor=STAFF, at=LATER)

    assert counts(rule) == (5, 0)


def test_inserts_are_taken_out_by_hand_or_chosen_anew(shop):
    rule = an_insert_rule(shop)
    parcel = parcel_of(shop)
    chosen(parcel)

    take_out_inserts([parcel.pk], choose_anew=False, actor=STAFF, at=LATER)
    assert (given_to(parcel), counts(rule)) == ([], (10, 0))
    assert chosen(parcel)[0].repeated

    take_out_inserts([parcel.pk], choose_anew=True, actor=STAFF, at=LATER)
    assert chosen(parcel) == [InsertsChosen(shipment_id=parcel.pk, count=1)]
    assert Allocation.objects.filter(stock_item=rule.stock_item_id, status="open").count() == 1


def test_parcels_with_the_same_leaflet_that_meet_in_one_box_keep_one(shop):
    rule, spring, summer = (
        an_insert_rule(shop),
        an_insert_rule(shop, group="season", skus=["A"]),
        an_insert_rule(shop, group="season", skus=["B"]),
    )
    buyer = a_known_customer(shop)
    given = {"customer_id": buyer.pk, "payment_method": PaymentMethod.POINTS}
    first, second = parcel_of(shop, (shop.variant(sku="A"), 1), **given), parcel_of(shop, (shop.variant(sku="B"), 1), **given)
    chosen(first, second)

    for _twice in range(2):
        combine_shipments([[first.pk, second.pk]], actor=STAFF, at=LATER)

    assert (given_to(first), given_to(second)) == ([rule.name, spring.name], [])
    assert [counts(one) for one in (rule, spring, summer)] == [(10, 1), (10, 1), (10, 0)]
    assert list(ShipmentInsert.objects.filter(shipment=second).values_list("end", flat=True)) == ["combined"] * 2
    ship_shipments([Leaving(shipment_id=first.pk)], actor=STAFF, at=LATER)
    assert counts(rule) == (9, 0)


def test_inserts_taken_out_twice_are_taken_out_once(shop):
    an_insert_rule(shop)
    parcel = parcel_of(shop)
    chosen(parcel)

    first = [take_out_inserts([parcel.pk], choose_anew=True, actor=STAFF, at=LATER)[0].repeated]
    parcel.refresh_from_db()
    version = parcel.version
    again = [take_out_inserts([parcel.pk], choose_anew=True, actor=STAFF, at=LATER)[0].repeated]
    parcel.refresh_from_db()

    assert (first, again, parcel.version) == ([False], [True], version)
    assert not take_out_inserts([parcel.pk], choose_anew=False, actor=STAFF, at=LATER)[0].repeated
    assert take_out_inserts([parcel.pk], choose_anew=False, actor=STAFF, at=LATER)[0].repeated


def test_a_profile_of_two_words_stops_nobody_from_picking(shop):
    rule = an_insert_rule(shop, profiles=["gift set"])
    order = an_order(shop, (shop.variant(profile="gift set"), 1))
    parcel = Shipment.objects.get(order=order)

    choose_inserts([parcel.pk], actor=STAFF, at=AT)

    assert list(ShipmentInsert.objects.values_list("rule_id", flat=True)) == [rule.pk]
