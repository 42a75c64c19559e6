"""Receiving payments: booked once, applied to what is owed, the rest kept as a deposit."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Application, Entry, PartyBalance, Payment, PaymentIntent, Receivable
from billing.operations import issue_credit_notes, receive_payments, record_sales, reverse_payments
from billing.queries import paid_by_order
from billing.rules import CreditAsk, PaymentMethod, ReverseAsk
from core.errors import Refusal
from core.models import OutboxEvent
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, TODAY, a_buyer, a_payment, a_sale, a_trader, money_in, requested

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_books(db):
    """Whatever a test does, every promise holds at its end."""
    yield
    assert broken_promises() == {}


def test_an_exact_payment_settles_its_invoice():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = _invoiced(sale)

    paid = money_in(customer, 3280, order_ref=sale.order_ref)

    assert (paid.applied, paid.unapplied) == (3280, 0)
    assert Receivable.objects.get(pk=invoice.invoice_id).open_amount == 0
    assert Application.objects.values_list("payment_id", "receivable_id", "amount").get() == (paid.payment_id, invoice.invoice_id, 3280)
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": 0}


def test_too_little_leaves_the_invoice_open():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = _invoiced(sale)

    paid = money_in(customer, 3000, order_ref=sale.order_ref)

    assert (paid.applied, paid.unapplied) == (3000, 0)
    assert Receivable.objects.get(pk=invoice.invoice_id).open_amount == 280


def test_too_much_is_kept_as_a_deposit():
    customer = a_buyer()
    sale = a_sale(customer)
    _invoiced(sale)

    paid = money_in(customer, 4000, order_ref=sale.order_ref)

    assert (paid.applied, paid.unapplied) == (3280, 720)
    assert Payment.objects.get().status == "received"
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": -720}


def test_a_payment_without_an_order_settles_the_oldest_due_first():
    customer = a_buyer()
    late = _invoiced(a_sale(customer))
    early = _invoiced(a_sale(customer, method=PaymentMethod.CASH_ON_DELIVERY))

    paid = money_in(customer, 4000)

    assert paid.applied == 4000
    left = dict(Receivable.objects.values_list("invoice_id", "open_amount"))
    assert left == {early.invoice_id: 0, late.invoice_id: 2560}


def test_the_order_says_whose_money_it_is():
    customer = a_buyer()
    order_ref, _intent = requested(customer)

    ask = a_payment(customer.company_id, order_ref=order_ref)
    receive_payments([ask], actor=STAFF, at=NOON)

    assert Payment.objects.get().customer_id == customer.pk
    assert balances(customer.pk) == {"customer_deposit": -3280}


def test_money_of_nobody_we_know_stands_in_suspense():
    company = a_trader()

    receive_payments([a_payment(company.pk)], actor=STAFF, at=NOON)

    kinds = {p.account.kind: p.amount for p in Entry.objects.get().postings.select_related("account")}
    assert kinds == {"cash": 3280, "suspense": -3280}
    assert not PartyBalance.objects.exists()


def test_the_same_money_told_twice_is_booked_once():
    customer = a_buyer()
    ask = a_payment(customer.company_id, customer_id=customer.pk)

    first = receive_payments([ask], actor=STAFF, at=NOON)[0]
    again = receive_payments([ask, ask], actor=STAFF, at=NOON)

    assert [(r.payment_id, r.applied, r.unapplied, r.is_new) for r in again] == [(first.payment_id, 0, 3280, False)] * 2
    assert (Payment.objects.count(), Entry.objects.count(), OutboxEvent.objects.count()) == (1, 1, 1)


def test_an_order_paid_in_full_has_its_intent_captured():
    customer = a_buyer()
    order_ref, intent = requested(customer)

    money_in(customer, 3000, order_ref=order_ref)
    half = PaymentIntent.objects.get(pk=intent).status
    money_in(customer, 280, order_ref=order_ref)

    assert (half, PaymentIntent.objects.get(pk=intent).status) == ("requested", "captured")
    assert PaymentIntent.objects.get(pk=intent).closed_at == NOON


def test_a_payment_tells_of_itself():
    customer = a_buyer()
    order_ref = uuid4()

    paid = money_in(customer, 3280, order_ref=order_ref)

    event = OutboxEvent.objects.get()
    assert event.name == "billing.PaymentReceived"
    assert event.payload == {
        "company_id": customer.company_id, "customer_id": customer.pk, "order_ref": str(order_ref), "currency": "JPY",
        "payment_id": paid.payment_id, "payment_public_id": str(paid.public_id), "method": "bank_transfer", "amount": 3280, "applied": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "change", "code"),
    [
        ("nothing", {"amount": 0}, "billing.amount_not_positive"),
        ("less than nothing", {"amount": -1}, "billing.amount_not_positive"),
        ("more than there is", {"amount": 10**15 + 1}, "billing.amount_not_positive"),
        ("no reference", {"once_key": " "}, "billing.no_reference"),
        ("tomorrow", {"received_on": TODAY + timedelta(days=1)}, "billing.received_in_future"),
    ],
)
def test_what_is_no_payment_is_refused_and_the_rest_is_booked(_case, change, code):
    customer = a_buyer()
    good = a_payment(customer.company_id, customer_id=customer.pk)

    results = receive_payments([a_payment(customer.company_id, customer_id=customer.pk, **change), good], actor=STAFF, at=NOON)

    assert isinstance(results[0], Refusal)
    assert results[0].code == code
    assert Payment.objects.values_list("once_key", flat=True).get() == good.once_key


def test_one_reference_cannot_stand_for_two_amounts():
    customer = a_buyer()
    money_in(customer, 3280, once_key="bank:2026-11-20:1")

    results = receive_payments([a_payment(customer.company_id, once_key="bank:2026-11-20:1", amount=99)], actor=STAFF, at=NOON)

    assert results[0].code == "billing.reference_taken"
    assert Payment.objects.get().amount == 3280


def test_a_payment_in_another_currency_than_its_order_is_refused():
    customer = a_buyer()
    order_ref, _intent = requested(customer)

    results = receive_payments([a_payment(customer.company_id, order_ref=order_ref, currency="USD")], actor=STAFF, at=NOON)

    assert results[0].code == "billing.currency_differs"
    assert not Payment.objects.exists()


def test_the_day_of_receipt_is_the_day_in_the_books():
    customer = a_buyer()

    money_in(customer, 100, received_on=date(2026, 11, 1))

    assert Entry.objects.get().booked_on == date(2026, 11, 1)


def test_money_without_an_order_counts_for_the_order_it_settles():
    customer = a_buyer()
    sale = a_sale(customer)
    _invoiced(sale)
    _ref, intent = requested(customer, order_ref=sale.order_ref)

    paid = money_in(customer, 4000)

    assert paid_by_order([sale.order_ref]) == {sale.order_ref: 3280}
    assert PaymentIntent.objects.get(pk=intent).status == "captured"
    event = OutboxEvent.objects.get(name="billing.ReceivableSettled")
    assert (event.stream, event.payload["amount"]) == (f"billing-order:{sale.order_ref}", 3280)

    reverse_payments([ReverseAsk(payment_id=paid.payment_id)], actor=STAFF, at=NOON)

    assert paid_by_order([sale.order_ref]) == {sale.order_ref: 0}
    assert list(PaymentIntent.objects.order_by("attempt").values_list("status", flat=True)) == ["failed", "requested"]
    assert [e.payload["amount"] for e in OutboxEvent.objects.filter(name="billing.ReceivableSettled").order_by("id")] == [3280, -3280]


def test_a_credit_note_frees_money_that_was_not_sent_for_its_order():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = _invoiced(sale)
    money_in(customer, 3280)

    issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key="c")], actor=STAFF, at=NOON)

    assert paid_by_order([sale.order_ref]) == {sale.order_ref: 0}
    assert [e.payload["amount"] for e in OutboxEvent.objects.filter(name="billing.ReceivableSettled").order_by("id")] == [3280, -3280]


def test_fifty_payments_cost_as_many_statements_as_one():
    company = a_trader()
    customers = [a_buyer(company) for _ in range(5)]

    counts = []
    for size in (1, 50):
        sales = [a_sale(customers[i % 5]) for i in range(size)]
        for sale in sales:
            _invoiced(sale)
        asks = [a_payment(company.pk, order_ref=sale.order_ref) for sale in sales]
        with CaptureQueriesContext(connection) as seen:
            receive_payments(asks, actor=STAFF, at=NOON)
        counts.append(len([q for q in seen.captured_queries if "SAVEPOINT" not in q["sql"]]))

    assert counts[0] == counts[1]
    assert counts[1] == 13


def _invoiced(sale):
    return record_sales([sale], actor=STAFF, at=NOON)[0]
