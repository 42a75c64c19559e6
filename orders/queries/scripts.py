"""The talk scripts in force, what they ask of customers and goods, and what was said before an order was placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalog.rules import PurchaseType
from core.db import rows
from core.queries import kept
from orders.rules import DeskStep, ScriptTerms

_IN_FORCE = "SELECT * FROM orders_talkscript WHERE company_id = %s AND ended_at IS NULL ORDER BY position, id"
_SAME = ("name", "position", "text", "must_say", "channel_id", "first_order", "f_from", "f_until", "attention_only", "from_on", "until_on")
_WORDS = ("media", "ad_codes", "skus", "categories")

_PAST = """
SELECT count(*) > 0 AS has_ordered, coalesce(max(f.f_number + (f.last_on <> %(today)s)::int), 1) AS f_number
FROM orders_purchasefacts f WHERE f.customer_id = ANY(%(ids)s::bigint[]) AND f.order_count > 0
"""
# A category is above another where its path begins the other's.
_CATEGORIES = """
SELECT v.sku, array_agg(DISTINCT up.code::text) AS codes FROM catalog_variant v JOIN catalog_productcategory pc ON pc.product_id = v.product_id
JOIN catalog_category c ON c.id = pc.category_id JOIN catalog_category up ON up.tree_id = c.tree_id AND starts_with(c.path, up.path)
WHERE v.company_id = %s AND v.sku = ANY(%s::text[]) GROUP BY v.sku
"""
_SAID = """
SELECT s.name, q.text, q.at, q.actor_label AS by_whom FROM orders_scriptsaid q JOIN orders_talkscript s ON s.id = q.script_id
WHERE q.order_id = %s ORDER BY q.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidView:
    """A text that was read before an order was placed."""

    name: str
    text: str
    at: datetime
    by_whom: str


def talk_scripts(company_id: int) -> tuple[ScriptTerms, ...]:
    """The company's scripts in force, in their order; as kept for up to five seconds."""
    return kept(("talk scripts", company_id), load=lambda: tuple(_terms(row) for row in rows(_IN_FORCE, (company_id,))))


def _terms(row: Any) -> ScriptTerms:
    words: dict[str, Any] = {name: frozenset(getattr(row, name)) for name in _WORDS}
    return ScriptTerms(
        script_id=row.id,
        step=DeskStep(row.step),
        form=PurchaseType(row.form) if row.form else None,
        **{name: getattr(row, name) for name in _SAME},
        **words,
    )


def purchase_number(customer_ids: Sequence[int], *, today: date) -> tuple[bool, int]:
    """Whether these (one person) have ordered, and which day of purchase today would be. One statement."""
    (row,) = rows(_PAST, {"ids": list(customer_ids), "today": today})
    return row.has_ordered, row.f_number


def categories_of(skus: Sequence[str], *, company_id: int) -> dict[str, frozenset[str]]:
    """The codes of the categories of each article, with those above them. One statement."""
    return {row.sku: frozenset(row.codes) for row in rows(_CATEGORIES, (company_id, list(skus)))} if skus else {}


def scripts_said(order_id: int) -> list[SaidView]:
    """What was read to the buyer before the order was placed."""
    return [SaidView(**row._asdict()) for row in rows(_SAID, (order_id,))]
