"""Many hands at once on committed transactions: exact winners, no deadlock, books that balance."""

import random
from functools import partial
from threading import Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from billing.models import Application, Entry, Invoice, LedgerAccount, Payment, PaymentIntent, Posting, Receivable, Refund
from billing.operations import issue_credit_notes, open_intents, receive_payments, record_sales, refund_payments, reverse_payments
from billing.rules import CreditAsk, CreditLine, RefundAsk, RefundMade, ReverseAsk
from core.db import rows, run
from core.errors import Refusal
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_payment, a_sale, a_trader, an_intent, money_in
from tests.races.contention import contend, deadlocks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]


def test_fifty_refunds_at_once_give_back_no_more_than_was_received():
    paid = money_in(a_buyer(), 10_000)

    def refund(place: int):
        ask = RefundAsk(payment_id=paid.payment_id, amount=3000, once_key=f"refund:{place}")
        return refund_payments([ask], actor=STAFF, at=NOON)[0]

    results = contend([partial(refund, place) for place in range(50)], threads=10)

    assert sum(isinstance(r, RefundMade) for r in results) == 3
    assert sum(isinstance(r, Refusal) and r.code == "billing.refund_too_much" for r in results) == 47
    assert Refund.objects.count() == 3
    assert Payment.objects.get().unapplied_amount == 1000
    assert broken_promises() == {}


def test_raw_sql_on_many_connections_cannot_refund_more_than_was_received():
    customer = a_buyer()
    paid = money_in(customer, 10_000)
    entries = [_a_raw_entry(customer.company_id, place) for place in range(16)]

    def insert(entry_id: int) -> int:
        return run(
            "INSERT INTO billing_refund (payment_id, amount, once_key, refunded_on, at, entry_id)"
            " VALUES (%s, 3000, %s, '2026-11-20', now(), %s)",
            (paid.payment_id, f"raw:{entry_id}", entry_id),
        )

    results = contend([partial(insert, entry_id) for entry_id in entries], threads=16)

    assert results.count(1) == 3
    assert sum(isinstance(r, IntegrityError) for r in results) == 13
    assert sum(Refund.objects.values_list("amount", flat=True)) == 9000


def _a_raw_entry(company_id: int, place: int) -> int:
    """A balanced entry for a document written past the operations."""
    accounts = [
        LedgerAccount.objects.get_or_create(company_id=company_id, kind=kind, currency="JPY")[0].pk for kind in ("discount", "fee_expense")
    ]
    return rows(
        "WITH e AS (INSERT INTO billing_entry (company_id, kind, reference, once_key, booked_on, at)"
        " VALUES (%s, 'sale', 'raw', %s, '2026-11-20', now()) RETURNING id), p AS ("
        " INSERT INTO billing_posting (entry_id, account_id, currency, amount)"
        " SELECT e.id, s.account_id, 'JPY', s.amount FROM e, unnest(%s::bigint[], '{1,-1}'::bigint[]) AS s (account_id, amount))"
        " SELECT id FROM e",
        (company_id, f"raw:{place}", accounts),
    )[0].id


def test_one_refund_told_twenty_times_at_once_is_made_once():
    paid = money_in(a_buyer(), 10_000)
    ask = RefundAsk(payment_id=paid.payment_id, amount=3000, once_key="rma:1")

    results = contend([lambda: refund_payments([ask], actor=STAFF, at=NOON)[0]] * 20, threads=8)

    assert {r.refund_id for r in results} == {Refund.objects.get().pk}
    assert sum(r.is_new for r in results) == 1
    assert Payment.objects.get().unapplied_amount == 7000


def test_one_shipment_invoiced_twenty_times_at_once_has_one_invoice():
    ask = a_sale(a_buyer())

    results = contend([lambda: record_sales([ask], actor=STAFF, at=NOON)[0]] * 20, threads=8)

    assert {r.number for r in results} == {Invoice.objects.get().number}
    assert Entry.objects.count() == 1


def test_one_payment_told_twenty_times_at_once_is_booked_once():
    customer = a_buyer()
    ask = a_payment(customer.company_id, customer_id=customer.pk)

    results = contend([lambda: receive_payments([ask], actor=STAFF, at=NOON)[0]] * 20, threads=8)

    assert {r.payment_id for r in results} == {Payment.objects.get().pk}
    assert balances(customer.pk) == {"customer_deposit": -3280}


def test_one_order_opened_twenty_times_at_once_has_one_intent():
    asks = [an_intent(a_buyer()) for _ in range(20)]  # two unique keys meet, in either order: once is not enough to see both

    results = contend([partial(open_intents, [ask], actor=STAFF, at=NOON) for ask in asks for _ in range(20)], threads=8)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert PaymentIntent.objects.count() == 20
    assert {tuple(r) for r in results} == {(pk,) for pk in PaymentIntent.objects.values_list("pk", flat=True)}


def test_an_intent_that_somebody_opens_meanwhile_stands_whichever_unique_key_tells_of_it():
    """PostgreSQL checks a table's unique keys one after the other: the rival's row may show in "one open" alone."""
    ask = an_intent(a_buyer())
    with transaction.atomic():
        rival = PaymentIntent.objects.create(
            order_ref=ask.order_ref, order_number=ask.order_number, company_id=ask.company_id, customer_id=ask.customer_id,
            attempt=7, method=ask.method, currency=ask.currency, amount=ask.amount, requested_at=NOON,
        )  # fmt: skip
        answers: list[object] = []
        second = Thread(target=lambda: answers.extend(contend([partial(open_intents, [ask], actor=STAFF, at=NOON)], threads=1)))
        second.start()
        while second.is_alive() and not rows("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"):
            second.join(timeout=0.01)
    second.join(timeout=10)

    assert answers == [[rival.pk]]
    assert PaymentIntent.objects.count() == 1


