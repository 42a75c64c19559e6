"""What one page of the back office tells of a customer and of everybody merged with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.db import rows
from customers.queries.groups import groups_of
from customers.queries.ledger import CustomerRow, customer_rows
from customers.queries.relations import NoteRow, PointBalance, open_notes, point_balances

_POINTS = """
SELECT id, customer_id, kind, value, value_key, is_primary, verified_at, unreachable_at FROM customers_contactpoint
WHERE customer_id = ANY(%s::bigint[]) AND ended_at IS NULL ORDER BY kind <> 'phone', kind, is_primary DESC, id
"""
_ADDRESSES = """
SELECT id, customer_id, label, trim(family_name || ' ' || given_name) AS name, organisation_name, country, postal_code,
    prefecture, city, street, building, phone, is_default
FROM customers_address WHERE customer_id = ANY(%s::bigint[]) AND ended_at IS NULL ORDER BY is_default DESC, id
"""
_CONSENTS = """
SELECT DISTINCT ON (w.channel, w.purpose, w.brand_id) w.channel, w.purpose, w.status, w.source, w.wording, w.at, b.name AS brand
FROM customers_consent w LEFT JOIN core_brand b ON b.id = w.brand_id
WHERE w.customer_id = ANY(%s::bigint[]) ORDER BY w.channel, w.purpose, w.brand_id, w.at DESC, w.id DESC
"""
_RANKS = """
SELECT r.name, r.code, b.name AS brand, a.from_at, a.until_at
FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id LEFT JOIN core_brand b ON b.id = a.brand_id
WHERE a.customer_id = ANY(%s::bigint[]) ORDER BY a.until_at IS NOT NULL, a.from_at DESC LIMIT 10
"""
_LOTS = """
SELECT l.id, l.granted, l.remaining, l.granted_at, l.expires_at, b.name AS brand
FROM customers_pointlot l LEFT JOIN core_brand b ON b.id = l.brand_id
WHERE l.customer_id = ANY(%s::bigint[]) AND l.remaining > 0 ORDER BY l.expires_at, l.id LIMIT 10
"""
_LINKS = """
SELECT l.id, l.evidence, l.linked_at, a.display_name, a.email, a.handle
FROM customers_customeraccount l JOIN customers_account a ON a.id = l.account_id
WHERE l.customer_id = ANY(%s::bigint[]) AND l.ended_at IS NULL ORDER BY l.id
"""
_PROOFS = """
SELECT i.provider, i.subject, i.recorded_at FROM customers_identity i
WHERE i.customer_id = ANY(%s::bigint[]) AND i.ended_at IS NULL ORDER BY i.id
"""
_TAGS = """
SELECT t.name, t.visibility FROM customers_customertag c JOIN customers_tag t ON t.id = c.tag_id
WHERE c.customer_id = ANY(%s::bigint[]) GROUP BY t.name, t.visibility ORDER BY t.name
"""
_PAIRS = """
SELECT d.id, d.customer_id, d.other_id, d.score, d.reasons FROM customers_duplicatecandidate d
WHERE d.status = 'open' AND (d.customer_id = ANY(%s::bigint[]) OR d.other_id = ANY(%s::bigint[])) ORDER BY d.score DESC LIMIT 5
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """A customer's page: the group's rows, the principal's first."""

    members: Sequence[CustomerRow]
    notes: Sequence[NoteRow]
    balance: PointBalance
    contact_points: Sequence[Any]
    addresses: Sequence[Any]
    consents: Sequence[Any]
    ranks: Sequence[Any]
    lots: Sequence[Any]
    links: Sequence[Any]
    proofs: Sequence[Any]
    tags: Sequence[Any]
    pairs: Sequence[Any]


def desk_view(customer_id: int, *, at: datetime) -> DeskView:
    """Everything the customer's page shows, in a fixed number of statements."""
    group = list(groups_of([customer_id]).get(customer_id, (customer_id,)))
    return DeskView(
        members=customer_rows(group),
        notes=open_notes([customer_id], at=at),
        balance=point_balances([customer_id], brand_id=None, at=at)[customer_id],
        contact_points=rows(_POINTS, (group,)),
        addresses=rows(_ADDRESSES, (group,)),
        consents=rows(_CONSENTS, (group,)),
        ranks=rows(_RANKS, (group,)),
        lots=rows(_LOTS, (group,)),
        links=rows(_LINKS, (group,)),
        proofs=rows(_PROOFS, (group,)),
        tags=rows(_TAGS, (group,)),
        pairs=rows(_PAIRS, (group, group)),
    )


def pairs_of(candidate_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """The two customers of each candidate, the older entry first."""
    found = rows("SELECT id, customer_id, other_id FROM customers_duplicatecandidate WHERE id = ANY(%s::bigint[])", (list(candidate_ids),))
    return {row.id: (row.customer_id, row.other_id) for row in found}


def open_candidates(company_id: int | None = None) -> tuple[int, int]:
    """How many pairs wait for a decision, and how many of them are very likely one person."""
    row = rows(
        "SELECT count(*) AS waiting, count(*) FILTER (WHERE score >= 80) AS likely FROM customers_duplicatecandidate"
        " WHERE status = 'open' AND (%s::bigint IS NULL OR company_id = %s)",
        (company_id, company_id),
    )[0]
    return row.waiting, row.likely


def new_customers(*, at: datetime, days: int = 30) -> tuple[int, int]:
    """How many customers were opened in so many days, and in as many before; imported ones count by the day of their import."""
    row = rows(
        "SELECT count(*) FILTER (WHERE recorded_at >= %s) AS now, count(*) FILTER (WHERE recorded_at < %s) AS before"
        " FROM customers_customer WHERE recorded_at >= %s AND recorded_at < %s AND principal_id IS NULL",
        (at - timedelta(days=days), at - timedelta(days=days), at - timedelta(days=2 * days), at),
    )[0]
    return row.now, row.before
