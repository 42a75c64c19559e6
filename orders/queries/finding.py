"""One box finds orders: by any fragment of a number, name, reading, mail address or phone."""

from collections.abc import Sequence
from typing import Final

from catalog.queries import find_variants
from core import clock
from core.db import rows
from core.queries import series_of_kind
from customers.queries import search_customers
from orders.rules import words_asked

MOST_FOUND: Final = 50
"""A page of the list. Who finds more orders than this types another letter; the newest are shown."""
_CUSTOMERS: Final = 20
_VARIANTS: Final = 50

# A number typed whole is the order; one that bare figures may mean comes first. Where no order says so itself, what a customer is called
# today finds those of the days when the name was another.
_FIND: Final = """
WITH exact AS MATERIALIZED (
    SELECT id, number = %(typed)s AS is_typed FROM orders_order
        WHERE number = ANY(%(numbers)s::text[]) AND company_id = ANY(%(companies)s::bigint[])
    UNION SELECT s.order_id, false FROM orders_shipment s
        WHERE s.tracking_number = %(digits)s AND s.tracking_number <> '' AND s.company_id = ANY(%(companies)s::bigint[])
)
SELECT ARRAY(SELECT id FROM exact ORDER BY id DESC) AS exact,
    CASE WHEN NOT EXISTS (SELECT FROM exact WHERE is_typed)
        THEN orders_found(%(companies)s::bigint[], %(likes)s::text[], %(grams)s::text[], %(pairs)s, %(most)s::int) END AS found
"""
_OF_CUSTOMERS: Final = """
SELECT o.id FROM unnest(%(customers)s::bigint[]) AS c (id), LATERAL (
    SELECT id, placed_at FROM orders_order WHERE customer_id = c.id ORDER BY placed_at DESC LIMIT %(most)s
) o ORDER BY o.placed_at DESC, o.id DESC LIMIT %(most)s
"""


def find_orders(company_ids: Sequence[int], typed: str, *, limit: int = MOST_FOUND) -> list[int]:
    """The keys of the orders a text means: exact numbers and tracking numbers first, then the newest that hold every word of it.

    One statement, planned anew each time since the best plan depends on the text; one more where figures may be a number, and two where
    no order holds the words. Words of one or two Latin letters or figures
    are looked for among the newest 50,000 orders only. Nothing is found for a blank text.
    """
    asked = words_asked(typed)
    if asked.is_empty or not company_ids:
        return []
    numbers = numbers_meant(typed.strip(), company_ids=company_ids)
    given = {
        "companies": list(company_ids),
        "typed": typed.strip().upper(),
        "numbers": list({typed.strip().upper(), *numbers}),
        "digits": asked.digits,
        "likes": list(asked.likes),
        "grams": list(asked.grams),
        "pairs": asked.pairs,
        "most": limit,
    }
    (hit,) = rows(_FIND, given, prepare=False)
    found = list(dict.fromkeys([*hit.exact, *(hit.found or [])]))
    if not found and (customers := search_customers(company_ids, typed, limit=_CUSTOMERS)):
        found = [row.id for row in rows(_OF_CUSTOMERS, {"customers": customers, "most": limit}, prepare=False)]
    return found[:limit]


_WITH_PRODUCT: Final = """
SELECT DISTINCT o.order_id AS id FROM unnest(%s::bigint[]) AS v (id), LATERAL (
    SELECT order_id FROM orders_line WHERE variant_id = v.id AND until_revision IS NULL ORDER BY id DESC LIMIT %s
) o ORDER BY id DESC LIMIT %s
"""


def orders_with_product(company_ids: Sequence[int], typed: str, *, limit: int = 2_000) -> list[int]:
    """The keys of the newest orders with a line of these articles: an exact SKU or JAN, else any fragment of a name. Two statements per company."""
    variants = []
    for company_id in company_ids:
        found = find_variants(typed, company_id=company_id, limit=_VARIANTS)
        exact = [one.variant_id for one in found if typed in (one.sku, one.jan)]
        variants += exact or [one.variant_id for one in found]
    return [row.id for row in rows(_WITH_PRODUCT, (variants, limit, limit), prepare=False)] if variants else []


def numbers_meant(typed: str, *, company_ids: Sequence[int]) -> list[str]:
    """The order numbers that bare figures may mean: "1063" is KO-001063 where the company's numbers look so. One statement."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
        return []
    today = clock.today("Asia/Tokyo")
    return sorted({series.write(int(typed), on=today) for series in series_of_kind("order", company_ids=list(company_ids))} | {typed})
