"""Cases as staff, partners and the shopper read them, each gated by what the asker may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.db import rows
from orders.queries.lists import Sight


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLineView:
    """A line of a case; figures in pieces."""

    position: int
    line_id: UUID
    sku: str
    name: str
    parcel: str
    reason: str
    reason_code: str
    remark: str
    condition: str
    comes_back: bool
    quantity: int
    received: int
    restocked: int
    b_grade: int
    repaired: int
    scrapped: int
    accepted: int
    declined: int
    part_refund: int | None
    credited: int
    location: str

    @property
    def waiting(self) -> int:
        """Pieces here that nobody has looked at."""
        return self.received - self.accepted - self.declined

    @property
    def missing(self) -> int:
        """Pieces that are still to come."""
        return self.quantity - self.received if self.comes_back else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeView:
    """What is sent instead."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A return, exchange or claim with everything on it."""

    key: int
    id: UUID
    number: str
    kind: str
    status: str
    company_id: int
    order_key: int
    order_id: UUID
    order_number: str
    customer_key: int
    currency: str
    language: str
    parcel: str
    exchange_key: int | None
    exchange_id: UUID | None
    exchange_number: str
    exchange_held: bool
    exchange_timing: str
    postage_by: str
    fee: int
    postage: int
    refunds_postage: bool
    refund_way: str
    remark: str
    override_reason: str
    decision_reason: str
    requested_by: str
    requested_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None
    received_at: datetime | None
    inspected_at: datetime | None
    settled_at: datetime | None
    credited_total: int
    charged_total: int
    refund_total: int
    refunded_total: int
    version: int
    lines: tuple[CaseLineView, ...]
    exchanges: tuple[ExchangeView, ...]


_CASES = """
SELECT c.id AS key, c.public_id AS id, c.number, c.kind, c.status, c.company_id, c.order_id AS order_key, o.public_id AS order_id,
    o.number AS order_number, c.customer_id AS customer_key, o.currency, o.language, coalesce(s.number, '') AS parcel, e.id AS exchange_key,
    e.public_id AS exchange_id, coalesce(e.number, '') AS exchange_number,
    EXISTS (SELECT FROM orders_hold h WHERE h.order_id = e.id AND h.kind = 'exchange' AND h.released_at IS NULL) AS exchange_held,
    c.exchange_timing, c.postage_by, c.fee, c.postage, c.refunds_postage, c.refund_way, c.remark, c.override_reason, c.decision_reason,
    c.actor_kind AS requested_by, c.requested_at, c.approved_at, c.ended_at, c.received_at, c.inspected_at, c.settled_at, c.credited_total,
    c.charged_total, c.refund_total, c.refunded_total, c.version,
    (SELECT jsonb_agg(jsonb_build_object('position', rl.position, 'line_id', l.public_id, 'sku', l.sku, 'name', l.name, 'parcel', p.number,
            'reason', coalesce(r.name, ''), 'reason_en', coalesce(r.name_en, ''), 'reason_code', coalesce(r.code, ''), 'remark', rl.remark,
            'condition', rl.condition, 'comes_back', rl.comes_back, 'quantity', rl.quantity, 'received', rl.received, 'restocked', rl.restocked,
            'b_grade', rl.b_grade, 'repaired', rl.repaired, 'scrapped', rl.scrapped, 'accepted', rl.accepted, 'declined', rl.declined,
            'part_refund', rl.part_refund, 'credited', rl.credited, 'location', coalesce(lo.name, '')) ORDER BY rl.position)
        FROM orders_returnline rl JOIN orders_line l ON l.id = rl.line_id JOIN orders_shipment p ON p.id = rl.shipment_id
        LEFT JOIN orders_returnreason r ON r.id = rl.reason_id LEFT JOIN inventory_location lo ON lo.id = rl.location_id
        WHERE rl.case_id = c.id) AS lines,
    (SELECT jsonb_agg(jsonb_build_object('sku', v.sku, 'name', coalesce(n.name, l.name), 'quantity', x.quantity) ORDER BY x.position)
        FROM orders_exchangeline x JOIN orders_line l ON l.id = x.line_id JOIN catalog_variant v ON v.id = x.variant_id
        LEFT JOIN orders_line n ON n.order_id = c.exchange_order_id AND n.variant_id = x.variant_id WHERE x.case_id = c.id) AS exchanges
FROM orders_returncase c JOIN orders_order o ON o.id = c.order_id LEFT JOIN orders_shipment s ON s.id = c.shipment_id
LEFT JOIN orders_order e ON e.id = c.exchange_order_id
"""


