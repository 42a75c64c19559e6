"""Bringing a file in: read, stage and move chunk by chunk, each chunk one transaction."""

import queue
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db import connection

from config.imports.cells import Fault
from config.imports.columns import Column, Derived, Staged, Staging, header_names, table_of
from config.imports.reading import RowFault, Source, header_places
from config.imports.rejects import Rejects
from core.actor import Actor
from core.db import LockSpace, lock_advisory, operation, run
from core.queries import CompanyContext, forget_kept

CHUNK = 25_000
"""Rows per transaction: large enough for set-based SQL, small enough that a kill loses seconds."""


class Policy(StrEnum):
    """What happens to orders that have not been shipped."""

    SKIP = "skip"
    ALLOCATE = "allocate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a file is to be brought in, for whom and by whom."""

    company: CompanyContext
    actor: Actor
    at: datetime
    dry_run: bool = False
    policy: Policy = Policy.SKIP
    encoding: str = ""
    """Told from the file where empty."""
    rejects_path: Path | None = None
    """Beside the file where None."""
    language: str = "ja"
    chunk_rows: int = CHUNK


@dataclass(slots=True)
class Loaded:
    """What a chunk did, in rows of the file."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[tuple[int, str, Fault]] = field(default_factory=list)
    """(row number, column, why)"""


@dataclass(slots=True)
class Job:
    """One run over one file."""

    company: CompanyContext
    actor: Actor
    at: datetime
    columns: Sequence[Column]
    policy: Policy = Policy.SKIP
    dry_run: bool = False
    given: frozenset[str] = frozenset()
    """The columns the file has: what it lacks is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One of the four kinds of file."""

    name: str
    table: str
    columns: Callable[[Sequence[str]], list[Column]]
    """From the header, because an orders file names its own discounts."""
    derived: tuple[Derived, ...] = ()
    together: tuple[str, ...] = ()
    prepare: Callable[[Job], None]
    """Makes what the whole run needs, once; outside any transaction."""
    load: Callable[[Job], Loaded]
    """Moves what is staged into the final tables, inside the chunk's transaction."""
    note: str = ""
    """SQL run after `load`, a dry run's too: what later chunks must know of this one."""
    finish: Callable[[Job], list[str]] = lambda _job: []
    """After the last chunk; answers with lines for the summary."""


@dataclass(slots=True)
class Summary:
    """What a run did. `rows` = created + updated + unchanged + rejected."""

    kind: str
    path: Path
    dry_run: bool
    encoding: str = ""
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)
    rejects: Path | None = None
    seconds: float = 0.0
    peak_mb: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    rows: int
    rejected: int
    part: float
    seconds: float

    @property
    def rate(self) -> float:
        return self.rows / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        return self.seconds * (1 - self.part) / self.part if self.part else 0.0


def import_file(path: Path, kind: Kind, *, asked: Asked, tell: Callable[[Progress], None] = lambda _progress: None) -> Summary:
    """Everything of the file that can be taken is in the database; the rest is in the file of rejects, row by row.

    Rows are matched by the numbers of the former system, so a second run changes nothing. Each chunk commits as a whole:
    after a kill, running again completes. Refuses a file as a whole with ``UnreadableFile``. A dry run writes nothing.
    """
    began = time.monotonic()
    source = Source(path, encoding=asked.encoding)
    summary = Summary(kind.name, path, asked.dry_run, encoding=source.encoding)
    try:
        columns = kind.columns(source.header)
        required = {column.name: column.headers[0] for column in columns if column.needed}
        places, summary.ignored = header_places(source, names=header_names(columns), required=required)
        job = Job(asked.company, asked.actor, asked.at, columns, asked.policy, asked.dry_run, frozenset(places))
        staging = Staging(columns, kind.derived, places, asked.company)
        _make_stage(kind, columns)
        kind.prepare(job)
        rejects = Rejects(
            asked.rejects_path or path.with_name(f"{path.name}.rejects.csv"), source=source, places=places, language=asked.language
        )
        together = [places[name] for name in kind.together if name in places]
        with rejects:
            for staged, position in _ahead(_staged(source, staging, asked.chunk_rows, together)):
                loaded = _load_chunk(kind, job, staging.names, staged, actor=asked.actor, at=asked.at, reason=f"import {kind.name}")
                _count(summary, staged, loaded, rejects)
                tell(Progress(summary.rows, summary.rejected, min(1.0, position / max(1, source.size)), time.monotonic() - began))
            summary.rejects = rejects.written_to
        if not asked.dry_run:
            summary.notes = kind.finish(job)
    finally:
        source.close()
        _drop_stage(kind)
    summary.seconds = time.monotonic() - began
    summary.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return summary


