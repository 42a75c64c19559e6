"""The numbers of printed labels come back to their parcels: each once, each checked, nobody's taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.rules import FilePlace, FileRow, RowFate, RowNote, typed_code
from orders.operations.labelling import share_labels
from orders.operations.shipping import lock_parcels
from orders.ports import LabelCarrier
from orders.rules import REUSED_AFTER_DAYS, NumberRead, ShipmentStatus

_REUSED = timedelta(days=REUSED_AFTER_DAYS)
_TO_SHIP = (ShipmentStatus.PLANNED, ShipmentStatus.INSTRUCTED)


@dataclass(slots=True)
class _Row:
    """A row that came, and what is known of it."""

    row: FileRow
    parcel: str
    number: str = ""
    doubt: Refusal | None = None
    refusal: Refusal | None = None
    is_new: bool = False


_IDS = "SELECT id FROM orders_shipment WHERE company_id = %s AND location_id = %s AND number = ANY(%s::text[])"
# Read once the parcels are locked: nobody ships or cancels them meanwhile.
_PARCELS = """
SELECT s.id, s.number, s.status, s.carrier, s.tracking_number, s.pieces, s.box, o.status AS order_status,
    CASE WHEN s.box IS NOT NULL THEN (
        SELECT m.number FROM orders_shipment m WHERE m.box = s.box AND m.box IS NOT NULL AND m.status <> 'cancelled' ORDER BY m.id LIMIT 1
    ) END AS labelled_as,
    ARRAY(SELECT t.number FROM orders_trackingnumber t WHERE t.shipment_id = s.id AND t.ended_at IS NULL) AS numbers
FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id WHERE s.id = ANY(%s::bigint[])
"""
_OWNERS = """
SELECT shipment_id AS id, number FROM orders_trackingnumber
WHERE company_id = %(company)s AND carrier = %(carrier)s AND number = ANY(%(numbers)s::text[]) AND ended_at IS NULL AND at >= %(reused)s
UNION
SELECT id, tracking_number FROM orders_shipment
WHERE company_id = %(company)s AND carrier = %(carrier)s AND tracking_number = ANY(%(numbers)s::text[]) AND tracking_number <> ''
  AND status IN ('shipped', 'delivered', 'returned') AND shipped_at >= %(reused)s
"""
_TAKE = """
WITH new AS MATERIALIZED (
    SELECT * FROM unnest(%(ids)s::bigint[], %(numbers)s::text[]) AS q (shipment_id, number)
), ended AS (
    UPDATE orders_trackingnumber t SET ended_at = %(at)s WHERE t.ended_at IS NULL AND t.company_id = %(company)s AND t.carrier = %(carrier)s
      AND ((t.shipment_id = ANY(%(relabelled)s::bigint[]) AND NOT EXISTS (SELECT 1 FROM new n WHERE n.shipment_id = t.shipment_id AND n.number = t.number))
        OR (t.at < %(reused)s AND t.number = ANY(%(numbers)s::text[])))
    RETURNING t.id
)
SELECT count(*) AS ended FROM ended
"""
_KEEP = """
INSERT INTO orders_trackingnumber (shipment_id, company_id, carrier, number, file_id, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT q.id, %(company)s, %(carrier)s, q.number, %(file)s::bigint, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(ids)s::bigint[], %(numbers)s::text[]) WITH ORDINALITY AS q (id, number, place) ORDER BY q.number
ON CONFLICT (company_id, carrier, number) WHERE ended_at IS NULL DO NOTHING RETURNING shipment_id, number
"""
_FIRST = """
UPDATE orders_shipment s SET carrier = %(carrier)s, tracking_number = n.number, version = s.version + 1
FROM (SELECT DISTINCT ON (t.shipment_id) t.shipment_id, t.number FROM orders_trackingnumber t
      WHERE t.shipment_id = ANY(%(ids)s::bigint[]) AND t.ended_at IS NULL ORDER BY t.shipment_id, t.id) n
