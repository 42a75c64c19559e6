"""What may still be sent back of orders, parcel by parcel, and the terms it goes by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.db import rows
from orders.rules import ExchangeTiming, PostageBearer, ReturnTerms

# What stays with a case: all that was asked while it is open, what was accepted once it is settled.
_TAKEN = """coalesce((SELECT sum(CASE WHEN c.status IN ('refused', 'withdrawn') THEN 0 WHEN c.status = 'settled' THEN rl.accepted
    ELSE rl.quantity - rl.declined END) FROM orders_returnline rl JOIN orders_returncase c ON c.id = rl.case_id
    WHERE rl.line_id = l.id AND rl.shipment_id = s.id), 0)::int"""
_PARCEL_LINES = f"""
SELECT l.order_id, l.id AS line_id, l.public_id AS line_ref, l.position, l.name, l.sku, l.variant_id, v.product_id, l.quantity AS ordered,
    l.unit_price, l.discount, l.total, s.id AS shipment_id, s.public_id AS shipment_ref, s.status AS parcel_status, s.number AS parcel_number,
    s.location_id, max(sl.quantity) AS units, {_TAKEN} AS taken,
    (coalesce(s.delivered_at, s.shipped_at) AT TIME ZONE co.timezone)::date AS delivered_on,
    EXISTS (SELECT FROM orders_partreturn p WHERE p.line_id = l.id) AS in_parts,
    EXISTS (SELECT FROM billing_invoice i WHERE i.shipment_ref = s.public_id) AS invoiced
FROM orders_line l JOIN orders_order o ON o.id = l.order_id JOIN core_company co ON co.id = o.company_id
JOIN catalog_variant v ON v.id = l.variant_id
JOIN orders_shipmentline sl ON sl.line_id = l.id JOIN orders_shipment s ON s.id = sl.shipment_id AND s.status IN ('shipped', 'delivered')
WHERE l.order_id = ANY(%s::bigint[]) GROUP BY l.id, o.id, co.id, v.id, s.id ORDER BY l.order_id, l.position, s.id
"""
_POLICIES = """
SELECT company_id, product_id, days, defect_days, is_returnable, takes_opened, exchange_timing, fee, postage
FROM orders_returnpolicy WHERE company_id = ANY(%s::bigint[]) AND ended_at IS NULL
"""
_REASONS = """
SELECT id, company_id, code, name, name_en, postage_by, is_defect, needs_remark, for_customers
FROM orders_returnreason WHERE company_id = ANY(%s::bigint[]) AND ended_at IS NULL ORDER BY company_id, position, id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelLine:
    """Pieces of an order line that came in one parcel, and how many of them are in cases already."""

    order_id: int
    line_id: int
    line_ref: UUID
    position: int
    name: str
    sku: str
    variant_id: int
    product_id: int
    ordered: int
    unit_price: int
    discount: int
    total: int
    shipment_id: int
    shipment_ref: UUID
    parcel_status: str
    parcel_number: str
    location_id: int
    units: int
    taken: int
    delivered_on: date
    in_parts: bool
    invoiced: bool

    @property
    def free(self) -> int:
        """Pieces that may still be asked for."""
        return 0 if self.in_parts or not self.invoiced else max(0, self.units - self.taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonRow:
    """A reason as it is kept."""

    id: int
    company_id: int
    code: str
    name: str
    name_en: str
    postage_by: PostageBearer
    is_defect: bool
    needs_remark: bool
    for_customers: bool

    def word(self, language: str) -> str:
        """The reason in a reader's language."""
        return self.name_en if self.name_en and not language.startswith("ja") else self.name


def parcel_lines(order_ids: Sequence[int]) -> list[ParcelLine]:
    """What left of these orders and did not come back undelivered, line by line and parcel by parcel. One statement."""
    return [ParcelLine(**row._asdict()) for row in rows(_PARCEL_LINES, (sorted(set(order_ids)),))]


def return_reasons(company_ids: Sequence[int]) -> list[ReasonRow]:
    """The reasons in force of these companies, in their order. One statement."""
    return [
        ReasonRow(**{**row._asdict(), "postage_by": PostageBearer(row.postage_by)}) for row in rows(_REASONS, (sorted(set(company_ids)),))
    ]


class TermsBook(Mapping[tuple[int, int], ReturnTerms]):
    """The terms for (company, product): the product's policy, else the company's, else what the law gives."""

    def __init__(self, found: Mapping[tuple[int, int | None], ReturnTerms]) -> None:
        self._found = found

    def __getitem__(self, key: tuple[int, int]) -> ReturnTerms:
        return self._found.get(key) or self._found.get((key[0], None)) or ReturnTerms()

    def __iter__(self) -> Any:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def return_terms(company_ids: Sequence[int]) -> TermsBook:
    """The policies in force of these companies. One statement."""
    return TermsBook(
        {
            (row.company_id, row.product_id): ReturnTerms(
                days=row.days,
                defect_days=row.defect_days,
                is_returnable=row.is_returnable,
                takes_opened=row.takes_opened,
                exchange_timing=ExchangeTiming(row.exchange_timing),
                fee=row.fee,
                postage=row.postage,
            )
            for row in rows(_POLICIES, (sorted(set(company_ids)),))
        }
    )
