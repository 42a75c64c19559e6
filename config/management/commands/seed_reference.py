"""Put in the facts every installation has."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.staff_roles import seed_roles
from core.models import PostalCode
from core.operations import seed_reference


class Command(BaseCommand):
    help = "Tax classes and rates, staff roles and (once) the postal codes exist. Run after each migration; repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        seed_reference()
        seed_roles()
        self.stdout.write("tax rates and staff roles are in place")
        if not PostalCode.objects.exists():
            call_command("seed_postal_codes", stdout=self.stdout)
