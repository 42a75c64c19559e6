"""Carriers' programs are told what to print: label data as files, one per carrier and location, with the parcels that are left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.operations import FileNote, keep_file, next_file_id
from inventory.queries import MapInForce, map_in_force
from inventory.rules import FileStatus, FileWay, RowFate, RowNote
from orders.operations.shipping import hold_parcels, in_box_with, may_leave
from orders.queries import Contract, Contracts, ParcelToLabel, label_layouts, parcels_as_labels
from orders.rules import MOST_PIECES, LabelLayout, LabelParcel, LabelRow, label_csv, label_row, parcel_faults

MOST = 2_000
"""So many parcels at a time; the rest go next."""
TO_SHIP = ("planned", "instructed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A parcel of which no label is printed, and everything that is wrong with it."""

    shipment_id: int
    shipment_ref: UUID
    number: str
    reasons: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFile:
    """A file for a carrier's program; ``replaced`` counts what had to be written otherwise."""

    file_id: int
    name: str
    carrier: str
    parcels: int
    rows: int
    replaced: int


@dataclass(frozen=True, slots=True)
class LabelsWritten:
    """The files, and who waits for a person."""

    files: tuple[LabelFile, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(slots=True)
class _Sheet:
    """What goes into one file."""

    layout: LabelLayout
    columns: MapInForce
    place: ParcelToLabel
    parcels: list[ParcelToLabel] = field(default_factory=list)
    cells: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


_LABELLED = """
WITH told AS (
    INSERT INTO orders_shipmentlabel (shipment_id, carrier, pieces, file_id, at, actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT q.id, q.carrier, q.pieces, q.file, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
    FROM unnest(%(ids)s::bigint[], %(carriers)s::text[], %(pieces)s::int[], %(files)s::bigint[]) AS q (id, carrier, pieces, file)
    RETURNING shipment_id, carrier
)
UPDATE orders_shipment s SET carrier = told.carrier, version = s.version + 1 FROM told WHERE s.id = told.shipment_id AND s.carrier <> told.carrier
"""


@operation
def write_labels(
    shipment_ids: Sequence[int], *, carrier: str = "", leaves_on: date | None = None, again: bool = False, actor: Actor, at: datetime
) -> LabelsWritten | Refusal:
    """Label data of these parcels stands in files, one per carrier and location; a parcel goes with its own carrier, else with this one.

    Parcels in one box have one label, under the number of the first of them.

    A parcel of which anything cannot be printed as it is known is left out with every reason, and so is one of which label data
    was made before, unless ``again``. They leave today, or on ``leaves_on``. Locks orders, then parcels. Refuses "order.too_many_parcels" and "order.no_parcels".
    """
    ids = sorted(set(shipment_ids))
    if not ids:
        return Refusal("order.no_parcels", _("No parcel waits for its label here."))
    if len(ids) > MOST:
        return Refusal("order.too_many_parcels", _("At most %(most)s parcels at a time."), {"most": f"{MOST:,d}"})
    orders, shipments = hold_parcels(ids)
    known = {s.id: s for s in shipments}
    leads = {i: in_box_with(known[i], shipments) for i in ids if i in known}
    leaving = {s.id: may_leave(s, orders[s.order_id]) if s.status in TO_SHIP else _not_open() for s in shipments}
    firsts = sorted({mates[0].id for mates in leads.values()})
    stays = {mates[0].id: next((leaving[m.id] for m in mates if leaving[m.id] is not None), None) for mates in leads.values()}
    parcels = parcels_as_labels(firsts)
    contracts = Contracts([parcel.company_id for parcel in parcels])
    sheets: dict[tuple[int, str], _Sheet] = {}
    left_out: list[LeftOut] = []
    for parcel in parcels:
        parcel = replace(parcel, carrier=parcel.carrier or carrier)
        contract = contracts.of(parcel.company_id, parcel.carrier, parcel.location_id)
        stands = stays[parcel.shipment_id]
        reasons = [stands] if isinstance(stands, Refusal) else _missing(parcel, contract, again=again)
        if not reasons and contract is not None:
            sheet = _sheet_of(parcel, contract, sheets)
            today = business_date(at, parcel.timezone)
            reasons = _write(parcel.as_told(contract, today=today, leaves_on=leaves_on or today), contract, sheet)
            sheet.parcels += [] if reasons else [parcel]
        if reasons:
            left_out.append(LeftOut(shipment_id=parcel.shipment_id, shipment_ref=parcel.ref, number=parcel.number, reasons=tuple(reasons)))
    made = _keep([sheet for sheet in sheets.values() if sheet.cells], left_out, actor=actor, at=at)
    share_labels([parcel.shipment_id for sheet in sheets.values() for parcel in sheet.parcels if known[parcel.shipment_id].box])
    return made


_SHARE = """
UPDATE orders_shipment m SET carrier = s.carrier, tracking_number = s.tracking_number, version = m.version + 1
FROM orders_shipment s WHERE s.id = ANY(%s::bigint[]) AND m.box = s.box AND m.box IS NOT NULL AND m.status IN ('planned', 'instructed')
  AND m.id <> s.id AND (m.carrier, m.tracking_number) IS DISTINCT FROM (s.carrier, s.tracking_number)
"""


def share_labels(shipment_ids: Sequence[int]) -> None:
    """Whatever is in one box with these has their carrier and number. The parcels are held."""
    if shipment_ids:
        run(_SHARE, (list(shipment_ids),))


def _not_open() -> Refusal:
    return Refusal("order.not_open", _("The parcel has left, or was cancelled."))


def _missing(parcel: ParcelToLabel, contract: Contract | None, *, again: bool) -> list[Refusal]:
    """What must be there before anything is written of a parcel."""
    if not parcel.carrier:
        return [Refusal("order.no_carrier", _("No carrier is known for this parcel. Choose one."))]
    if contract is None:
        words = _("There is no contract with this carrier for location %(location)s. Write it down under carrier contracts.")
        return [Refusal("order.no_contract", words, {"location": parcel.location})]
    if parcel.known_file and not again:
        words = _("Label data was made of it before: %(file)s. Say that it is to be made again, if that one was not printed.")
        return [Refusal("order.labelled_before", words, {"file": parcel.known_file})]
    return []


def _sheet_of(parcel: ParcelToLabel, contract: Contract, sheets: dict[tuple[int, str], _Sheet]) -> _Sheet:
    key = (parcel.location_id, contract.layout)
    if key not in sheets:
        layout = label_layouts()[contract.layout]
        columns = map_in_force(layout.kind, company_id=parcel.company_id, location_id=parcel.location_id)
        sheets[key] = _Sheet(layout, columns, parcel)
    return sheets[key]


def _write(told: LabelParcel, contract: Contract, sheet: _Sheet) -> list[Refusal]:
    """The rows of a parcel are on the sheet, all of them or none; what is wrong with it."""
    reasons = list(parcel_faults(told))
    given = sheet.layout.rows(told, contract.terms)
    rows_of = [] if isinstance(given, list) and given and isinstance(given[0], Refusal) else given
    reasons += [fault for fault in given if isinstance(fault, Refusal)]
    written: dict[int, LabelRow] = {}
    for one in rows_of:
        if id(one) not in written and not isinstance(one, Refusal):
            row = label_row(one, sheet.columns.columns, sheet.layout)
            if isinstance(row, LabelRow):
                written[id(one)] = row
            else:
                reasons += row
    if reasons:
        return list({(fault.code, fault.field, str(fault.params)): fault for fault in reasons}.values())
    first = len(sheet.cells) + 2
    for number, one in enumerate(rows_of, start=first):
        row = written[id(one)]
        sheet.cells.append(row.cells)
        sheet.notes.append(RowNote(number=number, key=told.number, fate=RowFate.DONE))
        sheet.notes += [RowNote(number=number, key=told.number, fate=RowFate.REPLACED, refusal=note) for note in row.notes]
    return []


def _keep(sheets: Sequence[_Sheet], left_out: Sequence[LeftOut], *, actor: Actor, at: datetime) -> LabelsWritten:
    """The files stand in the history; who was left out of this call is told with the file of its location, or with the first."""
    files: list[LabelFile] = []
    told: list[tuple[ParcelToLabel, int]] = []
    for place, sheet in enumerate(sheets):
        file_id, first = next_file_id(), sheet.place
        waiting = [
            RowNote(number=0, key=one.number, fate=RowFate.REFUSED, refusal=reason)
            for one in (left_out if not place else ())
            for reason in one.reasons
        ]
        local = at.astimezone(ZoneInfo(first.timezone))
        name = f"{sheet.columns.file_name}_{first.location}_{local:%Y%m%d%H%M%S}_{file_id}.csv"
        replaced = sum(note.fate is RowFate.REPLACED for note in sheet.notes)
        keep_file(
            FileNote(
                company_id=first.company_id, location_id=first.location_id, kind=sheet.layout.kind.code, way=FileWay.OUT, status=FileStatus.DONE,
                name=name, about=first.location, encoding=str(sheet.columns.encoding), file_id=file_id, row_count=len(sheet.cells),
                content=label_csv(sheet.columns.columns, sheet.cells, encoding=str(sheet.columns.encoding)),
                rows=tuple(waiting + sheet.notes), replaced_count=replaced,
            ),
            actor=actor,
            at=at,
        )  # fmt: skip
        told += [(parcel, file_id) for parcel in sheet.parcels]
        files.append(
            LabelFile(
                file_id=file_id,
                name=name,
                carrier=sheet.layout.carrier,
                parcels=len(sheet.parcels),
                rows=len(sheet.cells),
                replaced=replaced,
            )
        )
    if told:
        run(
            _LABELLED,
            {
                "ids": [parcel.shipment_id for parcel, _file in told], "carriers": [parcel.carrier for parcel, _file in told],
                "pieces": [parcel.pieces for parcel, _file in told], "files": [file for _parcel, file in told], "at": at,
                "kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of,
            },
        )  # fmt: skip
    return LabelsWritten(tuple(files), tuple(left_out))


@dataclass(frozen=True, slots=True)
class Packed:
    """A parcel goes with this carrier, in so many pieces."""

    shipment_id: int
    repeated: bool = False


_PACK = """
UPDATE orders_shipment SET carrier = coalesce(nullif(%(carrier)s::text, ''), carrier), pieces = %(pieces)s, version = version + 1,
    service_id = CASE WHEN %(carrier)s::text IN ('', carrier) THEN service_id END
WHERE id = ANY(%(ids)s::bigint[]) AND (pieces <> %(pieces)s OR (%(carrier)s::text <> '' AND carrier <> %(carrier)s::text)) RETURNING id
"""


@operation
def pack_shipments(shipment_ids: Sequence[int], *, pieces: int, carrier: str = "", actor: Actor, at: datetime) -> list[Packed | Refusal]:
    """These parcels go in so many pieces each, and with this carrier where one is named; boxes with all in them. Again changes nothing.

    Refuses "order.not_found", "order.not_open", "order.bad_pieces".
    """
    if not 1 <= pieces <= MOST_PIECES:
        return [Refusal("order.bad_pieces", _("From 1 to %(most)s pieces."), {"most": MOST_PIECES}, "/pieces")] * len(shipment_ids)
    found = {s.id: s for s in hold_parcels(shipment_ids)[1]}
    open_ids = [s.id for s in found.values() if s.status in TO_SHIP]
    changed = {row.id for row in rows(_PACK, {"ids": open_ids, "pieces": pieces, "carrier": carrier})}
    answers: list[Packed | Refusal] = []
    for key in shipment_ids:
        if key not in found:
            answers.append(Refusal("order.not_found", _("There is no such shipment.")))
        elif found[key].status not in TO_SHIP:
            answers.append(_not_open())
        else:
            answers.append(Packed(key, repeated=key not in changed))
    return answers
