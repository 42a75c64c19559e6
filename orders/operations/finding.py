"""Keeps what orders are found by in step with what they say."""

from collections.abc import Sequence
from typing import Final

import orjson

from core.db import rows, run
from orders.rules import words_of

_AT_A_TIME: Final = 5_000

_SAID: Final = """
SELECT o.id, o.company_id, o.placed_at, ARRAY[o.number, o.outside_number] AS numbers, o.buyer_name, o.buyer_email, o.buyer_phone,
    array(SELECT x FROM orders_destination d, unnest(ARRAY[d.name, d.kana, d.organisation_name]) x WHERE d.order_id = o.id ORDER BY d.position) AS names,
    array(SELECT d.phone FROM orders_destination d WHERE d.order_id = o.id ORDER BY d.position) AS phones
FROM orders_order o WHERE o.id = ANY(%s::bigint[])
"""
_WRITE: Final = """
INSERT INTO orders_orderwords AS w (order_id, company_id, placed_at, words)
SELECT r.id, r.company, r.at, r.words FROM jsonb_to_recordset(%s::jsonb) AS r (id bigint, company bigint, at timestamptz, words text)
ON CONFLICT (order_id) DO UPDATE SET placed_at = EXCLUDED.placed_at, words = EXCLUDED.words
WHERE (w.placed_at, w.words) IS DISTINCT FROM (EXCLUDED.placed_at, EXCLUDED.words)
"""


def write_order_words(order_ids: Sequence[int]) -> int:
    """Write what these orders are found by, from what they and their destinations say now; answers with how many changed.

    Runs in the caller's transaction. Whoever changes a buyer's or recipient's name, mail address or phone, or a number, calls it.
    """
    changed = 0
    for start in range(0, len(order_ids), _AT_A_TIME):
        said = rows(_SAID, (list(order_ids[start : start + _AT_A_TIME]),), prepare=False)
        kept = [
            {
                "id": o.id,
                "company": o.company_id,
                "at": o.placed_at,
                "words": words_of(o.numbers, [o.buyer_name, *o.names], [o.buyer_email], [o.buyer_phone, *o.phones]),
            }
            for o in said
        ]
        changed += run(_WRITE, (orjson.dumps(kept).decode(),), prepare=False)
    return changed


def tidy_words() -> None:
    """What waits before the indexes of words goes into them: a search reads the waiting list through, an order that fills it would empty it."""
    rows("SELECT orders_tidy_words()")
