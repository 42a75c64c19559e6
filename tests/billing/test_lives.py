"""Random but valid lives of orders in money: after every deed every promise holds."""

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import Invoice, Payment, Receivable
from billing.operations import (
    identify_payments,
    issue_credit_notes,
    receive_payments,
    record_sales,
    recount_counters,
    refund_payments,
    reverse_payments,
)
from billing.queries import document_trace
from billing.rules import CreditAsk, CreditLine, IdentifyAsk, RefundAsk, ReverseAsk
from tests.billing.proof import broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_payment, a_sale, a_sale_line, a_trader, standard_line

pytestmark = pytest.mark.django_db
DEEDS = ("ship", "pay", "pay nobody", "identify", "refund", "reverse", "credit line", "credit amount", "credit all")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), deeds=st.lists(st.sampled_from(DEEDS), min_size=5, max_size=25))
def test_whatever_is_done_with_money_every_promise_holds(data, deeds):
    company = a_trader()
    customers = [a_buyer(company), a_buyer(company)]
    orders = [(uuid4(), customer) for customer in customers for _ in range(2)]

    for deed in deeds:
        _do(deed, data, orders)

    assert broken_promises() == {}
    assert recount_counters(actor=STAFF, company_id=company.pk) == []
    for key in Invoice.objects.filter(company=company).values_list("pk", flat=True):
        assert document_trace(key).unexplained == 0


def _do(deed: str, data, orders: list[tuple[UUID, object]]) -> None:
    order_ref, customer = data.draw(st.sampled_from(orders))
    amount = data.draw(st.integers(1, 6000))
    if deed == "ship":
        lines = (a_sale_line(amount_included=data.draw(st.integers(0, 3000)), quantity=3), standard_line(amount))
        record_sales([a_sale(customer, order_ref=order_ref, lines=lines)], actor=STAFF, at=NOON)
    elif deed == "pay":
        receive_payments(
            [a_payment(customer.company_id, order_ref=order_ref, customer_id=customer.pk, amount=amount)], actor=STAFF, at=NOON
        )
    elif deed == "pay nobody":
        receive_payments([a_payment(customer.company_id, amount=amount)], actor=STAFF, at=NOON)
    elif deed.startswith("credit"):
        _credit(deed, data, customer.company_id, amount)
    else:
        _return(deed, data, customer, amount)


def _credit(deed: str, data, company_id: int, amount: int) -> None:
    invoices = list(Invoice.objects.filter(company_id=company_id).order_by("pk").values_list("pk", flat=True))
    if not invoices:
        return
    lines = {
        "credit line": (CreditLine(position=1, quantity=1),),
        "credit amount": (CreditLine(position=2, amount=amount),),
        "credit all": (),
    }[deed]
    ask = CreditAsk(invoice_id=data.draw(st.sampled_from(invoices)), once_key=uuid4().hex, lines=lines)
    issue_credit_notes([ask], actor=STAFF, at=NOON)


def _return(deed: str, data, customer, amount: int) -> None:
    payments = list(Payment.objects.filter(company_id=customer.company_id).order_by("pk").values_list("pk", flat=True))
    if not payments:
        return
    payment_id = data.draw(st.sampled_from(payments))
    if deed == "refund":
        refund_payments([RefundAsk(payment_id=payment_id, amount=amount, once_key=uuid4().hex)], actor=STAFF, at=NOON)
    elif deed == "reverse":
        reverse_payments([ReverseAsk(payment_id=payment_id)], actor=STAFF, at=NOON)
    else:
        identify_payments([IdentifyAsk(payment_id=payment_id, customer_id=customer.pk)], actor=STAFF, at=NOON)


def test_a_long_life_ends_with_nothing_owed_and_nothing_held():
    customer = a_buyer()
    order_ref = uuid4()
    receive_payments([a_payment(customer.company_id, order_ref=order_ref, customer_id=customer.pk, amount=10_000)], actor=STAFF, at=NOON)
    invoices = record_sales([a_sale(customer, order_ref=order_ref) for _ in range(3)], actor=STAFF, at=NOON)

    issue_credit_notes(
        [CreditAsk(invoice_id=invoice.invoice_id, once_key=f"c{place}") for place, invoice in enumerate(invoices)], actor=STAFF, at=NOON
    )
    payment = Payment.objects.get()
    refund_payments([RefundAsk(payment_id=payment.pk, amount=payment.unapplied_amount, once_key="all")], actor=STAFF, at=NOON)

    payment.refresh_from_db()
    assert (payment.unapplied_amount, payment.status) == (0, "applied")
    assert set(Receivable.objects.values_list("open_amount", flat=True)) == {0}
    assert broken_promises() == {}
