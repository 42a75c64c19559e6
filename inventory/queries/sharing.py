"""What could be taken from another place of ours instead of being bought, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.db import rows
from inventory.queries.incoming import incoming
from inventory.queries.proposals import OrderProposal, order_proposals, planned_moves
from inventory.rules.forecasting import MILLI
from inventory.rules.replenishing import Position
from inventory.rules.sharing import Gift, Surplus, giver, spare

_SHELVES = """
SELECT s.id AS stock_id, s.stock_item_id, s.location_id, l.name AS location, s.sellable - s.allocated - s.reserved AS free,
    f.means, f.planned, f.deviation, (%(today)s::date - f.first_on) AS passed
FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id LEFT JOIN inventory_forecast f ON f.stock_id = s.id
WHERE s.stock_item_id = ANY(%(items)s::bigint[]) AND s.sellable - s.allocated - s.reserved > 0 AND l.company_id = %(company)s
    AND l.ended_at IS NULL AND l.kind IN ('warehouse', 'store')
ORDER BY s.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferProposal:
    """A proposed order of which some pieces lie at another place that can spare them."""

    order: OrderProposal
    gift: Gift


def transfer_proposals(company_id: int, *, today: date, orders: Sequence[OrderProposal] | None = None) -> dict[int, TransferProposal]:
    """For the shelves that should be ordered for, by their id: which other place can give, how many, and why.

    What one shelf is given is not offered to the next; the soonest to run out comes first. Three statements besides those of
    ``order_proposals``, which are saved where its answer is handed in.
    """
    wanted = order_proposals(company_id, today=today) if orders is None else orders
    if not wanted:
        return {}
    items = sorted({order.stock_item_id for order in wanted})
    needy = {order.stock_id for order in wanted}
    shelves = [
        row for row in rows(_SHELVES, {"items": items, "company": company_id, "today": today}, prepare=False) if row.stock_id not in needy
    ]
    coming: dict[tuple[int, int], int] = {}
    for one in incoming(items, company_id=company_id):
        if one.is_firm:
            coming[one.stock_item_id, one.location_id] = coming.get((one.stock_item_id, one.location_id), 0) + one.quantity
    leaving = {key: out for key, (_into, out) in planned_moves(items, company_id=company_id).items()}
    given: dict[int, int] = {}
    found: dict[int, TransferProposal] = {}
    for order in wanted:
        days, sources = order.why.lead_days + order.why.review_days, []
        for row in shelves:
            if row.stock_item_id != order.stock_item_id:
                continue
            passed = max(row.passed or 0, 0)
            position = Position(
                free=max(row.free - leaving.get((row.stock_item_id, row.location_id), 0), 0),
                coming=coming.get((row.stock_item_id, row.location_id), 0),
                waiting=0,
                means=tuple(value / MILLI for value in (row.means or ())[passed:]),
                planned=tuple(value / MILLI for value in (row.planned or ())[passed:]),
                deviation=(row.deviation or 0) / MILLI,
            )
            quantity, expected, safety = spare(position, days=days, service_level_bp=order.why.service_level_bp)
            source = Surplus(
                stock_id=row.stock_id, location_id=row.location_id, location=row.location, quantity=quantity, free=position.free,
                coming=position.coming, expected=expected, safety=safety, days=days,
            )  # fmt: skip
            sources.append(replace(source, quantity=max(quantity - given.get(row.stock_id, 0), 0)))
        gift = giver(order.why.missing, sources)
        if gift is not None:
            given[gift.source.stock_id] = given.get(gift.source.stock_id, 0) + gift.quantity
            found[order.stock_id] = TransferProposal(order=order, gift=gift)
    return found
