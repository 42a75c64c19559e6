"""What may be asked: paid, owed, traced, proven, and by whom."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import PartyBalance, Payment, Receivable
from billing.operations import (
    identify_payments,
    issue_credit_notes,
    receive_payments,
    record_sales,
    recount_counters,
    refund_payments,
    reverse_payments,
)
from billing.queries import Counter, Drift, document_trace, drifted_counters, open_receivables, paid_by_order, trial_balance, visible_to
from billing.rules import CreditAsk, CreditLine, IdentifyAsk, PaymentMethod, RefundAsk, ReverseAsk
from core.actor import SYSTEM, Actor, ActorKind
from core.db import rows, run
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, TODAY, a_buyer, a_payment, a_sale, a_trader, an_invoice, money_in

pytestmark = pytest.mark.django_db


def test_an_order_has_paid_what_came_and_did_not_go_back():
    customer = a_buyer()
    order_ref, other = uuid4(), uuid4()
    first = money_in(customer, 3000, order_ref=order_ref)
    bounced = money_in(customer, 500, order_ref=order_ref)
    money_in(customer, 70, order_ref=order_ref)
    refund_payments([RefundAsk(payment_id=first.payment_id, amount=1000, once_key="r")], actor=STAFF, at=NOON)
    reverse_payments([ReverseAsk(payment_id=bounced.payment_id)], actor=STAFF, at=NOON)

    assert paid_by_order([order_ref, other]) == {order_ref: 2070}


def test_what_is_owed_is_listed_with_the_earliest_due_first():
    customer = a_buyer()
    later = an_invoice(customer)
    sooner = an_invoice(customer, method=PaymentMethod.CARD)
    paid = a_sale(customer)
    record_sales([paid], actor=STAFF, at=NOON)
    money_in(customer, 3280, order_ref=paid.order_ref)

    found = open_receivables(customer.company_id)

    assert [(owed.invoice_id, owed.due_on) for owed in found] == [
        (sooner.invoice_id, TODAY),
        (later.invoice_id, TODAY + timedelta(days=14)),
    ]
    assert found[0].days_overdue(TODAY + timedelta(days=3)) == 3


def test_the_worklist_is_read_in_pages_and_by_what_is_overdue():
    customer = a_buyer()
    ids = [an_invoice(customer).invoice_id for _ in range(3)]
    due = TODAY + timedelta(days=14)

    first = open_receivables(customer.company_id, limit=2)
    rest = open_receivables(customer.company_id, after=(first[-1].due_on, first[-1].invoice_id), limit=2)

    assert [[owed.invoice_id for owed in page] for page in (first, rest)] == [ids[:2], ids[2:]]
    assert open_receivables(customer.company_id, overdue_on=due) == []
    assert len(open_receivables(customer.company_id, overdue_on=due + timedelta(days=1))) == 3
    assert open_receivables(a_trader().pk) == []


def test_the_worklist_walks_its_index():
    company = a_trader()
    run("SET LOCAL enable_seqscan = off")
    run("SET LOCAL enable_sort = off")
    plan = rows(
        "EXPLAIN SELECT r.invoice_id FROM billing_receivable r WHERE r.company_id = %s AND r.open_amount > 0 AND r.due_on IS NOT NULL"
        " ORDER BY r.due_on, r.invoice_id LIMIT 50",
        (company.pk,),
        prepare=False,
    )

    assert "Index Scan using billing_receivable_" in str(plan) or "Index Only Scan using billing_receivable_" in str(plan)


def test_debits_and_credits_of_the_trial_balance_are_equal():
    customer = a_buyer()
    sale = a_sale(customer)
    record_sales([sale], actor=STAFF, at=NOON)
    money_in(customer, 4000, order_ref=sale.order_ref)

    found = trial_balance(customer.company_id, on=TODAY)

    assert {(row.kind.value, row.tax_class): row.balance for row in found} == {
        ("receivable", ""): 0,
        ("cash", ""): 4000,
        ("sales", "standard"): -2000,
        ("sales", "reduced"): -1000,
        ("tax_payable", "standard"): -200,
        ("tax_payable", "reduced"): -80,
        ("customer_deposit", ""): -720,
    }
    assert sum(row.debit for row in found) == sum(row.credit for row in found) == 3280 + 4000 + 3280
    assert trial_balance(customer.company_id, on=date(2026, 11, 19)) == []


def test_every_yen_of_an_invoice_is_traced():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 3000, order_ref=sale.order_ref, reference="振込 1")
    issue_credit_notes(
        [CreditAsk(invoice_id=invoice.invoice_id, once_key="c", lines=(CreditLine(position=1, quantity=1),))], actor=STAFF, at=NOON
    )

    with CaptureQueriesContext(connection) as seen:
        trace = document_trace(invoice.invoice_id)

    assert len(seen) == 5
    assert (trace.order_ref, trace.shipment_ref, trace.total, trace.open_amount) == (sale.order_ref, sale.shipment_ref, 3280, 0)
    assert [(line.sku, line.amount, line.credited) for line in trace.lines] == [("TEA-100", 1080, 1080), ("CUP-1", 2200, 0)]
    assert [(a.payment_id, a.reference, a.amount) for a in trace.applications] == [
        (paid.payment_id, "振込 1", 3000),
        (paid.payment_id, "振込 1", -800),
    ]
    assert [credit.total for credit in trace.credits] == [1080]
    assert trace.unexplained == 0
    assert sum(p.amount for p in trace.postings) == 0
    assert document_trace(999_999_999) is None


def test_a_counter_that_drifted_is_reported_and_repaired():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 3000, order_ref=sale.order_ref)
    account = PartyBalance.objects.get(account__kind="receivable").pk
    PartyBalance.objects.filter(pk=account).update(balance=999)
    Receivable.objects.filter(pk=invoice.invoice_id).update(open_amount=1)
    Payment.objects.filter(pk=paid.payment_id).update(unapplied_amount=5)

    expected = [
        Drift(counter=Counter.PARTY_BALANCE, row_id=account, kept=999, counted=280),
        Drift(counter=Counter.OPEN_AMOUNT, row_id=invoice.invoice_id, kept=1, counted=280),
        Drift(counter=Counter.UNAPPLIED_AMOUNT, row_id=paid.payment_id, kept=5, counted=0),
    ]
    assert drifted_counters(customer.company_id) == drifted_counters() == expected
    assert drifted_counters(a_trader().pk) == []
    assert set(broken_promises()) >= {"billing.party_balances", "billing.receivables_open", "billing.payments_unapplied"}

    repaired = recount_counters(actor=STAFF)

    assert sorted(d.row_id for d in repaired) == sorted(d.row_id for d in expected)
    assert recount_counters(actor=STAFF) == []
    assert broken_promises() == {}


def test_money_in_suspense_finds_its_customer_and_pays_what_they_owe():
    customer = a_buyer()
    invoice = an_invoice(customer)
    paid = receive_payments([a_payment(customer.company_id, amount=4000)], actor=STAFF, at=NOON)[0]

    found = identify_payments([IdentifyAsk(payment_id=paid.payment_id, customer_id=customer.pk)], actor=STAFF, at=NOON)[0]
    again = identify_payments([IdentifyAsk(payment_id=paid.payment_id, customer_id=customer.pk)], actor=STAFF, at=NOON)[0]

    assert (found.applied, found.unapplied, found.is_new) == (3280, 720, True)
    assert (again.applied, again.unapplied, again.is_new) == (0, 720, False)
    assert Receivable.objects.get(pk=invoice.invoice_id).open_amount == 0
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": -720}
    assert {row.kind.value: row.balance for row in trial_balance(customer.company_id, on=TODAY)}["suspense"] == 0
    assert broken_promises() == {}


def test_money_of_another_customer_or_company_is_not_claimed():
    customer = a_buyer()
    stranger, colleague = a_buyer(), a_buyer(customer.company)
    unknown = receive_payments([a_payment(customer.company_id)], actor=STAFF, at=NOON)[0]
    owned = money_in(customer, 100)

    asks = [
        IdentifyAsk(payment_id=unknown.payment_id, customer_id=stranger.pk),
        IdentifyAsk(payment_id=owned.payment_id, customer_id=colleague.pk),
        IdentifyAsk(payment_id=999_999_999, customer_id=customer.pk),
    ]
    results = identify_payments(asks, actor=STAFF, at=NOON)

    assert [r.code for r in results] == ["billing.customer_not_found", "billing.payment_owned", "billing.payment_not_found"]
    assert Payment.objects.get(pk=unknown.payment_id).customer_id is None


def test_documents_are_seen_by_their_company_only():
    ours, theirs = a_buyer(), a_buyer()
    an_invoice(ours)
    an_invoice(theirs)
    receive_payments([a_payment(ours.company_id)], actor=STAFF, at=NOON)
    partner = Actor(ActorKind.PARTNER, "some-client")
    person = Actor(ActorKind.CUSTOMER, "999999")

    assert visible_to(SYSTEM).invoices.count() == 2
    assert visible_to(partner, company_id=ours.company_id).invoices.get().customer_id == ours.pk
    assert visible_to(partner, company_id=ours.company_id).payments.count() == 1
    assert visible_to(partner).invoices.count() == visible_to(partner).payments.count() == 0
    assert visible_to(person).invoices.count() == visible_to(person).payments.count() == 0