def case_views(case_ids: Sequence[int]) -> list[CaseView]:
    """The cases with these keys, in the order asked, in one statement; unknown ones are left out."""
    found = {row.key: _case(row) for row in rows(_CASES + "WHERE c.id = ANY(%s::bigint[])", (list(case_ids),))} if case_ids else {}
    return [found[key] for key in case_ids if key in found]


def case_view(case_id: int) -> CaseView | None:
    """One case, or None."""
    return next(iter(case_views([case_id])), None)


_ADDRESS = """
SELECT lo.name, lo.postal_code, lo.prefecture, lo.address, lo.phone, c.name AS company FROM orders_returnline rl
JOIN orders_shipment s ON s.id = rl.shipment_id JOIN inventory_location lo ON lo.id = s.location_id JOIN core_company c ON c.id = lo.company_id
WHERE rl.case_id = %s ORDER BY rl.position LIMIT 1
"""


def return_address(case_id: int) -> str:
    """Where the goods of a case are to be sent: the place they came from, in lines."""
    found = rows(_ADDRESS, (case_id,))
    if not found:
        return ""
    return in_lines(found[0])


def in_lines(place: Any) -> str:
    """A place of a company (postal code, prefecture, address, company, name, phone) as it is written on a parcel."""
    where = f"〒{place.postal_code} {place.prefecture}{place.address}" if place.postal_code else f"{place.prefecture}{place.address}"
    return "\n".join(line for line in (where.strip(), f"{place.company} {place.name}", place.phone) if line)


def cases_of_order(order_id: int) -> list[CaseView]:
    """The cases about an order, and the one it was sent for, newest first."""
    found = rows(_CASES + "WHERE c.order_id = %(id)s OR c.exchange_order_id = %(id)s ORDER BY c.id DESC LIMIT 50", {"id": order_id})
    return [_case(row) for row in found]


def visible_case_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of a case by its public id, if the asker may see its order."""
    where, given = sight.where("c")
    found = rows(f"SELECT c.id FROM orders_returncase c WHERE c.public_id = %(ref)s AND {where}", {**given, "ref": ref}, prepare=False)
    return found[0].id if found else None


def case_rows(
    sight: Sight,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    status: str | None = None,
    kind: str | None = None,
    order: UUID | None = None,
    number: str | None = None,
) -> list[CaseView]:
    """Cases, newest first, by keyset. Two statements."""
    where, given = sight.where("c")
    conditions = [where]
    for name, condition, value in (
        ("status", "c.status = %(status)s", status),
        ("kind", "c.kind = %(kind)s", kind),
        ("number", "c.number = %(number)s", number),
        ("order", "c.order_id = (SELECT id FROM orders_order WHERE public_id = %(order)s::uuid)", order),
    ):
        if value is not None:
            conditions.append(condition)
            given[name] = value
    if after is not None:
        conditions.append("(c.requested_at, c.id) < (%(after_at)s, %(after_id)s)")
        given["after_at"], given["after_id"] = after
    given["limit"] = limit
    keys = rows(
        f"SELECT c.id FROM orders_returncase c WHERE {' AND '.join(conditions)} ORDER BY c.requested_at DESC, c.id DESC LIMIT %(limit)s",
        given,
        prepare=False,
    )
    return case_views([row.id for row in keys])


def _case(row: Any) -> CaseView:
    own = row._asdict()
    lines = own.pop("lines") or ()
    exchanges = own.pop("exchanges") or ()
    return CaseView(**own, lines=tuple(_line(n, row.language) for n in lines), exchanges=tuple(ExchangeView(**n) for n in exchanges))


def _line(found: dict[str, Any], language: str) -> CaseLineView:
    """A line, its reason in the buyer's language."""
    english = found.pop("reason_en")
    reason = english if english and not language.startswith("ja") else found.pop("reason")
    found.pop("reason", None)
    return CaseLineView(**{**found, "reason": reason, "line_id": UUID(found["line_id"])})
