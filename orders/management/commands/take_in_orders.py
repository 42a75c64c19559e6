"""`manage.py take_in_orders`: takes in what lies in the folders of outside shops, or a file for one shop, and hands back notices."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from core import clock
from core.actor import SYSTEM
from core.errors import Refusal
from orders.operations import exchange_intake, take_in
from orders.queries import shops


class Command(BaseCommand):
    help = "Take in orders of outside shops: from the folders <company>/orders/<shop> below EXCHANGE_ROOT, or one file with --shop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", nargs="?", help="an order file; without it the folders are worked")
        parser.add_argument("--shop", default="", help="code of the outside shop the file is of")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            return self._take(Path(options["file"]), options["shop"])
        for moved in exchange_intake(root=Path(settings.EXCHANGE_ROOT), actor=SYSTEM, at=clock.now()):
            reason = f": {moved.refusal.text(gettext)}" if moved.refusal else ""
            self.stdout.write(f"{moved.folder} {moved.where} {moved.name}{reason}")
        return None

    def _take(self, path: Path, code: str) -> None:
        fitting = [shop for shop in shops().values() if shop.code == code]
        if len(fitting) != 1:
            known = ", ".join(sorted(shop.code for shop in shops().values()))
            raise CommandError(f"Name one outside shop with --shop. There are: {known or 'none'}")
        answer = take_in(path.read_bytes(), shop_id=fitting[0].id, name=path.name, source="command", actor=SYSTEM, at=clock.now())
        if isinstance(answer, Refusal):
            raise CommandError(f"{answer.code}: {answer.text(gettext)}")
        fates = ", ".join(f"{fate}: {count}" for fate, count in answer.counted.fates.items())
        states = ", ".join(f"{state}: {count}" for state, count in answer.states.items())
        self.stdout.write(f"{answer.counted.state}; {fates or 'known already'}; {states}")
