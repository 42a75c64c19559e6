"""Files come and go through folders: in, out, done, failed. Each file that came is taken in a transaction of its own.

A file that was taken in is known by its content or its rows when it comes again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from core.actor import Actor
from core.clock import business_date
from core.db import rows
from core.errors import HouseError, Refusal
from core.operations import lying_files, may_name_a_folder, put_away, put_out, take_each, why_of
from core.words import gettext_noop
from inventory.operations.exchanging import MOST_BYTES, give_file, take_file
from inventory.operations.file_keeping import note_handed_over
from inventory.queries import file_kinds, map_in_force, zone_of
from inventory.rules import FilePlace, FileStatus


@dataclass(frozen=True, slots=True)
class Folder:
    """A location that exchanges files through a folder, and the kinds that go out to it."""

    place: FilePlace
    path: str
    gives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileMoved:
    """What became of a file: "done", "failed" or "out", with the reason where a person must look at it."""

    where: str
    name: str
    refusal: Refusal | None = None


_FOLDERS = """
SELECT l.company_id, l.id AS location_id, c.code AS company, l.code AS location, f.gives
FROM inventory_exchangefolder f JOIN inventory_location l ON l.id = f.location_id JOIN core_company c ON c.id = l.company_id
WHERE f.is_active AND l.ended_at IS NULL AND c.history_until_at IS NULL ORDER BY l.id
"""
_TO_HAND_OVER = """
SELECT id, name, content FROM inventory_exchangefile
WHERE company_id = %s AND location_id = %s AND way = 'out' AND handed_over_at IS NULL AND content_ended_at IS NULL AND kind = ANY(%s::text[])
ORDER BY id LIMIT 100
"""


_GIVEN = """
SELECT DISTINCT kind FROM inventory_exchangefile
WHERE company_id = %s AND kind = ANY(%s::text[]) AND location_id = %s AND way = 'out' AND at >= %s
"""


def folders() -> list[Folder]:
    """Every folder in use; a location whose code could not name a folder has none."""
    return [
        Folder(
            FilePlace(company_id=row.company_id, location_id=row.location_id),
            f"{row.company}/{row.location}",
            tuple(filter(None, (kind.strip() for kind in row.gives.split(",")))),
        )
        for row in rows(_FOLDERS)
        if may_name_a_folder(row.company, row.location)
    ]


def exchange_folder(folder: Folder, *, root: Path, actor: Actor, at: datetime) -> Iterator[FileMoved]:
    """Take in what lies in "in", put what is to go into "out"; tells what became of each file as it goes.

    A file of which a row was refused lies in "failed" with the reasons beside it, though its other rows count: put back into "in"
    it may come again. Two runs may meet: what one has taken in, the other knows. Without ``root``, as where a disk is not mounted,
    nothing is done: "inventory.no_exchange_root"; where the disk refuses, "inventory.folder_unusable" or "inventory.file_unusable"
    say so, and the other folders go on.
    """
    base = root / folder.path
    if not root.is_dir():
        words = gettext_noop("There is no folder %(path)s. Create or mount it, or set EXCHANGE_ROOT; nothing was exchanged.")
        yield FileMoved("failed", folder.path, Refusal("inventory.no_exchange_root", words, {"path": str(root)}))
        return
    try:
        lying = lying_files(base)
    except OSError as error:
        words = gettext_noop("The folder %(path)s cannot be used: %(why)s. Nothing was exchanged there.")
        yield FileMoved("failed", folder.path, Refusal("inventory.folder_unusable", words, {"path": str(base), "why": why_of(error)}))
        return
    where = {"company_id": folder.place.company_id, "location_id": folder.place.location_id}
    prefixes = [(map_in_force(kind, **where).file_name, kind.code) for kind in file_kinds() if kind.comes]
    prefixes.sort(key=lambda one: -len(one[0]))
    yield from take_each(
        lying,
        lambda path: _take(path, prefixes, folder, base=base, actor=actor, at=at),
        lambda path, error: FileMoved("failed", path.name, _unusable(path.name, error)),
    )
    told_today = _daily_kinds_of_today(folder, at=at)
    for kind in folder.gives:
        if kind in told_today:
            continue
        answer = give_file(kind, place=folder.place, actor=actor, at=at)
        if isinstance(answer, Refusal) and answer.code != "inventory.nothing_to_give":
            yield FileMoved("failed", kind, answer)
    for row in rows(_TO_HAND_OVER, (folder.place.company_id, folder.place.location_id, list(folder.gives))):
        try:
            put_out(row.name, bytes(row.content), base)
        except OSError as error:
            yield FileMoved("failed", row.name, _unusable(row.name, error))
            continue
        note_handed_over([row.id], actor=actor, at=at)
        yield FileMoved("out", row.name)


def _unusable(name: str, error: OSError) -> Refusal:
    words = gettext_noop("The file %(name)s cannot be read, written or moved: %(why)s. It is tried again with the next run.")
    return Refusal("inventory.file_unusable", words, {"name": name[-80:], "why": why_of(error)})


def _daily_kinds_of_today(folder: Folder, *, at: datetime) -> set[str]:
    """Kinds that go once a day and went today, as the company's clock has it."""
    zone = zone_of(folder.place.company_id)
    start = datetime.combine(business_date(at, zone), time(), ZoneInfo(zone))
    daily = [kind.code for kind in file_kinds() if kind.is_daily]
    return {row.kind for row in rows(_GIVEN, (folder.place.company_id, daily, folder.place.location_id, start))}


def _take(path: Path, prefixes: list[tuple[str, str]], folder: Folder, *, base: Path, actor: Actor, at: datetime) -> FileMoved:
    kind = next((kind for prefix, kind in prefixes if path.name.startswith(prefix)), "")
    refusal: Refusal | None = None
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        answer = take_file(kind, content, name=path.name, place=folder.place, actor=actor, at=at)
        if isinstance(answer, Refusal):
            refusal = None if answer.code == "inventory.file_known" else answer
        elif answer.status is not FileStatus.DONE:
            words = gettext_noop("%(refused)s rows were refused, %(done)s taken in. The page of the file in the back office says why.")
            refusal = answer.unread or Refusal("inventory.rows_refused", words, {"refused": answer.refused, "done": answer.done})
    except HouseError as error:
        refusal = error.refusal
    return FileMoved(put_away(path, base, refusal=refusal, at=at), path.name, refusal)
