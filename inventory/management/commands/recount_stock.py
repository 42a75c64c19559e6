"""`manage.py recount_stock`: tells which stock counters differ from their rows; with --repair it sets them right."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from core import clock
from core.actor import SYSTEM
from core.errors import Refusal
from core.queries import company_coded
from inventory.operations import recount_stock
from inventory.queries import stock_differences

CHUNK = 500


class Command(BaseCommand):
    help = "Compare stock counters with their movements, allocations and reservations; ends with an error while any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="the code of one company; all without it")
        parser.add_argument("--repair", action="store_true", help="set the counters right; without it they are only reported")
        parser.add_argument("--reason", default="manage.py recount_stock", help="why, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        company_id = company_coded(options["company"]).id if options["company"] else None
        left = self._round(company_id, options) if options["repair"] else self._report(company_id)
        if left:
            raise CommandError(f"{left} shelves differ from their rows." + ("" if options["repair"] else " Run again with --repair."))
        self.stdout.write(self.style.SUCCESS("Every counter equals its rows."))

    def _report(self, company_id: int | None) -> int:
        found = stock_differences(company_id=company_id)
        for row in found:
            self.stdout.write(_line(row))
        return len(found)

    def _round(self, company_id: int | None, options: dict[str, Any]) -> int:
        """Repair chunk by chunk, each in its own transaction; what a person must look at is told and left."""
        left, after = 0, 0
        while found := stock_differences(company_id=company_id, after_id=after, limit=CHUNK):
            for row in found:
                self.stdout.write(_line(row))
            results = recount_stock([row.stock_id for row in found], reason=options["reason"], actor=SYSTEM, at=clock.now())
            refused = [result for result in results if isinstance(result, Refusal)]
            for refusal in refused:
                self.stdout.write(self.style.ERROR(refusal.text(gettext)))
            left, after = left + len(refused), found[-1].stock_id
        return left


def _line(row: Any) -> str:
    pairs = ("on_hand", "sellable", "allocated", "reserved")
    told = ", ".join(
        f"{name} {getattr(row, name)} → {getattr(row, f'true_{name}')}"
        for name in pairs
        if getattr(row, name) != getattr(row, f"true_{name}")
    )
    return f"{row.item} @ {row.location}: {told}"
