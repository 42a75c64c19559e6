"""One box finds orders: by any fragment of a number, name, reading, mail address or phone."""

from collections.abc import Sequence
from typing import Final

from core import clock
from core.db import rows
from core.queries import NumberSeriesContext
from customers.queries import search_customers
from orders.rules import words_asked

MOST_FOUND: Final = 100
"""Who finds more orders than this types another letter; the newest are shown."""
_CUSTOMERS: Final = 20

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


def numbers_meant(typed: str, *, company_ids: Sequence[int]) -> list[str]:
    """The order numbers that bare figures may mean: "1063" is KO-001063 where the company's numbers look so. One statement."""
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 18):
        return []
    found = rows(
        "SELECT id, kind, prefix, digits FROM core_numberseries WHERE kind = 'order' AND company_id = ANY(%s::bigint[])",
        (list(company_ids),),
    )
    today = clock.today("Asia/Tokyo")
    return sorted({NumberSeriesContext(*row).write(int(typed), on=today) for row in found} | {typed})
