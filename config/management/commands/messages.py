"""Collect, compile and check the Japanese texts."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.translations import Shelf, disagreements, problems_of


class Command(BaseCommand):
    help = "Bring the Japanese message files up to date with the sources and compile them; --check only tells what is missing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--app", action="append", help="only this app (may be repeated)")
        parser.add_argument("--check", action="store_true", help="change nothing; fail when a text is missing, fuzzy or stale")

    def handle(self, *args: Any, **options: Any) -> None:
        everywhere = [*settings.APPS, "config"]
        chosen = options["app"] or everywhere
        if unknown := set(chosen) - set(everywhere):
            raise CommandError(f"no such app: {', '.join(sorted(unknown))}")
        shelves = [Shelf(app, Path(settings.BASE_DIR) / app) for app in chosen]
        if options["check"]:
            self._check(shelves)
        else:
            self._update(shelves)

    def _check(self, shelves: list[Shelf]) -> None:
        said = [problem for shelf in shelves for problem in shelf.check()] + disagreements(shelves)
        if said:
            raise CommandError("\n".join([*said, f"{len(said)} problems; `python manage.py messages` collects, the .po files translate"]))
        self.stdout.write(f"messages: complete in {len(shelves)} apps")

    def _update(self, shelves: list[Shelf]) -> None:
        for shelf in shelves:
            catalogue = shelf.update()
            said = [problem for message in catalogue for problem in problems_of(message)]
            self.stdout.write(f"{shelf.app}: {len(catalogue)} texts, {len(said)} problems")
            for problem in said:
                self.stdout.write(f"  {problem}")
        for problem in disagreements(shelves):
            self.stdout.write(problem)
