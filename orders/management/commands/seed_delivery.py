"""Bring in the delivery services, regions and lead times that Japan's carriers publish."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.actor import SYSTEM
from core.queries import companies
from orders.operations import seed_delivery
from orders.rules.delivery_seed import SEED_SERVICES


class Command(BaseCommand):
    help = "Services, regions and lead times of Japan's carriers for every company, or one; what is there stays. Fees are your own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", help="code of the company; left out, all")
        parser.add_argument("--carriers", default="", help="such as yamato,sagawa; left out, those with a contract")

    def handle(self, *args: Any, **options: Any) -> None:
        carriers = [word.strip() for word in options["carriers"].split(",") if word.strip()]
        known = sorted({service.carrier for service in SEED_SERVICES})
        if unknown := sorted(set(carriers) - set(known)):
            self.stderr.write(f"No services are known of {', '.join(unknown)}. Known are {', '.join(known)}.")
            return
        for company in companies():
            if options["company"] in (None, company.code):
                made = seed_delivery(company.id, carriers=carriers, actor=SYSTEM)
                self.stdout.write(f"{company.code}: {made.services} services, {made.zones} zones, {made.lead_times} lead times are new")
