"""Credit notes (返還インボイス): an invoice is corrected by a document of its own, never changed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from billing.operations.applying import Match, lock_orders, lock_payments
from billing.operations.credit_writing import CreditDraft, write_credit_notes
from billing.rules import CreditableLine, CreditAsk, Credited, LineTaken, Share, credit_taxes, take_back, take_from_latest
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.queries import company_context
from core.tax import Rounding
from core.words import gettext_noop as _

SERIES: Final = "credit_note"

_ORDERS = "SELECT DISTINCT order_ref FROM billing_invoice WHERE id = ANY (%s::bigint[])"

_PAYERS = """
SELECT DISTINCT payment_id FROM billing_application WHERE receivable_id = ANY (%s::bigint[])
"""

_INVOICES = """
SELECT i.id, i.company_id, i.customer_id, i.order_ref, i.number, i.currency, i.tax_rounding, i.recipient_name, i.language, r.open_amount
FROM billing_receivable r JOIN billing_invoice i ON i.id = r.invoice_id
WHERE r.invoice_id = ANY (%s::bigint[]) ORDER BY r.invoice_id FOR UPDATE OF r
"""

_LINES = """
SELECT l.id AS line_id, l.invoice_id, l.position, l.quantity, l.amount, l.tax_class, l.tax_rate_bp,
       coalesce(sum(c.quantity), 0)::bigint AS credited_quantity, coalesce(sum(c.amount), 0)::bigint AS credited_amount
FROM billing_invoiceline l LEFT JOIN billing_creditnoteline c ON c.invoice_line_id = l.id
WHERE l.invoice_id = ANY (%s::bigint[]) GROUP BY l.id ORDER BY l.invoice_id, l.position
"""

_APPLIED = """
SELECT a.id, a.payment_id, a.receivable_id, p.customer_id AS payer_id, p.order_ref AS sent_for, a.amount + coalesce(
           (SELECT sum(b.amount) FROM billing_application b WHERE b.reverses_id = a.id), 0)::bigint AS amount
