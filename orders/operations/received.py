"""Papers that came are kept once each, taken by one person at a time, and end in an order or in words."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import HouseError, Refusal
from core.paper import pages_of_pdf, pages_of_tiff
from core.text import clean_line
from core.words import gettext_noop as _
from orders.rules import LEASE_MINUTES, MOST_PAGES, MOST_PAPER_BYTES, PaperBatch, PaperPage, ReceivedState, kind_of_scan


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersKept:
    """The papers of a file; ``repeated`` where the same bytes had come before."""

    paper_ids: tuple[int, ...]
    repeated: bool = False
    first_came: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaperTaken:
    """The paper is in these hands for the next minutes."""

    paper_id: int


_KNOWN: Final = """
SELECT content_hash, array_agg(id ORDER BY page) AS ids, min(recorded_at) AS came FROM orders_receivedpaper
WHERE company_id = %s AND content_hash = ANY(%s::text[]) GROUP BY content_hash
"""
_KEEP: Final = """
WITH new AS (
    INSERT INTO orders_receivedpaper (company_id, channel_id, way, received_on, medium, ad_code, name, content_hash, page,
        actor_kind, actor_id, actor_label, on_behalf_of)
    SELECT %(company)s, %(channel)s, %(way)s, %(day)s, %(medium)s, %(ad)s, %(name)s, %(hash)s, q.page, %(kind)s, %(actor)s, %(label)s, %(for)s
    FROM unnest(%(contents)s::bytea[]) WITH ORDINALITY AS q (content, page)
    ON CONFLICT (company_id, content_hash, page) DO NOTHING RETURNING id, page
), scans AS (
    INSERT INTO orders_paperscan (paper_id, kind, content)
    SELECT new.id, %(media)s, q.content FROM new JOIN unnest(%(contents)s::bytea[]) WITH ORDINALITY AS q (content, page) ON q.page = new.page
)
SELECT id FROM new ORDER BY page
"""
_TAKE: Final = f"""
UPDATE orders_receivedpaper SET typist_id = %(typist)s, typed_until_at = clock_timestamp() + interval '{LEASE_MINUTES} minutes'
WHERE id = %(id)s AND company_id = ANY(%(companies)s::bigint[]) AND state = 'waiting'
    AND (typist_id IS NULL OR typist_id = %(typist)s OR typed_until_at < clock_timestamp()) RETURNING id
"""
_NEXT: Final = """
SELECT id FROM orders_receivedpaper WHERE company_id = ANY(%s::bigint[]) AND state = 'waiting'
    AND (typist_id IS NULL OR typist_id = %s OR typed_until_at < clock_timestamp())
ORDER BY received_on, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_WHY_NOT: Final = """
SELECT p.state, a.display_name AS typist, o.number FROM orders_receivedpaper p LEFT JOIN customers_account a ON a.id = p.typist_id
LEFT JOIN orders_order o ON o.id = p.order_id WHERE p.id = %s AND p.company_id = ANY(%s::bigint[])
"""
_DECIDE: Final = """
UPDATE orders_receivedpaper SET state = %(state)s, reason = %(reason)s, decided_at = %(at)s, typed_until_at = NULL
WHERE id = ANY(%(ids)s::bigint[]) AND state IN ('waiting', 'set_aside', 'no_order') AND state <> %(state)s
"""
_BACK: Final = """
UPDATE orders_receivedpaper SET state = 'waiting', reason = '', decided_at = NULL, typist_id = NULL, typed_until_at = NULL
WHERE id = ANY(%s::bigint[]) AND scan_ended_at IS NULL AND (state IN ('set_aside', 'no_order') OR (state = 'waiting' AND typist_id IS NOT NULL))
"""
_FORGET_THEIRS: Final = """
WITH theirs AS (
    UPDATE orders_receivedpaper p SET name = '', scan_ended_at = coalesce(p.scan_ended_at, %s) FROM orders_order o
    WHERE o.id = p.order_id AND o.customer_id = ANY(%s::bigint[]) RETURNING p.id
)
DELETE FROM orders_paperscan s USING theirs WHERE s.paper_id = theirs.id
"""
_FORGET_OLD: Final = """
WITH old AS (
    SELECT id FROM orders_receivedpaper
    WHERE state IN ('set_aside', 'no_order') AND scan_ended_at IS NULL AND decided_at <= %(before)s
    ORDER BY decided_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE orders_receivedpaper p SET name = '', scan_ended_at = %(at)s FROM old WHERE p.id = old.id
)
DELETE FROM orders_paperscan s USING old WHERE s.paper_id = old.id
"""


# Browsers show no TIFF, the format of faxes: its pages are kept as PNG, which loses nothing.
_PARTINGS: Final = {"application/pdf": (pages_of_pdf, "application/pdf"), "image/tiff": (pages_of_tiff, "image/png")}


def receive_papers(files: Sequence[tuple[str, bytes]], *, batch: PaperBatch, actor: Actor, at: datetime) -> list[PapersKept | Refusal]:
    """Every page of every file (name, bytes) waits to be typed; one result per file, and one that is refused keeps no other out.

    PDF and TIFF are parted into their pages before anything is locked. The same bytes are kept once per company and answer with the papers they
    made. Refuses "paper.empty", "paper.too_large", "paper.no_scan", "paper.too_many_pages", "paper.unreadable".
    """
    return [_receive(name, raw, batch=batch, actor=actor) for name, raw in files]


