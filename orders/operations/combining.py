"""Parcels of several orders are put in one box, taken out of it, or left apart for good."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.ids import new_id
from core.words import gettext_noop as _
from orders.operations.holding import HoldAsk, hold
from orders.operations.inserting import give_back_doubles
from orders.operations.noting import Remark, note
from orders.operations.shipping import hold_parcels, in_box_with, may_leave
from orders.queries import box_parcels
from orders.rules import BoxParcel, HoldKind, ShipmentStatus, box_fault, spare_postage

MOST_IN_BOX = 50
_PLANNED = (ShipmentStatus.PLANNED,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """Parcels that travel in one box; ``repeated`` when they did before. ``spare_postage`` (minor units) was agreed but is not needed."""

    box: UUID
    shipment_ids: tuple[int, ...]
    spare_postage: int = 0
    repeated: bool = False


_COMBINE = """
UPDATE orders_shipment s SET box = n.box, carrier = n.carrier, pieces = n.pieces, stays_apart = false, version = s.version + 1
FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::int[]) AS n (id, box, carrier, pieces) WHERE s.id = n.id
"""
_PIECES = "SELECT id, pieces FROM orders_shipment WHERE id = ANY(%s::bigint[])"


@operation
def combine_shipments(groups: Sequence[Sequence[int]], *, actor: Actor, at: datetime) -> list[Combined | Refusal]:
    """The parcels of each group travel in one box from now on; one result per group.

    A box brings along what is in it already. All of a group or none. Refuses "order.nothing_to_combine", "order.not_found",
    "order.instructed", "order.not_open", "order.box_too_full", what keeps one of them from leaving (``may_leave``), and what
    ``box_fault`` finds: another location, buyer, address, day, carrier, temperature, a second sum of cash, a label that was made.
    What was agreed with the buyers stays as it is, the postage too. A fixed number of statements for all groups. Locks orders, then
    parcels, each by id. Again changes nothing.
    """
    orders, held = hold_parcels([i for group in groups for i in group])
    shipments = {s.id: s for s in held}
    known = {p.shipment_id: p for p in box_parcels(sorted(shipments))}
    taken: set[int] = set()
    answers: list[Combined | Refusal] = []
    news: list[tuple[UUID, list[BoxParcel]]] = []
    for group in groups:
        ids = sorted({m.id for i in set(group) if i in shipments for m in in_box_with(shipments[i], held, _PLANNED)})
        refusal = _refused(group, ids, shipments, orders, known, taken)
        if refusal is not None:
            answers.append(refusal)
            continue
        parcels = [known[i] for i in ids]
        boxes = {p.box for p in parcels}
        box = next((p.box for p in parcels if p.box), None) or new_id()
        repeated = len(boxes) == 1 and None not in boxes
        answers.append(Combined(box=box, shipment_ids=tuple(ids), spare_postage=spare_postage(parcels), repeated=repeated))
        if not repeated:
            taken.update(ids)
            news.append((box, parcels))
    if news:
        _write(news)
        give_back_doubles([box for box, _parcels in news], actor=actor, at=at)
        note([one for _box, parcels in news for one in _remarks(parcels)], actor=actor, at=at)
    return answers


def _write(news: Sequence[tuple[UUID, Sequence[BoxParcel]]]) -> None:
    pieces = {row.id: row.pieces for row in rows(_PIECES, ([p.shipment_id for _box, parcels in news for p in parcels],))}
    told = [
        (p.shipment_id, box, next((q.carrier for q in parcels if q.carrier), ""), max(pieces[q.shipment_id] for q in parcels))
        for box, parcels in news
        for p in parcels
    ]
    run(_COMBINE, tuple(list(column) for column in zip(*told, strict=True)))


def _remarks(parcels: Sequence[BoxParcel]) -> list[Remark]:
    """On every order with which others it travels: numbers, in no language."""
    numbers = {p.order_id: p.order_number for p in parcels}
    return [Remark(order, f"⧉ {' + '.join(p.number for p in parcels)}") for order in sorted(numbers)]


def _refused(
    group: Sequence[int],
    ids: Sequence[int],
    shipments: dict[int, Any],
    orders: dict[int, Any],
    known: dict[int, BoxParcel],
    taken: set[int],
) -> Refusal | None:
    if missing := next((i for i in group if i not in shipments), None):
        return Refusal("order.not_found", _("There is no such shipment."), {"key": missing})
    for i in ids:
        shipment = shipments[i]
        about = {"number": shipment.number}
        if shipment.status == ShipmentStatus.INSTRUCTED:
            return Refusal("order.instructed", _("A warehouse has the instruction for parcel %(number)s. Take it back first."), about)
        if shipment.status != ShipmentStatus.PLANNED:
            return Refusal("order.not_open", _("The parcel has left, or was cancelled."), about)
        if isinstance(answer := may_leave(shipment, orders[shipment.order_id]), Refusal):
            return answer
    if len(ids) < 2:
        return Refusal("order.nothing_to_combine", _("Choose at least two parcels for one box."))
    if len(ids) > MOST_IN_BOX:
        return Refusal("order.box_too_full", _("At most %(most)s parcels in one box."), {"most": MOST_IN_BOX})
    if taken.intersection(ids):
        return Refusal("order.parcel_twice_in_boxes", _("A parcel is named for two boxes. Look at the list again."))
    parcels = [known[i] for i in ids]
    boxes = {p.box for p in parcels}
    return None if len(boxes) == 1 and None not in boxes else box_fault(parcels)


@dataclass(frozen=True, slots=True)
class Parted:
    """The parcel travels by itself; ``repeated`` when it did before."""

    shipment_id: int
    repeated: bool = False


_PART = """
UPDATE orders_shipment s SET box = CASE WHEN n.leaves THEN NULL ELSE s.box END, stays_apart = s.stays_apart OR n.is_asked,
    tracking_number = CASE WHEN n.clears THEN '' ELSE s.tracking_number END, version = s.version + 1