FROM billing_application a JOIN billing_payment p ON p.id = a.payment_id
WHERE a.receivable_id = ANY (%s::bigint[]) AND a.reverses_id IS NULL ORDER BY a.id
"""

_KNOWN = """
SELECT n.id, n.public_id, n.once_key, n.invoice_id, n.number, n.total FROM billing_creditnote n WHERE n.once_key = ANY (%s::text[])
"""


@operation
def issue_credit_notes(asks: Sequence[CreditAsk], *, actor: Actor, at: datetime, reason: str = "") -> list[Credited | Refusal]:
    """Each invoice is corrected by a credit note with tax rows of its own; less is owed, and what had been paid of it
    is the customer's deposit, free to be refunded.

    One note per invoice and call. Once per ``once_key``. Without lines everything not yet credited goes back. Refuses
    with "billing.invoice_not_found", "billing.nothing_to_credit", "billing.no_such_line", "billing.line_twice",
    "billing.credit_too_much", "billing.invoice_twice", "billing.reference_taken". Locks the orders, the payments, then
    the receivables in the order of invoices. Announces CreditNoteIssued.
    """
    if not asks:
        return []
    ids = sorted({ask.invoice_id for ask in asks})
    lock_orders([row.order_ref for row in rows(_ORDERS, (ids,))], facts=[f"credit:{ask.once_key}" for ask in asks])
    lock_payments(row.payment_id for row in rows(_PAYERS, (ids,)))
    invoices = {row.id: row for row in rows(_INVOICES, (ids,))}
    known = {row.once_key: row for row in rows(_KNOWN, ([ask.once_key for ask in asks],))}
    drafts, refusals = _draft(asks, invoices=invoices, known=known, at=at)
    made = {key: _as_known(row) for key, row in known.items()} | write_credit_notes(drafts, actor=actor, at=at)
    return [refusals.get(place) or made[ask.once_key] for place, ask in enumerate(asks)]


def _draft(
    asks: Sequence[CreditAsk], *, invoices: Mapping[int, Any], known: Mapping[str, Any], at: datetime
) -> tuple[list[CreditDraft], dict[int, Refusal]]:
    ids = sorted(invoices)
    lines = _grouped(rows(_LINES, (ids,)), by="invoice_id")
    applied = _grouped([row for row in rows(_APPLIED, (ids,)) if row.amount], by="receivable_id")
    refusals: dict[int, Refusal] = {}
    fresh: dict[int, tuple[CreditAsk, list[LineTaken]]] = {}
    for place, ask in enumerate(asks):
        refusal = _refusal(ask, invoice=invoices.get(ask.invoice_id), same=known.get(ask.once_key))
        if refusal is None and ask.once_key not in known:
            if ask.invoice_id in fresh and fresh[ask.invoice_id][0] != ask:
                refusal = Refusal("billing.invoice_twice", _("Issue one credit note per invoice at a time."), {"invoice": ask.invoice_id})
            else:
                taken = take_back(_creditable(lines.get(ask.invoice_id, [])), asked=ask.lines)
                if isinstance(taken, Refusal):
                    refusal = taken
                else:
                    fresh[ask.invoice_id] = (ask, taken)
        if refusal:
            refusals[place] = refusal
    numbers = _numbers([invoices[invoice_id] for invoice_id in fresh], at=at)
    drafts = []
    for invoice_id, (ask, taken) in fresh.items():
        invoice = invoices[invoice_id]
        issued_on = company_context(invoice.company_id).business_date(at)
        all_lines = _creditable(lines[invoice_id])
        total = sum(part.amount for part in taken)
        drafts.append(
            CreditDraft(
                ask=ask,
                invoice=invoice,
                taken=tuple(taken),
                taxes=tuple(credit_taxes(all_lines, taken=taken, rounding=Rounding(invoice.tax_rounding))),
                freed=tuple(_freed(total - invoice.open_amount, invoice=invoice, applied=applied.get(invoice_id, []), on=issued_on)),
                sent_for=tuple((row.payment_id, row.sent_for) for row in applied.get(invoice_id, [])),
                issued_on=issued_on,
                number=numbers[invoice_id],
            )
        )
    return drafts, refusals


def _refusal(ask: CreditAsk, *, invoice: Any, same: Any) -> Refusal | None:
    if invoice is None:
        return Refusal("billing.invoice_not_found", _("There is no such invoice."), {"invoice": ask.invoice_id})
    if not ask.once_key.strip():
        return Refusal("billing.no_reference", _("A credit note needs a reference that tells it from every other."), {}, "/once_key")
    if same is not None and same.invoice_id != ask.invoice_id:
        return Refusal(
            "billing.reference_taken",
            _("The reference %(reference)s already stands for another credit note."),
            {"reference": ask.once_key},
            "/once_key",
        )
    return None


def _freed(amount: int, *, invoice: Any, applied: Sequence[Any], on: date) -> list[Match]:
    """What had been paid beyond what is still to be owed comes loose, the latest application first."""
    if amount <= 0:
        return []
    by_id = {row.id: row for row in applied}
    loose = take_from_latest(amount, applied=[Share(key=row.id, amount=row.amount) for row in applied])
    return [
        Match(
            payment=by_id[share.key].payment_id,
            receivable=invoice.id,
            amount=-share.amount,
            company_id=invoice.company_id,
            currency=invoice.currency,
            payer_id=by_id[share.key].payer_id,
            debtor_id=invoice.customer_id,
            order_ref=invoice.order_ref,
            booked_on=on,
            reference=invoice.number,
            reverses_id=share.key,
        )
        for share in loose
    ]


def _numbers(invoices: Sequence[Any], *, at: datetime) -> dict[int, str]:
    numbers: dict[int, str] = {}
    for company_id in sorted({invoice.company_id for invoice in invoices}):
        ours = [invoice.id for invoice in invoices if invoice.company_id == company_id]
        series = series_for(company_id, kind=SERIES, prefix="R")
        taken = take_numbers(series, count=len(ours), on=company_context(company_id).business_date(at))
        numbers.update(zip(ours, taken, strict=True))
    return numbers


def _as_known(row: Any) -> Credited:
    return Credited(credit_note_id=row.id, public_id=row.public_id, number=row.number, total=row.total, freed=0, is_new=False)


def _creditable(found: Sequence[Any]) -> list[CreditableLine]:
    columns = ("line_id", "position", "quantity", "amount", "tax_class", "tax_rate_bp", "credited_quantity", "credited_amount")
    return [CreditableLine(**{name: getattr(row, name) for name in columns}) for row in found]


def _grouped(found: Sequence[Any], *, by: str) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = {}
    for row in found:
        groups.setdefault(getattr(row, by), []).append(row)
    return groups
