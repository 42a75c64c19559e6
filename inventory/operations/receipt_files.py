"""What a warehouse says it received is received here, once per paper and delivery note."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.actor import Actor
from core.clock import business_date
from core.db import operation, rows
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.operations.arriving import receive_transfers
from inventory.operations.delivering import Delivered, receive_deliveries
from inventory.operations.transfer_rows import TransferStep
from inventory.queries import Read, arrival_keys, items_read, papers_named
from inventory.rules import (
    ArrivalAsk,
    DeliveredLine,
    DeliveryAsk,
    FilePlace,
    FileRow,
    RowFate,
    RowNote,
    TransferLineAsk,
    counted_quantity,
    read_date,
    typed_code,
)

COLUMN = {"item": "/item", "quantity": "/quantity", "lot": "/lot", "delivery_note": "/note"}


@dataclass(slots=True)
class _Arrival:
    """The rows of one delivery note of a paper, which stand or fall together."""

    rows: list[FileRow] = field(default_factory=list)
    lines: list[DeliveredLine] = field(default_factory=list)
    received_on: date | None = None
    takes_more: bool = False
    refusal: Refusal | None = None
    faulty: int = 0
    repeated: bool = False

    def marked(self) -> str:
        """What came, as a mark: the same delivery told again, in whatever order, has the same one."""
        told = sorted(f"{n.stock_item_id}:{n.quantity}:{n.unsellable_quantity}:{n.lot_number}" for n in self.lines)
        return hashlib.sha256("|".join(told).encode()).hexdigest()[:24]


@operation
def take_receipts(found: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> list[RowNote]:
    """Goods of purchase orders and transfers are received as the warehouse counted them; what became of each row.

    Rows of one paper and delivery note stand or fall together. The same delivery told again is known; told with other quantities
    it is refused, as stock that is sold by now cannot be counted back. What is missing stays expected; more than was ordered is
    refused unless the file says to take it in.
    """
    arrivals = _arrivals(found, company_id=place.company_id)
    papers = papers_named([number for number, _note in arrivals], company_id=place.company_id, location_id=place.location_id)
    timezone = rows("SELECT timezone FROM core_company WHERE id = %s", (place.company_id,))[0].timezone
    today = business_date(at, timezone)
    for (number, _note), arrival in arrivals.items():
        arrival.refusal = arrival.refusal or _wrong(number, arrival, papers, today=today)
    going = {key: arrival for key, arrival in arrivals.items() if arrival.refusal is None}
    _deliver({k: a for k, a in going.items() if papers[k[0]].source == "purchase"}, papers, place=place, actor=actor, at=at)
    _arrive({k: a for k, a in going.items() if papers[k[0]].source == "transfer"}, papers, actor=actor, at=at)
    return [_note_of(row, number, arrival) for (number, _note), arrival in arrivals.items() for row in arrival.rows]


def _note_of(row: FileRow, number: str, arrival: _Arrival) -> RowNote:
    refusal = arrival.refusal
    if refusal is None:
        return RowNote(number=row.number, key=number, fate=RowFate.REPEATED if arrival.repeated else RowFate.DONE)
    if arrival.faulty and arrival.faulty != row.number:
        refusal = Refusal(
            "inventory.stands_with_others",
            _("Not taken in, because row %(row)s of the same delivery is wrong. Correct that one and hand the file in again."),
            {"row": arrival.faulty},
        )
    return RowNote(number=row.number, key=number, fate=RowFate.REFUSED, refusal=refusal)


def _arrivals(found: Sequence[FileRow], *, company_id: int) -> dict[tuple[str, str], _Arrival]:
    reads = items_read([typed_code(row.values["item"]) for row in found], company_id=company_id)
    arrivals: dict[tuple[str, str], _Arrival] = {}
    for row in found:
        arrival = arrivals.setdefault((typed_code(row.values["plan"]), typed_code(row.values["note"])), _Arrival())
        arrival.rows.append(row)
        refusal = _read_into(arrival, row.values, reads[typed_code(row.values["item"])])
        if refusal and not arrival.refusal:
            arrival.refusal, arrival.faulty = refusal, row.number
    return arrivals


def _read_into(arrival: _Arrival, said: Mapping[str, str], read: Read | Refusal) -> Refusal | None:
    """What a row adds to its delivery, or why it cannot be read."""
    if isinstance(read, Refusal):
        return read.at("/item")
    quantity = counted_quantity(said["quantity"])
    if isinstance(quantity, Refusal):
        return quantity.at("/quantity")
    unsellable = counted_quantity(said.get("unsellable", "").strip() or "0")
    if isinstance(unsellable, Refusal):
        return unsellable.at("/unsellable")
    day = read_date(said["received_on"])
    if isinstance(day, Refusal):
        return day.at("/received_on")
    expires_on = read_date(said["expires_on"]) if said.get("expires_on", "").strip() else None
    if isinstance(expires_on, Refusal):
        return expires_on.at("/expires_on")
    arrival.received_on = max(day, arrival.received_on or day)
    arrival.takes_more = arrival.takes_more or typed_code(said.get("takes_more", "")) == "1"
    if quantity:
        arrival.lines.append(
            DeliveredLine(
                stock_item_id=read.stock_item_id, quantity=quantity * read.pieces, unsellable_quantity=unsellable * read.pieces,
                lot_number=typed_code(said.get("lot", "")), expires_on=expires_on,
            )
        )  # fmt: skip
    return None


def _wrong(number: str, arrival: _Arrival, papers: Mapping[str, Any], *, today: date) -> Refusal | None:
    if number not in papers:
        words = _("Nothing is expected here under “%(number)s”. Check the number, and which warehouse the file is from.")
        return Refusal("inventory.not_expected", words, {"number": number[:60]}, "/plan")
    if arrival.received_on and arrival.received_on > today:
        words = _("%(number)s was received on a day to come: %(day)s.")
        return Refusal("inventory.received_in_future", words, {"number": number, "day": str(arrival.received_on)}, "/received_on")
    if not arrival.lines:
        words = _("Nothing of %(number)s came, says the file. It stays expected.")
        return Refusal("inventory.nothing_received", words, {"number": number}, "/quantity")
    if papers[number].source == "transfer" and any(line.unsellable_quantity for line in arrival.lines):
        words = _("Goods of a transfer arrive as they were sent. Take the broken ones in as arrived, then change their state by hand.")
        return Refusal("inventory.broken_on_the_road", words, {}, "/unsellable")
    return None


def _key(number: str, note: str, arrival: _Arrival) -> str:
    return f"{_beginning(number, note)}{arrival.marked()}"


def _beginning(number: str, note: str) -> str:
    return f"file:{number}:{hashlib.sha256(note.encode()).hexdigest()[:24]}:"


def _deliver(going: Mapping[tuple[str, str], _Arrival], papers: Mapping[str, Any], *, place: FilePlace, actor: Actor, at: datetime) -> None:
    asks = [
        DeliveryAsk(
            purchase_order_id=papers[number].id, delivery_note=note, lines=tuple(arrival.lines), once_key=_key(number, note, arrival),
            takes_more=arrival.takes_more,
        )
        for (number, note), arrival in going.items()
    ]  # fmt: skip
    if asks:
        _noted(going, receive_deliveries(asks, company_id=place.company_id, actor=actor, at=at))


def _arrive(going: Mapping[tuple[str, str], _Arrival], papers: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    before = arrival_keys([papers[number].id for number, _note in going]) if going else set()
    fresh = {}
    for (number, note), arrival in going.items():
        key, beginning = _key(number, note, arrival), _beginning(number, note)
        if key not in before and any(known.startswith(beginning) for known in before):
            words = _("Delivery %(note)s of %(number)s was taken in before with other quantities. Correct the stock by hand.")
            arrival.refusal = Refusal("inventory.receipt_differs", words, {"note": note, "number": number}, "/note")
        else:
            fresh[number, note] = arrival
    asks = [
        ArrivalAsk(
            transfer_id=papers[number].id, once_key=_key(number, note, arrival),
            lines=tuple(
                TransferLineAsk(stock_item_id=line.stock_item_id, quantity=line.quantity, lot_number=line.lot_number) for line in arrival.lines
            ),
        )
        for (number, note), arrival in fresh.items()
    ]  # fmt: skip
    if asks:
        _noted(fresh, receive_transfers(asks, actor=actor, at=at))


def _noted(going: Mapping[tuple[str, str], _Arrival], answers: Sequence[Delivered | TransferStep | Refusal]) -> None:
    for arrival, answer in zip(going.values(), answers, strict=True):
        if isinstance(answer, Refusal):
            arrival.refusal = answer.at(COLUMN.get(answer.field.rpartition("/")[2], ""))
        else:
            arrival.repeated = answer.repeated
