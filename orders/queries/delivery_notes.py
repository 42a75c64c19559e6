"""Delivery notes as they are printed: one per box, the orders in it apart, with what its invoice says or will say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from billing.queries import PaperLine, PaperRate, ParcelPaper, parcel_papers
from billing.rules import InvoiceKind, SaleLine, invoice_kind, split_sale
from core.clock import business_date
from core.db import rows
from core.queries import CompanyContext, company_context, tax_classes, tax_rates_on
from orders.rules import PaperKind, sold_fee, sold_line

OPEN = ("planned", "instructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteOrder:
    """What is in the box of one order. Without ``rates`` no prices are shown. ``kind`` says as which invoice it counts, if any."""

    number: str
    shipment: str
    placed_on: date
    buyer_name: str
    method: str
    currency: str
    tax_basis: str
    lines: tuple[PaperLine, ...]
    rates: tuple[PaperRate, ...]
    kind: InvoiceKind
    invoice_number: str

    @property
    def total(self) -> int:
        return sum(rate.included for rate in self.rates)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLetterWords:
    """The words around the figures."""

    sender_name: str = ""
    greeting: str = ""
    contact: str = ""
    reorder: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNote:
    """The paper of one box."""

    shipment_id: int
    number: str
    company: CompanyContext
    language: str
    sender_name: str
    letter: NoteLetterWords
    recipient_name: str
    organisation: str
    postal_code: str
    address: str
    building: str
    ships_on: date
    wished_on: date | None
    gift_message: str
    hides_prices: bool
    orders: tuple[NoteOrder, ...]
    inserts: tuple[tuple[str, str, int], ...]
    """Code, name and pieces of what goes along."""
    copy: int
    """1 the first time it was printed."""


# A box is told by the parcel on its label. The parcel that takes the fees along is the first of its order still to leave.
_HEADS = """
WITH asked AS MATERIALIZED (SELECT s.id, s.box FROM orders_shipment s WHERE s.id = ANY(%(ids)s::bigint[])),
member AS MATERIALIZED (
    SELECT a.id AS lead, m.id FROM asked a JOIN orders_shipment m ON m.id = a.id OR (m.box = a.box AND m.box IS NOT NULL AND m.status <> 'cancelled')
)
SELECT member.lead, s.id, s.public_id AS ref, s.number, s.status, s.order_id, s.company_id, s.planned_on, s.shipped_on, o.number AS order_number,
    o.placed_on, o.buyer_name, o.payment_method AS method, o.currency, o.tax_basis, o.language, o.brand_id, coalesce(b.name, '') AS brand, d.name,
    d.organisation_name AS organisation, d.postal_code, d.prefecture || d.city || d.street AS address, d.building, d.wished_on,
    coalesce((SELECT g.sender_name FROM orders_gift g WHERE g.destination_id = d.id), '') AS gift_sender,
    coalesce((SELECT g.hides_prices FROM orders_gift g WHERE g.destination_id = d.id), d.is_gift) AS is_gift,
    d.gift_message, c.timezone, c.country,
    (SELECT min(x.id) FROM orders_shipment x WHERE x.order_id = o.id AND x.status IN ('planned', 'instructed')) AS first_open,
    (SELECT count(*) FROM orders_shipment x WHERE x.order_id = o.id AND x.status IN ('planned', 'instructed')) AS open_parcels
