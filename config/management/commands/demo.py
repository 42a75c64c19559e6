"""Load the demo company once."""

from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.loading import HalfLoaded, is_loaded, load_demo
from config.dev import places
from core import clock
from core.operations import seed_reference

STEPS = 6


class Command(BaseCommand):
    help = "Load the demo company こよみ堂 with products, stock, customers and five weeks of orders, unless it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ANY_DOMAIN_IS_A_SHOP:
            raise CommandError("The demo's passwords are printed for everyone; it is loaded with local settings only.")
        try:
            if is_loaded():
                self.stdout.write("The demo company is there already; nothing to do.")
                return
        except HalfLoaded as error:
            raise CommandError(str(error)) from error
        self.began, self.step, self.told = monotonic(), 0, 0.0
        seed_reference()
        lines = load_demo(now=clock.now(), say=self._say, share=self._share)
        places.LOGINS.parent.mkdir(parents=True, exist_ok=True)
        places.LOGINS.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.stdout.write(f"The demo company is loaded ({monotonic() - self.began:.1f} s).")
        for line in lines:
            self.stdout.write(f"  {line}")

    def _say(self, step: str) -> None:
        self.step += 1
        self.stdout.write(f"  demo {self.step}/{STEPS}: {step}")
        self.stdout.flush()
        self.orders_began = monotonic()

    def _share(self, done: int, total: int) -> None:
        """A line every two seconds, with the time left."""
        spent = monotonic() - self.orders_began
        if spent - self.told >= 2:
            self.told = spent
            self.stdout.write(f"  demo {self.step}/{STEPS}: {done} of {total}, about {spent / done * (total - done):.0f} s left")
            self.stdout.flush()
