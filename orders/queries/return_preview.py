"""What a return would come to, shown while it is being put together: worked out from what is there, never stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.db import rows
from core.money import spread
from orders.queries.return_ground import ParcelLine, parcel_lines, return_reasons, return_terms
from orders.queries.return_worth import WorthAsk, taxes_of, worth_of
from orders.rules import PostageBearer, ReturnKind, bearer_of, charge_of, return_money


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRate:
    """The part of a refund at one rate."""

    tax_class: str
    tax_rate_bp: int
    taxable: int
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewStock:
    """Pieces that would come back to a shelf."""

    item: str
    location: str
    quantity: int
    on_hand: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPreview:
    """What a return would credit, charge and give back, and what it would bring into stock."""

    credited: int
    charged: int
    refund: int
    rates: tuple[PreviewRate, ...]
    stock: tuple[PreviewStock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenCharge:
    """What would be kept of a refund, and who bears what a return costs."""

    fee: int
    postage: int
    bearer: PostageBearer

    @property
    def total(self) -> int:
        return self.fee + self.postage

    def of(self, credited: int) -> "ForeseenCharge":
        """As a case takes it: never more than what is credited, the fee first."""
        fee = min(self.fee, credited)
        return replace(self, fee=fee, postage=min(self.postage, credited - fee))


_STOCK = """
SELECT i.code AS item, lo.name AS location, st.on_hand, sum(a.quantity * q.units / sl.units)::int AS quantity
FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS q (line_id, shipment_id, units)
JOIN (SELECT line_id, shipment_id, allocation_id, max(quantity) AS units FROM orders_shipmentline GROUP BY 1, 2, 3) sl
    ON sl.line_id = q.line_id AND sl.shipment_id = q.shipment_id
JOIN inventory_allocation a ON a.id = sl.allocation_id JOIN inventory_stockitem i ON i.id = a.stock_item_id
JOIN inventory_location lo ON lo.id = a.location_id JOIN inventory_stock st ON st.stock_item_id = a.stock_item_id AND st.location_id = a.location_id
GROUP BY 1, 2, 3 ORDER BY 1, 2
"""


def return_preview(
    order_id: int, quantities: Mapping[int, int], *, charge: int = 0, part_refunds: Mapping[int, int] | None = None, comes_back: bool = True
) -> ReturnPreview:
    """What so many pieces of an order's lines (by their place on it) would come to; more than can come back counts as all that can."""
    found = parcel_lines([order_id])
    asks: list[WorthAsk] = []
    for position, quantity in sorted(quantities.items()):
        taken = _spread(found, position, quantity)
        amount = (part_refunds or {}).get(position)
        shares = [None] * len(taken) if amount is None else spread(amount, [now for _row, now in taken])
        for (row, now), share in zip(taken, shares, strict=True):
            asks.append(WorthAsk(key=len(asks), line_id=row.line_id, shipment_id=row.shipment_id, quantity=now, amount=share))
    book = worth_of(asks)
    credited = sum(worth.amount for worth in book.worths)
    money = return_money(credited=credited, freed=credited, wanted_charge=charge, exchange_total=0)
    stock = (
        rows(_STOCK, ([ask.line_id for ask in asks], [ask.shipment_id for ask in asks], [ask.quantity for ask in asks]))
        if comes_back and asks
        else []
    )
    return ReturnPreview(
        credited=credited,
        charged=money.charged,
        refund=money.refund,
        rates=tuple(
            PreviewRate(tax_class=rate.tax_class, tax_rate_bp=rate.rate_bp, taxable=rate.taxable, tax=rate.tax) for rate in taxes_of(book)
        ),
        stock=tuple(PreviewStock(**row._asdict()) for row in stock),
    )


def charge_foreseen(
    company_id: int,
    lines: Sequence[ParcelLine],
    reasons: Mapping[int, str],
    *,
    kind: ReturnKind,
    postage_by: PostageBearer | None = None,
    fee: int | None = None,
    postage: int | None = None,
) -> ForeseenCharge:
    """What would be charged for sending lines back (by their place, with the code of the reason): as it was said, else by the policies."""
    known = {reason.code: reason for reason in return_reasons([company_id])}
    bearer = bearer_of(postage_by, kind, [known[code].postage_by for code in reasons.values() if code in known])
    book = return_terms([company_id])
    terms = [book[company_id, line.product_id] for line in lines if line.position in reasons]
    return ForeseenCharge(
        fee=charge_of(fee, bearer, [one.fee for one in terms]),
        postage=charge_of(postage, bearer, [one.postage for one in terms]),
        bearer=bearer,
    )


def _spread(found: Sequence[ParcelLine], position: int, quantity: int) -> list[tuple[ParcelLine, int]]:
    """The pieces of a line out of its parcels, the latest first, as a case would take them."""
    taken = []
    for row in reversed([row for row in found if row.position == position]):
        now = min(quantity, row.free)
        if now > 0:
            taken.append((row, now))
            quantity -= now
    return taken
