"""`manage.py seed_noshi`: the noshi that are usual in Japan, and what does not go together, for one company or all."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import SYSTEM
from core.queries import companies
from orders.operations import seed_noshi


class Command(BaseCommand):
    help = "Put in the usual noshi and unlucky pairs. What people changed or ended stays as it is."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--company", default="", help="code of the company; without it every company")

    def handle(self, *args: Any, **options: Any) -> None:
        known = [company for company in companies() if options["company"] in ("", company.code)]
        if not known:
            raise CommandError(f"There is no company “{options['company']}”.")
        for company in known:
            self.stdout.write(f"{company.code}: {seed_noshi(company.id, actor=SYSTEM)} new")
