"""`manage.py recount_stock`: tells which stock counters differ from their rows; with --repair it sets them right."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from core import clock
from core.actor import SYSTEM
from core.errors import Refusal
from core.queries import company_coded
from inventory.operations import recount_stock
from inventory.queries import shelf_ranges, stock_differences
from inventory.rules import UNSELLABLE

CHUNK = 500
"""So many shelves are locked at once, for some milliseconds."""


class Command(BaseCommand):
    help = "Compare stock counters with their movements, allocations and reservations; ends with an error while any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", help="the code of one company; all without it")
        parser.add_argument("--repair", action="store_true", help="set the counters right; without it they are only reported")
        parser.add_argument("--reason", default="manage.py recount_stock", help="why, for the record")

    def handle(self, *args: Any, **options: Any) -> None:
        """Range by range of shelves, so that memory, and the time shelves are locked, are the same at a thousand and at a million."""
        company_id = company_coded(options["company"]).id if options["company"] else None
        left = 0
        for after, until in shelf_ranges():
            found = stock_differences(company_id=company_id, after_id=after, until_id=until)
            for row in found:
                self.stdout.write(_line(row))
            left += self._left_after_repair(found, reason=options["reason"]) if options["repair"] else len(found)
        if left:
            raise CommandError(f"{left} shelves differ from their rows." + ("" if options["repair"] else " Run again with --repair."))
        self.stdout.write(self.style.SUCCESS("Every counter equals its rows."))

    def _left_after_repair(self, found: Sequence[Any], *, reason: str) -> int:
        """Repair chunk by chunk, each in its own transaction; what a person must look at is told and left."""
        left = 0
        for start in range(0, len(found), CHUNK):
            ids = [row.stock_id for row in found[start : start + CHUNK]]
            for result in recount_stock(ids, reason=reason, actor=SYSTEM, at=clock.now()):
                if isinstance(result, Refusal):
                    self.stdout.write(self.style.ERROR(result.text(gettext)))
                    left += 1
        return left


def _line(row: Any) -> str:
    pairs = ("on_hand", "sellable", "allocated", "reserved", *UNSELLABLE, "value", "days")
    told = ", ".join(
        f"{name} {getattr(row, name)} → {getattr(row, f'true_{name}')}"
        for name in pairs
        if getattr(row, name) != getattr(row, f"true_{name}")
    )
    return f"{row.item} @ {row.location}: {', '.join(filter(None, [told, 'lots' if row.lots_differ else '']))}"
