"""What billing answers when customers ask for somebody's data, and what it puts on the first page of the back office."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.operations import blank_payers
from billing.queries import TABLES, held_of, money_figures, told_of, unclear_cards, unsettled_of
from billing.rules import PaymentMethod
from core import clock
from core.actor import SYSTEM
from core.db import current_actor
from core.money import format_money
from core.ports import DashboardCard
from core.words import gettext_noop
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow

tables = TABLES
lanes = {Lane.MONEY: "billing.view_invoice"}

STILL_OWED = gettext_noop("%(amount)s %(currency)s of invoices are still unpaid.")
STILL_HELD = gettext_noop("We still hold %(amount)s %(currency)s of this customer.")


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """Invoices, payments, credit notes and refunds; what is still owed lies on the day it falls due."""
    words = {
        "due": (_("Payment due"), "admin:billing_invoice_change"),
        "invoice": (_("Invoice"), "admin:billing_invoice_change"),
        "payment": (_("Payment received"), "admin:billing_payment_change"),
        "reversed": (_("Payment reversed"), "admin:billing_payment_change"),
        "refund": (_("Refund"), "admin:billing_payment_change"),
        "credit_note": (_("Credit note"), "admin:billing_creditnote_change"),
    }
    methods = PaymentMethod.labels()
    return [
        TimelineRow(
            customer_id=row.customer_id,
            at=row.at,
            kind=words[row.kind][0],
            title=_(methods[PaymentMethod(row.title)]) if row.kind in ("payment", "reversed", "refund") else row.title,
            detail=row.detail,
            link=reverse(words[row.kind][1], args=[row.id]),
            amount=row.amount,
            currency=row.currency,
            planned=row.kind == "due",
            for_customer=True,
        )
        for row in told_of(customer_ids, before=before, limit=limit)
    ]


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: documents stay with the customer they were made out to, and are read together."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """Who owes us, or whose money we hold, can't be forgotten yet."""
    return [
        Objection(
            customer_id=row.customer_id,
            code="billing.still_owed" if row.owed else "billing.still_held",
            message=STILL_OWED if row.owed else STILL_HELD,
            params={"amount": row.owed or row.held, "currency": row.currency},
        )
        for row in unsettled_of(customer_ids)
    ]


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Payments name no payer any more; invoices and credit notes stay whole for their legal term."""
    blank_payers(customer_ids, actor=current_actor() or SYSTEM, at=at)
    return [
        Kept(
            customer_id=customer_id,
            table=table,
            reason=_("Invoices and credit notes are kept whole for the tax office: seven years, ten in years of loss."),
        )
        for customer_id in customer_ids
        for table in ("billing_invoice", "billing_creditnote")
    ]


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """Invoices with their lines, credit notes, awaited and received payments, refunds."""
    return [ExportRow(customer_id=row.customer_id, table=row.table, values=row.values) for row in held_of(customer_ids)]


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """What is overdue, and money that belongs to nobody yet."""
    if not may("billing.view_receivable"):
        return []
    calls, events = unclear_cards() if may("billing.view_gatewaycall") else (0, 0)
    unclear = [
        DashboardCard(
            title=_("Card payments that need a person"),
            value=f"{calls + events:,}",
            note=_("The gateway gave no clear answer, or a buyer disputes a charge."),
            link=f"{reverse('admin:billing_gatewaycall_changelist' if calls else 'admin:billing_gatewayevent_changelist')}?wants=person",
            icon="credit_card_off",
            tone="bad",
            position=45,
        )
    ]
    figures = money_figures(today=clock.business_date(at, "Asia/Tokyo"))
    return [
        *(unclear if calls + events else ()),
        DashboardCard(
            title=_("Overdue invoices"),
            value=f"{figures.overdue:,}",
            note=" / ".join(format_money(amount, currency) for currency, amount in figures.overdue_sums),
            link=f"{reverse('admin:billing_receivable_changelist')}?due=overdue",
            icon="event_busy",
            tone="bad" if figures.overdue else "good",
            position=50,
        ),
        DashboardCard(
            title=_("Payments not identified"),
            value=f"{figures.unidentified:,}",
            note=_("Whose money is it?") if figures.unidentified else "",
            link=f"{reverse('admin:billing_payment_changelist')}?held=unidentified",
            icon="help",
            tone="warn" if figures.unidentified else "good",
            position=60,
        ),
    ]
