"""Give the application's role what it may do, and nothing more. Run by the owner after each migration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from config.roles import APP

# Ledgers are recognised by their guard, so that a new one is covered without being named here.
LEDGERS = """
SELECT c.oid::regclass::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = 'append_only_row' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


class Command(BaseCommand):
    help = "Grant the application's database role its rights: no UPDATE, DELETE or TRUNCATE on ledgers."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--role", default=APP, help="the role web, relay and workers connect as")

    def handle(self, *args: Any, **options: Any) -> None:
        role = connection.ops.quote_name(options["role"])
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [options["role"]])
            if cursor.fetchone() is None:
                self.stdout.write(
                    f"there is no role {options['role']}: rights stay as they are (CREATE ROLE {options['role']} LOGIN makes it)"
                )
                return
            cursor.execute(LEDGERS)
            ledgers = [name for (name,) in cursor.fetchall()]
            cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
            cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
            cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
            cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
            if ledgers:
                cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(ledgers)} FROM {role}")
        if options["verbosity"]:
            self.stdout.write(f"{options['role']}: may not change or delete in {len(ledgers)} ledgers")
