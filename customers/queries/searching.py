"""One box finds customers: number, name or reading in kanji or kana, phone in any form, e-mail, postal code."""

import re
from collections.abc import Sequence
from typing import Any

from core.db import rows
from core.text import (
    bigram_query,
    email_key,
    fold_dashes,
    format_postal,
    kana_key,
    like_pattern,
    name_key,
    phone_key,
    plain,
    postal_key,
    search_key,
)

_DIGITS = re.compile(r"[0-9]{4,15}")
_BETWEEN_DIGITS = re.compile(r"[\s()./-]")
_ASCII_WORD = re.compile(r"[!-~]{3,}")

# The customers are found first; what is read of each comes after, for the page's rows only. Each branch has an index and a
# limit of its own: a LIMIT round them all would make the planner walk the newest customers and filter.
_FIND = """
WITH hit AS MATERIALIZED (
    (SELECT c.id, 1 AS place FROM customers_customer c
     WHERE %(number)s <> '' AND c.number = %(number)s AND c.company_id = ANY(%(companies)s::bigint[]))
    UNION ALL
    (SELECT p.customer_id, 2 FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id
     WHERE p.value_key = ANY(%(exact)s::text[]) AND p.kind IN ('phone', 'fax', 'email', 'line') AND p.ended_at IS NULL
       AND c.company_id = ANY(%(companies)s::bigint[]) ORDER BY p.id DESC LIMIT %(most)s)
    UNION ALL
    {by_name}
    UNION ALL
    {by_part}
    UNION ALL
    {by_place}
)
SELECT id FROM (SELECT id, min(place) AS place FROM hit GROUP BY id) found
ORDER BY place, id DESC LIMIT %(limit)s
"""
_NOBODY = "SELECT NULL::bigint, 9 WHERE false"
_BY_NAME = """(SELECT c.id, 3 FROM customers_customer c
     WHERE customers_bigrams(c.search) @@ %(tokens)s::tsquery AND c.search LIKE ANY(%(likes)s::text[])
       AND c.company_id = ANY(%(companies)s::bigint[]) AND c.status <> 'erased' ORDER BY c.id DESC LIMIT %(most)s)"""
_BY_PART = """(SELECT p.customer_id, 4 FROM customers_contactpoint p JOIN customers_customer c ON c.id = p.customer_id
     WHERE p.value_key LIKE %(part)s AND p.ended_at IS NULL AND c.company_id = ANY(%(companies)s::bigint[])
     ORDER BY p.id DESC LIMIT %(most)s)"""
_BY_PLACE = """(SELECT a.customer_id, 4 FROM customers_address a JOIN customers_customer c ON c.id = a.customer_id
     WHERE a.postal_code = ANY(%(postal)s::text[]) AND a.ended_at IS NULL AND c.company_id = ANY(%(companies)s::bigint[]) AND c.status <> 'erased'
     ORDER BY a.id DESC LIMIT %(most)s)"""


def search_customers(company_id: int | Sequence[int], text: str, *, limit: int = 20) -> list[int]:
    """The ids of the customers a text means, best first: exact number, phone or e-mail, then names, then parts of contact points
    and a whole postal code (seven figures, however typed).

    One statement, planned anew each time since the best plan depends on the text. Merged entries are found under their own
    number and name too. Nothing is found for a blank text.
    """
    companies = [company_id] if isinstance(company_id, int) else list(company_id)
    asked = _asked(text)
    if asked is None or not companies:
        return []
    sql = _FIND.format(
        by_name=_BY_NAME if asked["tokens"] else _NOBODY,
        by_part=_BY_PART if asked["part"] else _NOBODY,
        by_place=_BY_PLACE if asked["postal"] else _NOBODY,
    )
    most = max(limit * 5, 100)
    found = rows(sql, {**asked, "companies": companies, "limit": limit, "most": most}, prepare=False)
    return [row.id for row in found]


def _asked(text: str) -> dict[str, Any] | None:
    typed = plain(text[:200]).replace("\x00", "").strip()
    words = list(dict.fromkeys(word for word in (name_key(typed), kana_key(typed).lower(), search_key(typed)) if word))
    exact = [key for key in (phone_key(typed), email_key(typed)) if key]
    part = _part(typed)
    postal = postal_key(typed)
    if not (name_key(typed) or exact or part or postal):
        return None
    names = [] if "@" in typed else words
    return {
        "number": typed.upper() if typed.isascii() and typed.isalnum() else "",
        "exact": exact,
        "part": part,
        "postal": [postal, format_postal(postal)] if postal else [],
        "tokens": " | ".join(f"({bigram_query(word)})" for word in names),
        "likes": [like_pattern(word) for word in names],
    }


def _part(typed: str) -> str:
    """The LIKE pattern for a piece of a phone number or an e-mail address; "" where the text looks like neither."""
    digits = _BETWEEN_DIGITS.sub("", fold_dashes(typed))
    if _DIGITS.fullmatch(digits):
        return f"%{digits.removeprefix('0')}%"
    word = typed.casefold()
    return like_pattern(word) if _ASCII_WORD.fullmatch(word) else ""
