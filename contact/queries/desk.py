"""What an operator needs besides the ledger while somebody is on the phone: what is under way, owed and unanswered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contact.queries.reasons import ReasonRow
from core.db import rows
from customers.queries import json_row

SHOWN = 6

# One value for the whole desk, so that the page costs one statement however long the customer's history is.
_STATE = """
SELECT (%(at)s::timestamptz AT TIME ZONE co.timezone)::date AS today,
    coalesce((SELECT jsonb_agg(t) FROM (SELECT r.id, r.company_id, r.code, r.name, r.desk, r.complaint, r.due_hours FROM contact_casereason r
        WHERE r.company_id = co.id AND r.ended_at IS NULL ORDER BY r.position, r.id) t), '[]') AS reasons,
    coalesce((SELECT jsonb_agg(t) FROM (
        SELECT o.id, o.number, o.placed_at, o.status, o.payment_status, o.fulfilment_status, o.open_holds, o.total, o.currency,
            o.payment_method, o.status IN ('pending', 'confirmed') AS open,
            o.status IN ('pending', 'confirmed') AND o.fulfilment_status IN ('waiting', 'planned', 'nothing_to_ship') AS may_cancel,
            (SELECT l.name FROM orders_line l WHERE l.order_id = o.id AND l.until_revision IS NULL ORDER BY l.position LIMIT 1) AS goods,
            (SELECT count(*) FROM orders_line l WHERE l.order_id = o.id AND l.until_revision IS NULL) AS lines,
            (SELECT jsonb_agg(jsonb_build_object('number', s.number, 'status', s.status, 'carrier', s.carrier, 'tracking', s.tracking_number,
                'planned_on', s.planned_on, 'shipped_at', s.shipped_at) ORDER BY s.id) FROM orders_shipment s WHERE s.order_id = o.id) AS parcels,
            (SELECT min(d.wished_on) FROM orders_destination d WHERE d.order_id = o.id) AS wished_on
        FROM orders_order o WHERE o.customer_id = ANY(%(ids)s::bigint[])
        ORDER BY o.status IN ('pending', 'confirmed') DESC, o.placed_at DESC, o.id DESC LIMIT %(shown)s) t), '[]') AS orders,
    (SELECT to_jsonb(t) FROM (SELECT f.order_count, f.amount_total, f.currency, f.first_on, f.last_on, f.entry_sku
        FROM orders_purchasefacts f WHERE f.customer_id = (%(ids)s::bigint[])[1]) t) AS facts,
    coalesce((SELECT jsonb_agg(t) FROM (SELECT r.currency, sum(r.open_amount) AS amount, min(r.due_on) AS due_on,
            bool_or(r.due_on < (%(at)s::timestamptz AT TIME ZONE co.timezone)::date) AS overdue FROM billing_receivable r
        WHERE r.customer_id = ANY(%(ids)s::bigint[]) AND r.open_amount > 0 GROUP BY 1 ORDER BY 1) t), '[]') AS owed,
    coalesce((SELECT jsonb_agg(t) FROM (SELECT p.currency, sum(p.unapplied_amount) AS amount FROM billing_payment p
        WHERE p.customer_id = ANY(%(ids)s::bigint[]) AND p.unapplied_amount > 0 GROUP BY 1 ORDER BY 1) t), '[]') AS held,
    coalesce((SELECT jsonb_agg(t) FROM (
        SELECT c.id, c.number, c.theme, r.name AS reason, c.state, c.priority, c.complaint, c.occurred_at, c.due_at, c.last_at,
            (SELECT coalesce(nullif(a.display_name, ''), a.handle) FROM customers_account a WHERE a.id = c.owner_id) AS owner
        FROM contact_case c JOIN contact_casereason r ON r.id = c.reason_id
        WHERE c.customer_id = ANY(%(ids)s::bigint[]) AND c.state <> 'solved' ORDER BY c.due_at, c.id LIMIT %(shown)s) t), '[]') AS cases,
    (SELECT count(*) FROM contact_case c WHERE c.customer_id = ANY(%(ids)s::bigint[]) AND c.state <> 'solved') AS unsolved
FROM core_company co WHERE co.id = %(company)s
"""


@dataclass(frozen=True, slots=True)
class DeskState:
    """What is under way with a customer's group: open orders first, purchase facts, what is owed and held, unsolved cases; with the
    company's day and the reasons in use."""

    today: date
    reasons: Sequence[ReasonRow]
    orders: Sequence[Any]
    facts: Any | None
    owed: Sequence[Any]
    held: Sequence[Any]
    cases: Sequence[Any]
    unsolved: int


def desk_state(group: Sequence[int], *, company_id: int, at: datetime) -> DeskState:
    """The state of a group (the principal first), in one statement."""
    row = rows(_STATE, {"ids": list(group), "shown": SHOWN, "company": company_id, "at": at})[0]
    orders = [json_row({**order, "parcels": [json_row(parcel) for parcel in order["parcels"] or ()]}) for order in row.orders]
    return DeskState(
        today=row.today,
        reasons=[ReasonRow(**reason) for reason in row.reasons],
        orders=orders,
        facts=json_row(row.facts) if row.facts else None,
        owed=[json_row(one) for one in row.owed],
        held=[json_row(one) for one in row.held],
        cases=[json_row(one) for one in row.cases],
        unsolved=row.unsolved,
    )


_CALLERS = """
SELECT asked.id AS customer_id,
    (SELECT a.prefecture || a.city FROM customers_address a WHERE a.customer_id = asked.id AND a.ended_at IS NULL
        ORDER BY a.is_default DESC, a.id LIMIT 1) AS place,
    (SELECT max(o.placed_at) FROM orders_order o WHERE o.customer_id = asked.id) AS last_order_at,
    (SELECT count(*) FROM contact_case c WHERE c.customer_id = asked.id AND c.state <> 'solved') AS unsolved
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place) ORDER BY asked.place
"""


@dataclass(frozen=True, slots=True)
class CallerRow:
    """What tells people of one name apart: where they live, when they last bought, whether something is unanswered."""

    customer_id: int
    place: str
    last_order_at: datetime | None
    unsolved: int


def callers(customer_ids: Sequence[int]) -> dict[int, CallerRow]:
    """What to ask a caller by, for each of these customers; one statement."""
    if not customer_ids:
        return {}
    return {
        row.customer_id: CallerRow(row.customer_id, row.place or "", row.last_order_at, row.unsolved)
        for row in rows(_CALLERS, (list(customer_ids),))
    }
