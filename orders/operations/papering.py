"""Papers are asked for, set by a worker, kept for some days and thrown away; each printing of a parcel's paper is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.operations.shipping import hold_parcels
from orders.queries import copies_printed
from orders.rules import MOST_ON_PAPER, PaperKind

LEASE = timedelta(minutes=3)
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """The parcel's paper is in this file; ``copy`` counts its printings."""

    shipment_id: int
    file_id: int
    copy: int


_PLACES = "SELECT id, company_id, location_id, status FROM orders_shipment WHERE id = ANY(%s::bigint[])"
_ASK = """
INSERT INTO orders_paperfile (company_id, location_id, batch_id, kind, parcel_count, is_reprint, kept_until_at, at,
    actor_kind, actor_id, actor_label, on_behalf_of)
VALUES (%(company)s, %(location)s, %(batch)s::bigint, %(paper)s, %(count)s, %(again)s, %(until)s, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s)
RETURNING id
"""
_PRINT = """
INSERT INTO orders_printedpaper (file_id, shipment_id, kind, copy, at, actor_kind, actor_id, actor_label, on_behalf_of)
SELECT %(file)s, q.id, %(paper)s, q.copy, %(at)s, %(kind)s, %(actor)s, %(label)s, %(for)s
FROM unnest(%(ids)s::bigint[], %(copies)s::int[]) WITH ORDINALITY AS q (id, copy, place) ORDER BY q.place
"""


@operation
def ask_for_papers(
    shipment_ids: Sequence[int],
    *,
    kind: PaperKind,
    kept_days: int,
    batch_id: int | None = None,
    again: bool = False,
    actor: Actor,
    at: datetime,
) -> list[OnPaper | Refusal]:
    """The papers of these parcels will be set in one file per location, in the order of the ids; a result per id.

    A parcel whose paper was printed before is refused, unless ``again``: then the new one is marked as another copy. Papers of a box are
    those of all that is in it. Refuses "order.not_found", "order.cancelled", "order.printed_before", "order.not_open" (a list for what has
    left), "order.too_many_parcels" (all of them). Locks orders, then parcels.
    """
    if len(set(shipment_ids)) > MOST_ON_PAPER:
        refusal = Refusal("order.too_many_parcels", _("At most %(most)s parcels at a time."), {"most": f"{MOST_ON_PAPER:,d}"})
        return [refusal] * len(shipment_ids)
    _orders, held = hold_parcels(shipment_ids)
    parcels = {s.id: s for s in held}
    boxes: dict[UUID, list[int]] = {}
    for s in held:
        if s.box is not None and s.status != "cancelled":
            boxes.setdefault(s.box, []).append(s.id)
    wanted = list(dict.fromkeys(m for i in shipment_ids if i in parcels for m in (boxes.get(parcels[i].box) or [i])))
    copies = copies_printed(wanted, kind)
    where = {row.id: (row.company_id, row.location_id) for row in rows(_PLACES, (wanted,))}
    answers: dict[int, OnPaper | Refusal] = {}
    sheets: dict[tuple[int, int], list[int]] = {}
    for i in wanted:
        stays = _unprintable(parcels[i], copies.get(i, 0), kind=kind, again=again)
        if stays is not None:
            answers[i] = stays
        else:
            sheets.setdefault(where[i], []).append(i)
    by = {"kind": str(actor.kind), "actor": actor.id, "label": actor.label, "for": actor.on_behalf_of}
    for (company, location), ids in sheets.items():
        told = {"company": company, "location": location, "batch": batch_id, "paper": str(kind), "count": len(ids), "at": at, **by}
        (file,) = rows(_ASK, {**told, "again": any(copies.get(i) for i in ids), "until": at + timedelta(days=kept_days)})
        run(_PRINT, {"file": file.id, "paper": str(kind), "at": at, "ids": ids, "copies": [copies.get(i, 0) + 1 for i in ids], **by})
        answers |= {i: OnPaper(shipment_id=i, file_id=file.id, copy=copies.get(i, 0) + 1) for i in ids}
    return [answers.get(i) or Refusal("order.not_found", _("There is no such shipment.")) for i in shipment_ids]


