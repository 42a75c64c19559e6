"""What the customers app itself holds about customers: its part of the timeline and of an export."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.db import rows
from customers.ports import ExportRow

TABLES = (
    "customers_contactpoint.customer_id",
    "customers_address.customer_id",
    "customers_identity.customer_id",
    "customers_customeraccount.customer_id",
    "customers_householdmember.customer_id",
    "customers_consent.customer_id",
    "customers_contactpreference.customer_id",
    "customers_attributevalue.customer_id",
    "customers_customertag.customer_id",
    "customers_rankassignment.customer_id",
    "customers_pointlot.customer_id",
    "customers_pointentry.customer_id",
    "customers_note.customer_id",
    "customers_duplicatecandidate.customer_id",
    "customers_duplicatecandidate.other_id",
    "customers_merge.principal_id",
    "customers_merge.merged_id",
    "customers_customer.principal_id",
)
"""Every foreign key of this app to a customer."""

_EXPORTED = {
    "customers_customer": "id",
    **{name.partition(".")[0]: name.partition(".")[2] for name in TABLES if name.endswith(".customer_id")},
}
_NOT_EXPORTED = frozenset(
    {"customers_duplicatecandidate"}  # it tells of another person
)
_LEFT_OUT = frozenset({"search", "name_key", "kana_key", "organisation_key", "value_key", "number_key", "version"})

# Each part is cut to what can be shown before the parts are put together, so that a long story costs no more than a page of it.
_TIMELINE = """
SELECT * FROM (
    (SELECT customer_id, at, 'consent' AS kind, channel AS word, purpose AS detail, status AS outcome, NULL::int AS points, id, 'relation' AS lane
     FROM customers_consent WHERE customer_id = ANY(%(ids)s::bigint[]) AND %(relation)s AND (%(before)s::timestamptz IS NULL OR at < %(before)s)
     ORDER BY at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT a.customer_id, a.from_at, 'rank', r.name, '', '', NULL, a.id, 'relation'
     FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
     WHERE a.customer_id = ANY(%(ids)s::bigint[]) AND %(relation)s AND (%(before)s::timestamptz IS NULL OR a.from_at < %(before)s)
     ORDER BY a.from_at DESC, a.id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT customer_id, at, 'points', kind, reference, '', points, id, 'relation'
     FROM customers_pointentry WHERE customer_id = ANY(%(ids)s::bigint[]) AND %(relation)s AND (%(before)s::timestamptz IS NULL OR at < %(before)s)
     ORDER BY at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT customer_id, recorded_at, 'note', body, author_label, visibility, NULL, id, 'notes'
     FROM customers_note WHERE customer_id = ANY(%(ids)s::bigint[]) AND body <> '' AND %(notes)s
       AND (%(before)s::timestamptz IS NULL OR recorded_at < %(before)s) ORDER BY recorded_at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT customer_id, linked_at, 'link', evidence, evidence_note, '', NULL, id, 'relation'
     FROM customers_customeraccount WHERE customer_id = ANY(%(ids)s::bigint[]) AND %(relation)s
       AND (%(before)s::timestamptz IS NULL OR linked_at < %(before)s) ORDER BY linked_at DESC, id DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT merged_id, at, 'merge', '', reason, '', NULL, id, 'relation'
     FROM customers_merge WHERE merged_id = ANY(%(ids)s::bigint[]) AND %(relation)s AND (%(before)s::timestamptz IS NULL OR at < %(before)s)
     ORDER BY at DESC, id DESC LIMIT %(limit)s)
) told ORDER BY at DESC, kind, id DESC LIMIT %(limit)s
"""


def told(customer_ids: Sequence[int], *, before: datetime | None, limit: int, notes: bool = True, relation: bool = True) -> list[Any]:
    """The newest of this app's rows about these customers, in one statement: customer_id, at, kind, word, detail, outcome, points, lane."""
    asked = {"ids": list(customer_ids), "before": before, "limit": limit, "notes": notes, "relation": relation}
    return rows(_TIMELINE, asked) if customer_ids else []


def held(customer_ids: Sequence[int]) -> list[ExportRow]:
    """Every row this app holds about these customers, without the keys derived for comparing."""
    found = []
    for table, column in _EXPORTED.items():
        if table in _NOT_EXPORTED:
            continue
        sql = f"SELECT t.{column} AS customer_id, to_jsonb(t) AS row FROM {table} t WHERE t.{column} = ANY(%s::bigint[]) ORDER BY t.id"
        for row in rows(sql, (list(customer_ids),)):
            values = {name: value for name, value in row.row.items() if name not in _LEFT_OUT and not _is_staff_only(row.row)}
            if values:
                found.append(ExportRow(customer_id=row.customer_id, table=table, values=values))
    return found


def _is_staff_only(row: dict[str, Any]) -> bool:
    return row.get("visibility") == "staff"
