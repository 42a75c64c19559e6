"""What stock is worth is corrected without moving a piece."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.db import operation, rows
from core.errors import Refusal
from core.outbox import announce
from core.words import gettext_noop
from inventory.events import StockRevalued
from inventory.rules import DEAREST, STATES_OF_LOCKED, Revaluation

# Like every writer of the ledger: the shelves are locked by id, the counter comes from the locked row (ADR 0005).
_REVALUE = f"""
WITH step AS MATERIALIZED (
    SELECT DISTINCT ON (once_key) * FROM unnest(%(items)s::bigint[], %(locations)s::bigint[], %(differences)s::bigint[], %(keys)s::text[],
        %(causes)s::text[]) WITH ORDINALITY AS q (stock_item_id, location_id, difference, once_key, cause, place)
    ORDER BY once_key, place
), again AS MATERIALIZED (
    SELECT step.once_key FROM step JOIN inventory_movement m ON m.once_key = step.once_key
), shelf AS MATERIALIZED (
    SELECT s.* FROM inventory_stock s JOIN inventory_location l ON l.id = s.location_id AND l.company_id = %(company)s
    WHERE (s.stock_item_id, s.location_id) IN (SELECT stock_item_id, location_id FROM step)
    ORDER BY s.id FOR UPDATE OF s
), fresh AS MATERIALIZED (
    SELECT step.*, shelf.id AS stock_id, shelf.on_hand, shelf.value,
        shelf.value + sum(least(step.difference, 0)) OVER (PARTITION BY shelf.id) AS lowest, i.owner_kind = 'own' AS is_own
    FROM step JOIN shelf USING (stock_item_id, location_id) JOIN inventory_stockitem i ON i.id = step.stock_item_id
    WHERE step.once_key NOT IN (SELECT once_key FROM again)
), moved AS (
    INSERT INTO inventory_movement (stock_id, stock_item_id, location_id, kind, quantity, sellable_quantity, value, cause, reason,
        once_key, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT stock_id, stock_item_id, location_id, 'revaluation', 0, 0, difference, cause, %(reason)s, once_key, %(at)s::timestamptz,
        %(kind)s, %(id)s, %(label)s, %(for)s
    FROM fresh WHERE on_hand > 0 AND lowest >= 0 AND is_own ORDER BY place
    ON CONFLICT (once_key) DO NOTHING
    RETURNING stock_id, value, once_key
), counted AS (
    UPDATE inventory_stock s
    SET on_hand = l.on_hand, sellable = l.sellable, allocated = l.allocated, reserved = l.reserved, value = l.value + m.value,
        {STATES_OF_LOCKED}
    FROM (SELECT stock_id, sum(value)::bigint AS value FROM moved GROUP BY stock_id) m JOIN shelf l ON l.id = m.stock_id
    WHERE s.id = m.stock_id
    RETURNING s.id, s.value
)
SELECT step.once_key, shelf.id AS stock_id, shelf.on_hand, shelf.value, moved.once_key IS NOT NULL AS is_new,
    step.once_key IN (SELECT once_key FROM again) AS is_again, counted.value AS value_after, coalesce(fresh.is_own, true) AS is_own,
    i.code AS item, l.name AS location
FROM step LEFT JOIN shelf USING (stock_item_id, location_id)
LEFT JOIN fresh ON fresh.once_key = step.once_key LEFT JOIN moved ON moved.once_key = step.once_key LEFT JOIN counted ON counted.id = shelf.id
LEFT JOIN inventory_stockitem i ON i.id = step.stock_item_id AND i.company_id = %(company)s
LEFT JOIN inventory_location l ON l.id = step.location_id AND l.company_id = %(company)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revalued:
    """The ledger has it; ``value`` is what the shelf is worth now. ``is_new`` is False when it had it before."""

    once_key: str
    value: int
    is_new: bool = True


@operation
def revalue_stock(
    revaluations: Sequence[Revaluation], *, company_id: int, reason: str, actor: Actor, at: datetime
) -> list[Revalued | Refusal]:
    """Shelves are worth so much more or less, once per key, for a reason; one result per revaluation.

    Revaluations of one shelf in one call stand or fall together. Locks stock by id. Refuses with
    "inventory.bad_value", "inventory.no_such_shelf", "inventory.nothing_to_value", "inventory.not_ours",
    "inventory.worth_less". Announces StockRevalued.
    """
    sane = [ask for ask in revaluations if ask.difference and abs(ask.difference) <= DEAREST]
    found = {row.once_key: row for row in _written(sane, company_id=company_id, reason=reason, actor=actor, at=at)} if sane else {}
    results: list[Revalued | Refusal] = []
    told: dict[str, Revaluation] = {}
    for index, ask in enumerate(revaluations):
        row = found.get(ask.once_key) if ask in sane else None
        if row is None:
            results.append(Refusal("inventory.bad_value", gettext_noop("Goods cannot be worth this."), field=f"/{index}/difference"))
        elif row.is_new or row.is_again:
            is_first = row.is_new and ask.once_key not in told
            results.append(
                Revalued(once_key=ask.once_key, value=row.value_after if row.value_after is not None else row.value, is_new=is_first)
            )
            if is_first:
                told[ask.once_key] = ask
        else:
            results.append(_refused(row, field=f"/{index}/difference"))
    announce(
        *(
            StockRevalued(
                company_id=company_id,
                stock_item_id=ask.stock_item_id,
                location_id=ask.location_id,
                difference=ask.difference,
                cause=ask.cause,
                at=at,
            )
            for ask in told.values()
        )
    )
    return results


def _written(asks: Sequence[Revaluation], *, company_id: int, reason: str, actor: Actor, at: datetime) -> list[Any]:
    return rows(
        _REVALUE,
        {
            "items": [ask.stock_item_id for ask in asks],
            "locations": [ask.location_id for ask in asks],
            "differences": [ask.difference for ask in asks],
            "keys": [ask.once_key for ask in asks],
            "causes": [ask.cause for ask in asks],
            "company": company_id,
            "reason": reason,
            "at": at,
            "kind": str(actor.kind),
            "id": actor.id,
            "label": actor.label,
            "for": actor.on_behalf_of,
        },
    )


def _refused(row: Any, *, field: str) -> Refusal:
    told = {"item": row.item or "", "location": row.location or ""}
    if row.stock_id is None:
        return Refusal("inventory.no_such_shelf", gettext_noop("This item was never stocked at this location."), told, field)
    if row.on_hand == 0:
        return Refusal(
            "inventory.nothing_to_value",
            gettext_noop("Nothing of %(item)s lies at %(location)s that could be worth anything."),
            told,
            field,
        )
    if not row.is_own:
        return Refusal(
            "inventory.not_ours", gettext_noop("%(item)s belongs to somebody else: it is worth nothing in our books."), told, field
        )
    return Refusal(
        "inventory.worth_less",
        gettext_noop("%(item)s at %(location)s is worth %(value)s in all; it cannot become worth less than nothing."),
        {**told, "value": row.value},
        field,
    )
