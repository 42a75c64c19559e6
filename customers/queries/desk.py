"""What one page of the back office tells of a customer and of everybody merged with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from core.actor import Actor
from core.db import rows
from customers.models import Customer
from customers.queries.ledger import visible_to

# Everything about the group in one value, so that the page costs one statement: the gate, the row and this.
_DESK = """
(SELECT jsonb_build_object(
    'members', (SELECT jsonb_agg(t) FROM (SELECT m.id AS customer_id, m.number, m.attention, m.status
        FROM customers_customer m WHERE m.id = ANY(g.ids) ORDER BY m.id <> g.head, m.id) t),
    'notes', (SELECT jsonb_agg(t) FROM (SELECT id AS note_id, customer_id, body, visibility, author_kind, author_label, show_until_at, recorded_at
        FROM customers_note WHERE customer_id = ANY(g.ids) AND ended_at IS NULL AND (show_until_at IS NULL OR show_until_at > g.at)
        ORDER BY id DESC LIMIT 20) t),
    'contact_points', (SELECT jsonb_agg(t) FROM (SELECT id, customer_id, kind, value, value_key, is_primary, verified_at, unreachable_at
        FROM customers_contactpoint WHERE customer_id = ANY(g.ids) AND ended_at IS NULL
        ORDER BY kind <> 'phone', kind, is_primary DESC, id LIMIT 20) t),
    'addresses', (SELECT jsonb_agg(t) FROM (SELECT id, customer_id, label, trim(family_name || ' ' || given_name) AS name, organisation_name,
        country, postal_code, prefecture, city, street, building, phone, is_default
        FROM customers_address WHERE customer_id = ANY(g.ids) AND ended_at IS NULL ORDER BY is_default DESC, id LIMIT 12) t),
    'consents', (SELECT jsonb_agg(t) FROM (SELECT DISTINCT ON (w.channel, w.purpose, w.brand_id) w.channel, w.purpose, w.status, w.source,
        w.wording, w.at, b.name AS brand FROM customers_consent w LEFT JOIN core_brand b ON b.id = w.brand_id
        WHERE w.customer_id = ANY(g.ids) ORDER BY w.channel, w.purpose, w.brand_id, w.at DESC, w.id DESC) t),
    'preferences', (SELECT jsonb_agg(t) FROM (SELECT DISTINCT ON (channel) channel, preferred, hours FROM customers_contactpreference
        WHERE customer_id = ANY(g.ids) ORDER BY channel, id DESC) t),
    'ranks', (SELECT jsonb_agg(t) FROM (SELECT r.name, r.code, b.name AS brand, a.from_at, a.until_at FROM customers_rankassignment a
        JOIN customers_customerrank r ON r.id = a.rank_id LEFT JOIN core_brand b ON b.id = a.brand_id
        WHERE a.customer_id = ANY(g.ids) ORDER BY a.until_at IS NOT NULL, a.from_at DESC LIMIT 10) t),
    'lots', (SELECT jsonb_agg(t) FROM (SELECT l.id, l.granted, l.remaining, l.granted_at, l.expires_at, b.name AS brand
        FROM customers_pointlot l LEFT JOIN core_brand b ON b.id = l.brand_id
        WHERE l.customer_id = ANY(g.ids) AND l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > g.at)
        ORDER BY l.expires_at, l.id LIMIT 10) t),
    'points', (SELECT coalesce(sum(l.remaining), 0) FROM customers_pointlot l
        WHERE l.customer_id = ANY(g.ids) AND l.remaining > 0 AND (l.expires_at IS NULL OR l.expires_at > g.at)),
    'links', (SELECT jsonb_agg(t) FROM (SELECT l.id, l.evidence, l.linked_at, a.display_name, a.email, a.handle FROM customers_customeraccount l
        JOIN customers_account a ON a.id = l.account_id WHERE l.customer_id = ANY(g.ids) AND l.ended_at IS NULL ORDER BY l.id LIMIT 12) t),
    'proofs', (SELECT jsonb_agg(t) FROM (SELECT i.provider, i.subject, i.recorded_at FROM customers_identity i
        WHERE i.customer_id = ANY(g.ids) AND i.ended_at IS NULL ORDER BY i.id LIMIT 12) t),
    'household', (SELECT jsonb_agg(t) FROM (SELECT c.id AS customer_id, c.number, trim(c.family_name || ' ' || c.given_name) AS name, o.role
        FROM customers_householdmember mine JOIN customers_householdmember o ON o.household_id = mine.household_id AND o.ended_at IS NULL
        JOIN customers_customer c ON c.id = o.customer_id
        WHERE mine.customer_id = ANY(g.ids) AND mine.ended_at IS NULL AND NOT o.customer_id = ANY(g.ids) ORDER BY c.id LIMIT 12) t),
    'attributes', (SELECT jsonb_agg(t) FROM (SELECT a.name, v.value FROM customers_attributevalue v JOIN customers_attribute a ON a.id = v.attribute_id
        WHERE v.customer_id = ANY(g.ids) ORDER BY a.id LIMIT 20) t),
    'tags', (SELECT jsonb_agg(t) FROM (SELECT t.name, t.visibility FROM customers_customertag c JOIN customers_tag t ON t.id = c.tag_id
        WHERE c.customer_id = ANY(g.ids) GROUP BY t.name, t.visibility ORDER BY t.name LIMIT 20) t),
    'pairs', (SELECT jsonb_agg(t) FROM (SELECT d.id, d.customer_id, d.other_id, d.score, d.reasons FROM customers_duplicatecandidate d
        WHERE d.status = 'open' AND (d.customer_id = ANY(g.ids) OR d.other_id = ANY(g.ids)) ORDER BY d.score DESC LIMIT 5) t))
 FROM (SELECT coalesce(customers_customer.principal_id, customers_customer.id) AS head, %s::timestamptz AS at,
        ARRAY(SELECT coalesce(customers_customer.principal_id, customers_customer.id) UNION ALL
              SELECT m.id FROM customers_customer m WHERE m.principal_id = coalesce(customers_customer.principal_id, customers_customer.id)) AS ids) g)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    """A customer's page: the row asked for and what the whole group holds, the principal's first."""

    customer: Customer
    group: tuple[int, ...]
    points: int
    members: Sequence[Any]
    notes: Sequence[Any]
    contact_points: Sequence[Any]
    addresses: Sequence[Any]
    consents: Sequence[Any]
    preferences: Sequence[Any]
    ranks: Sequence[Any]
    lots: Sequence[Any]
    links: Sequence[Any]
    proofs: Sequence[Any]
    household: Sequence[Any]
    attributes: Sequence[Any]
    tags: Sequence[Any]
    pairs: Sequence[Any]


def desk_view(customer_id: int, *, actor: Actor, at: datetime) -> DeskView | None:
    """Everything the customer's page shows of the ledger, if the actor may see the customer; one statement."""
    found = visible_to(actor).filter(pk=customer_id).defer("search")
    row = found.annotate(desk=RawSQL(_DESK, (at,), output_field=JSONField())).first()  # noqa: S611  the text is ours
    if row is None:
        return None
    told: dict[str, Any] = row.desk  # type: ignore[attr-defined]
    points = int(told.pop("points"))
    lists = {name: [json_row(one) for one in values or ()] for name, values in told.items()}
    return DeskView(customer=row, group=tuple(m.customer_id for m in lists["members"]), points=points, **lists)


def json_row(values: Mapping[str, Any]) -> SimpleNamespace:
    """A row out of JSON: its moments ("at", "…_at") and days ("…_on") are read."""
    return SimpleNamespace(**{name: _moment(name, value) for name, value in values.items()})


def _moment(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "at" or name.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name.endswith("_on") else value


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
