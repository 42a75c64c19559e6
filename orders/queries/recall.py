"""Who has goods of a lot, and which lots a customer has: one statement each."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.db import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody to whom pieces of a lot went: the order, who bought, where it was sent, and how to reach them."""

    order_id: int
    order_number: str
    shipment_id: int
    shipment_number: str
    shipment_status: str
    shipped_on: date | None
    quantity: int
    customer_id: int
    customer_ref: UUID
    buyer_name: str
    buyer_email: str
    buyer_phone: str
    recipient_name: str
    recipient_phone: str
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReceived:
    """Pieces of a lot that went to a customer."""

    lot_id: int
    lot_number: str
    expires_on: date | None
    item: str
    name: str
    order_number: str
    shipment_number: str
    shipped_on: date | None
    quantity: int


_GONE = """
FROM inventory_pick p JOIN inventory_allocation a ON a.id = p.allocation_id AND a.status = 'shipped'
JOIN LATERAL (
    SELECT n.shipment_id FROM orders_shipmentline n WHERE n.allocation_id = a.id
    UNION ALL SELECT n.shipment_id FROM orders_shipmentinsert n WHERE n.allocation_id = a.id
) sl ON true JOIN orders_shipment s ON s.id = sl.shipment_id JOIN orders_order o ON o.id = s.order_id
"""

# Customers that were merged are reached by the one they are now.
_RECIPIENTS = f"""
SELECT o.id AS order_id, o.number AS order_number, s.id AS shipment_id, s.number AS shipment_number, s.status AS shipment_status, s.shipped_on,
    sum(p.quantity)::int AS quantity, k.id AS customer_id, k.public_id AS customer_ref, o.buyer_name,
    coalesce(nullif(o.buyer_email, ''), mail.value, '') AS buyer_email, coalesce(nullif(o.buyer_phone, ''), phone.value, '') AS buyer_phone,
    d.name AS recipient_name, d.phone AS recipient_phone, d.postal_code, concat(d.prefecture, d.city, d.street, ' ', d.building) AS address
{_GONE}
JOIN orders_destination d ON d.id = s.destination_id
JOIN customers_customer c ON c.id = o.customer_id JOIN customers_customer k ON k.id = coalesce(c.principal_id, c.id)
LEFT JOIN LATERAL (
    SELECT value FROM customers_contactpoint WHERE customer_id = k.id AND kind = 'email' AND ended_at IS NULL
    ORDER BY is_primary DESC, id LIMIT 1
) mail ON true
LEFT JOIN LATERAL (
    SELECT value FROM customers_contactpoint WHERE customer_id = k.id AND kind = 'phone' AND ended_at IS NULL
    ORDER BY is_primary DESC, id LIMIT 1
) phone ON true
WHERE p.lot_id = %(lot)s AND (%(company)s::bigint IS NULL OR o.company_id = %(company)s) {{beyond}}
GROUP BY o.id, s.id, k.id, d.id, mail.value, phone.value
ORDER BY {{order}} LIMIT %(limit)s
"""

_OF_CUSTOMER = f"""
SELECT lot.id AS lot_id, lot.number AS lot_number, lot.expires_on, i.code AS item, i.name, o.number AS order_number,
    s.number AS shipment_number, s.shipped_on, sum(p.quantity)::int AS quantity
{_GONE}
JOIN inventory_lot lot ON lot.id = p.lot_id JOIN inventory_stockitem i ON i.id = lot.stock_item_id
WHERE o.customer_id IN (SELECT c.id FROM customers_customer c, customers_customer asked
    WHERE asked.id = %(customer)s AND coalesce(c.principal_id, c.id) = coalesce(asked.principal_id, asked.id))
GROUP BY lot.id, i.id, o.id, s.id ORDER BY s.shipped_on DESC, s.id DESC, lot.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotTaken:
    """Pieces of a lot that serve a line of a parcel, or did; without a number where nobody named the lot."""

    shipment_line_id: int
    lot_number: str
    expires_on: date | None
    quantity: int


def lots_of_shipment(shipment_id: int) -> dict[int, list[LotTaken]]:
    """The lots picked for a parcel, by its line; goods that are not counted by lot, or not picked yet, are left out. One statement."""
    found: dict[int, list[LotTaken]] = {}
    for row in rows(
        "SELECT sl.id AS shipment_line_id, coalesce(lot.number, '') AS lot_number, lot.expires_on, p.quantity FROM orders_shipmentline sl"
        " JOIN inventory_pick p ON p.allocation_id = sl.allocation_id LEFT JOIN inventory_lot lot ON lot.id = p.lot_id"
        " WHERE sl.shipment_id = %s ORDER BY sl.id, lot.expires_on, p.id",
        (shipment_id,),
    ):
        found.setdefault(row.shipment_line_id, []).append(LotTaken(**row._asdict()))
    return found


def recipients_of_lot(lot_id: int, *, company_id: int | None = None, limit: int = 100_000) -> list[Recipient]:
    """Everybody to whom pieces of the lot were shipped, with what reaches them, a row per parcel; in one statement.

    Reading it is reading personal data: the counter that shows it writes that down.
    """
    sql = _RECIPIENTS.format(beyond="", order="s.shipped_on, s.id")
    return [Recipient(**row._asdict()) for row in rows(sql, {"lot": lot_id, "company": company_id, "limit": limit})]


def recipients_page(lot_id: int, *, company_id: int | None, limit: int, before_id: int | None = None) -> list[Recipient]:
    """Those to whom pieces of the lot were shipped, the newest parcel first, below a shipment's id; in one statement.

    Reading it is reading personal data: the counter that shows it writes that down.
    """
    sql = _RECIPIENTS.format(beyond="" if before_id is None else "AND s.id < %(before)s", order="s.id DESC")
    asked = {"lot": lot_id, "company": company_id, "limit": limit, "before": before_id}
    return [Recipient(**row._asdict()) for row in rows(sql, asked, prepare=False)]


def lots_of_customer(customer_id: int, *, limit: int = 1_000) -> list[LotReceived]:
    """The lots that went to a customer, or to those merged with it, the latest first; in one statement."""
    found = rows(_OF_CUSTOMER, {"customer": customer_id, "limit": limit})
    return [LotReceived(**row._asdict()) for row in found]