FROM member JOIN orders_shipment s ON s.id = member.id JOIN orders_order o ON o.id = s.order_id JOIN orders_destination d ON d.id = s.destination_id
JOIN core_company c ON c.id = s.company_id LEFT JOIN core_brand b ON b.id = o.brand_id
ORDER BY member.lead, s.id
"""
_LINES = """
SELECT sl.shipment_id, l.id AS line_id, l.sku, l.name, l.quantity, l.shipped_quantity, l.unit_price, l.total, l.tax_class, l.tax_rate_bp,
    max(sl.quantity) AS now
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id
WHERE sl.shipment_id = ANY(%s::bigint[]) GROUP BY sl.shipment_id, l.id ORDER BY sl.shipment_id, l.position
"""
_FEES = """
SELECT order_id, kind, label, total, tax_class FROM orders_fee
WHERE order_id = ANY(%s::bigint[]) AND NOT invoiced AND until_revision IS NULL ORDER BY id
"""
_LETTERS = "SELECT company_id, brand_id, sender_name, greeting, contact, reorder, closing FROM orders_noteletter WHERE company_id = ANY(%s::bigint[])"
_INSERTS = """
SELECT n.shipment_id, i.code, i.name, n.quantity FROM orders_shipmentinsert n JOIN inventory_stockitem i ON i.id = n.stock_item_id
WHERE n.shipment_id = ANY(%s::bigint[]) AND n.ended_at IS NULL ORDER BY n.shipment_id, n.id
"""
_COPIES = "SELECT shipment_id, copy FROM orders_printedpaper WHERE file_id = %s AND kind = %s"


def delivery_notes(shipment_ids: Sequence[int], *, file_id: int = 0, at: datetime) -> list[DeliveryNote]:
    """The notes of the boxes of these parcels, in the order of the ids, one a box. Nine statements, ten where some have left.

    What has left is told as it was invoiced; what is still to leave as its invoice will say on the day it is planned to leave.
    """
    heads: dict[int, list[Any]] = {}
    for row in rows(_HEADS, {"ids": list(shipment_ids)}, prepare=False):
        heads.setdefault(row.lead, []).append(row)
    parcels = {row.id: row for own in heads.values() for row in own}
    sums = _Sums(list(parcels.values()), at=at)
    letters = _letters({row.company_id for row in parcels.values()})
    inserts: dict[int, list[tuple[str, str, int]]] = {}
    for row in rows(_INSERTS, (list(parcels),)):
        inserts.setdefault(row.shipment_id, []).append((row.code, row.name, row.quantity))
    copies = {row.shipment_id: row.copy for row in rows(_COPIES, (file_id, str(PaperKind.DELIVERY_NOTES)))}
    told: set[int] = set()
    notes: list[DeliveryNote] = []
    for lead in dict.fromkeys(shipment_ids):
        own = heads.get(lead, [])
        if own and own[0].id not in told:
            told.update(row.id for row in own)
            notes.append(_note(own, sums, letters, inserts, copies, at=at))
    return notes


def _letters(company_ids: Iterable[int]) -> dict[tuple[int, int | None], NoteLetterWords]:
    found = rows(_LETTERS, (sorted(company_ids),))
    return {
        (row.company_id, row.brand_id): NoteLetterWords(
            sender_name=row.sender_name, greeting=row.greeting, contact=row.contact, reorder=row.reorder, closing=row.closing
        )
        for row in found
    }


class _Sums:
    """What the orders of some parcels come to, parcel by parcel: by their invoices, or as those will be."""

    def __init__(self, parcels: Sequence[Any], *, at: datetime) -> None:
        left = [p for p in parcels if p.status not in OPEN]
        self._invoiced = parcel_papers([p.ref for p in left]) if left else {}
        self._lines: dict[int, list[Any]] = {}
        for row in rows(_LINES, ([p.id for p in parcels],)):
            self._lines.setdefault(row.shipment_id, []).append(row)
        self._fees: dict[int, list[Any]] = {}
        for fee in rows(_FEES, (sorted({p.order_id for p in parcels}),)):
            self._fees.setdefault(fee.order_id, []).append(fee)
        self._before: dict[int, int] = {}
        self._at = at

    def of(self, parcel: Any, company: CompanyContext) -> tuple[tuple[PaperLine, ...], tuple[PaperRate, ...], str]:
        """Lines and rates of a parcel, and the number of its invoice where it has one."""
        known: ParcelPaper | None = self._invoiced.get(parcel.ref)
        if known is not None:
            return known.lines, known.rates, known.number
        rates_bp = tax_rates_on(_leaves_on(parcel, at=self._at), parcel.country)
        sold = [sold_line(n, rates_bp=rates_bp, before=self._before) for n in self._lines.get(parcel.id, ())]
        if parcel.id == parcel.first_open:
            sold += [sold_fee(fee, rates_bp=rates_bp) for fee in self._fees.get(parcel.order_id, ())]
        return _paper(sold, rates_bp, company)


def _paper(
    sold: Sequence[SaleLine], rates_bp: Mapping[str, int], company: CompanyContext
) -> tuple[tuple[PaperLine, ...], tuple[PaperRate, ...], str]:
    classes = tax_classes()
    lines = tuple(
        PaperLine(
            description=n.description, sku=n.sku, mark=classes[n.tax_class].mark, quantity=n.quantity, unit_price=n.unit_price,
            amount=n.amount_included, tax_rate_bp=n.tax_rate_bp,
        )
        for n in sold
    )  # fmt: skip
    rates = tuple(
        PaperRate(name=classes[r.tax_class].name, mark=classes[r.tax_class].mark, tax_rate_bp=r.rate_bp, taxable=r.taxable, tax=r.tax)
        for r in split_sale(sold, rates_bp=rates_bp, rounding=company.tax_rounding)
    )
    return lines, rates, ""


def _note(
    own: Sequence[Any], sums: _Sums, letters: Mapping[tuple[int, int | None], NoteLetterWords],
    inserts: Mapping[int, Sequence[tuple[str, str, int]]], copies: Mapping[int, int], *, at: datetime,
) -> DeliveryNote:  # fmt: skip
    first = own[0]
    company = company_context(first.company_id)
    letter = letters.get((first.company_id, first.brand_id)) or letters.get((first.company_id, None)) or NoteLetterWords()
    hides = any(row.is_gift for row in own)
    return DeliveryNote(
        shipment_id=first.id, number=first.number, company=company, language=first.language,
        sender_name=letter.sender_name or first.brand or company.legal_name or company.name, letter=letter,
        recipient_name=first.name, organisation=first.organisation, postal_code=first.postal_code, address=first.address,
        building=first.building, ships_on=_leaves_on(first, at=at),
        wished_on=first.wished_on, gift_message=next((row.gift_message for row in own if row.gift_message), ""), hides_prices=hides,
        orders=tuple(_order(row, sums, company, hides=hides) for row in own),
        inserts=tuple(one for row in own for one in inserts.get(row.id, ())), copy=max((copies.get(row.id, 1) for row in own), default=1),
    )  # fmt: skip


def _leaves_on(parcel: Any, *, at: datetime) -> date:
    """The day it left, else the day on which it is planned to, which is never past: its invoice will bear that day's rates."""
    today = business_date(at, parcel.timezone)
    day: date = parcel.shipped_on or max(parcel.planned_on or today, today)
    return day


