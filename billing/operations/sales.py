"""Recording sales on performance: the invoice, what is owed on it, its entry, and the deposits that pay it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from billing.events import InvoiceIssued
from billing.operations.applying import Match, lock_orders, write_matches
from billing.operations.posting import by, post_entries
from billing.rules import (
    EntryDraft,
    EntryKind,
    Invoiced,
    SaleAsk,
    Share,
    check_sale,
    due_on,
    invoice_kind,
    rate_of,
    sales_sides,
    settle,
    split_sale,
)
from core.actor import Actor
from core.db import operation, rows
from core.operations import series_for, take_numbers
from core.outbox import announce
from core.queries import CompanyContext, company_context, tax_rates_on
from core.tax import RateTotal, TaxBasis

SERIES: Final = "invoice"

_KNOWN = """
SELECT i.shipment_ref, i.id, i.public_id, i.number, i.total,
       coalesce((SELECT sum(a.amount) FROM billing_application a WHERE a.receivable_id = i.id), 0)::bigint AS applied
FROM billing_invoice i WHERE i.shipment_ref = ANY (%s::uuid[])
"""

_DEPOSITS = """
SELECT id, company_id, customer_id, order_ref, currency, unapplied_amount FROM billing_payment
WHERE order_ref = ANY (%s::uuid[]) AND unapplied_amount > 0 AND status <> 'reversed' ORDER BY id FOR UPDATE
"""

_WRITE = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(shipment)s::uuid[], %(number)s::text[], %(kind)s::text[], %(company)s::bigint[], %(customer)s::bigint[],
        %(order)s::uuid[], %(order_number)s::text[], %(method)s::text[], %(currency)s::text[], %(rounding)s::text[], %(issuer)s::text[],
        %(registration)s::text[], %(recipient)s::text[], %(language)s::text[], %(supplied)s::date[], %(issued)s::date[], %(due)s::date[],
        %(total)s::bigint[], %(entry)s::bigint[])
        AS a (shipment_ref, number, kind, company_id, customer_id, order_ref, order_number, method, currency, tax_rounding, issuer_name,
              registration_number, recipient_name, language, supplied_on, issued_on, due_on, total, entry_id)
), invoice AS (
    INSERT INTO billing_invoice (shipment_ref, number, kind, company_id, customer_id, order_ref, order_number, currency, tax_basis,
        tax_rounding, issuer_name, registration_number, recipient_name, language, supplied_on, issued_on, due_on, total, entry_id,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT shipment_ref, number, kind, company_id, customer_id, order_ref, order_number, currency, %(basis)s::text,
        tax_rounding, issuer_name, registration_number, recipient_name, language, supplied_on, issued_on, due_on, total, entry_id,
        %(actor_kind)s::text, %(actor_id)s::text, %(actor_label)s::text, %(on_behalf_of)s::text
    FROM asked ORDER BY number
    RETURNING id, public_id, shipment_ref
), line AS (
    INSERT INTO billing_invoiceline (invoice_id, position, description, sku, quantity, unit_price, amount, tax_class, tax_rate_bp)
    SELECT i.id, l.position, l.description, l.sku, l.quantity, l.unit_price, l.amount, l.tax_class, l.rate
    FROM unnest(%(line_shipment)s::uuid[], %(line_position)s::int[], %(line_description)s::text[], %(line_sku)s::text[],
        %(line_quantity)s::int[], %(line_price)s::bigint[], %(line_amount)s::bigint[], %(line_class)s::text[], %(line_rate)s::int[])
        AS l (shipment_ref, position, description, sku, quantity, unit_price, amount, tax_class, rate)
    JOIN invoice i USING (shipment_ref) ORDER BY i.id, l.position
), tax AS (
    INSERT INTO billing_invoicetax (invoice_id, tax_class, tax_rate_bp, taxable, tax)
    SELECT i.id, t.tax_class, t.rate, t.taxable, t.tax
    FROM unnest(%(tax_shipment)s::uuid[], %(tax_class)s::text[], %(tax_rate)s::int[], %(tax_taxable)s::bigint[], %(tax_tax)s::bigint[])
        AS t (shipment_ref, tax_class, rate, taxable, tax)
    JOIN invoice i USING (shipment_ref) ORDER BY i.id, t.rate DESC
), owed AS (
    INSERT INTO billing_receivable (invoice_id, company_id, customer_id, order_ref, method, currency, amount, open_amount, due_on)
    SELECT i.id, a.company_id, a.customer_id, a.order_ref, a.method, a.currency, a.total, a.total, a.due_on
    FROM asked a JOIN invoice i USING (shipment_ref) ORDER BY i.id
)
SELECT id, public_id, shipment_ref FROM invoice
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """An invoice about to be written."""

    ask: SaleAsk
    company: CompanyContext
    issued_on: date
    number: str
    rates_bp: Mapping[str, int]
    taxes: tuple[RateTotal, ...]

    @property
    def once_key(self) -> str:
        return f"sale:{self.ask.shipment_ref}"

    @property
    def entry(self) -> EntryDraft:
        """The sale: the customer owes the total; sales and tax of each class take their part."""
        ask = self.ask
        return EntryDraft(
            company_id=ask.company_id,
            kind=EntryKind.SALE,
            once_key=self.once_key,
            reference=self.number,
            order_ref=ask.order_ref,
            booked_on=ask.supplied_on,
            sides=sales_sides(company_id=ask.company_id, currency=ask.currency, customer_id=ask.customer_id, taxes=self.taxes),
        )


@operation
def record_sales(asks: Sequence[SaleAsk], *, actor: Actor, at: datetime) -> list[Invoiced]:
    """Every shipment has its invoice, its receivable and its entry, and deposits of its order have paid what they can.

    Once per shipment for good: a repeat gives the invoice there is. The total is what was agreed, tax included; it
    divides by the rates of the date of supply, rounded once per rate. Ten statements however many asks (three more when company, rates and numbers are not kept yet).
    Locks the orders, then deposits in the order of ids, ledger accounts last. Announces InvoiceIssued for new ones.
    Raises NotASale, NotYetSupplied, "company.not_found".
    """
    if not asks:
        return []
    companies = {company_id: company_context(company_id) for company_id in sorted({ask.company_id for ask in asks})}
    for ask in asks:
        check_sale(ask, today=companies[ask.company_id].business_date(at))
    lock_orders([ask.order_ref for ask in asks])
    known = {row.shipment_ref: row for row in rows(_KNOWN, ([ask.shipment_ref for ask in asks],))}
    fresh = {ask.shipment_ref: ask for ask in asks if ask.shipment_ref not in known}
    made = _invoice(list(fresh.values()), companies=companies, actor=actor, at=at)
    return [made.get(ask.shipment_ref) or _as_known(known[ask.shipment_ref]) for ask in asks]


def _as_known(row: Any) -> Invoiced:
    return Invoiced(invoice_id=row.id, public_id=row.public_id, number=row.number, total=row.total, applied=row.applied, is_new=False)


def _invoice(asks: Sequence[SaleAsk], *, companies: Mapping[int, CompanyContext], actor: Actor, at: datetime) -> dict[UUID, Invoiced]:
    if not asks:
        return {}
    deposits = rows(_DEPOSITS, ([ask.order_ref for ask in asks],))
    drafts = _drafts(asks, companies=companies, at=at)
    matches = _pay_from(deposits, drafts=drafts)
    entries = post_entries([d.entry for d in drafts if d.ask.total] + [m.entry for m in matches], actor=actor, at=at)
    written = {row.shipment_ref: row for row in rows(_WRITE, {**_columns(drafts, entries=entries), **by(actor)})}
    write_matches([replace(m, receivable=written[m.receivable].id) for m in matches], entries=entries, actor=actor, at=at)
    applied: dict[Any, int] = {}
    for match in matches:
        applied[match.receivable] = applied.get(match.receivable, 0) + match.amount
    made = {}
    for draft in drafts:
        row, ref = written[draft.ask.shipment_ref], draft.ask.shipment_ref
        made[ref] = Invoiced(
            invoice_id=row.id, public_id=row.public_id, number=draft.number, total=draft.ask.total, applied=applied.get(ref, 0)
        )
    announce(*(_event(draft, made[draft.ask.shipment_ref]) for draft in drafts))
    return made


def _drafts(asks: Sequence[SaleAsk], *, companies: Mapping[int, CompanyContext], at: datetime) -> list[_Draft]:
    numbers: dict[UUID, str] = {}
    for company in companies.values():
        ours = [ask.shipment_ref for ask in asks if ask.company_id == company.id]
        if ours:
            series = series_for(company.id, kind=SERIES, prefix="I")
            numbers.update(zip(ours, take_numbers(series, count=len(ours), on=company.business_date(at)), strict=True))
    days = {(ask.supplied_on, companies[ask.company_id].country) for ask in asks}
    rates_on = {(on, country): tax_rates_on(on, country) for on, country in sorted(days)}
    drafts = []
    for ask in asks:
        company = companies[ask.company_id]
        rates = rates_on[(ask.supplied_on, company.country)]
        drafts.append(
            _Draft(
                ask=ask,
                company=company,
                issued_on=company.business_date(at),
                number=numbers[ask.shipment_ref],
                rates_bp=rates,
                taxes=tuple(split_sale(ask.lines, rates_bp=rates, rounding=company.tax_rounding)),
            )
        )
    return drafts


def _pay_from(deposits: Sequence[Any], *, drafts: Sequence[_Draft]) -> list[Match]:
    """Which deposit pays how much of which new invoice: the earliest money first, the invoices in the order asked."""
    left = {d.ask.shipment_ref: d.ask.total for d in drafts}
    matches = []
    for deposit in deposits:
        ours = [
            d
            for d in drafts
            if (d.ask.order_ref, d.ask.company_id, d.ask.currency) == (deposit.order_ref, deposit.company_id, deposit.currency)
        ]
        for share in settle(
            deposit.unapplied_amount, owed=[Share(key=place, amount=left[d.ask.shipment_ref]) for place, d in enumerate(ours)]
        ):
            draft = ours[share.key]
            left[draft.ask.shipment_ref] -= share.amount
            matches.append(
                Match(
                    payment=deposit.id,
                    receivable=draft.ask.shipment_ref,
                    amount=share.amount,
                    company_id=deposit.company_id,
                    currency=deposit.currency,
                    payer_id=deposit.customer_id,
                    debtor_id=draft.ask.customer_id,
                    order_ref=draft.ask.order_ref,
                    booked_on=draft.issued_on,
                    reference=draft.number,
                )
            )
    return matches


def _columns(drafts: Sequence[_Draft], *, entries: Mapping[str, int]) -> dict[str, Any]:
    asks = [d.ask for d in drafts]
    lines = [(d, place, line) for d in drafts for place, line in enumerate(d.ask.lines, start=1)]
    taxes = [(d, tax) for d in drafts for tax in d.taxes]
    return {
        "shipment": [a.shipment_ref for a in asks],
        "number": [d.number for d in drafts],
        "kind": [str(invoice_kind(registration_number=d.company.registration_number, recipient_name=d.ask.recipient_name)) for d in drafts],
        "company": [a.company_id for a in asks],
        "customer": [a.customer_id for a in asks],
        "order": [a.order_ref for a in asks],
        "order_number": [a.order_number for a in asks],
        "method": [str(a.method) for a in asks],
        "currency": [a.currency for a in asks],
        "basis": str(TaxBasis.INCLUDED),
        "rounding": [str(d.company.tax_rounding) for d in drafts],
        "issuer": [d.company.legal_name or d.company.name for d in drafts],
        "registration": [d.company.registration_number for d in drafts],
        "recipient": [a.recipient_name.strip() for a in asks],
        "language": [a.language or d.company.language for a, d in zip(asks, drafts, strict=True)],
        "supplied": [a.supplied_on for a in asks],
        "issued": [d.issued_on for d in drafts],
        "due": [due_on(a.method, issued_on=d.issued_on) for a, d in zip(asks, drafts, strict=True)],
        "total": [a.total for a in asks],
        "entry": [entries.get(d.once_key) for d in drafts],
        "line_shipment": [d.ask.shipment_ref for d, _, _ in lines],
        "line_position": [place for _, place, _ in lines],
        "line_description": [line.description[:300] for _, _, line in lines],
        "line_sku": [line.sku for _, _, line in lines],
        "line_quantity": [line.quantity for _, _, line in lines],
        "line_price": [line.unit_price for _, _, line in lines],
        "line_amount": [line.amount_included for _, _, line in lines],
        "line_class": [line.tax_class for _, _, line in lines],
        "line_rate": [rate_of(line, rates_bp=d.rates_bp) for d, _, line in lines],
        "tax_shipment": [d.ask.shipment_ref for d, _ in taxes],
        "tax_class": [tax.tax_class for _, tax in taxes],
        "tax_rate": [tax.rate_bp for _, tax in taxes],
        "tax_taxable": [tax.taxable for _, tax in taxes],
        "tax_tax": [tax.tax for _, tax in taxes],
    }


def _event(draft: _Draft, made: Invoiced) -> InvoiceIssued:
    ask = draft.ask
    return InvoiceIssued(
        company_id=ask.company_id,
        customer_id=ask.customer_id,
        order_ref=ask.order_ref,
        currency=ask.currency,
        invoice_id=made.invoice_id,
        invoice_public_id=made.public_id,
        number=made.number,
        shipment_ref=ask.shipment_ref,
        total=made.total,
        applied=made.applied,
    )
