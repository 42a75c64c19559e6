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
from core.text import search_key
from orders.models import Hold
from orders.queries.lists import Sight, visible
from orders.rules import ON_CREDIT, BoughtBefore, HoldKind, HoldRow

_RULES = """
SELECT id, name, kind, role_id, channel_id, method, total_from, first_order, has_remark, repeats_within_days, has_time_band,
    postal_differs, postal_prefixes, words, profile, article_pieces_from, pieces_from, pieces_within_days, over_credit_limit, awaits_approval
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
) AS repeated_at, CASE WHEN %(counts)s THEN (
    SELECT jsonb_agg(jsonb_build_array(t.placed_at, t.sku, t.pieces)) FROM (
        SELECT o.placed_at, l.sku, sum(l.quantity - l.cancelled_quantity)::int AS pieces FROM orders_order o JOIN orders_line l ON l.order_id = o.id
        WHERE o.customer_id IN (SELECT c.id FROM customers_customer c WHERE c.id = w.customer_id OR c.principal_id = w.customer_id)
            AND o.cancelled_at IS NULL AND o.placed_at >= %(since)s AND o.id <> coalesce(w.except_id, 0)
        GROUP BY o.id, l.sku HAVING sum(l.quantity - l.cancelled_quantity) > 0
    ) t
) END AS bought
FROM jsonb_to_recordset(%(asks)s::jsonb) AS w (key int, customer_id bigint, skus text, except_id bigint)
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
    """Whose past is asked, and for which products, sorted; ``key`` is the asker's own. ``except_id`` is an order that does not count."""

    key: int
    customer_id: int
    skus: tuple[str, ...]
    except_id: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """Whether a customer has ordered before, when they last ordered exactly the same, and what they bought in the days asked for."""

    has_ordered: bool = False
    repeated_at: datetime | None = None
    bought: tuple[BoughtBefore, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles of a member of staff, and whether every hold may be released."""

    ids: frozenset[int] = frozenset()
    all_holds: bool = False


def hold_rules(company_id: int) -> tuple[HoldRow, ...]:
    """The rules in force in their order, as kept for up to five seconds."""
    return kept(("hold rules", company_id), load=lambda: tuple(_rule(row._asdict()) for row in rows(_RULES, (company_id,))))


def _rule(row: dict[str, object]) -> HoldRow:
    prefixes, method, words = row["postal_prefixes"], row["method"], row["words"]
    assert isinstance(prefixes, list)
    assert isinstance(words, list)
    return HoldRow(
        **{  # type: ignore[arg-type]
            **row,
            "kind": HoldKind(str(row["kind"])),
            "method": PaymentMethod(str(method)) if method else None,
            "postal_prefixes": tuple(prefixes),
            "words": tuple(search_key(word) for word in words),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """What was asked of an order's deferred payment, and decided; amounts in minor units."""

    state: str
    amount: int
    currency: str
    asked_at: datetime
    decided_at: datetime | None
    decided_by: str
    reference: str
    reason: str
    ended_at: datetime | None


_APPROVALS = """
SELECT a.state, a.amount, o.currency, a.asked_at, a.decided_at, a.decided_by, a.reference, a.reason, a.ended_at
FROM orders_paymentapproval a JOIN orders_order o ON o.id = a.order_id WHERE a.order_id = %s ORDER BY a.id DESC
"""


def approvals_of(order_id: int) -> list[ApprovalView]:
    """What was asked of an order's deferred payment, the latest first."""
    return [ApprovalView(**row._asdict()) for row in rows(_APPROVALS, (order_id,))]


def visible_hold_key(ref: UUID, *, sight: Sight) -> int | None:
    """The key of a hold by its public id, if the asker may see its order."""
    return Hold.objects.filter(public_id=ref, order__in=visible(sight)).values_list("id", flat=True).first()


def past_of(asks: Sequence[PastAsk], *, since: datetime, counts: bool = False) -> dict[int, Past]:
    """By key what the customer ordered since then; what they bought only where it ``counts``. One statement."""
    given = [{"key": ask.key, "customer_id": ask.customer_id, "skus": "\n".join(ask.skus), "except_id": ask.except_id} for ask in asks]
    found = rows(_PAST, {"asks": orjson.dumps(given).decode(), "since": since, "counts": counts})
    return {
        row.key: Past(
            row.has_ordered,
            row.repeated_at,
            tuple(BoughtBefore(datetime.fromisoformat(at), sku, pieces) for at, sku, pieces in row.bought or ()),
        )
        for row in found
    }


_TO_COME = """
SELECT o.customer_id, sum(greatest(o.total - greatest(coalesce(v.invoiced, 0), o.paid_total), 0))::bigint AS amount
FROM orders_order o LEFT JOIN LATERAL (SELECT sum(i.total) AS invoiced FROM billing_invoice i WHERE i.order_ref = o.public_id) v ON true
WHERE o.customer_id = ANY(%(ids)s::bigint[]) AND o.status IN ('pending', 'confirmed') AND o.payment_method = ANY(%(methods)s::text[])
    AND o.id IS DISTINCT FROM %(except)s::bigint
GROUP BY o.customer_id
"""


def amounts_to_come(customer_ids: Sequence[int], *, except_id: int | None = None) -> dict[int, int]:
    """What customers will owe for orders that stand and are not invoiced yet, as far as the house trusts them, in minor units. One statement."""
    told = {"ids": list(customer_ids), "methods": sorted(ON_CREDIT), "except": except_id}
    return {row.customer_id: row.amount for row in rows(_TO_COME, told)} if customer_ids else {}


def roles_of(actor: Actor) -> Roles:
    """What the actor may release; nobody but staff has roles."""
    found = rows(_ROLES, (int(actor.id),)) if actor.kind == ActorKind.STAFF and actor.id.isdigit() else []
    return Roles(frozenset(found[0].ids), found[0].all_holds) if found else Roles()