def _order(row: Any, sums: _Sums, company: CompanyContext, *, hides: bool) -> NoteOrder:
    lines, rates, invoice_number = sums.of(row, company)
    # Of an order with another parcel to leave it is not certain yet which of them takes the fees: its paper is no invoice.
    is_certain = bool(invoice_number) or (row.status in OPEN and row.open_parcels == 1)
    kind = invoice_kind(registration_number=company.registration_number, recipient_name=row.buyer_name) if is_certain else InvoiceKind.PLAIN
    is_in_other_name = bool(row.gift_sender) and row.gift_sender != row.buyer_name  # an invoice names its buyer: such a paper is none
    return NoteOrder(
        number=row.order_number, shipment=row.number, placed_on=row.placed_on, buyer_name=row.gift_sender or row.buyer_name, method=row.method,
        currency=row.currency, tax_basis=row.tax_basis, lines=lines, rates=() if hides else rates,
        kind=InvoiceKind.PLAIN if hides or is_in_other_name else kind, invoice_number=invoice_number,
    )  # fmt: skip


_PEOPLE = """
SELECT DISTINCT c.public_id FROM orders_printedpaper p JOIN orders_shipment s ON s.id = p.shipment_id JOIN orders_order o ON o.id = s.order_id
JOIN customers_customer c ON c.id = o.customer_id WHERE p.file_id = %s
"""


def buyers_on_papers(file_id: int) -> list[UUID]:
    """The customers whose parcels a file of papers tells of. One statement."""
    return [row.public_id for row in rows(_PEOPLE, (file_id,))]
