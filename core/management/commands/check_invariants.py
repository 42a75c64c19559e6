"""`manage.py check_invariants`: proves the promises of every app over the whole database, one line each."""

import os
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils.translation import gettext

from core.db import one_view, rows, run, shared_view
from core.hooks import INVARIANTS
from core.ports import Invariant
from core.queries import company_coded

SHOWN = 5
MEMORY = "128MB"
"""For each sum over a whole table: what does not fit is sorted on the disk, at several times the cost."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one promise: how many rows break it, the first few, how long it took, or why it could not be asked."""

    promise: Invariant
    count: int
    examples: Sequence[Any]
    ms: float
    error: str = ""


class Command(BaseCommand):
    help = "Prove every promise over the whole database; ends with an error when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="the code of one company; all without it")
        parser.add_argument("--only", help="promises whose name begins with this")
        parser.add_argument(
            "--jobs", type=int, default=min(os.cpu_count() or 1, 4), help="connections that prove side by side (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        company = company_coded(options["company"]).id if options["company"] else None
        promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
        if options["only"]:
            promises = [promise for promise in promises if promise.name.startswith(options["only"])]
        if not promises:
            raise CommandError("There is no promise to check: is an INVARIANTS source registered in config/wiring.py?")
        # What the transaction around has not committed yet is seen by its own connection alone.
        jobs = 1 if connection.in_atomic_block else max(options["jobs"], 1)
        with one_view():
            broken = sum(self._tell(finding) for finding in _findings(promises, company, jobs=jobs))
        if broken:
            raise CommandError(f"{broken} of {len(promises)} promises are broken.")
        self.stdout.write(self.style.SUCCESS(f"{len(promises)} promises hold."))

    def _tell(self, finding: Finding) -> bool:
        promise = finding.promise
        if finding.error:
            self.stdout.write(self.style.ERROR(f"ERROR  {promise.name}: {finding.error}"))
            return True
        style = self.style.ERROR if finding.count else self.style.SUCCESS
        word = "BROKEN" if finding.count else "ok"
        self.stdout.write(f"{style(f'{word:6}')} {promise.name:36} {finding.count:>8}  {finding.ms:7.0f} ms  {gettext(promise.promise)}")
        for example in finding.examples:
            self.stdout.write("         " + ", ".join(f"{name}={value}" for name, value in example._asdict().items()))
        return bool(finding.count)


def _findings(promises: Sequence[Invariant], company: int | None, *, jobs: int) -> Iterator[Finding]:
    """In the order of the promises, all as of the view around; with several jobs each on a connection of its own."""
    if jobs == 1:
        yield from (_finding(promise, company) for promise in promises)
        return
    moment = shared_view()

    def elsewhere(promise: Invariant) -> Finding:
        try:
            return _finding(promise, company, as_of=moment)
        finally:
            connection.close()

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(elsewhere, promises)


def _finding(promise: Invariant, company: int | None, *, as_of: str | None = None) -> Finding:
    """A mistake in one query leaves the others to be checked."""
    started = time.monotonic()
    count, error = 0, ""
    examples: Sequence[Any] = ()
    try:
        with one_view(as_of=as_of):
            run(f"SET LOCAL work_mem = '{MEMORY}'", prepare=False)
            count = rows(f"SELECT count(*) AS n FROM ({promise.sql}) v", {"company": company}, prepare=False)[0].n
            if count:
                examples = rows(f"SELECT * FROM ({promise.sql}) v LIMIT {SHOWN}", {"company": company}, prepare=False)
    except DatabaseError as wrong:
        error = str(wrong).splitlines()[0]
    return Finding(promise, count, examples, (time.monotonic() - started) * 1000, error)
