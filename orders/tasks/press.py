"""The press: files of papers that somebody asked for are set, one after another, with their progress told as they go."""

import time
from pathlib import Path
from typing import Any

import structlog
from django.utils.translation import override

from core import clock
from core.actor import SYSTEM
from core.errors import HouseError, Refused
from core.paper import typeset
from core.queries import company_context
from core.words import gettext_noop as _
from orders import operations
from orders.operations import LeasedPaper
from orders.queries import delivery_notes, parcels_on_papers
from orders.rules import PaperKind, chunks_of
from orders.tasks.delivery_notes import note_content
from orders.tasks.picking_lists import parcel_lists_content, total_list_content

log = structlog.get_logger("orders.press")
TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "orders"
CHUNK = 50
READING = 9
"""Of ten parts of the work, so many are done when everything has been read and only the setting is left."""


def set_due_papers() -> int:
    """Every file that is due is set, or says why it cannot be; answers with how many were tried."""
    count = 0
    while (paper := operations.lease_papers(actor=SYSTEM, at=clock.now())) is not None:
        count += 1
        try:
            _set(paper)
        except LeaseLost:
            log.warning("orders.papers_lost", file=paper.file_id)  # another worker sets them now
        except HouseError as error:
            operations.fail_papers(paper, error.refusal.text(), actor=SYSTEM, at=clock.now())
        except Exception as error:  # the others go on; what happened is in the log
            log.exception("orders.papers_failed", file=paper.file_id)
            operations.fail_papers(paper, type(error).__name__, actor=SYSTEM, at=clock.now())
    return count


class LeaseLost(Exception):
    """This worker was slower than its lease: the file is another's."""


class NothingToPrint(Refused):
    """Nothing is left to be printed."""

    code = "order.nothing_to_print"
    message = _("Every parcel on it was cancelled before it was set.")


def _set(paper: LeasedPaper) -> None:
    began = time.monotonic()
    company = company_context(paper.company_id)
    with override(company.language):
        content = _content(paper, began=began)
        pdf = typeset(TEMPLATES / _TEMPLATES[paper.kind], content, title=content["title"])
    operations.keep_papers(paper, pdf, spent_ms=_ms(began), actor=SYSTEM, at=clock.now())


_TEMPLATES = {
    PaperKind.DELIVERY_NOTES: "delivery_notes.typ",
    PaperKind.TOTAL_LIST: "total_list.typ",
    PaperKind.PARCEL_LISTS: "parcel_lists.typ",
}


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1_000)


def _content(paper: LeasedPaper, *, began: float) -> dict[str, Any]:
    """What is on the papers; read in pieces, each of which moves the bar."""
    ids = parcels_on_papers(paper.file_id)
    if not ids:
        raise NothingToPrint
    if paper.kind is PaperKind.TOTAL_LIST:
        return total_list_content(ids, paper=paper, at=clock.now())
    if paper.kind is PaperKind.PARCEL_LISTS:
        return parcel_lists_content(ids, paper=paper, at=clock.now())
    notes: list[dict[str, Any]] = []
    seen: set[int] = set()
    for number, some in enumerate(chunks_of(ids, CHUNK), start=1):
        for note in delivery_notes(some, file_id=paper.file_id, at=clock.now()):
            if note.shipment_id not in seen:  # a box may lie across two pieces
                seen.add(note.shipment_id)
                notes.append(note_content(note))
        read = min(number * CHUNK, len(ids)) * READING // 10
        if not operations.note_papers_read(paper, done=read, spent_ms=_ms(began), actor=SYSTEM):
            raise LeaseLost
    return {"title": notes[0]["words"]["heading"] if notes else "–", "notes": notes}
