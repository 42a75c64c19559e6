"""Files of carriers about parcels under way, row by row."""

from collections.abc import Sequence
from datetime import datetime

from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.words import gettext_noop as _
from inventory.queries import zone_of
from inventory.rules import FilePlace, FileRow, RowFate, RowNote, read_moment, typed_code
from orders.operations.tracking import take_tracking_events
from orders.rules import MOST_TRACKING_EVENTS, TrackingSaid, carrier_code


@operation
def take_tracking_rows(found: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> list[RowNote]:
    """Every row is one thing a carrier said; what became of each. A code nobody knows is kept, and told so that a person maps it."""
    zone = zone_of(place.company_id)
    notes: dict[int, RowNote] = {}
    said: list[tuple[FileRow, TrackingSaid]] = []
    for row in found:
        one = _said(row, zone=zone)
        if isinstance(one, Refusal):
            notes[row.number] = _note(row, RowFate.REFUSED, one)
        else:
            said.append((row, one))
    for first in range(0, len(said), MOST_TRACKING_EVENTS):
        part = said[first : first + MOST_TRACKING_EVENTS]
        answers = take_tracking_events([one for _row, one in part], company_id=place.company_id, actor=actor, at=at)
        for (row, one), answer in zip(part, answers, strict=True):
            if isinstance(answer, Refusal):
                notes[row.number] = _note(row, RowFate.REFUSED, answer)
            elif answer.repeated:
                notes[row.number] = _note(row, RowFate.REPEATED)
            elif answer.state is None:
                words = _("Nobody has said yet what code “%(code)s” means. The word was kept; map the code under tracking codes.")
                notes[row.number] = _note(
                    row, RowFate.DIFFERS, Refusal("order.unknown_tracking_code", words, {"code": one.code[:40]}, "/code")
                )
            else:
                notes[row.number] = _note(row, RowFate.DONE)
    return [notes[row.number] for row in found]


def _said(row: FileRow, *, zone: str) -> TrackingSaid | Refusal:
    told = row.values
    day, hour = told["at"].strip(), told.get("time", "").strip()
    # A day alone is its beginning: its end would lie ahead of us, and "now" would be another moment each time the file comes.
    moment = read_moment(f"{day} {hour}" if hour else day if ":" in day else f"{day} 00:00", timezone=zone)
    if isinstance(moment, Refusal):
        return moment.at("/at")
    return TrackingSaid(
        tracking_number=told["tracking_number"],
        code=told["code"],
        at=moment,
        carrier=carrier_code(told["carrier"]) if told.get("carrier", "").strip() else "",
        label=told.get("label", "").strip(),
        place=told.get("place", "").strip(),
    )


def _note(row: FileRow, fate: RowFate, refusal: Refusal | None = None) -> RowNote:
    return RowNote(number=row.number, key=typed_code(row.values["tracking_number"])[:60], fate=fate, refusal=refusal)
