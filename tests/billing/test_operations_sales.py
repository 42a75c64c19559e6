"""Recording sales: one invoice, one receivable, one entry per shipment, and deposits applied."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Application, Entry, Invoice, InvoiceLine, InvoiceTax, PartyBalance, Payment, Posting, Receivable
from billing.operations import record_sales
from billing.rules import NotASale, NotYetSupplied, PaymentMethod
from core.models import OutboxEvent
from core.queries import UnknownCompany
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, TODAY, a_buyer, a_sale, a_sale_line, a_trader, money_in, standard_line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_books(db):
    """Whatever a test does, every promise holds at its end."""
    yield
    assert broken_promises() == {}


def test_a_shipment_becomes_an_invoice_with_its_tax_per_rate():
    customer = a_buyer()
    ask = a_sale(customer)

    made = record_sales([ask], actor=STAFF, at=NOON)[0]

    invoice = Invoice.objects.get(pk=made.invoice_id)
    assert (invoice.number, invoice.total, invoice.customer_id) == (made.number, 3280, customer.pk)
    assert (invoice.issuer_name, invoice.registration_number, invoice.recipient_name) == ("株式会社春風堂", "T1234567890123", "山田 花子")
    assert (invoice.supplied_on, invoice.issued_on, invoice.due_on) == (TODAY, TODAY, TODAY + timedelta(days=14))
    assert (invoice.kind, invoice.actor_kind, invoice.actor_label) == ("qualified", "staff", "経理 花子")
    assert list(InvoiceTax.objects.order_by("-tax_rate_bp").values_list("tax_class", "tax_rate_bp", "taxable", "tax")) == [
        ("standard", 1000, 2000, 200),
        ("reduced", 800, 1000, 80),
    ]
    assert list(InvoiceLine.objects.order_by("position").values_list("position", "sku", "amount")) == [
        (1, "TEA-100", 1080),
        (2, "CUP-1", 2200),
    ]


def test_the_sale_is_booked_against_the_customer():
    customer = a_buyer()

    made = record_sales([a_sale(customer)], actor=STAFF, at=NOON)[0]

    entry = Entry.objects.get()
    assert (entry.kind, entry.reference, entry.booked_on) == ("sale", made.number, TODAY)
    booked = {(p.account.kind, p.account.tax_class_id): p.amount for p in entry.postings.select_related("account")}
    assert booked == {
        ("receivable", None): 3280,
        ("sales", "standard"): -2000,
        ("tax_payable", "standard"): -200,
        ("sales", "reduced"): -1000,
        ("tax_payable", "reduced"): -80,
    }
    assert Receivable.objects.get().open_amount == 3280
    assert PartyBalance.objects.get().balance == 3280


def test_invoicing_a_shipment_twice_gives_the_same_invoice():
    ask = a_sale(a_buyer())

    first = record_sales([ask], actor=STAFF, at=NOON)[0]
    second = record_sales([ask, ask], actor=STAFF, at=NOON)

    assert [(s.invoice_id, s.number, s.total, s.is_new) for s in second] == [(first.invoice_id, first.number, 3280, False)] * 2
    assert (Invoice.objects.count(), Entry.objects.count(), OutboxEvent.objects.count()) == (1, 1, 1)


def test_one_shipment_named_twice_in_a_batch_is_invoiced_once():
    ask = a_sale(a_buyer())

    made = record_sales([ask, ask], actor=STAFF, at=NOON)

    assert made[0] == made[1]
    assert Invoice.objects.count() == 1


def test_an_invoice_tells_of_itself_without_personal_data():
    ask = a_sale(a_buyer())

    made = record_sales([ask], actor=STAFF, at=NOON)[0]

    event = OutboxEvent.objects.get()
    assert (event.name, event.stream) == ("billing.InvoiceIssued", f"billing-order:{ask.order_ref}")
    assert (event.payload["total"], event.payload["invoice_id"], event.payload["shipment_ref"]) == (
        3280,
        made.invoice_id,
        str(ask.shipment_ref),
    )
    assert "山田" not in str(event.payload)


def test_money_that_came_before_the_shipment_pays_its_invoice():
    customer = a_buyer()
    ask = a_sale(customer)
    payment = money_in(customer, 3000, order_ref=ask.order_ref)

    made = record_sales([ask], actor=STAFF, at=NOON)[0]

    assert made.applied == 3000
    assert Receivable.objects.get().open_amount == 280
    assert Payment.objects.values_list("unapplied_amount", "status").get(pk=payment.payment_id) == (0, "applied")
    assert Application.objects.get().amount == 3000
    assert balances(customer.pk) == {"receivable": 280, "customer_deposit": 0}


def test_two_deposits_pay_two_shipments_of_an_order_to_the_yen():
    customer = a_buyer()
    order_ref = uuid4()
    money_in(customer, 2000, order_ref=order_ref)
    money_in(customer, 5000, order_ref=order_ref)

    made = record_sales([a_sale(customer, order_ref=order_ref) for _ in range(2)], actor=STAFF, at=NOON)

    assert [m.applied for m in made] == [3280, 3280]
    assert list(Application.objects.order_by("id").values_list("amount", flat=True)) == [2000, 1280, 3280]
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": -440}


def test_a_deposit_of_another_order_is_left_alone():
    customer = a_buyer()
    money_in(customer, 3280, order_ref=uuid4())

    made = record_sales([a_sale(customer)], actor=STAFF, at=NOON)[0]

    assert made.applied == 0
    assert Receivable.objects.get().open_amount == 3280


def test_the_rate_is_that_of_the_date_of_supply():
    old = date(2019, 9, 30)

    record_sales([a_sale(a_buyer(), supplied_on=old, lines=(standard_line(1080),))], actor=STAFF, at=NOON)

    tax = InvoiceTax.objects.get()
    assert (tax.tax_rate_bp, tax.taxable, tax.tax) == (800, 1000, 80)
    assert InvoiceLine.objects.get().tax_rate_bp == 800


def test_a_free_shipment_has_an_invoice_and_nothing_booked():
    free = (a_sale_line(amount_included=0, unit_price=0),)

    made = record_sales([a_sale(a_buyer(), lines=free, method=PaymentMethod.FREE)], actor=STAFF, at=NOON)[0]

    assert Invoice.objects.get(pk=made.invoice_id).entry_id is None
    assert Receivable.objects.get().open_amount == 0
    assert not Posting.objects.exists()


def test_without_a_recipient_the_invoice_is_simplified():
    record_sales([a_sale(a_buyer(), recipient_name=" ")], actor=STAFF, at=NOON)

    assert Invoice.objects.get().kind == "simplified"


def test_an_issuer_without_registration_number_writes_no_qualified_invoice():
    company = a_trader(registration_number="", country="US", currency="USD")

    record_sales([a_sale(a_buyer(company), currency="USD")], actor=STAFF, at=NOON)

    assert Invoice.objects.values_list("kind", "registration_number").get() == ("plain", "")
    assert list(InvoiceTax.objects.order_by("tax_class").values_list("tax_class", "tax_rate_bp", "tax")) == [
        ("reduced", 0, 0),
        ("standard", 0, 0),
    ]
    assert {p.account.kind for p in Entry.objects.get().postings.select_related("account")} == {"receivable", "sales"}


@pytest.mark.parametrize(
    ("_case", "change", "refusal"),
    [
        ("no lines", {"lines": ()}, NotASale),
        ("a negative line", {"lines": (a_sale_line(amount_included=-1),)}, NotASale),
        ("a line of nothing", {"lines": (a_sale_line(quantity=0),)}, NotASale),
        ("tomorrow", {"supplied_on": TODAY + timedelta(days=1)}, NotYetSupplied),
        ("no such company", {"company_id": 999_999_999}, UnknownCompany),
    ],
)
def test_what_is_no_sale_is_refused_and_nothing_is_written(_case, change, refusal):
    customer = a_buyer()

    with pytest.raises(refusal):
        record_sales([a_sale(customer), replace(a_sale(customer), **change)], actor=STAFF, at=NOON)

    assert not Invoice.objects.exists()
    assert not Entry.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_fifty_shipments_cost_as_many_statements_as_one():
    company = a_trader()
    customers = [a_buyer(company) for _ in range(5)]
    warm = [a_sale(customers[0])]
    record_sales(warm, actor=STAFF, at=NOON)

    counts = []
    for size in (1, 50):
        asks = [a_sale(customers[i % 5]) for i in range(size)]
        money_in(customers[0], 100, order_ref=asks[0].order_ref)
        with CaptureQueriesContext(connection) as seen:
            record_sales(asks, actor=STAFF, at=NOON)
        counts.append(len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]))

    assert counts[0] == counts[1]
    assert counts[1] == 13  # three of them (company, rates, number series) are kept for seconds in a running shop


def test_the_database_refuses_a_second_invoice_of_a_shipment():
    made = record_sales([a_sale(a_buyer())], actor=STAFF, at=NOON)[0]
    copy = Invoice.objects.get(pk=made.invoice_id)
    copy.pk, copy.number, copy.public_id = None, "COPY", uuid4()

    with pytest.raises(IntegrityError, match="shipment_ref"), transaction.atomic():
        copy.save(force_insert=True)
