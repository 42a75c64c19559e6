"""Stocktakes begin, are handed in, or counted a second time. How they end is next door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.words import gettext_noop
from inventory.queries import AVERAGE_SQL, may_count
from inventory.rules import CountKind, StocktakeAsk, StocktakeScope, StocktakeStatus, Uncounted, typed_code

NOT_YOURS = Refusal("inventory.not_your_location", gettext_noop("You work at another location; its staff count there."))
NO_STOCKTAKE = Refusal("inventory.no_such_stocktake", gettext_noop("There is no such stocktake."))

# Whoever opens at a location does so one after the other; keys to the location may be taken meanwhile.
HOLD_LOCATION = """
SELECT l.id, l.name, c.timezone FROM inventory_location l JOIN core_company c ON c.id = l.company_id
WHERE l.id = %s AND l.company_id = %s AND l.ended_at IS NULL FOR NO KEY UPDATE OF l
"""
_NAMED = """
SELECT q.code, coalesce(i.id, v.item) AS stock_item_id, coalesce(v.parts, 0) AS parts FROM unnest(%(codes)s::text[]) WITH ORDINALITY AS q (code, place)
LEFT JOIN inventory_stockitem i ON i.company_id = %(company)s AND i.code = q.code
LEFT JOIN LATERAL (
    SELECT min(c.stock_item_id) AS item, count(*) AS parts FROM catalog_variant v JOIN inventory_component c ON c.variant_id = v.id
    WHERE v.company_id = %(company)s AND v.sku = q.code HAVING count(*) = 1
) v ON true
ORDER BY q.place
"""
_PARTS = {
    StocktakeScope.WHOLE: "true",
    StocktakeScope.CATEGORY: """s.stock_item_id IN (
        SELECT c.stock_item_id FROM catalog_category root JOIN catalog_category cat ON cat.path LIKE root.path || '%%'
        JOIN catalog_productcategory pc ON pc.category_id = cat.id JOIN catalog_variant v ON v.product_id = pc.product_id
        JOIN inventory_component c ON c.variant_id = v.id WHERE root.id = %(category)s AND v.company_id = %(company)s)""",
    StocktakeScope.ZONE: """s.id IN (SELECT m.stock_id FROM inventory_shelfmark m WHERE starts_with(m.mark, %(zone)s))""",
    StocktakeScope.LIST: "s.stock_item_id = ANY(%(items)s::bigint[])",
}
# Goods counted by lot have a row for every lot that lies there; without one for the pieces whose lot nobody named, or where none lies.
_SHELVES = """
SELECT s.stock_item_id, sl.lot_id, coalesce(sl.on_hand, CASE WHEN s.has_lots AND %(lots)s::boolean THEN 0 ELSE s.on_hand END) AS on_hand
FROM inventory_stock s JOIN inventory_stockitem i ON i.id = s.stock_item_id
LEFT JOIN inventory_stocklot sl ON sl.stock_id = s.id AND sl.on_hand <> 0 AND %(lots)s::boolean
WHERE s.location_id = %(location)s AND (i.ended_at IS NULL OR s.on_hand <> 0) AND {part} ORDER BY s.stock_item_id, sl.lot_id NULLS FIRST
"""
# Also of items that never lay there: another count may have found them.
_COUNTED_IN = """
SELECT DISTINCT t.number FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id
WHERE n.location_id = %s AND n.is_open AND n.stock_item_id = ANY(%s::bigint[]) ORDER BY t.number
"""
_OPEN = """
INSERT INTO inventory_stocktake (company_id, location_id, number, name, scope, scope_text, is_blind, counts_lots, started_at,
    actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(location)s, %(number)s, %(name)s, %(scope)s, %(text)s, %(blind)s, %(lots)s, %(at)s,
    %(kind)s, %(id)s, %(label)s, %(for)s)
