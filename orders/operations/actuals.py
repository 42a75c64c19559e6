"""What a warehouse says it shipped leaves here too, once per instruction and tracking number."""

from collections import Counter
from collections.abc import Mapping, Sequence
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
from orders.operations.shipping import Leaving, lock_parcels, ship_shipments
from orders.rules import InstructionStatus, carrier_code

MOST_TRACKING = 40
WHOLE = ""
"""Stands for the SKU where a row counts the pieces of the whole parcel."""


@dataclass(slots=True)
class _Parcel:
    """The rows of one instruction, which stand or fall together."""

    rows: list[FileRow] = field(default_factory=list)
    tracking: dict[str, None] = field(default_factory=dict)
    shipped_on: date | None = None
    carrier: str = ""
    pieces: Counter[str] = field(default_factory=Counter)
    lots: dict[str, Counter[str]] = field(default_factory=dict)
    refusal: Refusal | None = None
    faulty: int = 0
    """The row that is to blame; 0 where all of them are."""


_PARCELS = """
SELECT i.shipment_id AS id FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id
WHERE i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[])
"""
# Read once the parcels are locked: nobody withdraws or accepts meanwhile.
_INSTRUCTIONS = """
SELECT i.id, i.number, i.status, i.shipment_id, i.sent_at, c.timezone,
    ARRAY(SELECT a.tracking_number FROM orders_shipmentactual a WHERE a.instruction_id = i.id) AS known
FROM orders_shipmentinstruction i JOIN orders_shipment s ON s.id = i.shipment_id JOIN core_company c ON c.id = i.company_id
WHERE i.company_id = %s AND s.location_id = %s AND i.number = ANY(%s::text[])
"""
_LINES = """
SELECT sl.shipment_id, l.sku, sl.line_id, sl.quantity, a.id AS allocation_id, a.quantity AS allocated, a.stock_item_id, false AS is_insert,
    l.position, sl.id
FROM orders_shipmentline sl JOIN orders_line l ON l.id = sl.line_id LEFT JOIN inventory_allocation a ON a.id = sl.allocation_id
WHERE sl.shipment_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT n.shipment_id, i.code, -n.id, n.quantity, n.allocation_id, n.quantity, n.stock_item_id, true, 0, n.id
FROM orders_shipmentinsert n JOIN inventory_stockitem i ON i.id = n.stock_item_id
WHERE n.shipment_id = ANY(%(ids)s::bigint[]) AND n.ended_at IS NULL
ORDER BY is_insert, position, id
"""
_NOTE = """
WITH noted AS (
    INSERT INTO orders_shipmentactual (instruction_id, tracking_number, carrier, shipped_on, file_id, at,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT q.id, q.number, q.carrier, q.day, %(file)s::bigint, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
    FROM unnest(%(ids)s::bigint[], %(numbers)s::text[], %(carriers)s::text[], %(days)s::date[]) AS q (id, number, carrier, day)
    ON CONFLICT (instruction_id, tracking_number) DO NOTHING RETURNING instruction_id, tracking_number, carrier
)
UPDATE orders_shipment s SET tracking_number = n.tracking_number, carrier = n.carrier, version = s.version + 1
FROM (SELECT DISTINCT ON (instruction_id) * FROM noted ORDER BY instruction_id, tracking_number) n
JOIN orders_shipmentinstruction i ON i.id = n.instruction_id
WHERE s.id = i.shipment_id AND s.tracking_number = '' AND n.tracking_number <> ''
"""


