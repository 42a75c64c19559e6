"""What partner systems may say of stock, and what they are told."""

from typing import Any

from core.api.shapes import Choice, Code, Day, Many, Record, Text, Whole
from inventory.queries import Explanation, FigureRow, MovementRow, ShelfLotRow, ShelfRow
from inventory.rules import UNSELLABLE, StockState

MOST_LINES = 200
QUANTITY = 1_000_000

_SHELF = {"item": Text(max=64).described("Code of the stock item."), "location": Code(max=40).described("Code of the location.")}
_REFERENCE = Code(max=60).described("Your own number for this line. The same number moves the goods once, whatever the Idempotency-Key.")

RECEIPTS = Record(
    receipts=Many(
        Record(
            **_SHELF,
            quantity=Whole(min=1, max=QUANTITY),
            sellable_quantity=Whole(min=0, max=QUANTITY).optional().described("How many of them may be sold; all unless told."),
            reference=_REFERENCE,
            cause=Text(max=80).optional("").described("What they came with, such as a delivery note."),
            lot=Text(max=64).optional(""),
            expires_on=Day().optional(),
        ),
        max=MOST_LINES,
    ),
    reason=Text(max=200).optional(""),
)
ADJUSTMENTS = Record(
    adjustments=Many(
        Record(
            **_SHELF,
            quantity=Whole(min=-QUANTITY, max=QUANTITY).described("Pieces more, or less when negative."),
            sellable_quantity=Whole(min=-QUANTITY, max=QUANTITY).optional().described("Of these the sellable ones; all unless told."),
            reference=_REFERENCE,
        ),
        max=MOST_LINES,
    ),
    reason=Text(max=200).described("Why; kept in the ledger."),
)


STATE_CHANGES = Record(
    changes=Many(
        Record(
            **_SHELF,
            quantity=Whole(min=1, max=QUANTITY),
            from_state=Choice(StockState),
            to_state=Choice(StockState).described("Only what is available is sold."),
            lot=Text(max=64).optional("").described("Of goods tracked by lot; left out, those that expire first."),
            reference=_REFERENCE,
        ),
        max=MOST_LINES,
    ),
    reason=Text(max=200).described("Why; kept in the ledger."),
)
INSPECTIONS = Record(
    inspections=Many(
        Record(
            **_SHELF,
            from_state=Choice(StockState).described("The state of the pieces that were looked at; not available."),
            restock=Whole(min=0, max=QUANTITY).optional(0).described("Pieces that are sold as before."),
            b_grade=Whole(min=0, max=QUANTITY).optional(0).described("Pieces that are sold as the item's B-grade."),
            repair=Whole(min=0, max=QUANTITY).optional(0),
            scrap=Whole(min=0, max=QUANTITY).optional(0),
            lot=Text(max=64).optional(""),
            reference=_REFERENCE,
        ),
        max=MOST_LINES,
    ),
    reason=Text(max=200).described("Why; kept in the ledger."),
)


def _fields(**kinds: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in kinds.items()}, "required": list(kinds)}


