"""What stock is worth: today, at the end of any past day, and how a month got from one to the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from core.db import rows
from inventory.rules import REPORTED


def share_sql(value: str, part: str, whole: str) -> str:
    """``rules.share`` in SQL: exact, because a total times a quantity may be longer than a bigint."""
    return f"div(2 * ({value})::numeric * ({part}) + ({whole}), 2 * greatest({whole}, 1))::bigint"


AVERAGE_SQL = f"""CASE
    WHEN g.shelf_quantity > 0 THEN {share_sql("g.shelf_value", "g.quantity", "g.shelf_quantity")}
    ELSE coalesce(
        (SELECT nullif({share_sql("abs(m.value)", "g.quantity", "abs(m.quantity)")}, 0)
         FROM inventory_movement m WHERE m.stock_id = g.stock_id AND m.quantity <> 0 ORDER BY m.id DESC LIMIT 1),
        (SELECT {share_sql("sum(o.value)", "g.quantity", "sum(o.on_hand)")}
         FROM inventory_stock o WHERE o.stock_item_id = g.stock_item_id HAVING sum(o.on_hand) > 0),
        0) END"""
"""What ``g.quantity`` pieces that come without a price are worth: the shelf's average; where it is empty, what its last piece
was worth; where none ever lay, the item's average at the other locations."""


class By(StrEnum):
    """What a report has a line for."""

    LOCATION = "location"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """One location or item: what lay there at first, what happened in between, what lay there in the end; pieces and value.

    ``moved`` has quantity and value by the names of ``rules.REPORTED``; opening + all of them = closing.
    """

    key: int
    code: str
    name: str
    opening_quantity: int
    opening_value: int
    moved: Mapping[str, tuple[int, int]]
    closing_quantity: int
    closing_value: int


def _sums(name: str, kinds: tuple[Any, ...]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    within = f"FILTER (WHERE d.day < %(until)s AND d.kind IN ({listed}))"
    return f"sum(d.quantity) {within} AS {name}_quantity, sum(d.value) {within} AS {name}_value"


_NAMES = tuple(name for name, _kinds in REPORTED)
_TABLES = {By.LOCATION: ("location_id", "inventory_location"), By.ITEM: ("stock_item_id", "inventory_stockitem")}

# Reckoned back from what lies there now: a recent month reads its own days and the few behind it, never the whole past.
_REPORT = {
    by: f"""
WITH now AS MATERIALIZED (
    SELECT s.{key} AS key, sum(s.on_hand)::bigint AS quantity, sum(s.value)::bigint AS value
    FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id
    WHERE l.company_id = %(company)s AND (%(location)s::bigint IS NULL OR l.id = %(location)s) GROUP BY 1
), moved AS MATERIALIZED (
    SELECT d.{key} AS key, sum(d.quantity) FILTER (WHERE d.day >= %(until)s) AS later_quantity,
        sum(d.value) FILTER (WHERE d.day >= %(until)s) AS later_value, sum(d.quantity) AS since_quantity, sum(d.value) AS since_value,
        bool_or(d.day < %(until)s) AS has_moved,
        {", ".join(_sums(name, kinds) for name, kinds in REPORTED)}
    FROM inventory_stockday d JOIN inventory_location l ON l.id = d.location_id
    WHERE l.company_id = %(company)s AND d.day >= %(since)s AND (%(location)s::bigint IS NULL OR l.id = %(location)s) GROUP BY 1
), line AS (
    SELECT t.id AS key, t.code, t.name,
        (n.quantity - coalesce(m.since_quantity, 0))::bigint AS opening_quantity, (n.value - coalesce(m.since_value, 0))::bigint AS opening_value,
        {", ".join(f"coalesce(m.{name}_{what}, 0)::bigint AS {name}_{what}" for name in _NAMES for what in ("quantity", "value"))},
        (n.quantity - coalesce(m.later_quantity, 0))::bigint AS closing_quantity,
        (n.value - coalesce(m.later_value, 0))::bigint AS closing_value, coalesce(m.has_moved, false) AS has_moved
    FROM now n JOIN {table} t ON t.id = n.key LEFT JOIN moved m ON m.key = n.key
)
SELECT * FROM line WHERE has_moved OR closing_quantity <> 0 OR closing_value <> 0 ORDER BY closing_value DESC, key LIMIT %(limit)s
"""
    for by, (key, table) in _TABLES.items()
}


def value_report(
    company_id: int | None, *, since: date, until: date, by: By = By.LOCATION, location_id: int | None = None, limit: int | None = None
) -> list[ValueLine]:
    """What a company's stock was worth before ``since``, how it moved, and what it was worth before ``until``; dearest first.

    Days are the company's business days. One statement over the days since then, whatever the size of the ledger.
    """
    found = rows(
        _REPORT[by], {"company": company_id, "since": since, "until": until, "location": location_id, "limit": limit}, prepare=False
    )
    return [
        ValueLine(
            key=row.key,
            code=row.code,
            name=row.name,
            opening_quantity=row.opening_quantity,
            opening_value=row.opening_value,
            moved={name: (getattr(row, f"{name}_quantity"), getattr(row, f"{name}_value")) for name in _NAMES},
            closing_quantity=row.closing_quantity,
            closing_value=row.closing_value,
        )
        for row in found
    ]


def value_at_end_of(company_id: int | None, *, on: date, by: By = By.LOCATION, limit: int | None = None) -> list[ValueLine]:
    """What a company's stock was worth at the end of a business day: a report over no days at all."""
    return value_report(company_id, since=on + timedelta(days=1), until=on + timedelta(days=1), by=by, limit=limit)


def total_of(lines: list[ValueLine]) -> ValueLine:
    """The sum of lines."""
    return ValueLine(
        key=0,
        code="",
        name="",
        opening_quantity=sum(line.opening_quantity for line in lines),
        opening_value=sum(line.opening_value for line in lines),
        moved={name: (sum(line.moved[name][0] for line in lines), sum(line.moved[name][1] for line in lines)) for name in _NAMES},
        closing_quantity=sum(line.closing_quantity for line in lines),
        closing_value=sum(line.closing_value for line in lines),
    )
