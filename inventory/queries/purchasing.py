"""Suppliers, their terms, and what a purchase order says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from core.db import rows
from inventory.rules import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierTerms(Terms):
    """The terms on which a supplier sells an item, and which of them we turn to first."""

    supplier_id: int
    stock_item_id: int
    supplier_code: str
    calendar_id: int | None
    is_preferred: bool


_TERMS = """
SELECT si.supplier_id, si.stock_item_id, si.supplier_code, s.calendar_id, si.is_preferred, si.unit_cost, si.minimum_quantity, si.order_multiple,
    coalesce(si.lead_time_days, s.lead_time_days)::int AS lead_time_days
FROM inventory_supplieritem si JOIN inventory_supplier s ON s.id = si.supplier_id
WHERE si.stock_item_id = ANY(%(items)s::bigint[]) AND s.company_id = %(company)s AND si.ended_at IS NULL AND s.ended_at IS NULL
ORDER BY si.stock_item_id, si.is_preferred DESC, si.unit_cost, si.supplier_id
"""


def supplier_terms(stock_item_ids: Sequence[int], *, company_id: int) -> list[SupplierTerms]:
    """Who sells the items and on what terms: by item, the supplier we turn to first before the others, then the cheaper. One statement."""
    found = rows(_TERMS, {"items": sorted(set(stock_item_ids)), "company": company_id})
    return [SupplierTerms(**row._asdict()) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLineRow:
    """A line as people and papers show it."""

    id: int
    purchase_order_id: int
    position: int
    stock_item_id: int
    item: str
    name: str
    supplier_code: str
    is_lot_tracked: bool
    quantity: int
    received_quantity: int
    unit_cost: int
    expected_on: date | None

    @property
    def missing(self) -> int:
        """How many have not come."""
        return max(self.quantity - self.received_quantity, 0)

    @property
    def cost(self) -> int:
        """What the line costs without tax."""
        return self.quantity * self.unit_cost


def purchase_lines(purchase_order_ids: Sequence[int]) -> dict[int, tuple[PurchaseLineRow, ...]]:
    """The lines of purchase orders in their order. One statement."""
    found = rows(
        """
        SELECT l.id, l.purchase_order_id, l.position::int AS position, l.stock_item_id, i.code AS item, i.name, l.supplier_code, i.is_lot_tracked,
            l.quantity, l.received_quantity, l.unit_cost, l.expected_on
        FROM inventory_purchaseorderline l JOIN inventory_stockitem i ON i.id = l.stock_item_id
        WHERE l.purchase_order_id = ANY(%s::bigint[]) ORDER BY l.purchase_order_id, l.position, l.id
        """,
        (sorted(set(purchase_order_ids)),),
    )
    lines: dict[int, tuple[PurchaseLineRow, ...]] = {}
    for row in found:
        lines[row.purchase_order_id] = (*lines.get(row.purchase_order_id, ()), PurchaseLineRow(**row._asdict()))
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """A stock item as refusals and scanners name it."""

    id: int
    code: str
    name: str
    is_lot_tracked: bool
    is_ended: bool


def named_items(stock_item_ids: Sequence[int], *, company_id: int) -> dict[int, NamedItem]:
    """The company's items by id; foreign ones are left out. One statement."""
    found = rows(
        """
        SELECT id, code, name, is_lot_tracked, ended_at IS NOT NULL AS is_ended
        FROM inventory_stockitem WHERE id = ANY(%s::bigint[]) AND company_id = %s
        """,
        (sorted(set(stock_item_ids)), company_id),
    )
    return {row.id: NamedItem(**row._asdict()) for row in found}