@operation
def take_actuals(found: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> list[RowNote]:
    """Parcels leave as the warehouse says they left, on the day it says; what became of each row.

    Rows of one instruction stand or fall together: a parcel with fewer or other pieces than instructed is not posted at all, for
    who gets less than was invoiced is for a person to decide. Lots that are named serve the parcel. A second tracking number of
    the same instruction is a further box of a parcel that has left; a parcel that had left by hand gets the number it lacks.
    """
    parcels = _parcels(found)
    asked = (place.company_id, place.location_id, list(parcels))
    lock_parcels([row.id for row in rows(_PARCELS, asked, prepare=False)])
    told = {row.number: row for row in rows(_INSTRUCTIONS, asked, prepare=False)}
    lines: dict[int, list[Any]] = {}
    for line in rows(_LINES, {"ids": [row.shipment_id for row in told.values()]}):
        lines.setdefault(line.shipment_id, []).append(line)
    for number, parcel in parcels.items():
        parcel.refusal = parcel.refusal or _wrong(number, parcel, told.get(number), lines, at=at)
    fresh = {n: p for n, p in parcels.items() if not p.refusal and set(p.tracking) - set(told[n].known)}
    _ship({n: p for n, p in fresh.items() if not told[n].known}, told, lines, actor=actor, at=at)
    going = {n: p for n, p in fresh.items() if not p.refusal}
    if going:
        pairs = [(told[n].id, tracking, p) for n, p in going.items() for tracking in p.tracking]
        run(
            _NOTE,
            {
                "ids": [key for key, _t, _p in pairs], "numbers": [tracking for _k, tracking, _p in pairs],
                "carriers": [p.carrier for _k, _t, p in pairs], "days": [p.shipped_on for _k, _t, p in pairs],
                "file": place.file_id or None, "at": at,
                "kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            },
        )  # fmt: skip
    return [_note_of(row, number, parcel, is_new=number in going) for number, parcel in parcels.items() for row in parcel.rows]


def _note_of(row: FileRow, number: str, parcel: _Parcel, *, is_new: bool) -> RowNote:
    if parcel.refusal is None:
        return RowNote(number=row.number, key=number, fate=RowFate.DONE if is_new else RowFate.REPEATED)
    refusal = parcel.refusal
    if parcel.faulty and parcel.faulty != row.number:
        refusal = Refusal(
            "order.stands_with_others",
            _("Not taken in, because row %(row)s of the same instruction is wrong. Correct that one and hand the file in again."),
            {"row": parcel.faulty},
        )
    return RowNote(number=row.number, key=number, fate=RowFate.REFUSED, refusal=refusal)


def _parcels(found: Sequence[FileRow]) -> dict[str, _Parcel]:
    parcels: dict[str, _Parcel] = {}
    for row in found:
        parcel = parcels.setdefault(typed_code(row.values["instruction"]), _Parcel())
        parcel.rows.append(row)
        refusal = _read_into(parcel, row.values)
        if refusal and not parcel.refusal:
            parcel.refusal, parcel.faulty = refusal, row.number
    return parcels


def _read_into(parcel: _Parcel, said: Mapping[str, str]) -> Refusal | None:
    """What a row adds to its parcel, or why it cannot be read."""
    sku = typed_code(said.get("sku", ""))
    is_counted = bool(sku or said.get("quantity", "").strip())
    pieces = counted_quantity(said.get("quantity", "")) if is_counted else 0
    if isinstance(pieces, Refusal):
        return pieces.at("/quantity")
    day = read_date(said["shipped_on"])
    if isinstance(day, Refusal):
        return day.at("/shipped_on")
    parcel.shipped_on = min(day, parcel.shipped_on or day)
    if is_counted:
        parcel.pieces[sku] += pieces
    if sku and (lot := typed_code(said.get("lot", ""))):
        parcel.lots.setdefault(sku, Counter())[lot] += pieces
    if is_counted and not pieces:
        return None  # nothing of it left, so nothing carries a number
    raw = typed_code(said["tracking_number"])
    tracking = raw.replace("-", "").replace(" ", "")
    if is_mangled(raw) or not tracking.isascii() or not tracking.isalnum() or len(tracking) > MOST_TRACKING:
        words = _("“%(typed)s” is no tracking number. A spreadsheet may have rounded it: keep the column as text.")
        return Refusal("order.bad_tracking_number", words, {"typed": raw[:40]}, "/tracking_number")
    parcel.tracking[tracking] = None
    parcel.carrier = parcel.carrier or carrier_code(said.get("carrier", ""))
    return None


def _wrong(number: str, parcel: _Parcel, told: Any, lines: Mapping[int, Sequence[Any]], *, at: datetime) -> Refusal | None:
    if told is None:
        return Refusal(
            "order.no_such_instruction",
            _("This location has no shipping instruction “%(number)s”. Check the number, and which warehouse the file is from."),
            {"number": number[:60]},
            "/instruction",
        )
    if told.status == InstructionStatus.WITHDRAWN:
        return Refusal(
            "order.instruction_withdrawn",
            _("Instruction %(number)s was withdrawn, but the warehouse has shipped it. Find out where the parcel is."),
            {"number": number},
            "/instruction",
        )
    about: dict[str, Any] = {"number": number, "day": parcel.shipped_on}
    if parcel.shipped_on and parcel.shipped_on > business_date(at, told.timezone):
        return Refusal("order.shipped_in_future", _("%(number)s was shipped on a day to come: %(day)s."), about, "/shipped_on")
    if parcel.shipped_on and parcel.shipped_on < business_date(told.sent_at, told.timezone):
        words = _("%(number)s was shipped on %(day)s, before the warehouse was told to. Correct the day.")
        return Refusal("order.shipped_before_instructed", words, about, "/shipped_on")
    return None if told.known else _not_as_instructed(number, parcel, lines.get(told.shipment_id, ()))


def _not_as_instructed(number: str, parcel: _Parcel, lines: Sequence[Any]) -> Refusal | None:
    instructed = _pieces(lines)
    goods = _pieces([line for line in lines if not line.is_insert])
    if set(parcel.pieces) == {WHOLE}:
        instructed, goods = Counter({WHOLE: instructed.total()}), Counter({WHOLE: goods.total()})
    if not parcel.pieces or parcel.pieces in (instructed, goods):  # many a warehouse tells of the goods only
        return None
    wrong = [sku for sku in sorted({*parcel.pieces, *instructed}) if parcel.pieces[sku] != instructed[sku]]
    said = ", ".join(f"{sku} {parcel.pieces[sku]}/{instructed[sku]}".strip() for sku in wrong)
    return Refusal(
        "order.not_as_instructed",
        _(
            "%(number)s left with other pieces than instructed (%(pieces)s). Nothing was posted. Have the rest sent and told with"
            " the same number, or settle it with the buyer and ship the parcel by hand."
        ),
        {"number": number, "pieces": said[:200]},
        "/quantity",
    )


def _pieces(lines: Sequence[Any]) -> Counter[str]:
    """How many of each SKU were instructed."""
    found: Counter[str] = Counter()
    for sku, quantity in {line.line_id: (typed_code(line.sku), line.quantity) for line in lines}.values():
        found[sku] += quantity
    return found


def _ship(
    parcels: Mapping[str, _Parcel], told: Mapping[str, Any], lines: Mapping[int, Sequence[Any]], *, actor: Actor, at: datetime
) -> None:
    """Let the parcels leave, day by day as the warehouse shipped them; refusals stay with their rows."""
    for day in sorted({p.shipped_on for p in parcels.values() if p.shipped_on}):
        these = {n: p for n, p in parcels.items() if p.shipped_on == day}
        zone = ZoneInfo(next(told[n].timezone for n in these))
        leaving = [
            Leaving(
                shipment_id=told[n].shipment_id,
                carrier=p.carrier,
                tracking_number=next(iter(p.tracking)),
                lots=_lots(p, lines.get(told[n].shipment_id, ())),
            )
            for n, p in these.items()
        ]
        moment = min(at, datetime.combine(day, time(23, 59), zone))
        for parcel, answer in zip(these.values(), ship_shipments(leaving, actor=actor, at=moment), strict=True):
            if isinstance(answer, Refusal):
                parcel.refusal = answer.at("")


def _lots(parcel: _Parcel, lines: Sequence[Any]) -> dict[int, tuple[tuple[str, int], ...]]:
    """Which lots serve which allocations: pieces of a lot go to the allocations of its SKU one after another.

    Lots of a set, or lots that don't make up what was shipped, tell nothing of its parts and are left to shipping.
    """
    named: dict[int, tuple[tuple[str, int], ...]] = {}
    for sku, lots in parcel.lots.items():
        here = [line for line in lines if typed_code(line.sku) == sku and line.allocation_id]
        pieces = parcel.pieces[sku]
        if len({line.stock_item_id for line in here}) != 1 or sum(lots.values()) != pieces:
            continue
        a_piece, rest = divmod(sum(line.allocated for line in here), pieces)
        if rest:
            continue
        left = {lot: quantity * a_piece for lot, quantity in lots.items() if quantity}
        for line in here:
            wanted, taken = line.allocated, []
            for lot in list(left):
                now = min(wanted, left[lot])
                if now:
                    taken.append((lot, now))
                    wanted, left[lot] = wanted - now, left[lot] - now
            named[line.allocation_id] = tuple(taken)
    return named
