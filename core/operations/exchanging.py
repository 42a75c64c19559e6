"""Files of a folder that is exchanged with others: what has come and is whole, where it lies once it was taken in, what goes out.

A folder has four: in, out, done, failed. Nothing here stands in a transaction; a run that dies in between is harmless, as whoever
reads knows a file again, and what is to go out is put there again under the same name.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from core.errors import Refusal
from core.ids import new_id

Told = TypeVar("Told")

SETTLED_AFTER_S = 10
"""A file that was written to so lately may not be whole yet."""
LONGEST_NAME_BYTES = 230
"""Disks take names of 255 bytes: the end of a name, with a moment before it and .txt behind it."""
_SAFE = re.compile(r"[\w-][\w.-]*").fullmatch


def may_name_a_folder(*codes: str) -> bool:
    """Whether these codes can be parts of a path, and lead nowhere else."""
    return all(_SAFE(code) for code in codes)


def lying_files(base: Path) -> list[Path]:
    """The files that have come and are whole, by name; the four folders are there."""
    for name in ("in", "out", "done", "failed"):
        (base / name).mkdir(parents=True, exist_ok=True)
    clock = base / ".clock"  # the folder's own idea of now, as its files' times are
    clock.touch()
    settled = clock.stat().st_mtime - SETTLED_AFTER_S
    found = []
    for path in sorted((base / "in").iterdir()):
        with suppress(FileNotFoundError):
            if path.is_file() and not path.is_symlink() and not path.name.startswith(".") and path.stat().st_mtime <= settled:
                found.append(path)
    return found


def take_each(paths: Iterable[Path], take: Callable[[Path], Told], failed: Callable[[Path, OSError], Told]) -> Iterator[Told]:
    """What became of each file as ``take`` tells it, or as ``failed`` does where the disk does not give it; one that is gone is passed by."""
    for path in paths:
        try:
            told = take(path)
        except FileNotFoundError:
            continue  # another run, or whoever put it there, has taken it away
        except OSError as error:
            told = failed(path, error)
        yield told


def put_away(path: Path, base: Path, *, refusal: Refusal | None, at: datetime) -> str:
    """A file that was taken in lies in "done", or in "failed" with the reason beside it; answers with where."""
    where = "failed" if refusal else "done"
    name = path.name.encode()[-LONGEST_NAME_BYTES:].decode(errors="ignore")
    target = base / where / f"{at:%Y%m%d%H%M%S}_{name}"
    path.replace(target)
    if refusal:
        target.with_name(f"{target.name}.txt").write_text(f"{refusal.code}\n{refusal.text()}\n", encoding="utf-8")
    return where


def put_out(name: str, content: bytes, base: Path) -> None:
    """A file lies in "out", whole from the moment it is seen."""
    waiting = base / "out" / f".{new_id().hex}"
    waiting.write_bytes(content)
    waiting.replace(base / "out" / name)


def why_of(error: OSError) -> str:
    """What the disk said."""
    return error.strerror or type(error).__name__