RETURNING id
"""
_LINES = """
INSERT INTO inventory_stocktakeline (stocktake_id, location_id, stock_item_id, lot_id, expected)
SELECT %s, %s, q.item, q.lot, q.expected FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS q (item, lot, expected)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The books are noted; counting may begin."""

    stocktake_id: int
    number: str
    lines: int
    items: int = 0


@operation
def open_stocktake(ask: StocktakeAsk, *, company_id: int, actor: Actor, at: datetime) -> Opened | Refusal:
    """The books of a location, or of a part of it, are noted as of now, lot by lot, and counting may begin. Sales go on.

    Refuses "inventory.no_such_location", "inventory.not_your_location", "inventory.unknown_items",
    "inventory.nothing_to_count", "inventory.already_being_counted": a shelf is counted by one stocktake at a time.
    """
    found = rows(HOLD_LOCATION, (ask.location_id, company_id))
    if not found:
        return Refusal("inventory.no_such_location", gettext_noop("There is no such location."), field="/location")
    if not may_count(actor, ask.location_id):
        return NOT_YOURS
    place = found[0]
    named = _named(ask.codes, company_id) if ask.scope is StocktakeScope.LIST else []
    if isinstance(named, Refusal):
        return named
    told = {
        "location": place.id, "company": company_id, "category": ask.category_id, "zone": typed_code(ask.zone), "items": named,
        "lots": ask.counts_lots,
    }  # fmt: skip
    if ask.scope is StocktakeScope.ZONE and not told["zone"]:
        return Refusal("inventory.nothing_to_count", gettext_noop("Say which zone: the beginning of its shelf marks."), field="/zone")
    lying = [(row.stock_item_id, row.lot_id, row.on_hand) for row in rows(_SHELVES.format(part=_PARTS[ask.scope]), told, prepare=False)]
    lines = lying + [(item, None, 0) for item in sorted(set(named) - {item for item, _lot, _on_hand in lying})]
    items = {item for item, _lot, _on_hand in lines}
    if not lines:
        return Refusal("inventory.nothing_to_count", gettext_noop("Nothing lies in this part of %(location)s."), {"location": place.name})
    if taken := [row.number for row in rows(_COUNTED_IN, (place.id, sorted(items)))]:
        return Refusal(
            "inventory.already_being_counted",
            gettext_noop("Some of these shelves are being counted in %(numbers)s already. Close or cancel it first."),
            {"numbers": ", ".join(taken)},
        )
    [number] = take_numbers(series_for(company_id, kind="stocktake", prefix="ST-", digits=6), count=1, on=business_date(at, place.timezone))
    row = rows(_OPEN, _opening(ask, company_id=company_id, number=number, actor=actor, at=at))[0]
    run(_LINES, (row.id, place.id, *map(list, zip(*lines, strict=True))))
    return Opened(stocktake_id=row.id, number=number, lines=len(lines), items=len(items))


def _opening(ask: StocktakeAsk, *, company_id: int, number: str, actor: Actor, at: datetime) -> dict[str, Any]:
    part = {
        StocktakeScope.ZONE: typed_code(ask.zone),
        StocktakeScope.LIST: ", ".join(ask.codes),
        StocktakeScope.CATEGORY: _category(ask.category_id),
    }.get(ask.scope, "")
    return {
        "company": company_id, "location": ask.location_id, "number": number, "name": ask.name[:120], "scope": str(ask.scope),
        "text": part[:500], "blind": ask.is_blind, "lots": ask.counts_lots, "at": at,
        "kind": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
    }  # fmt: skip


def _category(category_id: int | None) -> str:
    found = rows("SELECT name, full_name FROM catalog_category WHERE id = %s::bigint", (category_id,))
    return (found[0].full_name or found[0].name) if found else ""


def _named(codes: Sequence[str], company_id: int) -> list[int] | Refusal:
    wanted = [code for code in dict.fromkeys(map(typed_code, codes)) if code]
    found = rows(_NAMED, {"codes": wanted, "company": company_id})
    unknown = [row.code for row in found if row.stock_item_id is None]
    if unknown:
        return Refusal(
            "inventory.unknown_items",
            gettext_noop("Nothing is stocked under these codes: %(codes)s."),
            {"codes": ", ".join(unknown[:20])},
            "/codes",
        )
    return list(dict.fromkeys(row.stock_item_id for row in found))


_LOCK = """
SELECT t.id, t.status, t.round, t.location_id, t.company_id, t.number, t.scope, t.is_blind, t.counts_lots, l.name AS location
FROM inventory_stocktake t JOIN inventory_location l ON l.id = t.location_id WHERE t.id = %s FOR UPDATE OF t
"""


def locked(stocktake_id: int) -> Any | None:
    """The stocktake, held until the transaction ends: counts of one stocktake are written one after the other."""
    found = rows(_LOCK, (stocktake_id,))
    return found[0] if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What the count says against the books, waiting for a second person."""

    stocktake_id: int
    differences: int
    repeated: bool = False


