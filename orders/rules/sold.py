"""What leaves in a parcel, as its invoice and its delivery note tell it: said once, so that both agree to the last yen."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from billing.rules import SaleLine
from orders.rules.sums import part_of_total


class LeavingLine(Protocol):
    """So many units (``now``) of an agreed line leave."""

    line_id: int
    name: str
    sku: str
    quantity: int
    shipped_quantity: int
    unit_price: int
    total: int
    tax_class: str
    tax_rate_bp: int
    now: int


class LeavingFee(Protocol):
    """A fee that was not invoiced yet."""

    kind: str
    label: str
    total: int
    tax_class: str


def sold_line(n: LeavingLine, *, rates_bp: Mapping[str, int], before: dict[int, int]) -> SaleLine:
    """What leaves of a line now, at its share of the line's agreed total; notes in ``before`` what has gone so far."""
    gone = before.get(n.line_id, n.shipped_quantity)
    before[n.line_id] = gone + n.now
    return SaleLine(
        description=n.name,
        sku=n.sku,
        quantity=n.now,
        unit_price=n.unit_price,
        amount_included=part_of_total(n.total, quantity=n.quantity, before=gone, now=n.now),
        tax_class=n.tax_class,
        tax_rate_bp=rates_bp.get(n.tax_class, n.tax_rate_bp),
    )


def sold_fee(fee: LeavingFee, *, rates_bp: Mapping[str, int]) -> SaleLine:
    """A fee, which goes with the first parcel."""
    return SaleLine(
        description=fee.label or fee.kind,
        sku="",
        quantity=1,
        unit_price=fee.total,
        amount_included=fee.total,
        tax_class=fee.tax_class,
        tax_rate_bp=rates_bp[fee.tax_class],
    )


def charged_lines(charges: Sequence[tuple[str, int]], *, number: str, rate_bp: int) -> tuple[SaleLine, ...]:
    """What is charged beside goods, as (words around the number of its case, amount with tax), at the standard rate; nothing of nothing."""
    return tuple(
        SaleLine(
            description=words % {"number": number},
            sku="",
            quantity=1,
            unit_price=amount,
            amount_included=amount,
            tax_class="standard",
            tax_rate_bp=rate_bp,
        )
        for words, amount in charges
        if amount
    )
