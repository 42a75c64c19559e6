"""Who may sign in to the demo: staff of every role, a few shoppers, one partner system."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password

from config.demo.house import House
from config.demo.people import Somebody
from config.staff_roles import ADMINISTRATOR, ROLES, seed_roles
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting
from customers.models import Account, PartnerApplication
from customers.operations import EMAIL_PROVIDER, link_accounts, open_account
from customers.rules import AccountKind, LinkAccount, LinkEvidence

PASSWORD: Final = "koyomi-demo-2026"  # noqa: S105
"""Of every demo login, on purpose printed: the demo runs on one machine, with invented people."""
PARTNER_ID, PARTNER_SECRET = "demo-partner", "koyomi-partner-secret-2026"
NAMES: Final = {
    ADMINISTRATOR: "暦野 しずか", "order_desk": "受注 真理子", "support": "応対 涼", "concierge": "案内 日和", "store_staff": "店長 神保",
    "warehouse": "倉田 実", "accounting": "帳 つけ子", "marketing": "企画 萌", "viewer": "見学 太郎",
}  # fmt: skip
SHOPPERS: Final = (0, 1, 2, 4, 5, 6, 10, 11)
"""Which of the demo people have opened an account in the shop."""


@dataclass(frozen=True, slots=True)
class Staff:
    """The staff accounts by role, and as actors."""

    accounts: dict[str, int]

    def actor(self, role: str) -> Actor:
        """The member of staff of this role."""
        return Actor(ActorKind.STAFF, str(self.accounts[role]), NAMES[role])


def open_staff(house: House, *, at: datetime) -> Staff:
    """One member of staff per role, with the rights of the permission matrix; the administrator may do everything."""
    groups = seed_roles()
    accounts = {}
    for role in ROLES:
        handle = role.replace("_", "-")
        email = f"{handle}@koyomido.example"
        boss = role == ADMINISTRATOR
        row = Account(
            handle=handle, email=email, display_name=NAMES[role], kind=AccountKind.STAFF, company_id=house.company_id, language="ja",
            password=make_password(PASSWORD), is_staff=True, is_superuser=boss,
        )  # fmt: skip
        accounts[role] = open_account(row, provider=EMAIL_PROVIDER, subject=email, verified=True, actor=SYSTEM, at=at)
        with acting(SYSTEM, reason="demo"):
            row.groups.add(groups[role])
    return Staff(accounts)


def open_shoppers(people: list[Somebody], *, at: datetime) -> dict[int, int]:
    """Some customers have opened an account and are linked to their ledger entry; account ids by place among the people."""
    accounts = {}
    for place in SHOPPERS:
        somebody = people[place]
        email = somebody.person.email or f"shopper{place}@example.com"
        name = f"{somebody.person.family_name} {somebody.person.given_name}"
        row = Account(
            handle=email, email=email, display_name=name, kind=AccountKind.PERSON, language="ja", password=make_password(PASSWORD)
        )
        accounts[place] = open_account(row, provider=EMAIL_PROVIDER, subject=email, verified=True, actor=SYSTEM, at=at)
    links = [
        LinkAccount(customer_id=people[place].customer_id, account_id=account, evidence=LinkEvidence.SIGNED_IN_PURCHASE)
        for place, account in accounts.items()
    ]
    link_accounts(links, actor=SYSTEM, at=at)
    return accounts


def open_partner(house: House) -> None:
    """A partner system may call the API for the company with every scope."""
    scopes = "orders:read orders:write customers:read customers:write catalog:read inventory:read billing:read"
    scopes += " shipments:read subscriptions:read webhooks:read webhooks:write"
    with acting(SYSTEM, reason="demo"):
        PartnerApplication.objects.create(
            name="デモ連携システム", client_id=PARTNER_ID, client_secret=PARTNER_SECRET, company_id=house.company_id, allowed_scopes=scopes,
            client_type=PartnerApplication.CLIENT_CONFIDENTIAL, authorization_grant_type=PartnerApplication.GRANT_CLIENT_CREDENTIALS,
        )  # fmt: skip


def logins(people: list[Somebody]) -> list[str]:
    """What is printed at the end of loading and at every start."""
    shopper = people[SHOPPERS[0]]
    return [
        f"demo password  {PASSWORD}   (every login below)",
        f"  back office  {', '.join(role.replace('_', '-') for role in ROLES)}",
        f"  shop         {shopper.person.email} ({shopper.person.family_name} {shopper.person.given_name})",
        f"  API partner  client id {PARTNER_ID}, secret {PARTNER_SECRET}",
    ]
