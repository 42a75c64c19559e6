"""What billing answers about a customer: told, exported, and forgotten within the law."""

from datetime import timedelta

import pytest

from billing import hooks
from billing.models import Invoice, Payment
from billing.operations import issue_credit_notes, record_sales, refund_payments, reverse_payments
from billing.rules import CreditAsk, RefundAsk, ReverseAsk
from core.actor import SYSTEM
from core.db import acting
from core.hooks import DASHBOARD
from customers.ports import CUSTOMER_DATA
from tests.factories.billing import NOON, STAFF, a_buyer, a_sale, an_invoice, money_in

pytestmark = pytest.mark.django_db


def test_the_hooks_are_wired():
    assert hooks in CUSTOMER_DATA.all()
    assert hooks in DASHBOARD.all()


def test_the_timeline_tells_of_money_newest_first():
    customer = a_buyer()
    invoice = an_invoice(customer)
    paid = money_in(customer, 5000, reference="振込 1")
    issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key="c", reason="返品")], actor=STAFF, at=NOON + timedelta(hours=1))
    refund_payments([RefundAsk(payment_id=paid.payment_id, amount=500, once_key="r")], actor=STAFF, at=NOON + timedelta(hours=2))
    an_invoice(a_buyer())

    told = hooks.timeline([customer.pk], before=None, limit=10)

    assert [(row.amount, row.customer_id) for row in told][:2] == [(500, customer.pk), (3280, customer.pk)]
    assert sorted(row.amount for row in told) == [500, 3280, 3280, 5000]
    assert all(row.link.startswith("/admin/billing/") for row in told)
    assert len(hooks.timeline([customer.pk], before=NOON + timedelta(minutes=1), limit=10)) == 2
    assert len(hooks.timeline([customer.pk], before=None, limit=1)) == 1


def test_who_owes_or_is_owed_is_not_forgotten_yet():
    debtor, creditor, even = a_buyer(), a_buyer(), a_buyer()
    an_invoice(debtor)
    money_in(creditor, 500)

    found = hooks.objections([debtor.pk, creditor.pk, even.pk], at=NOON)

    assert [(o.customer_id, o.code, o.params["amount"]) for o in found] == [
        (debtor.pk, "billing.still_owed", 3280),
        (creditor.pk, "billing.still_held", 500),
    ]


def test_forgetting_blanks_the_payer_and_keeps_the_documents_of_the_law():
    customer = a_buyer()
    sale = a_sale(customer)
    record_sales([sale], actor=STAFF, at=NOON)
    money_in(customer, 3280, order_ref=sale.order_ref)

    with acting(SYSTEM):
        kept = hooks.erase([customer.pk], at=NOON)
        hooks.erase([customer.pk], at=NOON)

    assert Payment.objects.get().payer_name == ""
    assert Invoice.objects.get().recipient_name == "山田 花子"
    assert [(row.customer_id, row.table) for row in kept] == [(customer.pk, "billing_invoice"), (customer.pk, "billing_creditnote")]


def test_the_export_holds_every_row_in_words():
    customer = a_buyer()
    invoice = an_invoice(customer)
    paid = money_in(customer, 5000)
    issue_credit_notes([CreditAsk(invoice_id=invoice.invoice_id, once_key="c")], actor=STAFF, at=NOON)
    refund_payments([RefundAsk(payment_id=paid.payment_id, amount=500, once_key="r")], actor=STAFF, at=NOON)

    found = hooks.export([customer.pk])

    assert [row.table for row in found] == [
        "billing_invoice", "billing_invoiceline", "billing_invoiceline", "billing_creditnote", "billing_payment", "billing_refund",
    ]  # fmt: skip
    assert found[0].values["recipient_name"] == "山田 花子"
    assert all(isinstance(value, str | int | bool | None) for row in found for value in row.values.values())


def test_the_first_page_counts_what_is_overdue():
    an_invoice(a_buyer())
    paid = money_in(a_buyer(), 100)
    reverse_payments([ReverseAsk(payment_id=paid.payment_id)], actor=STAFF, at=NOON)

    early = hooks.dashboard_cards(may=lambda _: True, at=NOON)
    late = hooks.dashboard_cards(may=lambda _: True, at=NOON + timedelta(days=15))

    assert [(card.value, card.tone) for card in early] == [("0", "good"), ("0", "good")]
    assert (late[0].value, late[0].note, late[0].tone) == ("1", "3,280円", "bad")
    assert hooks.dashboard_cards(may=lambda _: False, at=NOON) == []