def _staged(source: Source, staging: Staging, size: int, together: Sequence[int]) -> Iterator[tuple[Staged, int]]:
    for chunk in source.chunks(size, together=together):
        yield staging.stage(chunk), chunk.position


def _ahead(chunks: Iterator[tuple[Staged, int]]) -> Iterator[tuple[Staged, int]]:
    """The same chunks, the next one being read while the database works on the last; never more than two wait."""
    waiting: queue.Queue[tuple[Staged, int] | BaseException | None] = queue.Queue(maxsize=1)
    over = threading.Event()

    def read() -> None:
        last: BaseException | None = None
        try:
            for one in chunks:
                if not _put(waiting, one, over):
                    return
        except BaseException as error:
            last = error
        _put(waiting, last, over)

    reader = threading.Thread(target=read, name="import-reader", daemon=True)
    reader.start()
    try:
        while (one := waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        over.set()
        reader.join()


def _put(
    waiting: "queue.Queue[tuple[Staged, int] | BaseException | None]", one: tuple[Staged, int] | BaseException | None, over: threading.Event
) -> bool:
    while not over.is_set():
        try:
            waiting.put(one, timeout=0.2)
        except queue.Full:
            continue
        return True
    return False


def _make_stage(kind: Kind, columns: Sequence[Column]) -> None:
    _drop_stage(kind)
    run(table_of(kind.table, columns, kind.derived), prepare=False)


def _drop_stage(kind: Kind) -> None:
    run(f"DROP TABLE IF EXISTS {kind.table}", prepare=False)


@operation
def _load_chunk(kind: Kind, job: Job, names: Sequence[str], staged: Staged, *, actor: Actor, at: datetime, reason: str) -> Loaded:
    """One chunk is in the final tables, as a whole."""
    if not staged.lines:
        return Loaded()
    lock_advisory(LockSpace.IMPORT, f"{job.company.id}:{kind.name}")
    run(f"TRUNCATE {kind.table}", prepare=False)
    with connection.cursor() as cursor, cursor.copy(f"COPY {kind.table} ({', '.join(names)}) FROM STDIN") as copy:
        copy.write("\n".join(staged.lines) + "\n")
    run(
        f"ANALYZE {kind.table} (row_no)", prepare=False
    )  # autovacuum never sees a temporary table: without this, joins are planned for an empty one
    loaded = _only_tried(kind, job) if job.dry_run else kind.load(job)
    if kind.note:
        run(kind.note, prepare=False)
    return loaded


def _only_tried(kind: Kind, job: Job) -> Loaded:
    """What loading would do; nothing of it stays."""
    run("SAVEPOINT import_tried", prepare=False)
    loaded = kind.load(job)
    run("ROLLBACK TO SAVEPOINT import_tried", prepare=False)
    forget_kept()  # such as a number series that was opened and is gone again
    return loaded


def _count(summary: Summary, staged: Staged, loaded: Loaded, rejects: Rejects) -> None:
    faults = sorted(
        [*staged.faults, *(RowFault(number, column, fault, staged.rows[number]) for number, column, fault in loaded.faults)],
        key=lambda f: f.number,
    )
    for fault in faults:
        summary.reasons[fault.fault.code] += 1
        rejects.write(fault)
    summary.rejected += len(faults)
    summary.created += loaded.created
    summary.updated += loaded.updated
    summary.unchanged += loaded.unchanged
    summary.rows += len(faults) + loaded.created + loaded.updated + loaded.unchanged
