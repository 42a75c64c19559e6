"""Credit notes (返還インボイス): an invoice is corrected by a document of its own, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from billing.events import CreditNoteIssued
from billing.operations.applying import Match, lock_orders, lock_payments, settled_for_others, write_matches
from billing.operations.posting import by, post_entries
from billing.rules import (
    CreditableLine,
    CreditAsk,
    Credited,
    EntryDraft,
    EntryKind,
    LineTaken,
    Share,
    credit_taxes,
    sales_sides,
    take_back,
    take_from_latest,
)
from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.outbox import announce
from core.queries import company_context
from core.tax import RateTotal, Rounding
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

_WRITE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(once)s::text[], %(invoice)s::bigint[], %(number)s::text[], %(issuer)s::text[], %(registration)s::text[],
        %(issued)s::date[], %(total)s::bigint[], %(reason)s::text[], %(entry)s::bigint[])
        AS a (once_key, invoice_id, number, issuer_name, registration_number, issued_on, total, reason, entry_id)
), note AS (
    INSERT INTO billing_creditnote (once_key, invoice_id, number, company_id, customer_id, order_ref, currency, issuer_name,
        registration_number, recipient_name, language, issued_on, total, reason, entry_id, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT a.once_key, a.invoice_id, a.number, i.company_id, i.customer_id, i.order_ref, i.currency, a.issuer_name,
        a.registration_number, i.recipient_name, i.language, a.issued_on, a.total, a.reason, a.entry_id,
        %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM asked a JOIN billing_invoice i ON i.id = a.invoice_id ORDER BY a.number
    RETURNING id, public_id, once_key
), line AS (
    INSERT INTO billing_creditnoteline (credit_note_id, invoice_line_id, quantity, amount)
    SELECT n.id, l.line_id, l.quantity, l.amount
    FROM unnest(%(line_once)s::text[], %(line_id)s::bigint[], %(line_quantity)s::int[], %(line_amount)s::bigint[])
        AS l (once_key, line_id, quantity, amount) JOIN note n USING (once_key) ORDER BY n.id, l.line_id
), tax AS (
    INSERT INTO billing_creditnotetax (credit_note_id, tax_class, tax_rate_bp, taxable, tax)
    SELECT n.id, t.tax_class, t.rate, t.taxable, t.tax
    FROM unnest(%(tax_once)s::text[], %(tax_class)s::text[], %(tax_rate)s::int[], %(tax_taxable)s::bigint[], %(tax_tax)s::bigint[])
        AS t (once_key, tax_class, rate, taxable, tax) JOIN note n USING (once_key) ORDER BY n.id, t.rate DESC
), owed AS (
    UPDATE billing_receivable r SET open_amount = r.open_amount - a.total FROM asked a WHERE a.invoice_id = r.invoice_id
)
SELECT id, public_id, once_key FROM note
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A credit note about to be written."""

    ask: CreditAsk
    invoice: Any
    taken: tuple[LineTaken, ...]
    taxes: tuple[RateTotal, ...]
    freed: tuple[Match, ...]
    sent_for: tuple[tuple[int, UUID | None], ...]
    """(payment, the order it was sent for) of what is freed."""
    issued_on: date
    number: str

    @property
    def once_key(self) -> str:
        return f"credit:{self.ask.once_key}"

    @property
    def total(self) -> int:
        return sum(part.amount for part in self.taken)

    @property
    def entry(self) -> EntryDraft:
        """The sale undone as far as it is credited."""
        invoice = self.invoice
        return EntryDraft(
            company_id=invoice.company_id,
            kind=EntryKind.CREDIT,
            once_key=self.once_key,
            reference=self.number,
            order_ref=invoice.order_ref,
            booked_on=self.issued_on,
            sides=sales_sides(
                company_id=invoice.company_id, currency=invoice.currency, customer_id=invoice.customer_id, taxes=self.taxes, sign=-1
            ),
            memo=self.ask.reason,
        )


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
    made = {key: _as_known(row) for key, row in known.items()} | _credit(drafts, actor=actor, at=at)
    return [refusals.get(place) or made[ask.once_key] for place, ask in enumerate(asks)]


def _draft(
    asks: Sequence[CreditAsk], *, invoices: Mapping[int, Any], known: Mapping[str, Any], at: datetime
) -> tuple[list[_Draft], dict[int, Refusal]]:
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
            _Draft(
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


def _credit(drafts: Sequence[_Draft], *, actor: Actor, at: datetime) -> dict[str, Credited]:
    if not drafts:
        return {}
    loose = [match for draft in drafts for match in draft.freed]
    entries = post_entries([m.entry for m in loose] + [d.entry for d in drafts], actor=actor, at=at)
    write_matches(loose, entries=entries, actor=actor, at=at)
    written = {row.once_key: row for row in rows(_WRITE, {**_columns(drafts, entries=entries), **by(actor)})}
    made = {}
    for draft in drafts:
        row = written[draft.ask.once_key]
        made[draft.ask.once_key] = Credited(
            credit_note_id=row.id,
            public_id=row.public_id,
            number=draft.number,
            total=draft.total,
            freed=-sum(match.amount for match in draft.freed),
        )
    announce(
        *(_event(draft, made[draft.ask.once_key]) for draft in drafts),
        *settled_for_others(loose, sent_for={key: ref for draft in drafts for key, ref in draft.sent_for}),
    )
    return made


def _columns(drafts: Sequence[_Draft], *, entries: Mapping[str, int]) -> dict[str, Any]:
    companies = [company_context(d.invoice.company_id) for d in drafts]
    taken = [(d, part) for d in drafts for part in d.taken]
    taxes = [(d, tax) for d in drafts for tax in d.taxes]
    return {
        "once": [d.ask.once_key for d in drafts],
        "invoice": [d.invoice.id for d in drafts],
        "number": [d.number for d in drafts],
        "issuer": [company.legal_name or company.name for company in companies],
        "registration": [company.registration_number for company in companies],
        "issued": [d.issued_on for d in drafts],
        "total": [d.total for d in drafts],
        "reason": [d.ask.reason[:200] for d in drafts],
        "entry": [entries[d.once_key] for d in drafts],
        "line_once": [d.ask.once_key for d, _ in taken],
        "line_id": [part.line.line_id for _, part in taken],
        "line_quantity": [part.quantity for _, part in taken],
        "line_amount": [part.amount for _, part in taken],
        "tax_once": [d.ask.once_key for d, _ in taxes],
        "tax_class": [tax.tax_class for _, tax in taxes],
        "tax_rate": [tax.rate_bp for _, tax in taxes],
        "tax_taxable": [tax.taxable for _, tax in taxes],
        "tax_tax": [tax.tax for _, tax in taxes],
    }


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


def _event(draft: _Draft, made: Credited) -> CreditNoteIssued:
    invoice = draft.invoice
    return CreditNoteIssued(
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        order_ref=invoice.order_ref,
        currency=invoice.currency,
        credit_note_id=made.credit_note_id,
        credit_note_public_id=made.public_id,
        invoice_id=invoice.id,
        number=made.number,
        total=made.total,
        freed=made.freed,
    )