def test_a_payment_and_its_invoice_that_come_at_once_find_each_other():
    customer = a_buyer()
    sales = [a_sale(customer) for _ in range(12)]
    jobs = []
    for sale in sales:
        ask = a_payment(customer.company_id, order_ref=sale.order_ref, customer_id=customer.pk)
        jobs += [partial(record_sales, [sale], actor=STAFF, at=NOON), partial(receive_payments, [ask], actor=STAFF, at=NOON)]

    results = contend(jobs, threads=8)

    assert [r for r in results if isinstance(r, Exception)] == []
    assert set(Receivable.objects.values_list("open_amount", flat=True)) == {0}
    assert set(Payment.objects.values_list("unapplied_amount", flat=True)) == {0}
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": 0}


def test_two_payments_at_once_never_settle_an_invoice_twice():
    customer = a_buyer()
    record_sales([a_sale(customer)], actor=STAFF, at=NOON)
    asks = [a_payment(customer.company_id, customer_id=customer.pk, amount=1000) for _ in range(8)]

    contend([partial(receive_payments, [ask], actor=STAFF, at=NOON) for ask in asks], threads=8)

    assert Receivable.objects.get().open_amount == 0
    assert sum(Application.objects.values_list("amount", flat=True)) == 3280
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": -4720}


def test_the_books_balance_while_eight_hands_write_them():
    company = a_trader()
    customers = [a_buyer(company) for _ in range(3)]
    chance = random.Random(20261120)
    before = deadlocks()

    results = contend([partial(_some_business, customers, chance.randrange(10**6)) for _ in range(64)], threads=8)

    assert [r for r in results if r is not None and not isinstance(r, int)] == []
    assert sum(r for r in results if isinstance(r, int)) == 0
    assert broken_promises() == {}
    assert sum(Posting.objects.values_list("amount", flat=True)) == 0
    assert deadlocks() == before


def _some_business(customers, seed: int) -> int:
    """A sale, money for it (before, after, too little or too much), and something taken back; then what the books are off by."""
    chance = random.Random(seed)
    customer = chance.choice(customers)
    sale = a_sale(customer, order_ref=uuid4())
    pay = a_payment(customer.company_id, order_ref=sale.order_ref, customer_id=customer.pk, amount=chance.choice([1000, 3280, 5000]))
    early = chance.random() < 0.5
    if early:
        paid = receive_payments([pay], actor=STAFF, at=NOON)[0]
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    if not early:
        paid = receive_payments([pay], actor=STAFF, at=NOON)[0]
    deed = chance.randrange(4)
    if deed == 0:
        reverse_payments([ReverseAsk(payment_id=paid.payment_id)], actor=STAFF, at=NOON)
    elif deed == 1:
        lines = (CreditLine(position=2, quantity=1),)
        issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key=str(seed), lines=lines)], actor=STAFF, at=NOON)
        refund_payments([RefundAsk(payment_id=paid.payment_id, amount=500, once_key=str(seed))], actor=STAFF, at=NOON)
    return int(rows("SELECT coalesce(sum(amount), 0)::bigint AS off FROM billing_posting")[0].off)


def test_a_rival_that_slips_in_before_the_lock_is_seen_behind_it():
    paid = money_in(a_buyer(), 10_000)
    ask = partial(RefundAsk, payment_id=paid.payment_id, amount=6000)
    rival_answers: list[object] = []

    def slip_in(execute, sql, params, many, context):
        if "FOR UPDATE" in sql and "billing_payment" in sql and not rival_answers:
            rival_answers.append("running")
            rival_answers.extend(contend([lambda: refund_payments([ask(once_key="rival")], actor=STAFF, at=NOON)[0]], threads=1))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(slip_in):
        ours = refund_payments([ask(once_key="ours")], actor=STAFF, at=NOON)[0]

    assert isinstance(rival_answers[1], RefundMade)
    assert ours.code == "billing.refund_too_much"
    assert Payment.objects.get().unapplied_amount == 4000


@pytest.mark.parametrize("deed", ["refund", "reverse", "credit"])
def test_rows_are_locked_before_they_are_changed(deed):
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 5000, order_ref=sale.order_ref)
    do = {
        "refund": lambda: refund_payments([RefundAsk(payment_id=paid.payment_id, amount=1, once_key="r")], actor=STAFF, at=NOON),
        "reverse": lambda: reverse_payments([ReverseAsk(payment_id=paid.payment_id)], actor=STAFF, at=NOON),
        "credit": lambda: issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key="c")], actor=STAFF, at=NOON),
    }[deed]

    with CaptureQueriesContext(connection) as seen:
        do()

    said = [query["sql"] for query in seen.captured_queries]
    locked = next(i for i, sql in enumerate(said) if "FROM billing_payment" in sql and "FOR UPDATE" in sql)
    changed = next(i for i, sql in enumerate(said) if "UPDATE billing_payment" in sql)
    posted = next(i for i, sql in enumerate(said) if "INSERT INTO billing_partybalance" in sql)
    assert locked < posted < changed
