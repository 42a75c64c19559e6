"""Refunds and reversals: only what a payment holds can go back, and what never came is taken back wholly."""

from uuid import uuid4

import pytest

from billing.models import Application, Entry, Payment, PaymentIntent, Receivable, Refund
from billing.operations import receive_payments, record_sales, refund_payments, reverse_payments
from billing.rules import RefundAsk, RefundMade, ReverseAsk, Reversed
from core.errors import Refusal
from core.models import OutboxEvent
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_payment, a_sale, a_trader, money_in, requested

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_books(db):
    """Whatever a test does, every promise holds at its end."""
    yield
    assert broken_promises() == {}


def refund(payment_id: int, amount: int, once_key: str = "") -> RefundMade | Refusal:
    ask = RefundAsk(payment_id=payment_id, amount=amount, once_key=once_key or uuid4().hex, reason="過入金")
    return refund_payments([ask], actor=STAFF, at=NOON)[0]


def reverse(payment_id: int) -> Reversed | Refusal:
    return reverse_payments([ReverseAsk(payment_id=payment_id, reason="組戻し")], actor=STAFF, at=NOON)[0]


def test_what_was_paid_too_much_goes_back():
    customer = a_buyer()
    paid = money_in(customer, 10_000)

    made = refund(paid.payment_id, 3000)

    assert (made.amount, made.left) == (3000, 7000)
    assert balances(customer.pk) == {"customer_deposit": -7000}
    assert {p.account.kind: p.amount for p in Entry.objects.get(kind="refund").postings.select_related("account")} == {
        "customer_deposit": 3000,
        "cash": -3000,
    }
    event = OutboxEvent.objects.get(name="billing.PaymentRefunded")
    assert (event.payload["amount"], event.payload["refund_public_id"]) == (3000, str(made.public_id))


def test_a_payment_refunded_to_the_last_yen_is_used_up():
    paid = money_in(a_buyer(), 10_000)

    refund(paid.payment_id, 10_000)

    assert Payment.objects.values_list("unapplied_amount", "status").get() == (0, "applied")


def test_the_same_refund_told_twice_is_made_once():
    paid = money_in(a_buyer(), 10_000)

    first = refund(paid.payment_id, 3000, "rma:1")
    second = refund(paid.payment_id, 3000, "rma:1")

    assert (second.refund_id, second.is_new, second.left) == (first.refund_id, False, 7000)
    assert (Refund.objects.count(), Payment.objects.get().unapplied_amount) == (1, 7000)


@pytest.mark.parametrize(
    ("_case", "amount", "code"),
    [
        ("nothing", 0, "billing.amount_not_positive"),
        ("less than nothing", -3000, "billing.amount_not_positive"),
        ("a yen too much", 10_001, "billing.refund_too_much"),
    ],
)
def test_an_impossible_refund_is_refused_and_nothing_moves(_case, amount, code):
    paid = money_in(a_buyer(), 10_000)

    refused = refund(paid.payment_id, amount)

    assert refused.code == code
    assert (Refund.objects.count(), Entry.objects.count(), Payment.objects.get().unapplied_amount) == (0, 1, 10_000)


def test_refunds_of_one_batch_share_what_a_payment_holds():
    paid = money_in(a_buyer(), 10_000)
    asks = [RefundAsk(payment_id=paid.payment_id, amount=4000, once_key=f"part:{n}") for n in range(3)]

    results = refund_payments(asks, actor=STAFF, at=NOON)

    assert [getattr(r, "left", "refused") for r in results] == [6000, 2000, "refused"]
    assert results[2].params == {"held": 2000, "amount": 4000}


def test_what_has_settled_an_invoice_is_not_refunded():
    customer = a_buyer()
    sale = a_sale(customer)
    record_sales([sale], actor=STAFF, at=NOON)
    paid = money_in(customer, 3280, order_ref=sale.order_ref)

    assert refund(paid.payment_id, 1).code == "billing.refund_too_much"


def test_a_refund_of_an_unknown_payment_is_refused():
    assert refund(999_999_999, 100).code == "billing.payment_not_found"


def test_one_reference_cannot_stand_for_two_refunds():
    paid = money_in(a_buyer(), 10_000)
    refund(paid.payment_id, 3000, "rma:1")

    assert refund(paid.payment_id, 2000, "rma:1").code == "billing.reference_taken"
    assert Refund.objects.count() == 1


def test_a_bounced_payment_opens_its_invoice_again():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 4000, order_ref=sale.order_ref)

    undone = reverse(paid.payment_id)

    assert (undone.amount, undone.reopened) == (4000, 3280)
    assert Receivable.objects.get(pk=invoice.invoice_id).open_amount == 3280
    assert Payment.objects.values_list("status", "unapplied_amount").get() == ("reversed", 0)
    assert list(Application.objects.order_by("id").values_list("amount", flat=True)) == [3280, -3280]
    assert balances(customer.pk) == {"receivable": 3280, "customer_deposit": 0}
    reversal = Entry.objects.get(kind="reversal")
    assert (reversal.reverses_id, reversal.memo) == (Payment.objects.get().entry_id, "組戻し")


def test_a_payment_bounces_once():
    paid = money_in(a_buyer(), 4000)
    reverse(paid.payment_id)

    again = reverse(paid.payment_id)

    assert (again.is_new, again.reopened) == (False, 0)
    assert OutboxEvent.objects.filter(name="billing.PaymentReversed").count() == 1
    assert Entry.objects.filter(kind="reversal").count() == 1


def test_a_paid_order_waits_for_its_payment_again():
    customer = a_buyer()
    order_ref, _intent = requested(customer)
    paid = money_in(customer, 3280, order_ref=order_ref)

    reverse(paid.payment_id)

    assert list(PaymentIntent.objects.order_by("attempt").values_list("attempt", "status", "amount")) == [
        (1, "failed", 3280),
        (2, "requested", 3280),
    ]


def test_a_payment_partly_refunded_is_not_reversed():
    paid = money_in(a_buyer(), 4000)
    refund(paid.payment_id, 100)

    assert reverse(paid.payment_id).code == "billing.payment_refunded"
    assert Payment.objects.get().status == "received"


def test_a_reversed_payment_gives_nothing_back():
    paid = money_in(a_buyer(), 4000)
    reverse(paid.payment_id)

    assert refund(paid.payment_id, 1).code == "billing.payment_reversed"


def test_money_in_suspense_that_bounces_leaves_suspense_empty():
    company = a_trader()
    paid = receive_payments([a_payment(company.pk)], actor=STAFF, at=NOON)[0]

    reverse(paid.payment_id)

    kinds = [p.account.kind for p in Entry.objects.get(kind="reversal").postings.select_related("account")]
    assert sorted(kinds) == ["cash", "suspense"]