def _receive(name: str, raw: bytes, *, batch: PaperBatch, actor: Actor) -> PapersKept | Refusal:
    digest = hashlib.sha256(raw).hexdigest()
    known = rows(_KNOWN, (batch.company_id, [digest]))
    if known:
        return PapersKept(paper_ids=tuple(known[0].ids), repeated=True, first_came=known[0].came)
    pages = _pages(raw)
    if isinstance(pages, Refusal):
        return pages
    kept = _keep(clean_line(name)[:200], digest, pages, batch=batch, actor=actor)
    if kept:
        return PapersKept(paper_ids=tuple(kept))
    known = rows(_KNOWN, (batch.company_id, [digest]))  # somebody handed in the same at the same moment
    return PapersKept(paper_ids=tuple(known[0].ids), repeated=True, first_came=known[0].came)


def _pages(raw: bytes) -> list[PaperPage] | Refusal:
    if not raw:
        return Refusal("paper.empty", _("The file is empty. Scan it again."), {}, "/files")
    if len(raw) > MOST_PAPER_BYTES:
        return Refusal("paper.too_large", _("The file is larger than %(most)s MB. Scan it smaller, or part it."), {"most": MOST_PAPER_BYTES // 2**20}, "/files")  # fmt: skip
    kind = kind_of_scan(raw)
    if not kind:
        return Refusal("paper.no_scan", _("It is neither PDF nor TIFF, JPEG or PNG. Scan it as one of these."), {}, "/files")
    parting = _PARTINGS.get(kind)
    if parting is None:
        return [PaperPage(raw, kind)]
    parted, of_kind = parting
    try:
        pages = parted(raw, most=MOST_PAGES)
    except HouseError as error:
        return error.refusal.at("/files")
    if len(pages) > MOST_PAGES:
        return Refusal("paper.too_many_pages", _("The file has more than %(most)s pages. Part it."), {"most": MOST_PAGES}, "/files")
    return [PaperPage(page, of_kind) for page in pages]


@operation
def _keep(name: str, digest: str, pages: Sequence[PaperPage], *, batch: PaperBatch, actor: Actor) -> list[int]:
    told: dict[str, Any] = {
        "company": batch.company_id, "channel": batch.channel_id, "way": str(batch.way), "day": batch.received_on,
        "medium": clean_line(batch.medium)[:60], "ad": clean_line(batch.ad_code)[:60], "name": name, "hash": digest,
        "contents": [page.content for page in pages], "media": pages[0].kind, "kind": str(actor.kind), "actor": actor.id,
        "label": actor.label, "for": actor.on_behalf_of,
    }  # fmt: skip
    return [row.id for row in rows(_KEEP, told)]


@operation
def take_paper(paper_id: int, *, company_ids: Sequence[int], typist_id: int, actor: Actor) -> PaperTaken | Refusal:
    """The paper is in this person's hands, for the minutes that ``LEASE_MINUTES`` says; again prolongs it.

    Refuses "paper.not_found", "paper.in_hand" (somebody else types it), "paper.decided".
    """
    if rows(_TAKE, {"id": paper_id, "typist": typist_id, "companies": list(company_ids)}):
        return PaperTaken(paper_id)
    return _why_not(paper_id, company_ids)


@operation
def take_next_paper(*, company_ids: Sequence[int], typist_id: int, actor: Actor) -> PaperTaken | None:
    """The oldest paper nobody types, now in this person's hands; None where none waits. Two people never get the same."""
    found = rows(_NEXT, (list(company_ids), typist_id))
    if not found:
        return None
    run(_TAKE, {"id": found[0].id, "typist": typist_id, "companies": list(company_ids)})
    return PaperTaken(found[0].id)


def _why_not(paper_id: int, company_ids: Sequence[int]) -> Refusal:
    found = rows(_WHY_NOT, (paper_id, list(company_ids)))
    if not found:
        return Refusal("paper.not_found", _("There is no such paper."), {}, "/paper")
    row = found[0]
    if row.state == ReceivedState.ORDERED:
        return Refusal("paper.decided", _("Order %(number)s was placed from this paper already."), {"number": row.number}, "/paper")
    if row.state != ReceivedState.WAITING:
        return Refusal("paper.put_away", _("The paper was put away. Put it back into the queue first."), {}, "/paper")
    return Refusal("paper.in_hand", _("%(name)s is typing this paper. Take another one."), {"name": row.typist or "?"}, "/paper")


@operation
def decide_papers(paper_ids: Sequence[int], *, state: ReceivedState, reason: str, actor: Actor, at: datetime) -> int:
    """The papers are set aside, or are no orders, and why; answers with how many changed. One that was ordered stays as it is."""
    if state not in (ReceivedState.SET_ASIDE, ReceivedState.NO_ORDER) or not clean_line(reason):
        return 0
    return run(_DECIDE, {"ids": sorted(paper_ids), "state": str(state), "reason": clean_line(reason)[:200], "at": at})


@operation
def requeue_papers(paper_ids: Sequence[int], *, actor: Actor) -> int:
    """The papers wait again, in nobody's hands; answers with how many changed. One whose scan was thrown away stays where it is."""
    return run(_BACK, (sorted(paper_ids),))


@operation
def forget_scans_of(customer_ids: Sequence[int], *, actor: Actor, at: datetime) -> None:
    """The scans of these customers' papers are gone; that a paper came, when and for which order stays."""
    run(_FORGET_THEIRS, (at, list(customer_ids)))


@operation
def forget_scans(*, before: datetime, limit: int, actor: Actor, at: datetime) -> int:
    """The scans of papers that were put away before a moment, and never became an order, are gone; answers with how many.

    Nobody can ask for them to be erased, since nobody knows whose they are. That a paper came, and why it was no order, stays. Repeat
    until zero. A paper that waits, or that an order was typed from, keeps its scan.
    """
    return run(_FORGET_OLD, {"before": before, "limit": limit, "at": at})
