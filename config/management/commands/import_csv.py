"""Bring a company's past in from CSV files."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext, override

from config.imports import KINDS, Asked, Policy, Progress, Summary, UnreadableFile, import_file
from core import clock
from core.actor import Actor, ActorKind
from core.errors import HouseError
from core.queries import company_coded

TOLD_EVERY_SECONDS = 2.0


class Command(BaseCommand):
    """`manage.py import_csv customers|products|orders|campaigns FILE --company C`."""

    help = "Bring customers, products, orders or campaigns in from a CSV file (UTF-8 or cp932); see docs/import.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument("--company", required=True, help="the company's code")
        parser.add_argument("--dry-run", action="store_true", help="check every row, write nothing")
        parser.add_argument(
            "--policy",
            choices=[policy.value for policy in Policy],
            default=Policy.SKIP.value,
            help="orders not yet shipped: leave them, or claim stock and plan parcels",
        )
        parser.add_argument("--encoding", choices=["utf-8", "cp932"], default="", help="only where it is told wrongly from the file")
        parser.add_argument("--rejects", type=Path, help="where rejected rows go (default: FILE.rejects.csv)")
        parser.add_argument("--language", choices=["ja", "en"], default="ja", help="language of the messages")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}")
        told = _Teller(self.stderr.isatty() if hasattr(self.stderr, "isatty") else False)
        with override(options["language"]):
            try:
                summary = import_file(
                    path,
                    KINDS[options["kind"]],
                    asked=Asked(
                        company=company_coded(options["company"]),
                        actor=Actor(ActorKind.SYSTEM, "import_csv", path.name),
                        at=clock.now(),
                        dry_run=options["dry_run"],
                        policy=Policy(options["policy"]),
                        encoding=options["encoding"],
                        rejects_path=options["rejects"],
                        language=options["language"],
                    ),
                    tell=told,
                )
            except (UnreadableFile, HouseError) as error:
                raise CommandError(f"{path.name}: {error.refusal.text(gettext)} ({error.code})") from error
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}") from error
            told.end()
            for line in lines_of(summary):
                self.stdout.write(line)


class _Teller:
    """Says how far it is: on one line of a terminal, else every few seconds."""

    def __init__(self, terminal: bool) -> None:
        self.terminal, self.last = terminal, time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self.last < TOLD_EVERY_SECONDS and not self.terminal:
            return
        self.last = time.monotonic()
        said = gettext("%(rows)s rows, %(rejected)s rejected, %(part)s %%, %(rate)s rows/s, about %(left)s s left") % {
            "rows": f"{progress.rows:,}",
            "rejected": f"{progress.rejected:,}",
            "part": f"{progress.part:.0%}".rstrip("%"),
            "rate": f"{progress.rate:,.0f}",
            "left": f"{progress.seconds_left:,.0f}",
        }
        sys.stderr.write(f"\r{said}\x1b[K" if self.terminal else f"{said}\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self.terminal:
            sys.stderr.write("\n")


def lines_of(summary: Summary) -> list[str]:
    """The summary in words, one fact per line."""
    counts = {name: f"{getattr(summary, name):,}" for name in ("rows", "created", "updated", "unchanged", "rejected")}
    head = gettext("Nothing was written: this was a dry run.") if summary.dry_run else ""
    said = [
        head,
        gettext("%(rows)s rows: %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(rejected)s rejected") % counts,
        gettext("%(seconds)s s, %(rate)s rows/s, at most %(memory)s MB, read as %(encoding)s")
        % {"seconds": f"{summary.seconds:.1f}", "rate": f"{summary.rate:,.0f}", "memory": summary.peak_mb, "encoding": summary.encoding},
    ]
    said += [f"  {code}: {count:,}" for code, count in summary.reasons.most_common()]
    if summary.rejects:
        said.append(gettext("Rejected rows: %(path)s") % {"path": summary.rejects})
    if summary.ignored:
        said.append(gettext("Columns nobody asked for: %(names)s") % {"names": ", ".join(summary.ignored)})
    return [line for line in [*said, *summary.notes] if line]
