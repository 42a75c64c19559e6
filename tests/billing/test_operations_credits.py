"""Credit notes: an invoice is corrected by a document with tax rows of its own."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.models import Application, CreditNote, CreditNoteLine, CreditNoteTax, Entry, InvoiceTax, Payment, Receivable
from billing.operations import issue_credit_notes, record_sales, refund_payments
from billing.rules import CreditAsk, CreditLine, RefundAsk
from core.models import OutboxEvent
from tests.billing.proof import balances, broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_sale, a_sale_line, an_invoice, money_in, standard_line

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sound_books(db):
    """Whatever a test does, every promise holds at its end."""
    yield
    assert broken_promises() == {}


def credit(invoice_id: int, *lines: CreditLine, once_key: str = ""):
    ask = CreditAsk(invoice_id=invoice_id, once_key=once_key or uuid4().hex, reason="返品", lines=lines)
    return issue_credit_notes([ask], actor=STAFF, at=NOON)[0]


def taxes_of(note) -> list[tuple[int, int, int]]:
    found = CreditNoteTax.objects.filter(credit_note_id=note.credit_note_id).order_by("-tax_rate_bp")
    return list(found.values_list("tax_rate_bp", "taxable", "tax"))


def test_a_whole_invoice_is_taken_back_with_exactly_its_tax():
    customer = a_buyer()
    invoice = an_invoice(customer)

    note = credit(invoice.invoice_id)

    assert (note.total, note.freed) == (3280, 0)
    assert taxes_of(note) == [(1000, 2000, 200), (800, 1000, 80)]
    assert Receivable.objects.get().open_amount == 0
    assert balances(customer.pk) == {"receivable": 0}
    kept = CreditNote.objects.get()
    assert (kept.number, kept.issuer_name, kept.registration_number, kept.recipient_name, kept.reason) == (
        note.number, "株式会社春風堂", "T1234567890123", "山田 花子", "返品",
    )  # fmt: skip


def test_one_of_three_cups_goes_back_at_its_share():
    customer = a_buyer()
    cups = standard_line(1000, quantity=3, unit_price=334)
    invoice = an_invoice(customer, lines=(cups,))

    parts = [credit(invoice.invoice_id, CreditLine(position=1, quantity=1)).total for _ in range(3)]

    assert parts == [333, 333, 334]
    assert sum(CreditNoteTax.objects.values_list("tax", flat=True)) == InvoiceTax.objects.get().tax == 90


def test_an_amount_of_a_line_can_be_taken_back():
    invoice = an_invoice()

    note = credit(invoice.invoice_id, CreditLine(position=2, amount=1100))

    assert taxes_of(note) == [(1000, 1000, 100)]
    assert CreditNoteLine.objects.values_list("quantity", "amount").get() == (0, 1100)
    assert Receivable.objects.get().open_amount == 2180


def test_what_had_been_paid_becomes_a_deposit_that_can_be_refunded():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    paid = money_in(customer, 3280, order_ref=sale.order_ref)

    note = credit(invoice.invoice_id, CreditLine(position=1, quantity=1))

    assert (note.total, note.freed) == (1080, 1080)
    assert Payment.objects.values_list("unapplied_amount", "status").get() == (1080, "received")
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": -1080}
    assert list(Application.objects.order_by("id").values_list("amount", flat=True)) == [3280, -1080]
    assert refund_payments([RefundAsk(payment_id=paid.payment_id, amount=1080, once_key="rma:1")], actor=STAFF, at=NOON)[0].left == 0
    assert balances(customer.pk) == {"receivable": 0, "customer_deposit": 0}


def test_a_half_paid_invoice_frees_only_what_is_not_owed_any_more():
    customer = a_buyer()
    sale = a_sale(customer)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    money_in(customer, 1000, order_ref=sale.order_ref)
    money_in(customer, 1500, order_ref=sale.order_ref)

    note = credit(invoice.invoice_id, CreditLine(position=2, quantity=1))

    assert (note.total, note.freed) == (2200, 1420)
    assert list(Payment.objects.order_by("id").values_list("unapplied_amount", flat=True)) == [0, 1420]
    assert Receivable.objects.get().open_amount == 0


def test_the_same_correction_told_twice_is_made_once():
    invoice = an_invoice()

    first = credit(invoice.invoice_id, CreditLine(position=1, quantity=1), once_key="rma:1")
    second = credit(invoice.invoice_id, CreditLine(position=1, quantity=1), once_key="rma:1")

    assert (second.number, second.total, second.is_new) == (first.number, 1080, False)
    assert (CreditNote.objects.count(), Entry.objects.filter(kind="credit").count()) == (1, 1)
    assert OutboxEvent.objects.filter(name="billing.CreditNoteIssued").count() == 1


@pytest.mark.parametrize(
    ("_case", "lines", "code"),
    [
        ("no such line", (CreditLine(position=3, quantity=1),), "billing.no_such_line"),
        ("more than was sold", (CreditLine(position=1, quantity=2),), "billing.credit_too_much"),
        ("more than was charged", (CreditLine(position=1, amount=1081),), "billing.credit_too_much"),
        ("nothing", (CreditLine(position=1, amount=0),), "billing.credit_too_much"),
        ("less than nothing", (CreditLine(position=1, quantity=-1, amount=5),), "billing.credit_too_much"),
        ("a line twice", (CreditLine(position=1, amount=1), CreditLine(position=1, amount=1)), "billing.line_twice"),
    ],
)
def test_an_impossible_correction_is_refused_and_nothing_moves(_case, lines, code):
    invoice = an_invoice()

    refused = credit(invoice.invoice_id, *lines)

    assert refused.code == code
    assert (CreditNote.objects.count(), Entry.objects.count(), Receivable.objects.get().open_amount) == (0, 1, 3280)


def test_an_invoice_taken_back_wholly_has_nothing_left_to_credit():
    invoice = an_invoice()
    credit(invoice.invoice_id)

    assert credit(invoice.invoice_id).code == "billing.nothing_to_credit"


def test_an_unknown_invoice_is_refused():
    assert credit(999_999_999).code == "billing.invoice_not_found"


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_however_an_invoice_is_taken_back_it_ends_at_nothing(data):
    amounts = data.draw(st.lists(st.integers(1, 50_000), min_size=1, max_size=4))
    reduced = data.draw(st.lists(st.booleans(), min_size=len(amounts), max_size=len(amounts)))
    lines = tuple(
        a_sale_line(amount_included=amount, quantity=3) if low else standard_line(amount, quantity=3)
        for amount, low in zip(amounts, reduced, strict=True)
    )
    customer = a_buyer()
    sale = a_sale(customer, lines=lines)
    invoice = record_sales([sale], actor=STAFF, at=NOON)[0]
    money_in(customer, data.draw(st.integers(1, sum(amounts))), order_ref=sale.order_ref)

    for position in range(1, len(lines) + 1):
        credit(invoice.invoice_id, CreditLine(position=position, quantity=1))
    credit(invoice.invoice_id)

    assert Receivable.objects.get(pk=invoice.invoice_id).open_amount == 0
    assert sum(CreditNote.objects.filter(invoice_id=invoice.invoice_id).values_list("total", flat=True)) == sum(amounts)
    given_back = sum(CreditNoteTax.objects.filter(credit_note__invoice_id=invoice.invoice_id).values_list("tax", flat=True))
    assert given_back == sum(InvoiceTax.objects.filter(invoice_id=invoice.invoice_id).values_list("tax", flat=True))
    assert broken_promises() == {}
