"""What inventory promises of who waits, as statements that find what breaks it."""

from core.ports import Invariant
from core.words import gettext_noop as _

_OF_COMPANY = "(%(company)s::bigint IS NULL OR i.company_id = %(company)s)"

_HAS_STOCK = f"""
SELECT b.id, b.demand_id, a.id AS allocation
FROM inventory_backorder b JOIN inventory_stockitem i ON i.id = b.stock_item_id
JOIN inventory_allocation a ON a.demand_id = b.demand_id AND a.status = 'open'
WHERE b.status = 'waiting' AND {_OF_COMPANY}
"""

_APART = f"""
SELECT b.demand_id, count(DISTINCT b.status) AS statuses, count(DISTINCT b.promised_on) AS days
FROM inventory_backorder b JOIN inventory_stockitem i ON i.id = b.stock_item_id WHERE {_OF_COMPANY}
GROUP BY b.demand_id HAVING count(DISTINCT b.status) > 1 OR count(DISTINCT b.promised_on) > 1 OR count(DISTINCT b.variant_id) > 1
"""

_FOREIGN = f"""
SELECT b.id, i.company_id AS one, v.company_id AS other
FROM inventory_backorder b JOIN inventory_stockitem i ON i.id = b.stock_item_id JOIN catalog_variant v ON v.id = b.variant_id
WHERE v.company_id <> i.company_id AND {_OF_COMPANY}
"""


def waiting_invariants() -> tuple[Invariant, ...]:
    """Every promise about back-orders that SQL can prove."""
    return (
        Invariant("inventory.waiting_has_no_stock", _("who waits in line has no stock allocated meanwhile"), _HAS_STOCK),
        Invariant("inventory.parts_wait_together", _("the parts of a kit wait together, for one day"), _APART),
        Invariant("inventory.waiting_in_one_company", _("nobody waits for the goods of another company"), _FOREIGN),
    )
