"""Scans and faxes come through folders: in, done, failed below <company>/papers/<channel>/<way>."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from core.actor import Actor
from core.clock import business_date
from core.db import rows
from core.errors import Refusal
from core.operations import lying_files, may_name_a_folder, put_away, take_each
from orders.operations.intake_folders import FileMoved, not_given, unusable
from orders.operations.received import receive_papers
from orders.rules import MOST_PAPER_BYTES, PAPER_CHANNELS, PaperBatch, PaperWay

_CHANNELS: Final = """
SELECT h.id, h.code, c.id AS company_id, c.code AS company, c.timezone FROM core_saleschannel h JOIN core_company c ON c.id = h.company_id
WHERE h.ended_at IS NULL AND c.ended_at IS NULL AND c.history_until_at IS NULL AND h.kind = ANY(%s::text[]) ORDER BY h.id
"""


def take_in_scans(*, root: Path, actor: Actor, at: datetime) -> Iterator[FileMoved]:
    """What lies in the "in" of every channel's folders waits to be typed, as come today; tells what became of each file as it goes.

    Ways without a folder are passed by: whoever sets one up makes <company>/papers/<channel>/fax. A file that was taken in is deleted,
    since its scan is kept with the paper and goes when the paper's does; one that is no scan lies in "failed" with the reason beside it.
    """
    for channel in rows(_CHANNELS, (list(PAPER_CHANNELS),)):
        if not may_name_a_folder(channel.company, channel.code):
            continue
        for way in PaperWay:
            folder = f"{channel.company}/papers/{channel.code}/{way}"
            if (root / folder).is_dir():
                day = business_date(at, channel.timezone)
                batch = PaperBatch(company_id=channel.company_id, channel_id=channel.id, way=way, received_on=day)
                yield from _take_in(root / folder, batch, folder=folder, actor=actor, at=at)


def _take_in(base: Path, batch: PaperBatch, *, folder: str, actor: Actor, at: datetime) -> Iterator[FileMoved]:
    try:
        lying = lying_files(base)
    except OSError as error:
        yield FileMoved(folder, "failed", folder, unusable(folder, error))
        return
    yield from take_each(lying, partial(_take, base=base, batch=batch, folder=folder, actor=actor, at=at), partial(not_given, folder))


def _take(path: Path, *, base: Path, batch: PaperBatch, folder: str, actor: Actor, at: datetime) -> FileMoved:
    with path.open("rb") as file:
        raw = file.read(MOST_PAPER_BYTES + 1)
    (result,) = receive_papers([(path.name, raw)], batch=batch, actor=actor, at=at)
    if isinstance(result, Refusal):
        return FileMoved(folder, put_away(path, base, refusal=result, at=at), path.name, result)
    path.unlink()
    return FileMoved(folder, "done", path.name)
