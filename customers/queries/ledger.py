"""Customers as read: rows for other apps, and the only gate to them for actors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from core.actor import Actor, ActorKind
from core.db import rows
from core.ids import public
from customers.models import Account, Customer, CustomerAccount, PartnerApplication
from customers.rules import AccountKind

PREFIX = "cus"
"""What a customer's public id begins with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer to be shown: the primary phone and e-mail are "" where none is in use."""

    customer_id: int
    public_id: UUID
    company_id: int
    number: str
    name: str
    kana: str
    organisation_name: str
    kind: str
    status: str
    attention: bool
    principal_id: int | None
    phone: str
    email: str
    rank_code: str
    rank_name: str
    language: str
    birth_on: date | None
    recorded_at: datetime

    @property
    def word(self) -> str:
        """The public id."""
        return public(PREFIX, self.public_id)


_ROWS = """
SELECT c.id AS customer_id, c.public_id, c.company_id, c.number, trim(c.family_name || ' ' || c.given_name) AS name,
    trim(c.family_kana || ' ' || c.given_kana) AS kana, c.organisation_name, c.kind, c.status, c.attention, c.principal_id,
    coalesce(phone.value, '') AS phone, coalesce(email.value, '') AS email, coalesce(held.code, '') AS rank_code,
    coalesce(held.name, '') AS rank_name, c.language, c.birth_on, c.recorded_at
FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place)
JOIN customers_customer c ON c.id = asked.id
LEFT JOIN LATERAL (SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'phone' AND p.ended_at IS NULL
    ORDER BY p.is_primary DESC, p.id LIMIT 1) phone ON true
LEFT JOIN LATERAL (SELECT p.value FROM customers_contactpoint p WHERE p.customer_id = c.id AND p.kind = 'email' AND p.ended_at IS NULL
    ORDER BY p.is_primary DESC, p.id LIMIT 1) email ON true
LEFT JOIN LATERAL (SELECT r.code, r.name FROM customers_rankassignment a JOIN customers_customerrank r ON r.id = a.rank_id
    WHERE a.customer_id = c.id AND a.until_at IS NULL ORDER BY a.brand_id IS NOT NULL, r.level DESC LIMIT 1) held ON true
ORDER BY asked.place
"""


def customer_rows(customer_ids: Sequence[int]) -> list[CustomerRow]:
    """The customers of these ids in the order given, in one statement; unknown ids are left out."""
    if not customer_ids:
        return []
    return [CustomerRow(**row._asdict()) for row in rows(_ROWS, (list(customer_ids),))]


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """The customers an actor may see; the only gate to them.

    Staff see their company's, or all when they belong to none; a partner its application's company's; a person those its
    account is linked to and everybody merged with them; the system and rules see all. Erased ones are seen by staff only.
    """
    if actor.kind in (ActorKind.SYSTEM, ActorKind.RULE):
        return Customer.objects.all()
    if actor.kind is ActorKind.STAFF:
        staff = Account.objects.filter(pk=_number(actor.id), kind=AccountKind.STAFF, is_active=True)
        return Customer.objects.filter(Exists(staff.filter(Q(company=None) | Q(company=OuterRef("company")))))
    living = Customer.objects.exclude(status="erased")
    if actor.kind is ActorKind.PARTNER:
        # A scalar, so that the index on (company, recorded_at) serves the list.
        return living.filter(company=Subquery(PartnerApplication.objects.filter(client_id=actor.id).values("company")[:1]))
    linked = CustomerAccount.objects.filter(account_id=_number(actor.id), account__is_active=True, ended_at=None)
    principals = linked.values("customer__principal_id")
    direct = linked.values("customer_id")
    return living.filter(Q(pk__in=direct) | Q(principal_id__in=direct) | Q(pk__in=principals) | Q(principal_id__in=principals))


def _number(text: str) -> int:
    """A row number out of an actor's id; zero, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def customer_behind(public_id: UUID, *, actor: Actor) -> Customer | None:
    """The customer of a public id, if the actor may see it."""
    return visible_to(actor).filter(public_id=public_id).first()


def customers_of_account(account_id: int, *, company_id: int | None = None) -> list[int]:
    """The principals an account may act for, oldest link first."""
    links = CustomerAccount.objects.filter(account_id=account_id, ended_at=None).exclude(customer__status="erased")
    if company_id is not None:
        links = links.filter(customer__company_id=company_id)
    found = links.order_by("id").annotate(principal=F("customer__principal_id")).values_list("customer_id", "principal")
    return list(dict.fromkeys(principal or customer for customer, principal in found))
