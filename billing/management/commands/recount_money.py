"""`manage.py recount_money`: says which balances and open amounts differ from their rows; with --repair sets them right."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from billing.operations import recount_counters
from billing.queries import Counter, Drift, drifted_counters
from core.actor import Actor, ActorKind
from core.queries import company_coded


class Command(BaseCommand):
    help = "Count party balances, open invoices and held payments anew; report what drifted, and repair it with --repair."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="the code of one company; all without it")
        parser.add_argument("--repair", action="store_true", help="write what was counted")

    def handle(self, *args: Any, **options: Any) -> None:
        company_id = company_coded(options["company"]).id if options["company"] else None
        if options["repair"]:
            actor = Actor(ActorKind.SYSTEM, "recount_money", "recount_money")
            found = recount_counters(actor=actor, company_id=company_id, reason="recount_money")
            self._tell(found)
            self.stdout.write(self.style.SUCCESS(f"{len(found)} counters repaired."))
            return
        found = drifted_counters(company_id)
        self._tell(found)
        if found:
            raise CommandError(f"{len(found)} counters drifted; `manage.py recount_money --repair` sets them right.")
        self.stdout.write(self.style.SUCCESS("Every counter says what its rows sum up to."))

    def _tell(self, found: list[Drift]) -> None:
        labels = Counter.labels()
        for drift in found:
            self.stdout.write(f"{gettext(labels[drift.counter])} #{drift.row_id}: {drift.kept} -> {drift.counted}")
