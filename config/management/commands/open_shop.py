"""Open a company with its first shop and its first administrator, on an installation that is still empty."""

import os
from getpass import getpass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.staff_roles import ADMINISTRATOR, seed_roles
from core import clock
from core.actor import Actor, ActorKind
from core.db import operation
from core.operations import NewCompany, open_channel, open_company, open_site
from core.queries import ChannelKind
from core.text import email_key
from customers.models import Account
from customers.operations import EMAIL_PROVIDER, AccountExists, open_account
from customers.rules import AccountKind

OPENING = Actor(ActorKind.SYSTEM, "open_shop", "Daifuku")


class Command(BaseCommand):
    help = "Open a company, its web shop and its first administrator. What is there already is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--code", required=True, help="the company's short name in URLs and files, such as koyomi")
        parser.add_argument("--name", required=True, help="as customers read it, such as こよみ堂")
        parser.add_argument("--domain", required=True, help="the shop's host name")
        parser.add_argument("--email", required=True, help="the company's address: sender of its mails")
        parser.add_argument("--administrator", required=True, help="the e-mail address the first administrator signs in with")
        parser.add_argument("--language", default="ja", choices=["ja", "en"])
        parser.add_argument("--currency", default="JPY")

    def handle(self, *args: Any, **options: Any) -> None:
        if not email_key(options["administrator"]):
            raise CommandError(f"--administrator: {options['administrator']} is not an e-mail address that can be written to.")
        # Asked for, or told by the variable where nobody can be asked; never an argument that others can read in the process list.
        password = os.environ.get("ADMINISTRATOR_PASSWORD") or getpass("Password of the administrator: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError("The password is refused: " + " ".join(error.messages)) from error
        try:
            company_id = _open(options, make_password(password), actor=OPENING)
        except AccountExists as error:
            raise CommandError(f"{options['administrator']} signs in here already; nothing was changed.") from error
        self.stdout.write(
            f"{options['name']} is open (company {company_id}): https://{options['domain']}/ and https://{options['domain']}/admin/"
        )


@operation
def _open(options: dict[str, Any], password: str, *, actor: Actor) -> int:
    """Company, shop, channels and administrator stand together, or not at all."""
    wanted = NewCompany(
        code=options["code"], name=options["name"], email=options["email"], language=options["language"], currency=options["currency"]
    )
    company = open_company(wanted, actor=actor)
    site = open_site(company.id, code="web", domain=options["domain"], name=options["name"], language=options["language"], actor=actor)
    open_channel(company.id, code="web", name="Web", kind=ChannelKind.WEB, site_id=site, actor=actor)
    open_channel(company.id, code="phone", name="Phone" if options["language"] == "en" else "お電話", kind=ChannelKind.PHONE, actor=actor)
    groups = seed_roles()
    row = Account(
        handle=email_key(options["administrator"]), email=options["administrator"], kind=AccountKind.STAFF, company_id=company.id,
        language=options["language"], password=password, is_staff=True, is_superuser=True,
    )  # fmt: skip
    open_account(row, provider=EMAIL_PROVIDER, subject=email_key(options["administrator"]), verified=True, actor=actor, at=clock.now())
    row.groups.add(groups[ADMINISTRATOR])
    return company.id
