"""Give every staff role its group and its rights."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.staff_roles import matrix, seed_roles, written


class Command(BaseCommand):
    help = "Make the group of every staff role and give it what the permission matrix says; --print only shows the matrix."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--print", action="store_true", help="show who may do what, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["print"]:
            self.stdout.write(written())
            return
        groups = seed_roles()
        rights = matrix()
        for role, group in groups.items():
            self.stdout.write(f"{group.name} ({role}): {len(rights[role])} permissions")