# What is not in the books and was not found needs nobody to say so.
_UNCOUNTED = """
SELECT n.id, concat_ws(' ', i.code, lot.number) AS code, coalesce(CASE WHEN s.has_lots AND t.counts_lots THEN sl.on_hand ELSE s.on_hand END, 0) AS book,
    coalesce((SELECT m.id FROM inventory_movement m WHERE m.stock_id = s.id ORDER BY m.id DESC LIMIT 1), 0) AS movement
FROM inventory_stocktakeline n JOIN inventory_stocktake t ON t.id = n.stocktake_id
JOIN inventory_stockitem i ON i.id = n.stock_item_id
LEFT JOIN inventory_lot lot ON lot.id = n.lot_id
LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
LEFT JOIN inventory_stocklot sl ON sl.stock_id = s.id AND sl.lot_id IS NOT DISTINCT FROM n.lot_id
WHERE n.stocktake_id = %s AND n.counted IS NULL ORDER BY i.code, lot.number
"""
_ABSENT = """
WITH told AS (SELECT * FROM unnest(%(lines)s::bigint[], %(books)s::int[], %(movements)s::bigint[]) AS q (line_id, book, movement)), noted AS (
    INSERT INTO inventory_stocktakecount (stocktake_id, line_id, round, kind, quantity, book, once_key, counted_at, at,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT %(stocktake)s, told.line_id, n.round, %(how)s, 0, told.book, 'absent:' || told.line_id || ':' || n.round, %(at)s, %(at)s,
        %(kind)s, %(id)s, %(label)s, %(for)s
    FROM told JOIN inventory_stocktakeline n ON n.id = told.line_id
)
UPDATE inventory_stocktakeline n SET counted = 0, book = told.book, counted_at = %(at)s, book_movement_id = told.movement
FROM told WHERE n.id = told.line_id
"""
_DIFFERENCES = f"""
WITH g AS (
    SELECT n.id, n.stock_item_id, s.id AS stock_id, coalesce(s.value, 0) AS shelf_value, coalesce(s.on_hand, 0) AS shelf_quantity,
        n.counted - n.book AS difference, abs(n.counted - n.book) AS quantity
    FROM inventory_stocktakeline n
    LEFT JOIN inventory_stock s ON s.stock_item_id = n.stock_item_id AND s.location_id = n.location_id
    WHERE n.stocktake_id = %(id)s AND n.counted IS NOT NULL
)
UPDATE inventory_stocktakeline n SET difference = g.difference,
    difference_value = CASE WHEN g.difference = 0 THEN 0 ELSE sign(g.difference) * ({AVERAGE_SQL}) END
FROM g WHERE n.id = g.id
RETURNING n.difference
"""


