"""Order files come through folders, and files about parcels go: in, out, done, failed below <company>/orders/<shop>.

A file that was taken in is known by its bytes when it comes again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import HouseError, Refusal
from core.operations import lying_files, may_name_a_folder, put_away, put_out, take_each, why_of
from core.words import gettext_noop as _
from orders.operations.handing_back import write_notices
from orders.operations.intake_placing import take_in
from orders.operations.intake_receiving import MOST_BYTES
from orders.rules import DocumentState, NoticeWay


@dataclass(frozen=True, slots=True)
class FileMoved:
    """What became of a file of a folder: "done", "failed" or "out", with the reason where a person must look at it."""

    folder: str
    where: str
    name: str
    refusal: Refusal | None = None


_FOLDERS = """
SELECT s.id, s.tells_by, c.code AS company, s.code FROM orders_outsideshop s JOIN core_company c ON c.id = s.company_id
WHERE s.ended_at IS NULL AND c.history_until_at IS NULL ORDER BY s.id
"""
_TO_HAND_OVER = "SELECT id, name, content FROM orders_noticefile WHERE shop_id = %s AND handed_over_at IS NULL ORDER BY id LIMIT 100"


def exchange_intake(*, root: Path, actor: Actor, at: datetime) -> Iterator[FileMoved]:
    """Take in what lies in the "in" of every shop, put files about parcels into "out"; tells what became of each file as it goes.

    Shops without a folder are passed by: whoever sets one up makes <company>/orders/<shop>. A file of which something could not be
    read lies in "failed" with the reason beside it, though its other orders count; put back into "in" it may come again.
    """
    for shop in rows(_FOLDERS):
        folder = f"{shop.company}/orders/{shop.code}"
        base = root / folder
        if not may_name_a_folder(shop.company, shop.code) or not base.is_dir():
            continue
        try:
            lying = lying_files(base)
        except OSError as error:
            yield FileMoved(folder, "failed", folder, unusable(folder, error))
            continue
        yield from take_each(
            lying, partial(_take, shop_id=shop.id, folder=folder, base=base, actor=actor, at=at), partial(not_given, folder)
        )
        if shop.tells_by == NoticeWay.FILE:
            write_notices(shop_id=shop.id, actor=actor, at=at)
            yield from _hand_over(shop.id, folder=folder, base=base, actor=actor, at=at)


def _take(path: Path, *, shop_id: int, folder: str, base: Path, actor: Actor, at: datetime) -> FileMoved:
    refusal: Refusal | None = None
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        answer = take_in(raw, shop_id=shop_id, name=path.name, source="folder", actor=actor, at=at)
        if isinstance(answer, Refusal):
            refusal = answer
        elif answer.counted.state in (DocumentState.FAILED, DocumentState.PARTLY):
            words = _("Some orders could not be read. The page of the document in the back office says why.")
            refusal = answer.counted.unread or Refusal("intake.partly_read", words)
    except HouseError as error:
        refusal = error.refusal
    return FileMoved(folder, put_away(path, base, refusal=refusal, at=at), path.name, refusal)


def _hand_over(shop_id: int, *, folder: str, base: Path, actor: Actor, at: datetime) -> Iterator[FileMoved]:
    for row in rows(_TO_HAND_OVER, (shop_id,)):
        try:
            put_out(row.name, bytes(row.content), base)
        except OSError as error:
            yield FileMoved(folder, "failed", row.name, unusable(row.name, error))
            continue
        note_notice_file(row.id, actor=actor, at=at)
        yield FileMoved(folder, "out", row.name)


@operation
def note_notice_file(file_id: int, *, actor: Actor, at: datetime) -> None:
    """The file lies in its folder."""
    run("UPDATE orders_noticefile SET handed_over_at = %s WHERE id = %s AND handed_over_at IS NULL", (at, file_id))


def not_given(folder: str, path: Path, error: OSError) -> FileMoved:
    """What became of a file that the disk does not give: it stays, and is tried again."""
    return FileMoved(folder, "failed", path.name, unusable(path.name, error))


def unusable(name: str, error: OSError) -> Refusal:
    """What is said of a file that the disk does not give."""
    words = _("%(name)s cannot be read, written or moved: %(why)s. It is tried again with the next run.")
    return Refusal("intake.file_unusable", words, {"name": name[-80:], "why": why_of(error)})
