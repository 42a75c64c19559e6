"""Coupons as those who use them see them: what one is worth to whom, whose own there are, and which orders they were used by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from campaigns.rules import CouponKind, CouponTerms, standing_fault
from core.db import rows

# A coupon as it stands for a customer m: a group is everybody read together with them, and what they used counts for all of them.
_STANDS = """
c.id, c.code, c.name, c.kind, c.amount, c.percent_bp, c.most_off, c.currency, c.minimum, c.starts_at, c.until_at, c.ended_at, o.timezone,
c.use_limit, c.used_count, c.customer_limit, c.customer_id IS NOT NULL AS is_personal, coalesce(p.code, '') AS campaign_ref,
coalesce(p.name, '') AS campaign_name, ARRAY(SELECT a.variant_id FROM campaigns_couponarticle a WHERE a.coupon_id = c.id) AS variants,
m.id IS NOT NULL AS is_known, EXISTS (SELECT FROM customers_customer x WHERE x.id = c.customer_id
    AND coalesce(x.principal_id, x.id) = coalesce(m.principal_id, m.id)) AS is_theirs,
CASE WHEN m.id IS NULL OR c.customer_limit IS NULL THEN 0 ELSE (
    SELECT coalesce(sum(CASE u.deed WHEN 'used' THEN 1 ELSE -1 END), 0)::int FROM campaigns_couponuse u WHERE u.coupon_id = c.id
        AND u.customer_id IN (SELECT g.id FROM customers_customer g
            WHERE g.id = coalesce(m.principal_id, m.id) OR g.principal_id = coalesce(m.principal_id, m.id))) END AS used_by_them
"""
_ASKED = f"""
SELECT q.place, {_STANDS} FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS q (company, customer, code, place)
JOIN campaigns_coupon c ON c.company_id = q.company AND c.code = q.code JOIN core_company o ON o.id = c.company_id
LEFT JOIN campaigns_campaign p ON p.id = c.campaign_id LEFT JOIN customers_customer m ON m.id = q.customer
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponAsk:
    """A code, normal as kept, that somebody wants to use; nobody known where ``customer_id`` is None."""

    company_id: int
    customer_id: int | None
    code: str


def coupon_terms(asks: Sequence[CouponAsk]) -> list[CouponTerms | None]:
    """The coupon behind each code, as it stands for who asks; None where the company has none. One statement."""
    if not asks:
        return []
    told = ([ask.company_id for ask in asks], [ask.customer_id for ask in asks], [ask.code for ask in asks])
    found = {row.place: _terms(row) for row in rows(_ASKED, told)}
    return [found.get(place) for place in range(1, len(asks) + 1)]


def _terms(row: Any) -> CouponTerms:
    names = (
        "code", "name", "amount", "percent_bp", "most_off", "currency", "minimum", "starts_at", "until_at", "ended_at", "timezone", "use_limit",
        "used_count", "customer_limit", "is_personal", "is_known", "is_theirs", "used_by_them", "campaign_ref", "campaign_name",
    )  # fmt: skip
    told = {name: getattr(row, name) for name in names}
    return CouponTerms(coupon_id=row.id, kind=CouponKind(row.kind), variants=frozenset(row.variants), **told)


_OWN = f"""
SELECT {_STANDS} FROM (
    SELECT x.id FROM campaigns_coupon x WHERE x.customer_id IN (
        WITH a AS (SELECT coalesce(principal_id, id) AS id FROM customers_customer WHERE id = %(customer)s::bigint)
        SELECT a.id FROM a UNION ALL SELECT g.id FROM customers_customer g JOIN a ON g.principal_id = a.id)
    UNION ALL
    SELECT x.id FROM campaigns_coupon x WHERE x.company_id = %(company)s AND x.is_shown AND x.customer_id IS NULL
) q JOIN campaigns_coupon c ON c.id = q.id AND c.company_id = %(company)s JOIN core_company o ON o.id = c.company_id
LEFT JOIN campaigns_campaign p ON p.id = c.campaign_id LEFT JOIN customers_customer m ON m.id = %(customer)s::bigint
WHERE c.until_at IS NULL OR c.until_at > %(at)s ORDER BY c.until_at NULLS LAST, c.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCoupon:
    """A coupon that a customer can use, or will be able to; ``articles`` are the names of what it is good for, none is all."""

    terms: CouponTerms
    articles: tuple[str, ...]
    is_open: bool
    """Whether it can be used now; else it begins later."""


def own_coupons(customer_id: int | None, *, company_id: int, language: str, at: datetime) -> list[OwnCoupon]:
    """What this customer was given or everybody is shown, and can use now or later; what goes soonest first. Two statements."""
    found = [_terms(row) for row in rows(_OWN, {"company": company_id, "customer": customer_id, "at": at})]
    names = _names_of({variant for terms in found for variant in terms.variants}, language=language)
    faults = [(terms, standing_fault(terms, at=at)) for terms in found]
    return [
        OwnCoupon(terms=terms, articles=tuple(names[v] for v in sorted(terms.variants) if v in names), is_open=fault is None)
        for terms, fault in faults
        if fault is None or fault.code == "coupon.not_yet"
    ]


_NAMES = """
SELECT v.id, v.sku, (SELECT x.name FROM catalog_producttext x WHERE x.product_id = v.product_id ORDER BY x.language = %s DESC, x.id LIMIT 1) AS name,
    CASE WHEN %s = 'en' AND v.option_en <> '' THEN v.option_en ELSE v.option END AS option
FROM catalog_variant v WHERE v.id = ANY(%s::bigint[])
"""


def _names_of(variants: set[int], *, language: str) -> dict[int, str]:
    found = rows(_NAMES, (language, language, sorted(variants))) if variants else []
    return {row.id: f"{row.name or row.sku} {row.option}".strip() for row in found}


_USED = """
SELECT u.at, u.amount, c.code, c.name, c.currency, o.number AS order_number,
    EXISTS (SELECT FROM campaigns_couponuse b WHERE b.order_id = u.order_id AND b.deed = 'given_back') AS is_back
FROM campaigns_couponuse u JOIN campaigns_coupon c ON c.id = u.coupon_id JOIN orders_order o ON o.id = u.order_id
WHERE u.customer_id = ANY(%s::bigint[]) AND u.deed = 'used' ORDER BY u.at DESC, u.id DESC LIMIT %s
"""


def own_coupon_uses(group: Sequence[int], *, limit: int) -> list[Any]:
    """What a customer used lately, with the order, the newest first, and whether it was given back. One statement."""
    return rows(_USED, (list(group), limit)) if group else []