@operation
def submit_stocktake(stocktake_id: int, *, uncounted: Uncounted, actor: Actor, at: datetime) -> HandedIn | Refusal:
    """Counting is over: every difference stands against the books of the moment it was counted, with its value.

    Refuses "inventory.no_such_stocktake", "inventory.stocktake_not_counting", "inventory.not_your_location",
    "inventory.not_counted_yet" (by default nothing may be left out). Handing in twice changes nothing.
    """
    take = locked(stocktake_id)
    if take is None:
        return NO_STOCKTAKE
    if take.status == StocktakeStatus.COUNTED:
        return HandedIn(stocktake_id=take.id, differences=_differing(take.id), repeated=True)
    if take.status != StocktakeStatus.COUNTING:
        return not_counting(take)
    if not may_count(actor, take.location_id):
        return NOT_YOURS
    left = rows(_UNCOUNTED, (take.id,))
    missing = [row for row in left if row.book != 0]
    if missing and uncounted is Uncounted.REFUSE:
        codes = ", ".join(row.code for row in missing[:10])
        return Refusal(
            "inventory.not_counted_yet",
            gettext_noop("%(count)s items have not been counted: %(codes)s. Count them, or say what that means."),
            {"count": len(missing), "codes": codes + ("…" if len(missing) > 10 else "")},
        )
    absent = [row for row in left if row.book == 0 or uncounted is Uncounted.NOTHING]
    if absent:
        run(
            _ABSENT,
            {
                "lines": [row.id for row in absent], "books": [row.book for row in absent], "movements": [row.movement for row in absent],
                "stocktake": take.id, "at": at, "how": str(CountKind.ABSENT),
                "kind": str(actor.kind), "id": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            },
        )  # fmt: skip
    found = rows(_DIFFERENCES, {"id": take.id}, prepare=False)
    run(
        "UPDATE inventory_stocktake SET status = 'counted', submitted_at = %s, submitted_by = %s, version = version + 1 WHERE id = %s",
        (at, actor.ref, take.id),
    )
    return HandedIn(stocktake_id=take.id, differences=sum(1 for row in found if row.difference))


def _differing(stocktake_id: int) -> int:
    found = rows("SELECT count(*) AS n FROM inventory_stocktakeline WHERE stocktake_id = %s AND difference <> 0", (stocktake_id,))
    return int(found[0].n)


def not_counting(take: Any) -> Refusal:
    """Why nothing can be counted there any more."""
    return Refusal(
        "inventory.stocktake_not_counting",
        gettext_noop("%(number)s is not being counted now. Ask for a second count to change a figure."),
        {"number": take.number},
    )


_AGAIN = """
UPDATE inventory_stocktakeline SET previous_counted = counted, previous_book = book, counted = NULL, book = NULL, counted_at = NULL,
    book_movement_id = NULL, difference = NULL, difference_value = NULL, round = %s
WHERE stocktake_id = %s AND difference <> 0
"""


@operation
def ask_second_count(stocktake_id: int, *, reason: str, actor: Actor, at: datetime) -> HandedIn | Refusal:
    """Everything that differs is to be counted again; what agreed stays as it is.

    Refuses "inventory.no_such_stocktake", "inventory.stocktake_not_counted", "inventory.nothing_differs".
    """
    take = locked(stocktake_id)
    if take is None:
        return NO_STOCKTAKE
    if take.status != StocktakeStatus.COUNTED:
        return not_counted(take)
    again = run(_AGAIN, (take.round + 1, take.id))
    if not again:
        return Refusal(
            "inventory.nothing_differs", gettext_noop("Everything in %(number)s agrees with the books."), {"number": take.number}
        )
    run(
        "UPDATE inventory_stocktake SET status = 'counting', round = round + 1, submitted_at = NULL, submitted_by = '',"
        " version = version + 1 WHERE id = %s",
        (take.id,),
    )
    return HandedIn(stocktake_id=take.id, differences=again)


def not_counted(take: Any) -> Refusal:
    """Why a stocktake cannot be approved or sent back."""
    return Refusal(
        "inventory.stocktake_not_counted",
        gettext_noop("%(number)s does not wait for approval: hand the count in first."),
        {"number": take.number},
    )
