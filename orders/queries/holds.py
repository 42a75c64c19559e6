"""The rules by which orders are held, what they ask of the past, and who may release what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from billing.rules import PaymentMethod
from core.actor import Actor, ActorKind
from core.db import rows
from core.queries import kept
from orders.models import Hold
from orders.queries.lists import Sight, visible
from orders.rules import HoldKind, HoldRow

_RULES = """
SELECT id, name, kind, role_id, channel_id, method, total_from, first_order, has_remark, repeats_within_days, has_time_band,
    postal_differs, postal_prefixes
FROM orders_holdrule WHERE company_id = %s AND ended_at IS NULL ORDER BY position, id
"""
# What was ordered is compared as one text, code by code. Orders of everybody who is the same person count (ADR 0010).
_PAST = """
SELECT w.key, EXISTS (SELECT FROM orders_purchasefacts f WHERE f.customer_id = w.customer_id AND f.order_count > 0) AS has_ordered, (
    SELECT max(o.placed_at) FROM orders_order o
    WHERE o.customer_id IN (SELECT c.id FROM customers_customer c WHERE c.id = w.customer_id OR c.principal_id = w.customer_id)
        AND o.cancelled_at IS NULL AND o.placed_at >= %(since)s
        AND w.skus = (
            SELECT string_agg(l.sku, E'\n' ORDER BY l.sku COLLATE "C")
            FROM (SELECT DISTINCT sku FROM orders_line WHERE order_id = o.id AND until_revision IS NULL) l
        )
) AS repeated_at
FROM jsonb_to_recordset(%(asks)s::jsonb) AS w (key int, customer_id bigint, skus text)
"""
_HOLDS = """
SELECT h.id, h.public_id, h.kind, h.reason, coalesce(g.name, '') AS role, h.raised_at, h.released_at
FROM orders_hold h LEFT JOIN auth_group g ON g.id = h.role_id WHERE h.order_id = %s ORDER BY h.id
"""
_ROLES = """
SELECT a.is_superuser OR EXISTS (
    SELECT FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE p.codename = 'change_holdrule' AND t.app_label = 'orders' AND (
        EXISTS (SELECT FROM customers_account_user_permissions up WHERE up.account_id = a.id AND up.permission_id = p.id)
        OR EXISTS (
            SELECT FROM customers_account_groups ag JOIN auth_group_permissions gp ON gp.group_id = ag.group_id
            WHERE ag.account_id = a.id AND gp.permission_id = p.id
        )
    )
) AS all_holds, ARRAY(SELECT ag.group_id FROM customers_account_groups ag WHERE ag.account_id = a.id) AS ids
FROM customers_account a WHERE a.id = %s AND a.is_active
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAsk:
    """Whose past is asked, and for which products, sorted; ``key`` is the asker's own."""

    key: int
    customer_id: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of a member of staff, and whether every hold may be released."""

    ids: frozenset[int] = frozenset()
    all_holds: bool = False


def hold_rules(company_id: int) -> tuple[HoldRow, ...]:
    """The rules in force in their order, as kept for up to five seconds."""
    return kept(("hold rules", company_id), load=lambda: tuple(_rule(row._asdict()) for row in rows(_RULES, (company_id,))))


def _rule(row: dict[str, object]) -> HoldRow:
    prefixes, method = row["postal_prefixes"], row["method"]
    assert isinstance(prefixes, list)
    return HoldRow(
        **{  # type: ignore[arg-type]
            **row,
            "kind": HoldKind(str(row["kind"])),
            "method": PaymentMethod(str(method)) if method else None,
            "postal_prefixes": tuple(prefixes),
        }
    )


@dataclass(frozen=True, slots=True)
class HoldView:
    """A hold of an order; ``role`` alone may release it where one is named."""

    key: int
    id: UUID
    kind: str
    reason: str
    role: str
    raised_at: datetime
    released_at: datetime | None


def holds_of(order_id: int) -> list[HoldView]:
    """The holds of an order, open or released, in the order they were raised."""
    return [HoldView(*row) for row in rows(_HOLDS, (order_id,))]


def visible_hold_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of a hold by its public id, if the asker may see its order."""
    return Hold.objects.filter(public_id=ref, order__in=visible(sight)).values_list("id", flat=True).first()


def past_of(asks: Sequence[PastAsk], *, since: datetime) -> dict[int, tuple[bool, datetime | None]]:
    """By key: whether the customer has ever ordered, and when since then they last ordered exactly these products. One statement."""
    given = [{"key": ask.key, "customer_id": ask.customer_id, "skus": "\n".join(ask.skus)} for ask in asks]
    return {row.key: (row.has_ordered, row.repeated_at) for row in rows(_PAST, {"asks": orjson.dumps(given).decode(), "since": since})}


def roles_of(actor: Actor) -> Roles:
    """What the actor may release; nobody but staff has roles."""
    found = rows(_ROLES, (int(actor.id),)) if actor.kind == ActorKind.STAFF and actor.id.isdigit() else []
    return Roles(frozenset(found[0].ids), found[0].all_holds) if found else Roles()
