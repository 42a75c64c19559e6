"""What does not last, and what should be ordered of it today, with the reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from core.db import rows
from core.queries import add_business_days
from inventory.queries.incoming import incoming
from inventory.queries.purchasing import SupplierTerms, supplier_terms
from inventory.rules.forecasting import MILLI
from inventory.rules.replenishing import REVIEW_DAYS, SERVICE_LEVEL_BP, Position, Suggestion, lead_days_of, suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortShelf:
    """A shelf whose free pieces do not last a week, as far as its forecast goes."""

    stock_id: int
    name: str
    location: str
    free: int
    week_quantity: int


def short_shelves(*, limit: int) -> list[ShortShelf]:
    """Shelves that are expected to be empty within a week, those first that lack most. One statement."""
    found = rows(
        """
        SELECT s.id AS stock_id, i.name, l.name AS location, s.sellable - s.allocated - s.reserved AS free, ceil(f.month_quantity / 4.0)::int AS week_quantity
        FROM inventory_forecast f JOIN inventory_stock s ON s.id = f.stock_id JOIN inventory_stockitem i ON i.id = f.stock_item_id
        JOIN inventory_location l ON l.id = f.location_id
        WHERE s.sellable - s.allocated - s.reserved < f.month_quantity / 4.0 AND i.ended_at IS NULL AND l.ended_at IS NULL
        ORDER BY s.sellable - s.allocated - s.reserved - f.month_quantity / 4.0, s.id LIMIT %s
        """,
        (limit,),
    )
    return [ShortShelf(**row._asdict()) for row in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderProposal:
    """What should be ordered of an item for a location, from whom, on what terms, and why."""

    stock_id: int
    stock_item_id: int
    item: str
    name: str
    location_id: int
    location: str
    supplier: str
    terms: SupplierTerms
    arrives_on: date
    error_bp: int | None
    naive_error_bp: int | None
    why: Suggestion

    @property
    def cost(self) -> int:
        """What it costs without tax."""
        return self.why.quantity * self.terms.unit_cost


_FORECAST = """
SELECT f.stock_id, f.stock_item_id, f.location_id, f.means, f.planned, f.deviation, f.error_bp, f.naive_error_bp, (%(today)s::date - f.first_on) AS passed,
    s.sellable - s.allocated - s.reserved AS free, i.code AS item, i.name, l.name AS location, l.calendar_id
FROM inventory_forecast f JOIN inventory_stock s ON s.id = f.stock_id JOIN inventory_stockitem i ON i.id = f.stock_item_id
JOIN inventory_location l ON l.id = f.location_id
WHERE l.company_id = %(company)s AND i.ended_at IS NULL AND l.ended_at IS NULL AND l.kind IN ('warehouse', 'store')
    AND i.owner_kind = 'own'
    AND EXISTS (SELECT FROM inventory_supplieritem si WHERE si.stock_item_id = i.id AND si.ended_at IS NULL)
ORDER BY f.stock_id
"""
# From sending an order to the first delivery of it, by supplier; a deviation says something from three on.
_LATE = """
SELECT supplier_id, stddev_samp(days)::float AS deviation FROM (
    SELECT p.supplier_id, extract(epoch FROM min(g.at) - p.sent_at) / 86400 AS days
    FROM inventory_purchaseorder p JOIN inventory_goodsreceipt g ON g.purchase_order_id = p.id
    WHERE p.company_id = %s AND p.sent_at IS NOT NULL GROUP BY p.id
) delivery GROUP BY 1 HAVING count(*) >= 3
"""
_WAITING = """
SELECT stock_item_id, sum(quantity)::bigint AS quantity FROM inventory_backorder
WHERE status = 'waiting' AND stock_item_id = ANY(%s::bigint[]) GROUP BY 1
"""


# Planned and not yet gone: goods that will come to a place, and that will leave another.
_PLANNED = """
SELECT l.stock_item_id, t.from_location_id, t.to_location_id, sum(l.quantity)::int AS quantity
FROM inventory_stocktransferline l JOIN inventory_stocktransfer t ON t.id = l.transfer_id
WHERE t.company_id = %s AND t.status = 'planned' AND l.stock_item_id = ANY(%s::bigint[]) GROUP BY 1, 2, 3
"""


def planned_moves(stock_item_ids: Sequence[int], *, company_id: int) -> dict[tuple[int, int], tuple[int, int]]:
    """By item and location, how many pieces planned transfers will bring there and take from there. One statement."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for row in rows(_PLANNED, (company_id, list(stock_item_ids)), prepare=False):
        for location_id, into, out in ((row.to_location_id, row.quantity, 0), (row.from_location_id, 0, row.quantity)):
            before = found.get((row.stock_item_id, location_id), (0, 0))
            found[row.stock_item_id, location_id] = before[0] + into, before[1] + out
    return found


