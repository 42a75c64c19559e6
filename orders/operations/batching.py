"""Parcels are put together to be picked: once each, with their inserts and lots chosen, so that no parcel is fetched twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.operations import series_for, take_numbers
from core.words import gettext_noop as _
from orders.operations.inserting import choose_inserts, hold_contents
from orders.operations.papering import ask_for_papers
from orders.operations.picking import pick_shipments
from orders.operations.shipping import Shipped, hold_parcels, in_box_with, may_be_prepared
from orders.queries import batches_of_parcels
from orders.rules import MOST_ON_PAPER, PaperKind, PickingWay

SERIES = "picking_batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class InBatch:
    """The parcel is picked in this batch."""

    shipment_id: int
    batch: str
    batch_id: int
    batch_ref: UUID


_PLACES = "SELECT id, company_id, location_id FROM orders_shipment WHERE id = ANY(%s::bigint[])"
_MAKE = """
INSERT INTO orders_pickingbatch (company_id, location_id, number, way, parcel_count, at, actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(location)s, %(number)s, %(way)s, %(count)s, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s) RETURNING id, public_id
"""
_FILL = """
INSERT INTO orders_pickingparcel (batch_id, shipment_id, position)
SELECT %s, q.id, q.place FROM unnest(%s::bigint[]) WITH ORDINALITY AS q (id, place)
"""


@operation
def make_picking_batches(shipment_ids: Sequence[int], *, way: PickingWay, actor: Actor, at: datetime) -> list[InBatch | Refusal]:
    """Parcels that may be prepared are in a batch, one per location, and everything they need is chosen; a result per id.

    A box goes with all that is in it, or stays. Parcels are numbered in the batch in the order of their ids, those of a box beside each other.
    Refuses "order.too_many_parcels" (all of them), what keeps work from beginning (``may_be_prepared``), "order.not_open",
    "order.in_a_batch", "order.insert_awaited", "order.box_stays" and what ``pick_lots`` refuses. Locks orders, parcels, allocations, then stock.
    """
    if len(set(shipment_ids)) > MOST_ON_PAPER:
        refusal = Refusal("order.too_many_parcels", _("At most %(most)s parcels at a time."), {"most": f"{MOST_ON_PAPER:,d}"})
        return [refusal] * len(shipment_ids)
    orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    wanted = [m.id for i in sorted(set(shipment_ids)) if i in parcels for m in in_box_with(parcels[i], held)]
    batches = batches_of_parcels(wanted)
    refused: dict[int, Refusal] = {}
    for i in dict.fromkeys(wanted):
        if (stays := _stays(parcels[i], orders, batches)) is not None:
            refused[i] = stays
    going = _going(wanted, refused, parcels)
    if going:
        hold_contents(going, actor=actor, at=at)
    _sort_out(going, refused, choose_inserts(going, actor=actor, at=at) if going else [])
    going = _going(going, refused, parcels)
    _sort_out(going, refused, pick_shipments(going, actor=actor, at=at) if going else [])
    going = _going(going, refused, parcels)
    made = _make(going, orders, parcels, way=way, actor=actor, at=at) if going else {}
    return [made.get(i) or refused.get(i) or Refusal("order.not_found", _("There is no such shipment.")) for i in shipment_ids]


def _stays(parcel: Any, orders: Mapping[int, Any], batches: Mapping[int, tuple[str, UUID]]) -> Refusal | None:
    answer = may_be_prepared(parcel, orders.get(parcel.order_id))
    if isinstance(answer, Refusal):
        return answer
    if isinstance(answer, Shipped):
        return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    if parcel.id in batches:
        words = _("Parcel %(number)s is in batch %(batch)s already. Print that one again, or take the parcel out of it first.")
        return Refusal("order.in_a_batch", words, {"number": parcel.number, "batch": batches[parcel.id][0]})
    return None


def _sort_out(ids: Sequence[int], refused: dict[int, Refusal], answers: Sequence[object]) -> None:
    refused.update({i: answer for i, answer in zip(ids, answers, strict=True) if isinstance(answer, Refusal)})


def _going(ids: Sequence[int], refused: dict[int, Refusal], parcels: Mapping[int, Any]) -> list[int]:
    """Those that are not refused, and neither is anything in a box with them; boxes stand beside each other."""
    boxes = {parcels[i].box: i for i in refused if i in parcels and parcels[i].box is not None}
    going: list[int] = []
    for i in dict.fromkeys(ids):
        if i in refused:
            continue
        if (other := boxes.get(parcels[i].box)) is not None:
            words = _("Parcel %(number)s is in one box with %(other)s, which may not leave yet. Settle that first, or take them apart.")
            refused[i] = Refusal("order.box_stays", words, {"number": parcels[i].number, "other": parcels[other].number})
        else:
            going.append(i)
    return going


def _make(
    going: Sequence[int], orders: Mapping[int, Any], parcels: Mapping[int, Any], *, way: PickingWay, actor: Actor, at: datetime
) -> dict[int, InBatch]:
    """A batch per location."""
    places: dict[tuple[int, int], list[int]] = {}
    where = {row.id: (row.company_id, row.location_id) for row in rows(_PLACES, (list(going),))}
    for i in going:
        places.setdefault(where[i], []).append(i)
    made: dict[int, InBatch] = {}
    for (company, location), ids in places.items():
        day = business_date(at, orders[parcels[ids[0]].order_id].timezone)
        (number,) = take_numbers(series_for(company, kind=SERIES, prefix="PK", digits=6), count=1, on=day)
        told = {"company": company, "location": location, "number": number, "way": str(way), "count": len(ids), "at": at}
        (batch,) = rows(_MAKE, {**told, "kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of})
        run(_FILL, (batch.id, ids))
        made |= {i: InBatch(shipment_id=i, batch=number, batch_id=batch.id, batch_ref=batch.public_id) for i in ids}
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfBatch:
    """The parcel may be put into another batch; ``repeated`` when it was in none."""

    shipment_id: int
    repeated: bool = False


_LEAVE = """
UPDATE orders_pickingparcel SET ended_at = %s WHERE shipment_id = ANY(%s::bigint[]) AND ended_at IS NULL RETURNING shipment_id
"""


@operation
def leave_batches(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[OutOfBatch | Refusal]:
    """These parcels are in no batch any more, a box with all that is in it; what was chosen for them stays chosen.

    Refuses "order.not_found", "order.not_open" (it has left). Repeating it changes nothing. Locks orders, then parcels.
    """
    _orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    open_now = [i for i in parcels if parcels[i].status in ("planned", "instructed", "cancelled")]
    gone = {row.shipment_id for row in rows(_LEAVE, (at, open_now))} if open_now else set()
    answers: list[OutOfBatch | Refusal] = []
    for i in shipment_ids:
        if i not in parcels:
            answers.append(Refusal("order.not_found", _("There is no such shipment.")))
        elif i not in open_now:
            answers.append(Refusal("order.not_open", _("The parcel has left, or was cancelled.")))
        else:
            answers.append(OutOfBatch(shipment_id=i, repeated=i not in gone))
    return answers


@operation
def pick_and_print(
    shipment_ids: Sequence[int], *, way: PickingWay, papers: Sequence[PaperKind], kept_days: int, actor: Actor, at: datetime
) -> list[InBatch | Refusal]:
    """The same as ``make_picking_batches``, and these papers of every batch will be set; what was printed before is marked as another copy."""
    answers = make_picking_batches(shipment_ids, way=way, actor=actor, at=at)
    batches: dict[int, list[int]] = {}
    for one in answers:
        if isinstance(one, InBatch):
            batches.setdefault(one.batch_id, []).append(one.shipment_id)
    for batch_id, ids in batches.items():
        for kind in papers:
            ask_for_papers(ids, kind=kind, kept_days=kept_days, batch_id=batch_id, again=True, actor=actor, at=at)
    return answers