def _unprintable(parcel: object, copies: int, *, kind: PaperKind, again: bool) -> Refusal | None:
    number, status = parcel.number, parcel.status  # type: ignore[attr-defined]
    if status == "cancelled":
        return Refusal("order.parcel_cancelled", _("Parcel %(number)s is cancelled; nothing of it is printed."), {"number": number})
    if kind is not PaperKind.DELIVERY_NOTES and status not in ("planned", "instructed"):
        return Refusal("order.not_open", _("The parcel has left, or was cancelled."))
    if copies and not again:
        words = _("The paper of parcel %(number)s was printed before. Say that it is to be printed again; the new one is marked so.")
        return Refusal("order.printed_before", words, {"number": number})
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedPaper:
    """A file that this worker sets now; whose lease is not the last one writes nothing more."""

    file_id: int
    kind: PaperKind
    company_id: int
    parcel_count: int
    batch_id: int | None
    tries: int = 1
    began_at: datetime | None = None

    @property
    def fence(self) -> tuple[int, int, datetime | None]:
        return self.file_id, self.tries, self.began_at


_LEASE = """
UPDATE orders_paperfile SET state = 'working', leased_until_at = clock_timestamp() + %s * interval '1 second', tries = tries + 1, done_count = 0,
    began_at = coalesce(began_at, %s)
WHERE id = (
    SELECT id FROM orders_paperfile WHERE state IN ('waiting', 'working') AND (leased_until_at IS NULL OR leased_until_at < clock_timestamp())
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING id, kind, company_id, parcel_count, batch_id, tries, began_at
"""
_MINE = "id = %s AND tries = %s AND began_at = %s AND state = 'working'"
_FAIL = f"UPDATE orders_paperfile SET state = 'failed', fault = %s, leased_until_at = NULL, done_at = %s WHERE {_MINE}"
_GAVE_UP = _("It was begun several times and never finished. Ask for it anew, with fewer parcels.")


@operation
def lease_papers(*, actor: Actor, at: datetime) -> LeasedPaper | None:
    """The oldest file that waits, or whose worker died, is this worker's for some minutes; None when nothing is due."""
    while found := rows(_LEASE, (LEASE.total_seconds(), at)):
        (row,) = found
        if row.tries <= MOST_TRIES:
            return LeasedPaper(
                file_id=row.id, kind=PaperKind(row.kind), company_id=row.company_id, parcel_count=row.parcel_count, batch_id=row.batch_id,
                tries=row.tries, began_at=row.began_at,
            )  # fmt: skip
        run(_FAIL, (_GAVE_UP, at, row.id, row.tries, row.began_at))
    return None


@operation
def note_papers_read(paper: LeasedPaper, *, done: int, spent_ms: int, actor: Actor) -> bool:
    """So many parcels of a file are done; its lease begins anew. False: it is another worker's by now."""
    told = "UPDATE orders_paperfile SET done_count = %s, spent_ms = %s, leased_until_at = clock_timestamp() + %s * interval '1 second'"
    return run(f"{told} WHERE {_MINE}", (done, spent_ms, LEASE.total_seconds(), *paper.fence)) > 0


@operation
def keep_papers(paper: LeasedPaper, content: bytes, *, spent_ms: int, actor: Actor, at: datetime) -> None:
    """The file is there, unless another worker has it by now."""
    run(
        "UPDATE orders_paperfile SET state = 'done', content = %s, content_size = %s, done_count = parcel_count, spent_ms = %s, done_at = %s,"
        f" leased_until_at = NULL, fault = '' WHERE {_MINE}",
        (content, len(content), spent_ms, at, *paper.fence),
    )


@operation
def fail_papers(paper: LeasedPaper, fault: str, *, actor: Actor, at: datetime) -> None:
    """The file cannot be set, and why; unless another worker has it by now."""
    run(_FAIL, (fault[:400], at, *paper.fence))


@operation
def set_papers_again(file_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Refusal | None]:
    """Files that could not be set wait for the press once more. Refuses "order.papers_not_failed"."""
    sql = (
        "UPDATE orders_paperfile SET state = 'waiting', tries = 0, began_at = NULL, fault = '', leased_until_at = NULL, done_at = NULL"
        " WHERE id = ANY(%s::bigint[]) AND state = 'failed' AND content_ended_at IS NULL RETURNING id"
    )
    done = {row.id for row in rows(sql, (list(file_ids),))}
    return [None if i in done else Refusal("order.papers_not_failed", _("Only what could not be set is set again.")) for i in file_ids]


_FORGET = """
UPDATE orders_paperfile SET content = ''::bytea, content_ended_at = %s WHERE id IN (
    SELECT id FROM orders_paperfile WHERE content_ended_at IS NULL AND kept_until_at <= %s AND state IN ('done', 'failed') ORDER BY kept_until_at LIMIT %s)
"""


@operation
def forget_papers(*, limit: int, actor: Actor, at: datetime) -> int:
    """Files past their days are thrown away, because they hold addresses; that they were printed stays known. Answers with how many."""
    return run(_FORGET, (at, at, limit))
