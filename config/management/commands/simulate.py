"""`manage.py simulate`: live a company's days through the operations of the house, with a moved clock."""

import signal
import sys
from datetime import date, datetime, timedelta
from resource import RUSAGE_SELF, getrusage
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.simulation.figures import figures_of
from config.simulation.life import Asked, Progress, live
from config.simulation.scene import CannotPlay
from core import clock
from core.errors import HouseError
from core.queries import company_coded

EVERY_SECONDS = 2.0


class Command(BaseCommand):
    help = "Fill in a company's history: so many days until --until, through the same operations the counters use. The same seed gives the same figures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, required=True, help="how many days")
        parser.add_argument("--seed", type=int, default=540, help="the same seed gives the same figures")
        parser.add_argument("--orders-per-day", type=int, default=20, help="on a usual day, over all channels")
        parser.add_argument("--company", default="daifuku-demo", help="the company's code")
        parser.add_argument("--until", default="today", help="the last day, as 2026-03-31, or today (until now)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            company = company_coded(options["company"])
        except HouseError as error:
            raise CommandError(str(error)) from error
        now = clock.now()
        until_on, until_at = _until(options["until"], now, ZoneInfo(company.timezone))
        asked = Asked(
            company=company,
            seed=options["seed"],
            orders_per_day=options["orders_per_day"],
            since_on=until_on - timedelta(days=options["days"] - 1),
            until_on=until_on,
            until_at=until_at,
        )
        self.stopping, self.told, began = False, 0.0, monotonic()
        self.refused: dict[str, int] = {}
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._stop)
        try:
            whole = live(asked, tell=self._tell, stop=lambda: self.stopping)
        except (CannotPlay, HouseError) as error:
            raise CommandError(str(error)) from error
        if not whole:
            self.stdout.write("simulate: stopped; the same command goes on from here.")
            sys.exit(3)
        self.stdout.write(
            f"simulate: {company.code} has lived until {until_on} ({monotonic() - began:.1f} s, {_cpu():.1f} s of them computing here)"
        )
        for code, number in sorted(self.refused.items()):
            self.stdout.write(f"  refused: {code} {number}")
        for line in figures_of(company.id).lines():
            self.stdout.write(line)

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _tell(self, progress: Progress) -> None:
        """A line every two seconds, with the time left."""
        self.refused = dict(progress.refused)
        if monotonic() - self.told >= EVERY_SECONDS or progress.done == progress.total:
            self.told = monotonic()
            self.stdout.write(progress.line())
            self.stdout.flush()


def _until(word: str, now: datetime, zone: ZoneInfo) -> tuple[date, datetime]:
    """The last day, and the moment at which it ends for the simulation."""
    if word == "today":
        return now.astimezone(zone).date(), now
    try:
        day = date.fromisoformat(word)
    except ValueError as error:
        raise CommandError(f"--until is a day such as 2026-03-31, or today; not {word}") from error
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)
    return day, min(end, now)


def _cpu() -> float:
    used = getrusage(RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
