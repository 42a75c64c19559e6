"""What partner systems may say of purchase orders and transfers, and what they are told."""

from typing import Any

from core import ids
from core.api.shapes import Choice, Code, Day, Flag, Many, Record, Text, Whole
from inventory.queries import PurchaseLineRow, PurchaseRow, TransferLineRow, TransferRow
from inventory.rules import Discrepancy

MOST_LINES = 200
QUANTITY = 1_000_000
PURCHASE_PREFIX, TRANSFER_PREFIX = "pur", "trf"

_ITEM = Text(max=64).described("Code of the stock item, a SKU or a JAN code.")
_REFERENCE = Code(max=60).described("Your own number. The same number does it once, whatever the Idempotency-Key.")

DELIVERY = Record(
    delivery_note=Text(max=64).described("Number of the delivery note; each is taken in once per purchase order."),
    lines=Many(
        Record(
            item=_ITEM,
            quantity=Whole(min=1, max=QUANTITY),
            unsellable_quantity=Whole(min=0, max=QUANTITY).optional(0).described("How many of them cannot be sold."),
            lot=Text(max=64).optional(""),
            expires_on=Day().optional(),
        ),
        max=MOST_LINES,
    ),
    takes_more=Flag().optional(False).described("Take in more than was ordered."),
    reference=_REFERENCE,
)
_GOODS = Many(Record(item=_ITEM, quantity=Whole(min=1, max=QUANTITY), lot=Text(max=64).optional("")), max=MOST_LINES)
TRANSFER = Record(
    **{
        "from": Code(max=40).described("Code of the location that the goods leave."),
        "to": Code(max=40).described("Code of the location that they go to."),
    },
    lines=_GOODS,
    expected_on=Day().optional(),
    note=Text(max=500).optional(""),
    reference=_REFERENCE,
)
ARRIVAL = Record(lines=_GOODS, reference=_REFERENCE)
NOTHING = Record()
PURCHASE = Record(
    supplier=Code(max=40).described("Code of the supplier."),
    location=Code(max=40).described("Code of the location that the goods come to."),
    lines=Many(
        Record(
            item=_ITEM,
            quantity=Whole(min=1, max=QUANTITY),
            unit_cost=Whole(min=0, max=10**12)
            .optional(None)
            .described("Cost a piece without tax, in minor units; the supplier's unless told."),
        ),
        max=MOST_LINES,
    ),
    expected_on=Day().optional(),
    note=Text(max=500).optional(""),
    reference=_REFERENCE,
)
APPROVAL = Record(
    version=Whole(min=1, max=2**31 - 1).described("The version that was looked at; a draft rewritten meanwhile is not approved.")
)
SETTLEMENT = Record(
    outcome=Choice(Discrepancy).described("What became of everything that is still on the road."),
    reason=Text(max=200).described("Why; kept in the ledger."),
)
REASON = Record(reason=Text(max=200).described("Why; kept in the ledger."))


def _object(required: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": required, "required": list(required)}


_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
_COST = {"type": ["integer", "null"], "description": "Cost a piece without tax; null without the scope purchasing:read."}
_DATE = {"type": ["string", "null"], "format": "date"}
PURCHASE_SCHEMA = _object(
    {
        "id": _TEXT, "number": _TEXT, "supplier": _TEXT, "location": _TEXT, "status": _TEXT, "currency": _TEXT, "drafted_at": _TEXT,
        "version": _NUMBER,
        "lines": {"type": "array", "items": _object({
            "item": _TEXT, "name": _TEXT, "quantity": _NUMBER, "received": _NUMBER, "unit_cost": _COST, "expected_on": _DATE,
        })},
    }
)  # fmt: skip
DELIVERED_SCHEMA = _object({"number": _TEXT, "status": _TEXT, "missing": _NUMBER, "repeated": {"type": "boolean"}})
TRANSFER_SCHEMA = _object(
    {
        "id": _TEXT, "number": _TEXT, "from": _TEXT, "to": _TEXT, "status": _TEXT, "expected_on": _DATE, "planned_at": _TEXT,
        "lines": {"type": "array", "items": _object({
            "item": _TEXT, "name": _TEXT, "lot": _TEXT, "quantity": _NUMBER, "received": _NUMBER, "came_home": _NUMBER, "written_off": _NUMBER,
        })},
    }
)  # fmt: skip


def purchase_shown(row: PurchaseRow, lines: tuple[PurchaseLineRow, ...], *, with_costs: bool) -> dict[str, Any]:
    """A purchase order as the world sees it; what goods cost is told to those who may know, the others take goods in."""
    return {
        "id": ids.public(PURCHASE_PREFIX, row.public_id), "number": row.number, "supplier": row.supplier, "location": row.location,
        "status": row.status, "currency": row.currency, "drafted_at": row.drafted_at, "version": row.version,
        "lines": [
            {
                "item": line.item, "name": line.name, "quantity": line.quantity, "received": line.received_quantity, "unit_cost": line.unit_cost if with_costs else None,
                "expected_on": line.expected_on,
            }
            for line in lines
        ],
    }  # fmt: skip


def transfer_shown(row: TransferRow, lines: tuple[TransferLineRow, ...]) -> dict[str, Any]:
    """A transfer as the world sees it."""
    return {
        "id": ids.public(TRANSFER_PREFIX, row.public_id), "number": row.number, "from": row.from_location, "to": row.to_location,
        "status": row.status, "expected_on": row.expected_on, "planned_at": row.planned_at,
        "lines": [
            {
                "item": line.item, "name": line.name, "lot": line.lot_number, "quantity": line.quantity, "received": line.received_quantity,
                "came_home": line.home_quantity, "written_off": line.lost_quantity,
            }
            for line in lines
        ],
    }  # fmt: skip
