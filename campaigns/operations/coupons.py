"""Coupons are used by orders and given back when these are undone, by the ledger that the counters equal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from campaigns.queries import CouponAsk, coupon_terms
from campaigns.rules import CouponTerms, coupon_code, standing_fault
from core.actor import Actor, ActorKind
from core.db import operation, rows, run
from core.errors import Refusal
from orders.ports import CodesClaimed, PlacedOrder
from orders.queries import UndoneOrder

# Whoever may use it so often only comes one after the other, and so do all uses of a coupon that has a limit; others wait for nobody.
# A merge locks the same principal. In this order, as the house's order of locks has it: customers, then coupons, by key.
_LOCK_CUSTOMERS = """
SELECT p.id FROM customers_customer p WHERE p.id IN (
    SELECT coalesce(m.principal_id, m.id) FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS q (company, customer, code)
    JOIN campaigns_coupon c ON c.company_id = q.company AND c.code = q.code AND c.customer_limit IS NOT NULL
    JOIN customers_customer m ON m.id = q.customer
) ORDER BY p.id FOR NO KEY UPDATE
"""
_LOCK_COUPONS = """
SELECT c.id FROM campaigns_coupon c WHERE c.use_limit IS NOT NULL
    AND (c.company_id, c.code) IN (SELECT * FROM unnest(%s::bigint[], %s::text[])) ORDER BY c.id FOR NO KEY UPDATE
"""
_COUNT = """
UPDATE campaigns_coupon c SET used_count = c.used_count + q.more FROM unnest(%s::bigint[], %s::int[]) AS q (id, more) WHERE c.id = q.id
"""


@operation
def claim_coupons(orders: Sequence[CodesClaimed], *, actor: Actor, at: datetime) -> list[Refusal | None]:
    """The coupons of these orders are counted as used by them, or why not any more; an answer per order.

    Only within the transaction that places them: ``note_coupon_uses`` writes whose uses they were. Refuses what ``standing_fault`` does.
    Locks customers whose uses are limited, then coupons that have a limit, by key. Three statements, one more where there is a limit.
    """
    asks = [
        CouponAsk(company_id=order.company_id, customer_id=order.customer_id, code=coupon_code(code))
        for order in orders
        for code in order.codes
    ]
    companies, codes = [ask.company_id for ask in asks], [ask.code for ask in asks]
    rows(_LOCK_CUSTOMERS, (companies, [ask.customer_id for ask in asks], codes))
    rows(_LOCK_COUPONS, (companies, codes))
    answers: list[Refusal | None] = []
    terms, taken = iter(coupon_terms(asks)), _Taken()
    for order in orders:
        own = [found for _code in order.codes if (found := next(terms)) is not None]
        answers.append(next(taken.faults(own, order=order, at=at), None))
        if answers[-1] is None:
            taken.take(own, order=order)
    if taken.limited:
        run(_COUNT, (list(taken.limited), list(taken.limited.values())))
    return answers


class _Taken:
    """What earlier orders of a batch took of the same coupons."""

    def __init__(self) -> None:
        self.limited: dict[int, int] = {}
        self.by_customer: dict[tuple[int, int], int] = {}

    def faults(self, own: Sequence[CouponTerms], *, order: CodesClaimed, at: datetime) -> Iterator[Refusal]:
        for place, terms in enumerate(own):
            so_far = self.limited.get(terms.coupon_id, 0), self.by_customer.get((terms.coupon_id, order.customer_id), 0)
            fault = standing_fault(terms.after(uses=so_far[0], own_uses=so_far[1]), at=at)
            if fault is not None:
                yield fault.at(f"/coupon_codes/{place}")

    def take(self, own: Sequence[CouponTerms], *, order: CodesClaimed) -> None:
        for terms in own:
            key = (terms.coupon_id, order.customer_id)
            self.by_customer[key] = self.by_customer.get(key, 0) + 1
            if terms.use_limit is not None:
                self.limited[terms.coupon_id] = self.limited.get(terms.coupon_id, 0) + 1


_NOTE = """
INSERT INTO campaigns_couponuse (coupon_id, customer_id, order_id, deed, amount, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT c.id, q.customer, q.order_id, 'used', q.amount, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(companies)s::bigint[], %(customers)s::bigint[], %(orders)s::bigint[], %(codes)s::text[], %(amounts)s::bigint[])
    AS q (company, customer, order_id, code, amount)
JOIN campaigns_coupon c ON c.company_id = q.company AND c.code = q.code ORDER BY q.order_id
"""


@operation
def note_coupon_uses(orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> None:
    """That these orders used their coupons, as ``claim_coupons`` counted, and what was taken off. One statement; none where none did."""
    uses = [(order, code, amount) for order in orders for code, amount in order.by_codes]
    if uses:
        told = {
            "companies": [order.company_id for order, _c, _a in uses],
            "customers": [order.customer_id for order, _c, _a in uses],
            "orders": [order.order_id for order, _c, _a in uses],
            "codes": [coupon_code(code) for _o, code, _a in uses],
            "amounts": [amount for _o, _c, amount in uses],
        }
        run(_NOTE, {**told, "at": at, **_who(actor)})


_LOCK_USED = """
SELECT c.id FROM campaigns_coupon c WHERE c.use_limit IS NOT NULL
    AND c.id IN (SELECT u.coupon_id FROM campaigns_couponuse u WHERE u.order_id = ANY(%s::bigint[])) ORDER BY c.id FOR NO KEY UPDATE
"""
_GIVE_BACK = """
INSERT INTO campaigns_couponuse (coupon_id, customer_id, order_id, deed, amount, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT u.coupon_id, u.customer_id, u.order_id, 'given_back', u.amount, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(orders)s::bigint[], %(cancelled)s::boolean[]) AS q (order_id, is_cancelled)
JOIN campaigns_couponuse u ON u.order_id = q.order_id AND u.deed = 'used' JOIN campaigns_coupon c ON c.id = u.coupon_id
WHERE q.is_cancelled OR c.back_when_returned ORDER BY u.order_id
ON CONFLICT (order_id, deed) DO NOTHING RETURNING coupon_id
"""
_UNCOUNT = """
UPDATE campaigns_coupon c SET used_count = c.used_count - q.less
FROM (SELECT id, count(*)::int AS less FROM unnest(%s::bigint[]) AS r (id) GROUP BY id) q WHERE c.id = q.id AND c.use_limit IS NOT NULL
"""


@operation
def give_coupons_back(orders: Sequence[UndoneOrder], *, actor: Actor, at: datetime) -> int:
    """What orders used that were cancelled can be used again, and so can what orders used that came back altogether, where the coupon says so.

    Answers with how many; telling it again changes nothing. Locks the coupons that have a limit, by key.
    """
    ids = [order.order_id for order in orders]
    if not ids:
        return 0
    rows(_LOCK_USED, (ids,))
    told = {"orders": ids, "cancelled": [order.is_cancelled for order in orders], "at": at, **_who(actor)}
    back = [row.coupon_id for row in rows(_GIVE_BACK, told)]
    if back:
        run(_UNCOUNT, (back,))
    return len(back)


def _who(actor: Actor) -> dict[str, Any]:
    """Who did it; a customer by id alone: their name must not stay where nothing can be erased."""
    label = "" if actor.kind is ActorKind.CUSTOMER else actor.label
    return {"kind": str(actor.kind), "actor": actor.id, "label": label, "for": actor.on_behalf_of}