WHERE s.id = n.shipment_id AND (s.tracking_number, s.carrier) IS DISTINCT FROM (n.number, %(carrier)s) RETURNING s.id
"""


@operation
def take_label_numbers(found: Sequence[FileRow], *, by: LabelCarrier, place: FilePlace, actor: Actor, at: datetime) -> list[RowNote]:
    """Parcels carry the numbers of their printed labels; what became of each row.

    A parcel that is still here takes another number for the one it had, as its label was printed again; one that has left keeps
    its own. A number is one parcel's. Several rows of a parcel are its pieces, no more than it has. Again changes nothing.
    """
    lock_advisory(LockSpace.NUMBER_SERIES, f"labels:{place.company_id}:{by.carrier()}")  # nobody else gives such a number away
    read = [_Row(row, typed_code(row.values["number"])) for row in found]
    for row, answer in zip(read, by.read_numbers([one.row.values["tracking"] for one in read]), strict=True):
        if isinstance(answer, NumberRead):
            row.number, row.doubt = answer.number, answer.doubt
        else:
            row.refusal = answer
    asked = (place.company_id, place.location_id, sorted({row.parcel for row in read}))
    ids = [row.id for row in rows(_IDS, asked, prepare=False)]
    lock_parcels(ids)
    parcels = {row.number: row for row in rows(_PARCELS, (ids,), prepare=False)}
    told = {"company": place.company_id, "carrier": by.carrier(), "numbers": [row.number for row in read], "reused": at - _REUSED}
    owners = {row.number: row.id for row in rows(_OWNERS, told, prepare=False)}
    wanted = _judge(read, parcels, owners, carrier=by.carrier())
    _take(read, wanted, parcels, carrier=by.carrier(), place=place, actor=actor, at=at)
    return [_note(row) for row in read]


def _judge(read: Sequence[_Row], parcels: Mapping[str, Any], taken: Mapping[str, int], *, carrier: str) -> dict[str, list[str]]:
    """Refusals stand with their rows; answers with the numbers each parcel is to carry from now on, where that is news."""
    said: dict[str, dict[str, None]] = {}
    owners: dict[str, str] = {}
    for row in read:
        row.refusal = row.refusal or _wrong(row, parcels.get(row.parcel), carrier=carrier)
        if not row.refusal and taken.get(row.number, parcels[row.parcel].id) != parcels[row.parcel].id:
            row.refusal = number_taken(row.number)
        if not row.refusal and owners.setdefault(row.number, row.parcel) != row.parcel:
            row.refusal = number_taken(row.number)
        if not row.refusal:
            said.setdefault(row.parcel, {})[row.number] = None
    wanted: dict[str, list[str]] = {}
    for number, told in said.items():
        parcel = parcels[number]
        known = [one for one in parcel.numbers or [parcel.tracking_number] if one]
        new = [one for one in told if one not in known]
        if not new:
            continue
        if len(told) > parcel.pieces:
            words = _(
                "%(number)s has %(pieces)s pieces, but more numbers in this file. Say how many pieces it has, or take the void labels out."
            )
            for row in read:
                if row.parcel == number and not row.refusal:
                    row.refusal = Refusal("order.too_many_numbers", words, {"number": number, "pieces": parcel.pieces}, "/tracking")
            continue
        wanted[number] = known + new if len(known) + len(new) <= parcel.pieces else list(told)
    return wanted


def _wrong(row: _Row, parcel: Any, *, carrier: str) -> Refusal | None:
    about = {"number": row.parcel[:60]}
    if parcel is None:
        words = _("This location has no parcel “%(number)s”. Check the number, and which location the file is from.")
        return Refusal("order.no_such_parcel", words, about, "/number")
    if parcel.status == ShipmentStatus.CANCELLED or parcel.order_status == "cancelled":
        words = _("Parcel %(number)s was cancelled. Take its label out of the pile, and keep the goods here.")
        return Refusal("order.parcel_cancelled", words, about, "/number")
    if parcel.labelled_as not in (None, parcel.number):
        words = _("%(number)s travels in one box with %(other)s, whose number stands on the label. Give the tracking number to that one.")
        return Refusal("order.labelled_as_another", words, {**about, "other": parcel.labelled_as}, "/number")
    if parcel.carrier not in ("", carrier):
        words = _("Parcel %(number)s goes with another carrier. Make its label data again, if this one takes it after all.")
        return Refusal("order.other_carrier", words, about, "/number")
    known = {one for one in (*parcel.numbers, parcel.tracking_number) if one}
    if parcel.status not in _TO_SHIP and known and row.number not in known:
        words = _("Parcel %(number)s has left with number %(known)s; it cannot get another one.")
        return Refusal("order.other_number", words, {**about, "known": ", ".join(sorted(known))}, "/tracking")
    return None


def number_taken(number: str) -> Refusal:
    """Why a second parcel cannot carry a number."""
    return Refusal("order.number_taken", _("Number %(number)s is on another parcel already."), {"number": number}, "/tracking")


def _take(
    read: Sequence[_Row], wanted: Mapping[str, Sequence[str]], parcels: Mapping[str, Any], *, carrier: str, place: FilePlace, actor: Actor,
    at: datetime,
) -> None:  # fmt: skip
    if not wanted:
        return
    pairs = [(parcels[key].id, number) for key, numbers in wanted.items() for number in numbers]
    told = {
        "ids": [key for key, _n in pairs], "numbers": [number for _k, number in pairs], "company": place.company_id, "carrier": carrier,
        "file": place.file_id or None, "at": at, "relabelled": [parcels[key].id for key in wanted],
        "reused": at - _REUSED, "kind": str(actor.kind), "actor": actor.id, "label": actor.label,
        "for": actor.on_behalf_of,
    }  # fmt: skip
    rows(_TAKE, told)
    kept = {(row.shipment_id, row.number) for row in rows(_KEEP, told)}
    rows(_FIRST, {"carrier": carrier, "ids": [parcels[key].id for key in wanted]})
    share_labels([parcels[key].id for key in wanted if parcels[key].box])
    for row in read:
        if row.refusal or row.parcel not in wanted:
            continue
        row.is_new = (parcels[row.parcel].id, row.number) in kept


def _note(row: _Row) -> RowNote:
    if row.refusal:
        return RowNote(number=row.row.number, key=row.parcel, fate=RowFate.REFUSED, refusal=row.refusal)
    if row.doubt and row.is_new:
        return RowNote(number=row.row.number, key=row.parcel, fate=RowFate.DIFFERS, refusal=row.doubt)
    return RowNote(number=row.row.number, key=row.parcel, fate=RowFate.DONE if row.is_new else RowFate.REPEATED)
