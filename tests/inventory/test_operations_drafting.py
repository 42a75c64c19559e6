"""Purchase orders are drafted on their suppliers' terms, once per key."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actor import Actor, ActorKind
from core.errors import Refusal
from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.operations import draft_purchase_orders, rewrite_purchase_order
from inventory.queries import IncomingKind, incoming, supplier_terms
from inventory.rules import PurchaseAsk, PurchaseLineAsk
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stock_item, a_trading_company
from tests.factories.purchasing import a_draft, a_purchase_ask, a_supplier, supplied

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT}


@pytest.fixture
def company():
    return a_trading_company()


def test_a_draft_takes_cost_and_day_from_the_terms(company):
    tea, can = a_stock_item(company, "TEA"), a_stock_item(company, "CAN")
    supplier, place = a_supplier(company, lead_time_days=3), a_location(company)
    supplied(supplier, tea, unit_cost=480, minimum_quantity=24, order_multiple=12, supplier_code="S-9")
    supplied(supplier, can, unit_cost=60, lead_time_days=10)

    done = draft_purchase_orders([a_purchase_ask(supplier, place, {tea: 36, can: 5})], company_id=company.pk, **HOW)

    assert [(d.number, d.repeated) for d in done] == [("PO2605-00001", False)]
    order = PurchaseOrder.objects.get()
    assert (order.status, order.currency, order.actor_id, order.expected_on) == ("draft", "JPY", "12", None)
    assert list(
        PurchaseOrderLine.objects.order_by("position").values_list(
            "position", "stock_item_id", "supplier_code", "quantity", "unit_cost", "received_quantity", "expected_on"
        )
    ) == [  # ordered on Monday the 11th
        (1, tea.pk, "S-9", 36, 480, 0, date(2026, 5, 14)),
        (2, can.pk, "", 5, 60, 0, date(2026, 5, 25)),
    ]


def test_the_same_key_drafts_once(company):
    tea, supplier, place = a_stock_item(company), a_supplier(company), a_location(company)
    supplied(supplier, tea)
    ask = a_purchase_ask(supplier, place, {tea: 5})

    first = draft_purchase_orders([ask, ask], company_id=company.pk, **HOW)
    again = draft_purchase_orders([ask], company_id=company.pk, **HOW)

    assert [d.repeated for d in first + again] == [False, True, True]
    assert len({d.purchase_order_id for d in first + again}) == 1
    assert (PurchaseOrder.objects.count(), PurchaseOrderLine.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("_case", "quantity", "unit_cost", "code", "words"),
    [
        ("nothing", 0, None, "inventory.bad_quantity", "Order 1 to 100000000 pieces."),
        ("negative", -12, None, "inventory.bad_quantity", "Order 1 to 100000000 pieces."),
        ("absurdly many", 10**308, None, "inventory.bad_quantity", "Order 1 to 100000000 pieces."),
        ("too few", 12, None, "purchase.below_minimum", "The supplier takes no order of TEA below 24. Order 24."),
        ("broken case", 30, None, "purchase.not_a_multiple", "TEA comes in multiples of 12. Order 36 instead of 30."),
        ("negative cost", 24, -1, "purchase.bad_cost", "A piece costs 0 to 100000000."),
    ],
)
def test_a_line_against_the_terms_is_refused_and_nothing_is_written(company, ledger, _case, quantity, unit_cost, code, words):
    tea, supplier = a_stock_item(company, "TEA"), a_supplier(company)
    supplied(supplier, tea, minimum_quantity=24, order_multiple=12)
    line = PurchaseLineAsk(stock_item_id=tea.pk, quantity=quantity, unit_cost=unit_cost)
    before = ledger()

    [result] = draft_purchase_orders(
        [PurchaseAsk(supplier_id=supplier.pk, location_id=a_location(company).pk, lines=(line,), once_key="1")],
        company_id=company.pk, **HOW,
    )  # fmt: skip

    assert isinstance(result, Refusal)
    assert (result.code, result.text()) == (code, words)
    assert PurchaseOrder.objects.count() == 0
    assert ledger() == before


def test_what_cannot_be_ordered_is_refused_beside_what_can(company):
    other = a_trading_company()
    tea, can, foreign = a_stock_item(company, "TEA"), a_stock_item(company, "CAN"), a_stock_item(other)
    supplier, place = a_supplier(company), a_location(company)
    supplied(supplier, tea)
    good = a_purchase_ask(supplier, place, {tea: 1})
    asks = [
        a_purchase_ask(a_supplier(other), place, {tea: 1}),
        a_purchase_ask(supplier, a_location(other), {tea: 1}),
        a_purchase_ask(supplier, a_location(company, kind="quarantine"), {tea: 1}),
        a_purchase_ask(supplier, place, {foreign: 1}),
        a_purchase_ask(supplier, place, {}),
        a_purchase_ask(supplier, place, {can: 1}),
        a_purchase_ask(supplier, place, {tea: 1}, lines=good.lines * 2),
        a_purchase_ask(supplier, place, {tea: 1}, note="字" * 501),
        good,
    ]

    results = draft_purchase_orders(asks, company_id=company.pk, **HOW)

    assert [r.code if isinstance(r, Refusal) else "ok" for r in results] == [
        "purchase.no_supplier", "purchase.no_location", "purchase.no_location", "purchase.no_item", "purchase.no_lines",
        "purchase.no_cost", "purchase.item_twice", "purchase.note_too_long", "ok",
    ]  # fmt: skip
    assert PurchaseOrder.objects.count() == 1


def test_a_draft_is_rewritten_whole(company):
    tea, can = a_stock_item(company), a_stock_item(company)
    order = a_draft(company, {tea: 5})
    supplied(order.supplier, can, unit_cost=70)
    ask = a_purchase_ask(order.supplier, order.location, {can: 8}, expected_on=date(2026, 6, 1), note="至急")
    clerk = Actor(ActorKind.STAFF, "31", "経理")

    done = rewrite_purchase_order(order.pk, ask, company_id=company.pk, actor=clerk, at=AT)

    order.refresh_from_db()
    assert (done.number, order.note, order.expected_on, order.changed_by_id) == (order.number, "至急", date(2026, 6, 1), "31")
    assert order.changed_by_kind == "staff"
    assert [(line.stock_item_id, line.quantity, line.unit_cost, line.expected_on) for line in order.lines.all()] == [
        (can.pk, 8, 70, date(2026, 6, 1))
    ]


def test_drafts_are_incoming_but_not_firm(company):
    tea, place = a_stock_item(company), a_location(company)
    order = a_draft(company, {tea: 5}, location=place)

    [coming] = incoming([tea.pk], company_id=company.pk)

    assert (coming.quantity, coming.location_id, coming.expected_on, coming.is_firm, coming.kind, coming.number) == (
        5, place.pk, date(2026, 5, 14), False, IncomingKind.PURCHASE_ORDER, order.number,
    )  # fmt: skip
    assert incoming([tea.pk], company_id=a_trading_company().pk) == []


def test_terms_name_the_preferred_supplier_first(company):
    tea = a_stock_item(company)
    cheap, first, ended = a_supplier(company), a_supplier(company), a_supplier(company, ended_at=AT)
    supplied(cheap, tea, unit_cost=80), supplied(ended, tea, unit_cost=1)
    supplied(first, tea, unit_cost=90, is_preferred=True, lead_time_days=7)

    found = supplier_terms([tea.pk], company_id=company.pk)

    assert [(t.supplier_id, t.unit_cost, t.lead_time_days, t.is_preferred) for t in found] == [
        (first.pk, 90, 7, True),
        (cheap.pk, 80, 3, False),
    ]


def test_a_hundred_drafts_take_as_many_statements_as_one(company):
    tea, supplier, place = a_stock_item(company), a_supplier(company), a_location(company)
    supplied(supplier, tea)
    a_draft(company, {a_stock_item(company): 1})  # the series is open from here on

    counts = []
    for many in (1, 100):
        asks = [a_purchase_ask(supplier, place, {tea: 1}) for _ in range(many)]
        with CaptureQueriesContext(connection) as seen:
            draft_purchase_orders(asks, company_id=company.pk, **HOW)
        counts.append(sum("inventory_" in query["sql"] for query in seen.captured_queries))

    assert counts == [6, 6]