SHELF_SCHEMA = _fields(
    item="string", name="string", condition="string", location="string", skus="array", on_hand="integer", sellable="integer",
    allocated="integer", reserved="integer", free="integer", states="object",
)  # fmt: skip
STATES_SCHEMA = _fields(**dict.fromkeys(map(str, StockState), "integer"))
SHELF_SCHEMA["properties"]["states"] = STATES_SCHEMA
LOT_SCHEMA = _fields(item="string", name="string", location="string", lot="string", on_hand="integer", picked="integer", states="object")
LOT_SCHEMA["properties"] |= {
    "states": STATES_SCHEMA,
    **{key: {"type": ["string", "null"], "format": "date"} for key in ("expires_on", "received_on")},
}
LOT_SCHEMA["required"] += ["expires_on", "received_on"]
SHELF_SCHEMA["properties"]["skus"] = {"type": "array", "items": {"type": "string"}}
MOVEMENT_SCHEMA = _fields(
    item="string", location="string", lot="string", kind="string", quantity="integer", sellable_quantity="integer", cause="string",
    reason="string", at="string",
)  # fmt: skip
AVAILABILITY_SCHEMA = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": {
        "type": "object",
        "properties": {"sku": {"type": "string"}, "available": {"type": ["integer", "null"], "description": "Null: without limit."}},
        "required": ["sku", "available"],
    }}},
    "required": ["data"],
}  # fmt: skip
EXPLANATION_SCHEMA = _fields(sku="string", channel="string", pool="string", is_excluded="boolean")
EXPLANATION_SCHEMA["properties"] |= {
    "units": {"type": ["integer", "null"], "description": "Null: without limit."},
    "parts": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "item": {"type": "string"},
                "name": {"type": "string"},
                "quantity": {"type": "integer"},
                "shelves": {
                    "type": "array",
                    "items": _fields(
                        location="string",
                        sellable="integer",
                        allocated="integer",
                        held="integer",
                        fenced="integer",
                        buffer="integer",
                        own="integer",
                        stale="integer",
                        pieces="integer",
                        verdict="string",
                    ),
                },
            },
            "required": ["item", "name", "quantity", "shelves"],
        },
    },
    "places": {"type": "array", "items": _fields(location="string", units="integer")},
}
FIGURE_SCHEMA = _fields(sku="string", told_at="string")
FIGURE_SCHEMA["properties"]["available"] = {"type": ["integer", "null"], "description": "Null: without limit."}
MOVED_SCHEMA = {
    "type": "object",
    "properties": {"data": {"type": "array", "items": _fields(reference="string", on_hand="integer", repeated="boolean")}},
    "required": ["data"],
}


def explanation_shown(told: Explanation) -> dict[str, Any]:
    """Why a channel sees so many, as the world sees it."""
    return {
        "sku": told.sku, "channel": told.channel, "pool": told.pool, "units": told.units, "is_excluded": told.is_excluded,
        "parts": [
            {
                "item": part.item, "name": part.name, "quantity": part.quantity,
                "shelves": [
                    {
                        "location": shelf.location, "sellable": shelf.sellable, "allocated": shelf.allocated, "held": shelf.held,
                        "fenced": shelf.fenced, "buffer": shelf.buffer, "own": shelf.own, "stale": shelf.stale, "pieces": shelf.pieces,
                        "verdict": shelf.verdict,
                    }
                    for shelf in part.shelves
                ],
            }
            for part in told.parts
        ],
        "places": [{"location": name, "units": count} for name, count in told.places],
    }  # fmt: skip


def figure_shown(row: FigureRow) -> dict[str, Any]:
    """What a channel was told of a SKU."""
    return {"sku": row.sku, "available": row.units, "told_at": row.told_at}


def shelf_shown(row: ShelfRow) -> dict[str, Any]:
    """A shelf as the world sees it."""
    return {
        "item": row.item, "name": row.name, "condition": row.condition, "location": row.location, "skus": row.skus, "on_hand": row.on_hand,
        "sellable": row.sellable, "allocated": row.allocated, "reserved": row.reserved, "free": row.free, "states": _states(row),
    }  # fmt: skip


def lot_shown(row: ShelfLotRow) -> dict[str, Any]:
    """A lot at a location as the world sees it."""
    return {
        "item": row.item, "name": row.name, "location": row.location, "lot": row.lot, "expires_on": row.expires_on,
        "received_on": row.received_on, "on_hand": row.on_hand, "picked": row.picked, "states": _states(row),
    }  # fmt: skip


def _states(row: ShelfRow | ShelfLotRow) -> dict[str, int]:
    return {str(StockState.AVAILABLE): row.sellable, **{str(state): getattr(row, state) for state in UNSELLABLE}}


def movement_shown(row: MovementRow) -> dict[str, Any]:
    """A line of the ledger as the world sees it."""
    return {
        "item": row.item, "location": row.location, "lot": row.lot, "kind": row.kind, "quantity": row.quantity,
        "sellable_quantity": row.sellable_quantity, "cause": row.cause, "reason": row.reason, "at": row.at,
    }  # fmt: skip
