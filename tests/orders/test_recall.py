"""Goods by lot through orders: what ships, who received it, what comes back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import PersonalDataRead
from inventory.models import Movement, Pick, StockItem, StockLot
from orders.models import Shipment
from orders.operations import Leaving, pick_shipments, return_undelivered, ship_shipments
from orders.queries import lots_of_customer, lots_of_shipment, recipients_of_lot
from tests.factories.customers import a_staff_account
from tests.factories.inventory import lots_of, the_item
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
LATER, SOON = AT.date() + timedelta(90), AT.date() + timedelta(9)


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def tea(shop):
    variant = shop.variant(1_080, tax_class="reduced", stock=[])
    StockItem.objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    return variant


def shipping(order):
    ids = list(Shipment.objects.filter(order=order).values_list("id", flat=True))
    return ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=AT)


def test_who_received_a_lot_and_which_lots_a_customer_received_take_one_statement_each(shop, tea):
    lots_of(tea, shop.locations[0], SOON=(3, SOON), LATE=(9, LATER))
    orders = [an_order(shop, (tea, quantity)) for quantity in (2, 2, 1)]
    for order in orders:
        shipping(order)
    soon, late = (StockLot.objects.get(lot__number=number).lot for number in ("SOON", "LATE"))

    with CaptureQueriesContext(connection) as seen:
        received = recipients_of_lot(soon.pk)
    with CaptureQueriesContext(connection) as asked:
        theirs = lots_of_customer(orders[1].customer_id)

    assert (len(seen.captured_queries), len(asked.captured_queries)) == (1, 1)
    assert [(r.order_number, r.quantity) for r in received] == [(orders[0].number, 2), (orders[1].number, 1)]
    assert [(r.order_number, r.quantity) for r in recipients_of_lot(late.pk)] == [(orders[1].number, 1), (orders[2].number, 1)]
    assert received[0].buyer_name == orders[0].buyer_name
    assert received[0].buyer_phone or received[0].buyer_email
    assert {(r.lot_number, r.order_number, r.quantity) for r in theirs} >= {("SOON", orders[1].number, 1), ("LATE", orders[1].number, 1)}
    assert recipients_of_lot(soon.pk, company_id=shop.company.pk + 1) == []


def test_a_parcel_whose_goods_have_expired_stays_and_the_others_leave(shop, tea):
    lots_of(tea, shop.locations[0], OLD=(2, AT.date() - timedelta(1)))
    plain = shop.variant(500, tax_class="standard", stock=[5])
    old, other = an_order(shop, (tea, 2)), an_order(shop, (plain, 1))
    ids = [Shipment.objects.get(order=order).pk for order in (old, other)]

    refused, shipped = ship_shipments([Leaving(shipment_id=i) for i in ids], actor=STAFF, at=AT)

    assert refused.code == "inventory.no_such_lot"
    assert shipped.invoice_number
    assert list(Shipment.objects.order_by("id").values_list("status", flat=True)) == ["planned", "shipped"]
    assert list(Movement.objects.filter(kind="shipment").values_list("stock_item", flat=True)) == [the_item(plain).pk]


def test_what_nobody_took_comes_back_in_the_lots_it_left_in(shop, tea):
    lots_of(tea, shop.locations[0], SOON=(1, SOON), LATE=(9, LATER))
    order = an_order(shop, (tea, 3))
    shipping(order)

    return_undelivered([Shipment.objects.get().pk], reason="長期不在", actor=STAFF, at=AT, sellable=False)

    assert {row.lot.number: (row.on_hand, row.sellable, row.quality_check) for row in StockLot.objects.select_related("lot")} == {
        "SOON": (1, 0, 1), "LATE": (9, 7, 2),
    }  # fmt: skip


def test_the_page_finds_recipients_by_a_scanned_number_writes_down_who_looked_and_exports_them(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(3, SOON))
    order = an_order(shop, (tea, 2))
    shipping(order)
    client.force_login(a_staff_account(is_superuser=True))
    address = reverse("admin:orders_shipment_recall")

    shown = client.get(address, {"lot": "SOON"})
    unknown = client.get(address, {"lot": "NONE"})
    exported = client.get(address, {"lot": "SOON", "export": "1"})

    assert order.number in shown.content.decode()
    assert unknown.status_code == 200
    assert order.number not in unknown.content.decode()
    assert order.number in exported.content.decode("utf-8-sig")
    assert exported["Content-Type"].startswith("text/csv")
    assert PersonalDataRead.objects.filter(reason="lot SOON").count() == 2


def test_the_page_is_closed_to_whoever_may_not_know_people(client):
    client.force_login(a_staff_account())

    assert client.get(reverse("admin:orders_shipment_recall"), {"lot": "SOON"}).status_code == 403


def test_lots_are_chosen_before_a_parcel_leaves_once_and_the_parcels_page_names_them(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(1, SOON), LATE=(9, LATER))
    plain = shop.variant(500, tax_class="standard", stock=[5])
    order = an_order(shop, (tea, 3), (plain, 1))
    parcel = Shipment.objects.get(order=order)

    first, again = (pick_shipments([parcel.pk], actor=STAFF, at=AT)[0] for _ in range(2))
    client.force_login(a_staff_account(is_superuser=True))
    page = client.get(reverse("admin:orders_shipment_change", args=[parcel.pk])).content.decode()

    assert (first.repeated, again.repeated) == (False, True)
    assert [(t.lot_number, t.quantity) for some in lots_of_shipment(parcel.pk).values() for t in some] == [("SOON", 1), ("LATE", 2)]
    assert "SOON × 1" in page
    assert "LATE × 2" in page
    shipping(order)
    assert {row.lot.number: (row.on_hand, row.picked) for row in StockLot.objects.select_related("lot")} == {"SOON": (0, 0), "LATE": (7, 0)}


def test_lots_are_not_chosen_for_what_left_what_never_was_and_what_no_lot_keeps_for(shop, tea):
    lots_of(tea, shop.locations[0], OLD=(2, AT.date() - timedelta(1)), SOON=(2, SOON))
    gone, waiting = an_order(shop, (tea, 2)), an_order(shop, (tea, 2))
    shipping(gone)
    ids = [Shipment.objects.get(order=order).pk for order in (gone, waiting)]

    results = pick_shipments([*ids, 0], actor=STAFF, at=AT)

    assert [result.code for result in results] == ["order.not_open", "inventory.no_such_lot", "order.not_found"]
    assert Pick.objects.filter(allocation__status="open").count() == 0


def test_a_customers_page_leads_to_the_lots_they_received_and_who_looked_is_written_down(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(3, SOON))
    order = an_order(shop, (tea, 2))
    shipping(order)
    client.force_login(a_staff_account(is_superuser=True))
    address = reverse("admin:orders_shipment_lots_of", args=[order.customer_id])

    page = client.get(reverse("admin:customers_customer_change", args=[order.customer_id])).content.decode()
    lots = client.get(address)

    assert address in page
    assert [(lot.lot_number, lot.quantity, lot.order_number) for lot in lots.context_data["lots"]] == [("SOON", 2, order.number)]
    assert "lot=SOON" in lots.content.decode()
    assert PersonalDataRead.objects.filter(fields_read=["lots"], subject=f"customer:{order.customer.public_id}").count() == 1


def test_lots_of_a_customer_of_another_company_and_of_nobody_are_not_found(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(3, SOON))
    order = an_order(shop, (tea, 2))
    client.force_login(a_staff_account(is_superuser=True, company=a_shop().company))

    answers = [client.get(reverse("admin:orders_shipment_lots_of", args=[key])).status_code for key in (order.customer_id, 10**15)]

    assert answers == [404, 404]
    assert not PersonalDataRead.objects.filter(fields_read=["lots"]).exists()


def test_whoever_may_not_see_parcels_sees_no_lots_of_anybody(shop, client):
    order = an_order(shop, (shop.variant(500, tax_class="standard", stock=[5]), 1))
    client.force_login(a_staff_account())

    assert client.get(reverse("admin:orders_shipment_lots_of", args=[order.customer_id])).status_code == 403


def recall(client, shop, scopes="recalls:read", **asked):
    caller = as_partner(a_token(a_partner(shop.company, scopes=scopes), scopes=scopes))
    return client.get("/api/v1/recalls", asked, headers=caller)


def test_a_partner_with_the_scope_of_recalls_reads_who_received_a_lot_page_by_page_and_it_is_written_down(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(3, SOON))
    orders = [an_order(shop, (tea, 1)) for _ in range(3)]
    for order in orders:
        shipping(order)
    asked = {"item": the_item(tea).code, "lot": "SOON", "limit": 2}

    first = recall(client, shop, **asked).json()
    second = recall(client, shop, **asked, cursor=first["next_cursor"])

    assert [row["order_number"] for row in first["data"]] == [orders[2].number, orders[1].number]
    assert (first["data"][0]["buyer_name"], first["data"][0]["quantity"]) == (orders[2].buyer_name, 1)
    assert second.status_code == 400  # a cursor belongs to the partner it was given to
    read = PersonalDataRead.objects.filter(reason="lot SOON")
    assert sorted(read.values_list("subject", flat=True)) == sorted(f"customer:{order.customer.public_id}" for order in orders[1:])
    assert set(read.values_list("screen", "actor_kind")) == {("api /recalls", "partner")}


def test_without_that_scope_or_for_a_foreign_lot_nobody_is_named_and_nothing_is_written_down(shop, tea, client):
    lots_of(tea, shop.locations[0], SOON=(3, SOON))
    shipping(an_order(shop, (tea, 1)))
    asked = {"item": the_item(tea).code, "lot": "SOON"}

    answers = [
        recall(client, shop, "inventory:read orders:read customers:read shipments:read", **asked).status_code,
        recall(client, a_shop(), **asked).status_code,
        recall(client, shop, item="NONE", lot="SOON").status_code,
    ]

    assert answers == [403, 404, 404]
    assert not PersonalDataRead.objects.filter(reason="lot SOON").exists()
