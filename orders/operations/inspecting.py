"""Boxes are inspected by scan before they leave: begun, counted up piece by piece, finished for good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.queries import scanned_items
from inventory.rules import typed_code
from inventory.rules.labels import label_read, lot_label_read
from orders.operations.inserting import choose_inserts, hold_contents
from orders.operations.picking import pick_shipments
from orders.operations.shipping import Shipped, hold_parcels, in_box_with, may_be_prepared
from orders.queries import InspectionView, contents_mark_of_box, inspection_key, inspection_view, marks_of_parcels
from orders.rules import InspectionStatus, ScanRead, lot_meant, scan_fault

LONGEST_CODE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """An inspection as it stands; ``fault`` says why the last scan was refused, ``repeated`` that the deed had been done before."""

    view: InspectionView
    fault: Refusal | None = None
    repeated: bool = False


_OPEN = """
INSERT INTO orders_inspection (company_id, shipment_id, contents_mark, at, actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(shipment)s, %(mark)s, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s)
ON CONFLICT (shipment_id) WHERE status = 'open' DO NOTHING RETURNING id
"""
_OPENED = "SELECT id, contents_mark FROM orders_inspection WHERE shipment_id = ANY(%s::bigint[]) AND status = 'open' ORDER BY id FOR UPDATE"
_END = "UPDATE orders_inspection SET status = %s, ended_at = %s, ended_by = %s WHERE id = ANY(%s::bigint[])"


@operation
def open_inspection(shipment_id: int, *, actor: Actor, at: datetime) -> Inspected | Refusal:
    """The box of this parcel is being inspected: its inserts and lots are chosen, and what it must hold is known.

    One that is under way is gone on with, unless the box holds something else by now: then it is begun anew. Refuses "order.not_found",
    "order.not_open", "order.inspected_already", what keeps work from beginning (``may_be_prepared``), an insert that it waits for and a lot that
    is lacking. Locks orders, parcels, stock, then the inspection.
    """
    orders, held = hold_parcels([shipment_id])
    parcels = {s.id: s for s in held}
    if shipment_id not in parcels:
        return Refusal("order.not_found", _("There is no such shipment."))
    mates = in_box_with(parcels[shipment_id], held)
    ids = [m.id for m in mates]
    if refusal := _stays(mates, orders) or _prepare(ids, actor=actor, at=at):
        return refusal
    mark = contents_mark_of_box(ids)
    opened = rows(_OPENED, (ids,))
    good = [row.id for row in opened if row.contents_mark == mark]
    if old := [row.id for row in opened if row.id not in good[:1]]:
        run(_END, (str(InspectionStatus.DISCARDED), at, actor.label or actor.id, old))
    asked = {"company": orders[mates[0].order_id].company_id, "shipment": ids[0], "mark": mark, "at": at, **_by(actor)}
    made = [] if good else rows(_OPEN, asked)
    return Inspected(view=inspection_view(good[0] if good else made[0].id), repeated=bool(good))


def _stays(mates: Sequence[Any], orders: Mapping[int, Any]) -> Refusal | None:
    """Why nothing of this box is looked at now."""
    for mate in mates:
        answer = may_be_prepared(mate, orders.get(mate.order_id))
        if isinstance(answer, Refusal):
            return answer
        if isinstance(answer, Shipped):
            return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    if all(mate.inspected_at for mate in mates):
        now = marks_of_parcels([m.id for m in mates])
        seen = {row.shipment_id: row.contents_mark for row in rows(_SEEN, ([m.id for m in mates],))}
        if all(seen.get(i) == mark for i, mark in now.items()):
            words = _("Parcel %(number)s was inspected already. It can be labelled and shipped.")
            return Refusal("order.inspected_already", words, {"number": mates[0].number})
    return None


_SEEN = """
SELECT DISTINCT ON (shipment_id) shipment_id, contents_mark FROM orders_parcelinspected WHERE shipment_id = ANY(%s::bigint[])
ORDER BY shipment_id, id DESC
"""


def _prepare(ids: Sequence[int], *, actor: Actor, at: datetime) -> Refusal | None:
    hold_contents(ids, actor=actor, at=at)
    answers = [*choose_inserts(ids, actor=actor, at=at), *pick_shipments(ids, actor=actor, at=at)]
    return next((one for one in answers if isinstance(one, Refusal)), None)


def _by(actor: Actor) -> dict[str, str]:
    return {"kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of}


_LOCK = "SELECT id, shipment_id, company_id, status, contents_mark FROM orders_inspection WHERE public_id = %s FOR UPDATE"
_KNOWN = "SELECT fault FROM orders_inspectionscan WHERE inspection_id = %s AND once_key = %s"
_SCAN = """
INSERT INTO orders_inspectionscan (inspection_id, once_key, code, stock_item_id, lot, quantity, undoes_id, fault, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(inspection)s, %(once)s, %(code)s, %(item)s::bigint, %(lot)s, %(quantity)s, %(undoes)s::bigint, %(fault)s, %(at)s,
    %(kind)s, %(actor)s, %(label)s, %(for)s)
