"""A customer in full, and pages of customers by cursor, for the machine counter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from core.actor import Actor
from core.db import rows
from customers.queries.ledger import visible_to
from customers.queries.searching import search_customers


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer with the contact points and addresses in use; the principal's public id where merged."""

    customer_id: int
    public_id: UUID
    company_id: int
    number: str
    kind: str
    status: str
    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    organisation_name: str
    outside_number: str
    birth_on: date | None
    language: str
    attention: bool
    version: int
    recorded_at: datetime
    principal: UUID | None
    rank_code: str
    contact_points: Sequence[Mapping[str, Any]]
    addresses: Sequence[Mapping[str, Any]]


_VIEWS = """
SELECT c.id AS customer_id, c.public_id, c.company_id, c.number, c.kind, c.status, c.family_name, c.given_name, c.family_kana,
    c.given_kana, c.organisation_name, c.outside_number, c.birth_on, c.language, c.attention, c.version, c.recorded_at,
    (SELECT p.public_id FROM customers_customer p WHERE p.id = c.principal_id) AS principal,
    coalesce((SELECT r.code FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
        WHERE a.customer_id = c.id AND a.until_at IS NULL ORDER BY a.brand_id IS NOT NULL, r.level DESC LIMIT 1), '') AS rank_code,
    coalesce((SELECT jsonb_agg(jsonb_build_object('kind', p.kind, 'value', p.value, 'primary', p.is_primary,
            'verified', p.verified_at IS NOT NULL, 'reachable', p.unreachable_at IS NULL) ORDER BY p.is_primary DESC, p.id)
        FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.ended_at IS NULL), '[]') AS contact_points,
    coalesce((SELECT jsonb_agg(jsonb_build_object('label', a.label, 'family_name', a.family_name, 'given_name', a.given_name,
            'family_kana', a.family_kana, 'given_kana', a.given_kana, 'organisation_name', a.organisation_name, 'country', a.country,
            'postal_code', a.postal_code, 'prefecture', a.prefecture, 'city', a.city, 'street', a.street, 'building', a.building,
            'phone', a.phone, 'default', a.is_default) ORDER BY a.is_default DESC, a.id)
        FROM customers_address a WHERE a.customer_id = c.id AND a.ended_at IS NULL), '[]') AS addresses
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place) JOIN customers_customer c ON c.id = asked.id
ORDER BY asked.place
"""


def customer_views(customer_ids: Sequence[int]) -> list[CustomerView]:
    """The customers of these ids in full, in the order given, in one statement; unknown ids are left out."""
    return [CustomerView(**row._asdict()) for row in rows(_VIEWS, (list(customer_ids),))] if customer_ids else []


def customer_page(actor: Actor, *, after: tuple[datetime, int] | None, limit: int, status: str | None = None) -> list[CustomerView]:
    """The customers an actor may see, newest first, from a place on; two statements whatever the length."""
    found = visible_to(actor)
    if status is not None:
        found = found.filter(status=status)
    if after is not None:
        found = found.filter(Q(recorded_at__lt=after[0]) | Q(recorded_at=after[0], pk__lt=after[1]), recorded_at__lte=after[0])
    return customer_views(list(found.order_by("-recorded_at", "-id").values_list("id", flat=True)[:limit]))


def customers_meant(actor: Actor, *, company_id: int, text: str, limit: int, status: str | None = None) -> list[CustomerView]:
    """The customers of a company that a text means and the actor may see, best first; three statements."""
    ids = search_customers(company_id, text, limit=limit)
    seen = visible_to(actor).filter(pk__in=ids)
    if status is not None:
        seen = seen.filter(status=status)
    visible = set(seen.values_list("id", flat=True))
    return customer_views([number for number in ids if number in visible])
