"""Cases as read: the only gate to them, lists, and one with its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from contact.models import Case
from core.actor import Actor, ActorKind
from core.db import rows

PREFIX = "cas"
"""What a case's public id begins with."""

_COMPANY = {
    ActorKind.STAFF: "SELECT company_id FROM customers_account WHERE id::text = %s AND kind = 'staff' AND is_active",
    ActorKind.PARTNER: "SELECT company_id FROM customers_partnerapplication WHERE client_id = %s AND company_id IS NOT NULL",
}


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases an actor may see: the only gate to them. Staff their company's (all where they belong to none), a partner its
    application's company's, the system and rules all; customers see none here."""
    if actor.kind in (ActorKind.SYSTEM, ActorKind.RULE):
        return Case.objects.all()
    asked = _COMPANY.get(actor.kind)
    found = rows(asked, (actor.id,)) if asked else []
    if not found:
        return Case.objects.none()
    return Case.objects.all() if found[0].company_id is None else Case.objects.filter(company_id=found[0].company_id)


def case_key(ref: UUID, *, actor: Actor) -> int | None:
    """The key of a case by its public id, if the actor may see it."""
    return visible_to(actor).filter(public_id=ref).values_list("id", flat=True).first()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list, for the machine counter."""

    key: int
    id: UUID
    number: str
    customer: UUID | None
    desk: str
    reason: str
    theme: str
    state: str
    priority: str
    complaint: bool
    occurred_at: datetime
    due_at: datetime | None
    solved_at: datetime | None
    cause_class: str | None
    resolution: str
    orders: Sequence[str]


_ROWS = """
SELECT c.id AS key, c.public_id AS id, c.number, k.public_id AS customer, c.desk, r.code AS reason, c.theme, c.state, c.priority, c.complaint,
    c.occurred_at, c.due_at, c.solved_at, c.cause_class, c.resolution,
    ARRAY(SELECT 'ord_' || replace(o.order_ref::text, '-', '') FROM contact_caseorder o WHERE o.case_id = c.id ORDER BY o.id) AS orders
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place) JOIN contact_case c ON c.id = asked.id
JOIN contact_casereason r ON r.id = c.reason_id LEFT JOIN customers_customer k ON k.id = c.customer_id ORDER BY asked.place
"""


def case_rows(case_ids: Sequence[int]) -> list[CaseRow]:
    """The cases of these ids in the order given, in one statement; unknown ids are left out."""
    return [CaseRow(**row._asdict()) for row in rows(_ROWS, (list(case_ids),))] if case_ids else []


_STORY = """
SELECT id, deed, channel, direction, body, to_whom, visibility, author_kind, author_label, at
FROM contact_interaction WHERE case_id = %s ORDER BY at, id LIMIT 500
"""
_ABOUT = """
SELECT o.order_ref, ord.id, ord.number FROM contact_caseorder o LEFT JOIN orders_order ord ON ord.public_id = o.order_ref
WHERE o.case_id = %s ORDER BY o.id
"""


def case_story(case_id: int) -> list[Any]:
    """Every word of a case, oldest first; one statement."""
    return rows(_STORY, (case_id,))


def case_orders(case_id: int) -> list[Any]:
    """The orders a case is about: order_ref, and id and number where the order exists; one statement."""
    return rows(_ABOUT, (case_id,))
