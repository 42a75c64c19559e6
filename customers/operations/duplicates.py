"""Finding duplicates: entries that share a key are compared, and those alike enough are put before a person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.text import kana_key
from customers.rules import Likeness, match

_ALIKE = """
WITH one AS MATERIALIZED (
    SELECT c.id, c.company_id, c.kana_key, c.name_key, c.birth_on FROM customers_customer c
    WHERE c.id = ANY(%(ids)s::bigint[]) AND c.status <> 'erased' AND c.principal_id IS NULL
),
pair AS MATERIALIZED (
    SELECT one.id AS one_id, p.customer_id AS other_id
    FROM one JOIN customers_contactpoint mine ON mine.customer_id = one.id AND mine.ended_at IS NULL AND mine.kind IN ('phone', 'email')
    JOIN LATERAL (SELECT customer_id FROM customers_contactpoint p WHERE p.kind = mine.kind AND p.value_key = mine.value_key
                  AND p.ended_at IS NULL ORDER BY p.id DESC LIMIT %(most)s) p ON true
    UNION
    SELECT one.id, a.customer_id
    FROM one JOIN customers_address mine ON mine.customer_id = one.id AND mine.ended_at IS NULL
        AND mine.postal_code <> '' AND mine.number_key <> ''
    JOIN LATERAL (SELECT customer_id FROM customers_address a WHERE a.postal_code = mine.postal_code AND a.number_key = mine.number_key
                  AND a.ended_at IS NULL ORDER BY a.id DESC LIMIT %(most)s) a ON true
    UNION
    SELECT one.id, k.id
    FROM one JOIN LATERAL (SELECT id FROM customers_customer k WHERE one.kana_key <> '' AND one.birth_on IS NOT NULL
        AND k.company_id = one.company_id AND k.kana_key = one.kana_key AND k.birth_on = one.birth_on LIMIT %(most)s) k ON true
),
other AS MATERIALIZED (
    SELECT DISTINCT pair.one_id, c.id AS other_id, one.company_id
    FROM pair JOIN one ON one.id = pair.one_id JOIN customers_customer c ON c.id = pair.other_id
    WHERE c.id <> one.id AND c.company_id = one.company_id AND c.status <> 'erased' AND c.principal_id IS NULL
)
SELECT one_id, other_id, company_id FROM other ORDER BY one_id, other_id
"""

_KEYS = """
SELECT c.id, c.name_key, c.kana_key, c.given_kana, c.birth_on,
    coalesce((SELECT array_agg(p.kind || ':' || p.value_key) FROM customers_contactpoint p
        WHERE p.customer_id = c.id AND p.ended_at IS NULL AND p.value_key <> ''), '{}') AS points,
    coalesce((SELECT array_agg(a.postal_code || ':' || a.number_key) FROM customers_address a
        WHERE a.customer_id = c.id AND a.ended_at IS NULL AND a.postal_code <> '' AND a.number_key <> ''), '{}') AS places
FROM customers_customer c WHERE c.id = ANY(%s::bigint[])
"""

_WRITE = """
INSERT INTO customers_duplicatecandidate (company_id, customer_id, other_id, score, reasons)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::text[])
ON CONFLICT (customer_id, other_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons
    WHERE customers_duplicatecandidate.status = 'open'
      AND (customers_duplicatecandidate.score, customers_duplicatecandidate.reasons) <> (excluded.score, excluded.reasons)
RETURNING id
"""

MOST_PER_KEY = 30
"""A phone or address shared by more (an office, a hotel) says little; only the newest so many are compared."""


@operation
def find_duplicates(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Everybody alike enough to one of these is a candidate; answers how many rows are new or rescored.

    At most three statements. Decided pairs are left alone; merged and erased entries aren't compared. Again changes nothing.
    """
    pairs = rows(_ALIKE, {"ids": list(customer_ids), "most": MOST_PER_KEY})
    if not pairs:
        return 0
    involved = {number for pair in pairs for number in (pair.one_id, pair.other_id)}
    like = {row.id: _likeness(row) for row in rows(_KEYS, (sorted(involved),))}
    found: dict[tuple[int, int], tuple[int, int, str]] = {}
    for pair in pairs:
        outcome = match(like[pair.one_id], like[pair.other_id])
        if outcome.is_candidate:
            key = (min(pair.one_id, pair.other_id), max(pair.one_id, pair.other_id))
            found[key] = (pair.company_id, outcome.score, outcome.word)
    if not found:
        return 0
    ordered = sorted(found)
    columns: list[list[Any]] = [
        [found[key][0] for key in ordered],
        [key[0] for key in ordered],
        [key[1] for key in ordered],
        [found[key][1] for key in ordered],
        [found[key][2] for key in ordered],
    ]
    return len(rows(_WRITE, columns))


def _likeness(row: Any) -> Likeness:
    from_points = [point.partition(":")[::2] for point in row.points]
    return Likeness(
        name=row.name_key,
        kana=row.kana_key,
        given_kana=kana_key(row.given_kana),
        phones={value for kind, value in from_points if kind == "phone"},
        emails={value for kind, value in from_points if kind == "email"},
        places={place.partition(":")[::2] for place in row.places},
        birth_on=row.birth_on,
    )