FROM unnest(%s::bigint[], %s::boolean[], %s::boolean[], %s::boolean[]) AS n (id, leaves, clears, is_asked)
WHERE s.id = n.id AND (n.leaves OR n.clears OR n.is_asked AND NOT s.stays_apart) RETURNING s.id
"""
# Numbers stay with the parcel whose label bears them; those of the others are copies.
_LABELS = """
SELECT s.id, EXISTS (SELECT FROM orders_trackingnumber t WHERE t.shipment_id = s.id AND t.ended_at IS NULL) AS numbered,
    EXISTS (SELECT FROM orders_shipmentlabel l WHERE l.shipment_id = s.id) AS labelled
FROM orders_shipment s WHERE s.id = ANY(%s::bigint[])
"""


@operation
def part_shipments(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Parted | Refusal]:
    """These parcels leave their boxes and travel by themselves, and are not proposed again; what is left in a box stays together.

    A box of which one parcel is left is none. A parcel that is in no box is left apart in the same way. Where a label was made for the
    box, its order is held until the label is made anew, and so are those left in a box whose label leaves. Refuses "order.not_found", "order.instructed", "order.not_open". Locks orders,
    then parcels, each by id. Again changes nothing.
    """
    _orders, held = hold_parcels(shipment_ids)
    shipments = {s.id: s for s in held}
    asked = {i for i in shipment_ids if i in shipments and shipments[i].status == ShipmentStatus.PLANNED}
    boxes = {shipments[i].box for i in asked} - {None}
    mates = [s for s in held if s.box in boxes and s.status == ShipmentStatus.PLANNED]
    if mates:
        note([Remark(s.order_id, f"⧉ − {s.number}") for s in mates if s.id in asked], actor=actor, at=at)
    changed = _take_apart(mates, asked & {s.id for s in mates}, asked=asked, relabelled=mates, actor=actor, at=at)
    return [_parted(i, shipments.get(i), repeated=i not in changed) for i in shipment_ids]


def _take_apart(
    mates: Sequence[Any], leaving: Collection[int], *, asked: Collection[int] = (), relabelled: Sequence[Any], actor: Actor, at: datetime
) -> set[int]:
    """Of what is in some boxes, these parcels leave; answers with the parcels that are another now.

    What would be alone in its box is in none. A number goes with the parcel whose label bears it, and the copies of it end. Orders wait
    whose label (of ``relabelled``) was made for other contents, and those that are left in a box whose label has gone.
    """
    gone = set(leaving) | {s.id for s in _left_alone(mates, leaving)}
    labels = {row.id: row for row in rows(_LABELS, ([s.id for s in mates],))} if mates else {}
    bare = {s.box for s in mates if s.id in gone and labels[s.id].numbered}
    clearing = {s.id for s in mates if not labels[s.id].numbered and (s.id in gone or s.box in bare)}
    hold_for_labels([s.id for s in relabelled], actor=actor, at=at)
    _hold_unlabelled(mates, leaving, labels, actor=actor, at=at)
    told = [(i, i in gone, i in clearing, i in asked) for i in sorted({*asked, *(s.id for s in mates)})]
    return {row.id for row in rows(_PART, tuple(list(column) for column in zip(*told, strict=True)))} if told else set()


def _hold_unlabelled(mates: Sequence[Any], leaving: Collection[int], labels: Mapping[int, Any], *, actor: Actor, at: datetime) -> None:
    taken = {s.box: s.number for s in mates if s.id in leaving and (labels[s.id].labelled or labels[s.id].numbered)}
    words = gettext("The label on its box was parcel %(number)s’s, which leaves it. Make a label for what stays.")
    asks = {
        s.order_id: HoldAsk(s.order_id, (words % {"number": taken[s.box]})[:200])
        for s in mates
        if s.box in taken and s.id not in leaving and s.status == ShipmentStatus.PLANNED
    }
    if asks:
        hold(list(asks.values()), kind=HoldKind.MANUAL, actor=actor, at=at)


def _left_alone(mates: Iterable[Any], leaving: Collection[int]) -> list[Any]:
    """What would be the only planned parcel in its box."""
    left: dict[UUID, list[Any]] = {}
    for s in mates:
        if s.id not in leaving and s.status == ShipmentStatus.PLANNED:
            left.setdefault(s.box, []).append(s)
    return [own[0] for own in left.values() if len(own) == 1]


def _parted(shipment_id: int, shipment: Any, *, repeated: bool) -> Parted | Refusal:
    if shipment is None:
        return Refusal("order.not_found", _("There is no such shipment."))
    if shipment.status == ShipmentStatus.INSTRUCTED:
        words = _("A warehouse has the instruction for parcel %(number)s. Take it back first.")
        return Refusal("order.instructed", words, {"number": shipment.number})
    if shipment.status != ShipmentStatus.PLANNED:
        return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    return Parted(shipment_id, repeated=repeated)


_LABELLED = """
SELECT m.order_id, string_agg(m.number, ', ' ORDER BY m.id) AS numbers FROM orders_shipment m
WHERE m.id = ANY(%s::bigint[]) AND m.status = 'planned' AND EXISTS (SELECT FROM orders_shipmentlabel l WHERE l.shipment_id = m.id)
GROUP BY m.order_id
"""


def hold_for_labels(shipment_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """A label says what was in a parcel, and whose cash to take. Where that changed, its order waits until the label is made anew."""
    words = gettext("The label of %(parcels)s was made for other contents. Make it anew.")
    found = rows(_LABELLED, (list(shipment_ids),)) if shipment_ids else []
    asks = [HoldAsk(row.order_id, (words % {"parcels": row.numbers[:100]})[:200]) for row in found]
    if asks:
        hold(asks, kind=HoldKind.MANUAL, actor=actor, at=at)


_MATES = """
SELECT id, order_id, number, status, box FROM orders_shipment WHERE status IN ('planned', 'cancelled') AND box IS NOT NULL
    AND box = ANY(ARRAY(SELECT box FROM orders_shipment WHERE order_id = ANY(%s::bigint[]) AND box IS NOT NULL)) ORDER BY id
"""


def leave_boxes(order_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """These orders go elsewhere, on another day, are paid otherwise or not sent at all: their parcels leave what they were combined with.

    They are proposed again where they still fit. Whose label says what is no longer so is held, but for these orders themselves: whoever
    calls this says what becomes of them. Everything in the boxes is held by ``hold_orders``.
    """
    mates = rows(_MATES, (list(order_ids),))
    leaving = {s.id for s in mates if s.order_id in order_ids}
    if mates:
        _take_apart(mates, leaving, relabelled=[s for s in mates if s.id not in leaving], actor=actor, at=at)