def order_proposals(company_id: int, *, today: date) -> list[OrderProposal]:
    """What a company should order today, the soonest to run out first. Seven statements, whatever the number of shelves.

    An item is bought where its preferred terms say, else where it is cheapest. What waits for an item counts at the location
    that ships most of it. Drafts and planned transfers count as coming (and as gone, where they leave): who has drafted an order is not told to order again.
    """
    found = rows(_FORECAST, {"company": company_id, "today": today}, prepare=False)
    items = sorted({row.stock_item_id for row in found})
    if not items:
        return []
    terms: dict[int, SupplierTerms] = {}
    for offered in supplier_terms(items, company_id=company_id):
        terms.setdefault(offered.stock_item_id, offered)
    coming: dict[tuple[int, int], int] = {}
    for row in incoming(items, company_id=company_id):
        coming[row.stock_item_id, row.location_id] = coming.get((row.stock_item_id, row.location_id), 0) + row.quantity
    moves = planned_moves(items, company_id=company_id)
    for place, (into, _out) in moves.items():
        coming[place] = coming.get(place, 0) + into
    waiting = {row.stock_item_id: row.quantity for row in rows(_WAITING, (items,), prepare=False)}
    late = {row.supplier_id: row.deviation for row in rows(_LATE, (company_id,), prepare=False)}
    policy = rows("SELECT service_level_bp, review_days FROM inventory_replenishmentpolicy WHERE company_id = %s", (company_id,))
    names = {row.id: row.name for row in rows("SELECT id, name FROM inventory_supplier WHERE company_id = %s", (company_id,))}
    main = {row.stock_item_id: row.stock_id for row in sorted(found, key=lambda row: sum(row.means[:28]))}
    arrivals: dict[tuple[int, int | None, int | None], date] = {}
    proposals = []
    for row in found:
        if (bought := terms.get(row.stock_item_id)) is None:
            continue
        key = bought.lead_time_days, bought.calendar_id, row.calendar_id
        if key not in arrivals:
            arrivals[key] = _arrival(today, days=bought.lead_time_days, supplier=bought.calendar_id, location=row.calendar_id)
        is_main = main[row.stock_item_id] == row.stock_id
        position = _position(row, coming=coming, waiting=waiting.get(row.stock_item_id, 0) if is_main else 0, moves=moves)
        why = suggestion(
            position,
            bought,
            lead_days=lead_days_of(today=today, arrives_on=arrivals[key]),
            lead_deviation=late.get(bought.supplier_id, 0.0),
            service_level_bp=policy[0].service_level_bp if policy else SERVICE_LEVEL_BP,
            review_days=policy[0].review_days if policy else REVIEW_DAYS,
        )
        if why is not None:
            proposals.append(
                OrderProposal(
                    stock_id=row.stock_id,
                    stock_item_id=row.stock_item_id,
                    item=row.item,
                    name=row.name,
                    location_id=row.location_id,
                    location=row.location,
                    supplier=names.get(bought.supplier_id, ""),
                    terms=bought,
                    arrives_on=arrivals[key],
                    error_bp=row.error_bp,
                    naive_error_bp=row.naive_error_bp,
                    why=why,
                )
            )
    return sorted(proposals, key=lambda proposal: (proposal.why.runs_out_in is None, proposal.why.runs_out_in, proposal.stock_id))


def _position(
    row: Any, *, coming: Mapping[tuple[int, int], int], waiting: int, moves: Mapping[tuple[int, int], tuple[int, int]]
) -> Position:
    """Where a shelf stands, with its forecast from today on."""
    passed = max(row.passed, 0)
    return Position(
        free=row.free - moves.get((row.stock_item_id, row.location_id), (0, 0))[1],
        coming=coming.get((row.stock_item_id, row.location_id), 0),
        waiting=waiting,
        means=tuple(value / MILLI for value in row.means[passed:]),
        planned=tuple(value / MILLI for value in row.planned[passed:]),
        deviation=row.deviation / MILLI,
    )


def _arrival(today: date, *, days: int, supplier: int | None, location: int | None) -> date:
    """The day an order of today arrives: after the supplier's working days, when the location takes goods in."""
    arrives = add_business_days(today, days=days, calendar_id=supplier)
    return add_business_days(arrives - timedelta(days=1), days=1, calendar_id=location) if location else arrives
