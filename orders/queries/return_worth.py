"""What pieces of returned lines are worth: exactly what they were invoiced at, less what was credited before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from billing.queries import ParcelInvoice, invoices_by_line
from billing.rules import CreditableLine, CreditLine, LineTaken, credit_share, credit_taxes
from core.db import rows
from core.tax import RateTotal

# The place of each line in its parcel's invoice, and what settled cases have accepted of it.
_PLACES = """
SELECT sl.shipment_id, sl.line_id, s.public_id AS shipment_ref, dense_rank() OVER (PARTITION BY sl.shipment_id ORDER BY l.position)::int AS place,
    coalesce((SELECT sum(rl.accepted) FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
        WHERE rl.line_id = sl.line_id AND rl.shipment_id = sl.shipment_id AND c.status = 'settled' AND rl.part_refund IS NULL
        AND c.kind <> 'undelivered' AND (c.kind <> 'claim' OR c.exchange_order_id IS NULL)), 0)::int AS settled
FROM (SELECT DISTINCT shipment_id, line_id FROM orders_shipmentline WHERE shipment_id = ANY(%s::bigint[])) sl
JOIN orders_shipment s ON s.id = sl.shipment_id JOIN orders_line l ON l.id = sl.line_id ORDER BY 1, 4
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthAsk:
    """So many pieces of a line out of a parcel that are to be credited; ``amount`` where it is a part refund."""

    key: int
    """The line's row in its case, or any number that tells it from the others."""
    line_id: int
    shipment_id: int
    quantity: int
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What an ask comes to, and how billing is asked for it; no credit line where it comes to nothing."""

    ask: WorthAsk
    invoice_id: int | None
    amount: int
    credit: CreditLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthBook:
    """The worth of every ask, and the invoices they stand on."""

    worths: tuple[Worth, ...]
    invoices: Mapping[UUID, ParcelInvoice]
    parcel_refs: Mapping[int, UUID]

    def fees_of(self, shipment_ids: Sequence[int]) -> list[tuple[int, CreditLine, CreditableLine]]:
        """What is left of the fees on the invoices of these parcels: (invoice, what to ask for, line)."""
        found = []
        for shipment_id in sorted(set(shipment_ids)):
            invoice = self.invoices.get(self.parcel_refs[shipment_id])
            for line in invoice.lines if invoice else ():
                if invoice and line.position in invoice.fees and line.left > 0:
                    found.append((invoice.invoice_id, CreditLine(position=line.position, amount=line.left), line))
        return found


def worth_of(asks: Sequence[WorthAsk]) -> WorthBook:
    """What these pieces are worth, in the order asked; asks of one line out of one parcel come one after the other. Two statements."""
    places = {(row.shipment_id, row.line_id): row for row in rows(_PLACES, (sorted({ask.shipment_id for ask in asks}),))}
    refs = {row.shipment_id: row.shipment_ref for row in places.values()}
    invoices = invoices_by_line(sorted(set(refs.values())))
    so_far: dict[tuple[int, int], tuple[int, int]] = {}
    worths = []
    for ask in asks:
        place = places.get((ask.shipment_id, ask.line_id))
        invoice = invoices.get(place.shipment_ref) if place else None
        line = next((n for n in invoice.lines if place and n.position == place.place), None) if invoice else None
        if place is None or invoice is None or line is None:
            worths.append(Worth(ask=ask, invoice_id=None, amount=0, credit=None))
            continue
        key = (ask.shipment_id, ask.line_id)
        units, money = so_far.get(key, (0, 0))
        worth, taken = _worth(ask, line, settled=place.settled + units, money=money)
        so_far[key] = (units + (ask.quantity if ask.amount is None else 0), money + worth)
        credit = CreditLine(position=line.position, quantity=taken, amount=worth) if worth else None
        worths.append(Worth(ask=ask, invoice_id=invoice.invoice_id, amount=worth, credit=credit))
    return WorthBook(worths=tuple(worths), invoices=invoices, parcel_refs=refs)


def _worth(ask: WorthAsk, line: CreditableLine, *, settled: int, money: int) -> tuple[int, int]:
    """(amount, units to note on the credit line). Units that came to nothing before are noted with the next that come to something."""
    left = max(0, line.left - money)
    if ask.amount is not None:
        return min(ask.amount, left), 0
    done = min(settled, line.quantity)
    whole = CreditableLine(
        line_id=line.line_id, position=line.position, quantity=line.quantity, amount=line.amount, tax_class=line.tax_class,
        tax_rate_bp=line.tax_rate_bp, credited_quantity=done, credited_amount=line.credited_amount + money,
    )  # fmt: skip
    now = min(ask.quantity, line.quantity - done)
    return min(credit_share(whole, quantity=now), left), max(0, min(done + now, line.quantity) - line.credited_quantity)


def taxes_of(book: WorthBook) -> list[RateTotal]:
    """The per-rate rows of what would be credited, invoice by invoice as their credit notes would say, added up by rate."""
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for invoice in book.invoices.values():
        by_position = {line.position: line for line in invoice.lines}
        taken = [
            LineTaken(line=by_position[worth.credit.position], quantity=worth.credit.quantity, amount=worth.amount)
            for worth in book.worths
            if worth.credit is not None and worth.invoice_id == invoice.invoice_id
        ]
        for rate in credit_taxes(invoice.lines, taken=taken, rounding=invoice.rounding):
            taxable, tax = sums.get((rate.tax_class, rate.rate_bp), (0, 0))
            sums[rate.tax_class, rate.rate_bp] = (taxable + rate.taxable, tax + rate.tax)
    return [RateTotal(tax_class, rate_bp, taxable=taxable, tax=tax) for (tax_class, rate_bp), (taxable, tax) in sorted(sums.items())]
