"""Repairs, collections and purchases as staff, partners and the customer read them, each gated by what the asker may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import rows
from orders.queries.lists import Sight
from orders.queries.return_views import in_lines
from orders.queries.views import ref_of_word, signed_word

LINK_SALT = "orders.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceView:
    """A request with everything on it; amounts in minor units of its currency, tax included."""

    key: int
    id: UUID
    number: str
    kind: str
    status: str
    company_id: int
    customer_key: int
    customer_id: UUID
    language: str
    goods: str
    maker: str
    model: str
    serial: str
    bought_from: str
    bought_on: date | None
    remark: str
    line_id: UUID | None
    line_name: str
    order_key: int | None
    order_number: str
    postage_in_by: str
    postage_out_by: str
    currency: str
    amount: int | None
    estimate_note: str
    payout_way: str
    identity_note: str
    charged_total: int
    payout_total: int
    stock_item: str
    location: str
    decision_reason: str
    invoice_number: str
    requested_at: datetime
    accepted_at: datetime | None
    received_at: datetime | None
    estimated_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    paid_out_at: datetime | None
    version: int


_SERVICES = """
SELECT v.id AS key, v.public_id AS id, v.number, v.kind, v.status, v.company_id, v.customer_id AS customer_key, c.public_id AS customer_id,
    coalesce(nullif(c.language, ''), m.language) AS language, v.goods, v.maker, v.model, v.serial, v.bought_from, v.bought_on, v.remark,
    l.public_id AS line_id, coalesce(l.name, '') AS line_name, o.id AS order_key, coalesce(o.number, '') AS order_number, v.postage_in_by,
    v.postage_out_by, v.currency, v.amount, v.estimate_note, coalesce(v.payout_way, '') AS payout_way, v.identity_note, v.charged_total,
    v.payout_total, coalesce(i.name, '') AS stock_item, coalesce(p.name, '') AS location, v.decision_reason, coalesce(b.number, '') AS invoice_number,
    v.requested_at, v.accepted_at, v.received_at, v.estimated_at, v.decided_at, v.ended_at, v.paid_out_at, v.version
FROM orders_servicerequest v JOIN customers_customer c ON c.id = v.customer_id JOIN core_company m ON m.id = v.company_id
LEFT JOIN orders_line l ON l.id = v.line_id LEFT JOIN orders_order o ON o.id = l.order_id LEFT JOIN inventory_stockitem i ON i.id = v.stock_item_id
LEFT JOIN inventory_location p ON p.id = v.location_id LEFT JOIN billing_invoice b ON b.shipment_ref = v.public_id
"""
# What somebody bought here and has: offered when she asks for a repair.
_OWN_LINES = """
SELECT l.public_id AS ref, l.name, o.number, o.placed_on FROM orders_line l JOIN orders_order o ON o.id = l.order_id
WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND (%(order)s::bigint IS NULL OR o.id = %(order)s) AND l.shipped_quantity > 0
ORDER BY o.placed_at DESC, l.position LIMIT %(limit)s
"""
_ADDRESS = """
SELECT lo.name, lo.postal_code, lo.prefecture, lo.address, lo.phone, c.name AS company FROM inventory_location lo JOIN core_company c ON c.id = lo.company_id
WHERE lo.company_id = %s AND lo.ended_at IS NULL AND lo.kind = 'warehouse' ORDER BY lo.priority, lo.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """Something a customer bought here."""

    ref: UUID
    name: str
    order_number: str
    bought_on: date


def service_views(request_ids: Sequence[int]) -> list[ServiceView]:
    """The requests with these keys, in the order asked, in one statement; unknown ones are left out."""
    if not request_ids:
        return []
    found = {row.key: ServiceView(**row._asdict()) for row in rows(_SERVICES + "WHERE v.id = ANY(%s::bigint[])", (list(request_ids),))}
    return [found[key] for key in request_ids if key in found]


def service_view(request_id: int) -> ServiceView | None:
    """One request, or None."""
    return next(iter(service_views([request_id])), None)


def service_rows(
    sight: Sight,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    status: str | None = None,
    kind: str | None = None,
    number: str | None = None,
    ref: UUID | None = None,
    order_key: int | None = None,
) -> list[ServiceView]:
    """Requests the asker may see, newest first, by keyset: the only gate to them. Two statements."""
    where, given = sight.where("v")
    conditions, given = [where], {**given, "limit": limit}
    for name, value in (("status", status), ("kind", kind), ("number", number)):
        if value is not None:
            conditions.append(f"v.{name} = %({name})s")
            given[name] = value
    if order_key is not None:
        conditions.append("v.line_id IN (SELECT id FROM orders_line WHERE order_id = %(order)s)")
        given["order"] = order_key
    if ref is not None:
        conditions.append("v.public_id = %(ref)s")
        given["ref"] = ref
    if after is not None:
        conditions.append("(v.requested_at, v.id) < (%(after_at)s, %(after_id)s)")
        given["after_at"], given["after_id"] = after
    keys = rows(
        f"SELECT v.id FROM orders_servicerequest v WHERE {' AND '.join(conditions)} ORDER BY v.requested_at DESC, v.id DESC LIMIT %(limit)s",
        given,
        prepare=False,
    )
    return service_views([row.id for row in keys])


def own_lines(customer_ids: Sequence[int], *, order_key: int | None = None, limit: int = 50) -> list[OwnLine]:
    """What these customers bought here and was sent to them, the latest first; of one order only where it is named."""
    told = {"ids": list(customer_ids), "order": order_key, "limit": limit}
    return [OwnLine(*row) for row in rows(_OWN_LINES, told, prepare=False)]


def service_path(ref: UUID) -> str:
    """Where the customer looks at a request without signing in: a signed link, as that of an order."""
    return f"/services/{signed_word(ref, salt=LINK_SALT)}/"


def service_behind(link: str) -> ServiceView | None:
    """The request that a link was signed for, within its time; None for anything else."""
    ref = ref_of_word(link, salt=LINK_SALT)
    return next(iter(service_rows(Sight(everything=True), limit=1, ref=ref)), None) if ref is not None else None


def service_address(company_id: int) -> str:
    """Where goods are to be sent: the company's first warehouse, in lines; empty where it has none."""
    found = rows(_ADDRESS, (company_id,))
    return in_lines(found[0]) if found else ""
