"""Load the published list of Japanese postal codes."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from core.actor import SYSTEM
from core.operations import seed_postal_codes


class Command(BaseCommand):
    help = "Load the published list of Japanese postal codes (areas and offices); repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()

        def progress(done: int, total: int) -> None:
            spent = time.monotonic() - started
            left = spent / done * (total - done) if done else 0
            end = "\n" if done == total or not sys.stdout.isatty() else "\r"
            if done == total or sys.stdout.isatty():
                self.stdout.write(f"postal codes: {done:,} of {total:,} read, {left:.0f} s left", ending=end)

        seed = seed_postal_codes(actor=SYSTEM, on=clock.today("Asia/Tokyo"), progress=progress)
        self.stdout.write(
            f"postal codes: {seed.places:,} places ({seed.added:,} added, {seed.changed:,} changed, {seed.withdrawn:,} withdrawn) in {time.monotonic() - started:.1f} s"
        )
