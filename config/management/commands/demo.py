"""Open the demo company, and fill in the year behind it."""

import os
import signal
import sys
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.loading import HalfLoaded, fill_history, is_loaded, load_base
from config.dev import places
from config.simulation.life import Progress
from config.simulation.scene import CannotPlay
from core import clock
from core.operations import seed_reference

STEPS = 4
EVERY_SECONDS = 8.0


class Command(BaseCommand):
    help = (
        "Open the demo company こよみ堂 with products, stock and customers, unless it is there already; --history lives the year behind it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--history", action="store_true", help="live the year behind it; broken off, it goes on at the next start")
        parser.add_argument("--gently", action="store_true", help="leave the machine to others first")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ANY_DOMAIN_IS_A_SHOP:
            raise CommandError("The demo's passwords are printed for everyone; it is loaded with local settings only.")
        if options["gently"]:
            os.nice(10)
        self.began, self.step, self.told = monotonic(), 0, 0.0
        if options["history"]:
            self._live()
        else:
            self._open()

    def _open(self) -> None:
        try:
            if is_loaded():
                self.stdout.write("The demo company is there already; nothing to do.")
                return
        except HalfLoaded as error:
            raise CommandError(str(error)) from error
        seed_reference()
        lines = load_base(now=clock.now(), say=self._say)
        places.LOGINS.parent.mkdir(parents=True, exist_ok=True)
        places.LOGINS.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.stdout.write(
            f"The demo company is open ({monotonic() - self.began:.1f} s). `manage.py demo --history` lives the year behind it."
        )
        for line in lines:
            self.stdout.write(f"  {line}")

    def _live(self) -> None:
        self.stopping = False
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._stop)
        try:
            whole = fill_history(tell=self._tell, stop=lambda: self.stopping)
        except CannotPlay as error:
            raise CommandError(str(error)) from error
        if not whole:
            self.stdout.write("The demo's history was broken off; the next start goes on from here.")
            sys.exit(3)
        self.stdout.write(f"The demo's year is complete ({monotonic() - self.began:.0f} s).")

    def _stop(self, number: int, frame: object) -> None:
        self.stopping = True

    def _say(self, step: str) -> None:
        self.step += 1
        self.stdout.write(f"  demo {self.step}/{STEPS}: {step}")
        self.stdout.flush()

    def _tell(self, progress: Progress) -> None:
        """A line every few seconds, with the time left."""
        if monotonic() - self.told >= EVERY_SECONDS or progress.done == progress.total:
            self.told = monotonic()
            self.stdout.write(progress.line())
            self.stdout.flush()
