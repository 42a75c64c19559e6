"""`manage.py check_invariants`: proves the promises of every app over the whole database, one line each."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext

from core.db import one_view, rows
from core.hooks import INVARIANTS
from core.ports import Invariant
from core.queries import company_coded

SHOWN = 5


class Command(BaseCommand):
    help = "Prove every promise over the whole database; ends with an error when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="the code of one company; all without it")
        parser.add_argument("--only", help="promises whose name begins with this")

    def handle(self, *args: Any, **options: Any) -> None:
        company = company_coded(options["company"]).id if options["company"] else None
        promises = [promise for source in INVARIANTS.all() for promise in source.invariants()]
        if options["only"]:
            promises = [promise for promise in promises if promise.name.startswith(options["only"])]
        if not promises:
            raise CommandError("There is no promise to check: is an INVARIANTS source registered in config/wiring.py?")
        with one_view():
            broken = sum(self._check(promise, company) for promise in promises)
        if broken:
            raise CommandError(f"{broken} of {len(promises)} promises are broken.")
        self.stdout.write(self.style.SUCCESS(f"{len(promises)} promises hold."))

    def _check(self, promise: Invariant, company: int | None) -> bool:
        started = time.monotonic()
        try:
            count, examples = _violations(promise, company)
        except DatabaseError as error:
            self.stdout.write(self.style.ERROR(f"ERROR  {promise.name}: {str(error).splitlines()[0]}"))
            return True
        ms = (time.monotonic() - started) * 1000
        style = self.style.ERROR if count else self.style.SUCCESS
        word = "BROKEN" if count else "ok"
        self.stdout.write(f"{style(f'{word:6}')} {promise.name:36} {count:>8}  {ms:7.0f} ms  {gettext(promise.promise)}")
        for example in examples:
            self.stdout.write("         " + ", ".join(f"{name}={value}" for name, value in example._asdict().items()))
        return bool(count)


def _violations(promise: Invariant, company: int | None) -> tuple[int, Sequence[Any]]:
    """How many rows break the promise, and the first few. A mistake in one query leaves the others to be checked."""
    with one_view():
        found = rows(f"SELECT count(*) AS n FROM ({promise.sql}) v", {"company": company}, prepare=False)[0].n
        return found, rows(f"SELECT * FROM ({promise.sql}) v LIMIT {SHOWN}", {"company": company}, prepare=False) if found else ()
