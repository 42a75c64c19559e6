"""What a warehouse says it shipped leaves here too, once per instruction and tracking number."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FilePlace, FileRow, RowFate, RowNote, counted_quantity, is_mangled, read_date, typed_code
from orders.operations.shipping import Leaving, ship_shipments
from orders.rules import InstructionStatus


@dataclass(slots=True)
class _Parcel:
    """The rows of one instruction."""

    rows: list[FileRow] = field(default_factory=list)
    numbers: dict[str, None] = field(default_factory=dict)
    shipped_on: date | None = None
    carrier: str = ""
    pieces: Counter[str] = field(default_factory=Counter)
    refusal: Refusal | None = None


# The parcels' own locks are taken by shipping; two files at once wait for each other at the location.
_INSTRUCTIONS = """
SELECT i.id, i.number, i.status, i.shipment_id, c.timezone,
    ARRAY(SELECT a.tracking_number FROM orders_shipmentactual a WHERE a.instruction_id = i.id) AS known,
    ARRAY(SELECT l.sku || chr(9) || x.quantity FROM (
        SELECT sl.line_id, max(sl.quantity) AS quantity FROM orders_shipmentline sl WHERE sl.shipment_id = s.id GROUP BY sl.line_id
    ) x JOIN orders_line l ON l.id = x.line_id) AS lines
FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id JOIN core_company c ON c.id = i.company_id
WHERE i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[])
"""
_NOTE = """
WITH noted AS (
    INSERT INTO orders_shipmentactual (instruction_id, tracking_number, carrier, shipped_on, file_id, at,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT q.id, q.number, q.carrier, q.day, %(file)s::bigint, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
    FROM unnest(%(ids)s::bigint[], %(numbers)s::text[], %(carriers)s::text[], %(days)s::date[]) AS q (id, number, carrier, day)
    ON CONFLICT (instruction_id, tracking_number) DO NOTHING RETURNING instruction_id
)
UPDATE orders_shipmentinstruction i SET status = 'shipped', ended_at = %(at)s FROM (SELECT DISTINCT instruction_id FROM noted) n
WHERE i.id = n.instruction_id AND i.status IN ('sent', 'accepted')
"""


@operation
def take_actuals(found: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> list[RowNote]:
    """Parcels leave as the warehouse says they left, on the day it says; what became of each row.

    Rows of one instruction stand or fall together: a parcel with fewer or other pieces than instructed waits for a person.
    A second tracking number of the same instruction is a further box of a parcel that has left.
    """
    parcels = _parcels(found)
    told = {row.number: row for row in rows(_INSTRUCTIONS, (place.company_id, place.location_id, list(parcels)))}
    for number, parcel in parcels.items():
        parcel.refusal = parcel.refusal or _wrong(number, parcel, told.get(number), at=at)
    fresh = {n: p for n, p in parcels.items() if not p.refusal and set(p.numbers) - set(told[n].known)}
    _ship({n: p for n, p in fresh.items() if not told[n].known}, told, actor=actor, at=at)
    going = {n: p for n, p in fresh.items() if not p.refusal}
    if going:
        pairs = [(told[n].id, tracking, p) for n, p in going.items() for tracking in p.numbers]
        run(
            _NOTE,
            {
                "ids": [key for key, _t, _p in pairs], "numbers": [tracking for _k, tracking, _p in pairs],
                "carriers": [p.carrier for _k, _t, p in pairs], "days": [p.shipped_on for _k, _t, p in pairs],
                "file": place.file_id or None, "at": at,
                "kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            },
        )  # fmt: skip
    return [
        RowNote(
            number=row.number, key=number, refusal=parcel.refusal,
            fate=RowFate.REFUSED if parcel.refusal else RowFate.DONE if number in going else RowFate.REPEATED,
        )
        for number, parcel in parcels.items()
        for row in parcel.rows
    ]  # fmt: skip


def _parcels(found: Sequence[FileRow]) -> dict[str, _Parcel]:
    parcels: dict[str, _Parcel] = {}
    for row in found:
        parcel = parcels.setdefault(typed_code(row.values["instruction"]), _Parcel())
        parcel.rows.append(row)
        raw = typed_code(row.values["tracking_number"])
        tracking = raw.replace("-", "").replace(" ", "")
        day = read_date(row.values["shipped_on"])
        pieces = counted_quantity(row.values["quantity"]) if row.values.get("quantity", "").strip() else 0
        carrier = row.values.get("carrier", "").strip()
        if is_mangled(raw) or not tracking.isascii() or not tracking.isalnum() or len(tracking) > 40:
            wrong = _("“%(typed)s” is no tracking number. A spreadsheet may have rounded it: keep the column as text.")
            parcel.refusal = parcel.refusal or Refusal("order.bad_tracking_number", wrong, {"typed": raw[:40]})
        elif isinstance(day, Refusal) or isinstance(pieces, Refusal):
            parcel.refusal = parcel.refusal or (day if isinstance(day, Refusal) else pieces if isinstance(pieces, Refusal) else None)
        else:
            parcel.numbers[tracking] = None
            parcel.shipped_on = min(day, parcel.shipped_on or day)
            parcel.carrier = parcel.carrier or carrier[:40]
            if row.values.get("sku", "").strip():
                parcel.pieces[typed_code(row.values["sku"])] += pieces
    return parcels


def _wrong(number: str, parcel: _Parcel, told: Any, *, at: datetime) -> Refusal | None:
    if told is None:
        return Refusal("order.no_such_instruction", _("This location has no shipping instruction “%(number)s”."), {"number": number[:60]})
    if told.status == InstructionStatus.WITHDRAWN:
        return Refusal(
            "order.instruction_withdrawn",
            _("Instruction %(number)s was withdrawn, but the warehouse has shipped it. Find out where the parcel is."),
            {"number": number},
        )
    if parcel.shipped_on and parcel.shipped_on > business_date(at, told.timezone):
        return Refusal(
            "order.shipped_in_future", _("%(number)s was shipped on a day to come: %(day)s."), {"number": number, "day": parcel.shipped_on}
        )
    instructed: Counter[str] = Counter()
    for line in told.lines:
        sku, _tab, quantity = line.partition("\t")
        instructed[sku] += int(quantity)
    if parcel.pieces and parcel.pieces != instructed and not told.known:
        said = ", ".join(f"{sku} {parcel.pieces[sku]}/{instructed[sku]}" for sku in sorted({*parcel.pieces, *instructed}))
        return Refusal(
            "order.not_as_instructed",
            _("%(number)s left with other pieces than instructed (%(pieces)s). Nothing was posted; a person must decide."),
            {"number": number, "pieces": said[:200]},
        )
    return None


def _ship(parcels: dict[str, _Parcel], told: dict[str, Any], *, actor: Actor, at: datetime) -> None:
    """Let the parcels leave, day by day as the warehouse shipped them; refusals stay with their rows."""
    for day in sorted({p.shipped_on for p in parcels.values() if p.shipped_on}):
        these = {n: p for n, p in parcels.items() if p.shipped_on == day}
        zone = ZoneInfo(next(told[n].timezone for n in these))
        leaving = [
            Leaving(shipment_id=told[n].shipment_id, carrier=p.carrier, tracking_number=next(iter(p.numbers))) for n, p in these.items()
        ]
        moment = min(at, datetime.combine(day, time(23, 59), zone))
        for parcel, answer in zip(these.values(), ship_shipments(leaving, actor=actor, at=moment), strict=True):
            if isinstance(answer, Refusal):
                parcel.refusal = answer
