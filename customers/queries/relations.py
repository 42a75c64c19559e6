"""What was agreed with customers: consent in force, points, notes to be shown, and the whole story through every app."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db import rows
from customers.queries.groups import groups_of
from customers.rules import ConsentPurpose, ContactChannel, Visibility

_CONSENT = """
SELECT asked.id
FROM (SELECT c.id, coalesce(c.principal_id, c.id) AS principal_id FROM customers_customer c WHERE c.id = ANY(%(ids)s::bigint[])) asked
JOIN LATERAL (
    SELECT w.status FROM customers_consent w
    WHERE w.customer_id IN (SELECT asked.principal_id UNION ALL
                            SELECT m.id FROM customers_customer m WHERE m.principal_id = asked.principal_id)
      AND w.channel = %(channel)s AND w.purpose = %(purpose)s AND w.at <= %(at)s
      AND (w.brand_id IS NULL OR w.brand_id = %(brand)s::bigint)
    ORDER BY w.at DESC, w.id DESC LIMIT 1
) latest ON latest.status = 'given'
ORDER BY asked.id
"""


def consent_in_force(
    customer_ids: Sequence[int], *, channel: ContactChannel, purpose: ConsentPurpose, brand_id: int | None, at: datetime
) -> frozenset[int]:
    """Those of the customers who consent at that moment: the latest word of the whole group counts (see ``rules.in_force``).

    One statement. To be asked where a message is sent, not where a list is made.
    """
    if not customer_ids:
        return frozenset()
    asked = {"ids": list(customer_ids), "channel": str(channel), "purpose": str(purpose), "brand": brand_id, "at": at}
    return frozenset(row.id for row in rows(_CONSENT, asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class PointBalance:
    """What a customer's group may spend now, and what of it goes next. Lots of the brand and of the company count together."""

    customer_id: int
    points: int
    next_expiry_at: datetime | None = None
    next_expiry_points: int = 0


_BALANCE = """
WITH lot AS MATERIALIZED (
    SELECT asked.id AS customer_id, l.remaining, l.expires_at
    FROM (SELECT c.id, coalesce(c.principal_id, c.id) AS principal_id FROM customers_customer c WHERE c.id = ANY(%(ids)s::bigint[])) asked
    JOIN customers_pointlot l ON l.customer_id IN (
        SELECT asked.principal_id UNION ALL SELECT m.id FROM customers_customer m WHERE m.principal_id = asked.principal_id)
    WHERE l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > %(at)s) AND (l.brand_id IS NULL OR l.brand_id = %(brand)s::bigint)
)
SELECT customer_id, sum(remaining)::bigint AS points, min(expires_at) AS next_expiry_at,
    coalesce(sum(remaining) FILTER (WHERE expires_at = (SELECT min(o.expires_at) FROM lot o WHERE o.customer_id = lot.customer_id)), 0)::bigint
        AS next_expiry_points
FROM lot GROUP BY customer_id
"""


def point_balances(customer_ids: Sequence[int], *, brand_id: int | None, at: datetime) -> dict[int, PointBalance]:
    """What each customer may spend with a brand (None: at the company only), in one statement; zero for who has nothing."""
    balances = {number: PointBalance(customer_id=number, points=0) for number in customer_ids}
    found = rows(_BALANCE, {"ids": list(customer_ids), "brand": brand_id, "at": at}) if customer_ids else []
    return balances | {row.customer_id: PointBalance(**row._asdict()) for row in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """A note to be read now, with who wrote it and who may see it."""

    note_id: int
    customer_id: int
    body: str
    visibility: str
    author_kind: str
    author_label: str
    show_until_at: datetime | None
    recorded_at: datetime


def open_notes(customer_ids: Sequence[int], *, at: datetime, visibility: Visibility | None = None) -> list[NoteRow]:
    """The notes on these customers and their groups that are neither done with nor expired, newest first; one statement with the groups'.

    ``visibility`` CUSTOMER leaves out what is for staff only: the customer's own pages ask so.
    """
    members = sorted({member for group in groups_of(customer_ids).values() for member in group})
    found = rows(
        "SELECT id AS note_id, customer_id, body, visibility, author_kind, author_label, show_until_at, recorded_at FROM customers_note"
        " WHERE customer_id = ANY(%s::bigint[]) AND ended_at IS NULL AND (show_until_at IS NULL OR show_until_at > %s)"
        " AND (%s::text IS NULL OR visibility = %s) ORDER BY id DESC",
        (members, at, visibility and str(visibility), visibility and str(visibility)),
    )
    return [NoteRow(**row._asdict()) for row in found]
