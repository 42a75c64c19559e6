"""Writing credit notes that have been drafted: entries, rows and what is announced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.events import CreditNoteIssued
from billing.operations.applying import Match, settled_for_others, write_matches
from billing.operations.posting import by, post_entries
from billing.rules import CreditAsk, Credited, EntryDraft, EntryKind, LineTaken, sales_sides
from core.actor import Actor
from core.db import rows
from core.outbox import announce
from core.queries import company_context
from core.tax import RateTotal

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
class CreditDraft:
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


def write_credit_notes(drafts: Sequence[CreditDraft], *, actor: Actor, at: datetime) -> dict[str, Credited]:
    """The drafted notes stand, with what they free; results by once key. Call it inside an operation, the documents locked."""
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


def _columns(drafts: Sequence[CreditDraft], *, entries: Mapping[str, int]) -> dict[str, Any]:
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


def _event(draft: CreditDraft, made: Credited) -> CreditNoteIssued:
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