"""
_LAST = """
SELECT n.id, n.code, n.stock_item_id, n.lot, n.quantity FROM orders_inspectionscan n
WHERE n.inspection_id = %s AND n.quantity > 0 AND NOT EXISTS (SELECT FROM orders_inspectionscan u WHERE u.undoes_id = n.id) ORDER BY n.id DESC LIMIT 1
"""


def _held(ref: UUID, *, company_id: int | None) -> Any | Refusal:
    """The inspection, locked, while it is under way."""
    found = rows(_LOCK, (ref,))
    if not found or (company_id is not None and found[0].company_id != company_id):
        return Refusal("order.no_inspection", _("There is no such inspection."))
    if found[0].status != InspectionStatus.OPEN:
        return Refusal("order.inspection_ended", _("This inspection has ended. Scan the parcel’s number to begin anew."))
    return found[0]


@operation
def scan_piece(
    ref: UUID, code: str, *, once_key: str, lot: str = "", pieces: int = 1, company_id: int | None, actor: Actor, at: datetime
) -> Inspected | Refusal:
    """A scanned piece counts for the box, or is refused in words that cannot be overlooked; either is written down once per key.

    A code is an item's own, a SKU, a JAN code (a case counts its pieces), a GS1 barcode with its lot, or the number of a lot that is in
    the box. Refuses "order.no_inspection", "order.inspection_ended"; the answer's fault is "order.unknown_code", "order.not_in_box",
    "order.scan_the_lot", "order.wrong_lot", "order.too_many_in_box" or "order.too_many_of_lot". Locks the inspection.
    """
    held = _held(ref, company_id=company_id)
    if isinstance(held, Refusal):
        return held
    view = inspection_view(held.id)
    known = rows(_KNOWN, (held.id, once_key))
    if known and not known[0].fault:
        return Inspected(view=view, repeated=True)
    read = _read(code, lot, max(pieces, 1), view, company_id=held.company_id)
    fault = read if isinstance(read, Refusal) else scan_fault(read, view.expected, view.counted)
    if fault is not None and fault.code == "order.scan_the_lot":
        return Inspected(view=view, fault=fault)  # nothing was decided: the next scan tells the lot
    if known:  # sent again because the answer was lost: it is refused once more, in today's words
        return Inspected(view=view, fault=fault or _refused_before(known[0].fault), repeated=True)
    told = {"inspection": held.id, "once": once_key, "code": code[:LONGEST_CODE], "undoes": None, "at": at, **_by(actor)}
    if fault is not None or isinstance(read, Refusal):
        refused = fault.code if fault else ""
        run(_SCAN, {**told, "item": None, "lot": lot[:64], "quantity": 0, "fault": refused})
        return Inspected(view=inspection_view(held.id), fault=fault)
    wanted = next(one for one in view.expected if one.stock_item_id == read.stock_item_id)
    run(_SCAN, {**told, "item": read.stock_item_id, "lot": lot_meant(read, wanted), "quantity": read.pieces, "fault": ""})
    return Inspected(view=inspection_view(held.id))


def _refused_before(code: str) -> Refusal:
    return Refusal(code, _("This piece was refused when it was scanned. Put it aside, or scan it anew."), {}, "/code")


def _read(code: str, lot: str, pieces: int, view: InspectionView, *, company_id: int) -> ScanRead | Refusal:
    """What was scanned."""
    label = label_read(code)
    typed = label.code if label else typed_code(code)
    named = (label.lot_number if label else "") or _lot_of(lot)
    found = scanned_items([typed], company_id=company_id).get(typed) if typed else None
    if found is not None:
        return ScanRead(stock_item_id=found.stock_item_id, item=found.item, pieces=found.pieces * pieces, lot=named)
    for one in view.expected:  # the code of the goods as it stands on our own label, in other letters
        if one.item.upper() == typed.upper():
            return ScanRead(stock_item_id=one.stock_item_id, item=one.item, pieces=pieces, lot=named)
    of_lot = [one for one in view.expected if _lot_of(code) in one.lots]
    if len(of_lot) == 1:
        return ScanRead(stock_item_id=of_lot[0].stock_item_id, item=of_lot[0].item, pieces=pieces, lot=_lot_of(code))
    return Refusal(
        "order.unknown_code", _("UNKNOWN CODE: nothing is known by “%(code)s”. Put this piece aside."), {"code": code[:40]}, "/code"
    )


def _lot_of(typed: str) -> str:
    label = lot_label_read(typed) or label_read(typed)
    return label.lot_number if label else typed_code(typed)


@operation
def undo_scan(ref: UUID, *, once_key: str, company_id: int | None, actor: Actor, at: datetime) -> Inspected | Refusal:
    """The last piece that counted counts no more; both stay written down. Once per key.

    Refuses "order.no_inspection", "order.inspection_ended", "order.nothing_to_undo". Locks the inspection.
    """
    held = _held(ref, company_id=company_id)
    if isinstance(held, Refusal):
        return held
    if rows(_KNOWN, (held.id, once_key)):
        return Inspected(view=inspection_view(held.id), repeated=True)
    last = rows(_LAST, (held.id,))
    if not last:
        return Refusal("order.nothing_to_undo", _("Nothing has been counted yet."))
    (row,) = last
    told = {"inspection": held.id, "once": once_key, "code": row.code, "undoes": row.id, "at": at, **_by(actor)}
    run(_SCAN, {**told, "item": row.stock_item_id, "lot": row.lot, "quantity": -row.quantity, "fault": ""})
    return Inspected(view=inspection_view(held.id))


_SEAL = """
WITH seen AS (
    INSERT INTO orders_parcelinspected (inspection_id, shipment_id, contents_mark, pieces, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT %(inspection)s, q.id, q.mark, q.pieces, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
    FROM unnest(%(ids)s::bigint[], %(marks)s::text[], %(pieces)s::int[]) AS q (id, mark, pieces) RETURNING shipment_id
)
UPDATE orders_shipment s SET inspected_at = %(at)s, version = s.version + 1 FROM seen WHERE s.id = seen.shipment_id
"""


@operation
def finish_inspection(ref: UUID, *, company_id: int | None, actor: Actor, at: datetime) -> Inspected | Refusal:
    """Every parcel of the box counts as inspected from now on, by this person, as long as its contents stay as they are.

    Refuses "order.no_inspection", "order.inspection_ended", "order.inspection_incomplete" (what is missing is named),
    "order.box_changed" (something was taken out, put in or combined meanwhile), and what keeps the parcel from leaving. Finishing twice
    changes nothing. Locks orders, parcels, then the inspection.
    """
    known = inspection_key(ref, company_id=company_id)
    if known is None:
        return Refusal("order.no_inspection", _("There is no such inspection."))
    inspection_id, shipment_id = known
    orders, parcels = hold_parcels([shipment_id])
    mates = in_box_with(next(s for s in parcels if s.id == shipment_id), parcels)
    held = _held(ref, company_id=company_id)
    if isinstance(held, Refusal):
        view = inspection_view(inspection_id)
        return Inspected(view=view, repeated=True) if view.status == InspectionStatus.FINISHED else held
    view = inspection_view(inspection_id)
    if refusal := _unfinished(view, mates, orders):
        return refusal
    ids = [m.id for m in mates]
    marks = marks_of_parcels(ids)
    told = {"inspection": inspection_id, "ids": ids, "marks": [marks[i] for i in ids], "pieces": [view.pieces_in[i] for i in ids], "at": at}
    run(_SEAL, {**told, **_by(actor)})
    run(_END, (str(InspectionStatus.FINISHED), at, actor.label or actor.id, [inspection_id]))
    return Inspected(view=inspection_view(inspection_id))


def _unfinished(view: InspectionView, mates: Sequence[Any], orders: Mapping[int, Any]) -> Refusal | None:
    for mate in mates:
        answer = may_be_prepared(mate, orders.get(mate.order_id))
        if isinstance(answer, Refusal):
            return answer
        if isinstance(answer, Shipped):
            return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    if view.contents_mark != contents_mark_of_box([m.id for m in mates]):
        words = _("The contents of box %(number)s have changed meanwhile. Scan its number again and begin anew.")
        return Refusal("order.box_changed", words, {"number": view.number})
    if lacking := [
        (one, one.quantity - view.seen(one.stock_item_id)) for one in view.expected if view.seen(one.stock_item_id) < one.quantity
    ]:
        said = ", ".join(f"{one.item} × {left}" for one, left in lacking)
        words = _("Not everything has been seen yet: %(missing)s. Scan it, or report what was not found.")
        return Refusal("order.inspection_incomplete", words, {"missing": said[:200]})
    return None


@operation
def discard_inspection(ref: UUID, *, company_id: int | None, actor: Actor, at: datetime) -> Inspected | Refusal:
    """This inspection is given up; the box can be inspected anew. Locks the inspection. Refuses like ``scan_piece``."""
    held = _held(ref, company_id=company_id)
    if isinstance(held, Refusal):
        return held
    run(_END, (str(InspectionStatus.DISCARDED), at, actor.label or actor.id, [held.id]))
    return Inspected(view=inspection_view(held.id))
