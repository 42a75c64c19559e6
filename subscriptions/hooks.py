"""What subscriptions answer: the contract a new order opens, somebody's contracts, and cards for the first page."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.actor import SYSTEM, Actor
from core.db import current_actor
from core.errors import Refusal
from core.ports import DashboardCard
from core.words import gettext_noop
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from inventory.ports import PlannedPieces, TakenPieces
from orders.ports import Course, PlacedOrder
from subscriptions.operations import blank_contracts, open_contracts
from subscriptions.queries import (
    TABLES,
    contract_figures,
    held_of,
    planned_pieces,
    plans_by_variant,
    running_of,
    taken_pieces,
    told_of,
)
from subscriptions.rules import interval_words

tables = TABLES
lanes = {Lane.SUBSCRIPTIONS: "subscriptions.view_subscription"}

STILL_RUNNING = gettext_noop("Contract %(number)s is still running.")


def placed(orders: Sequence[PlacedOrder], *, actor: Actor, at: datetime) -> Sequence[Refusal | None]:
    """Subscription lines open their contracts in the placing transaction."""
    return open_contracts(orders, actor=actor, at=at)


def courses(variant_ids: Sequence[int], *, company_id: int, at: datetime) -> Sequence[Course]:
    """The open courses of these articles, each with the intervals it offers, the usual one first."""
    return [
        Course(variant_id=variant_id, choice=f"{plan.code}|{interval}", label=f"{plan.name} {interval_words(interval, translate=_)}")
        for variant_id, plans in plans_by_variant(variant_ids, company_id=company_id, at=at).items()
        for plan in plans
        for interval in dict.fromkeys((plan.default_interval, *plan.offered))
    ]


def planned_demand(company_id: int, *, today: date, until: date) -> Sequence[PlannedPieces]:
    """The articles of the deliveries that running contracts plan."""
    return planned_pieces(company_id, today=today, until=until)


def taken_demand(company_id: int, *, since: date) -> Sequence[TakenPieces]:
    """What renewals took from the shelves."""
    return taken_pieces(company_id, since=since)


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """Contracts opened, changed and ended, and the deliveries that are planned."""
    return [
        TimelineRow(
            customer_id=row.customer_id,
            at=row.at,
            kind=_("Planned delivery") if row.planned else _("Subscription"),
            title=row.title,
            detail=row.detail,
            link=reverse("admin:subscriptions_subscription_change", args=[row.contract_id]),
            planned=row.planned,
            for_customer=True,
        )
        for row in told_of(customer_ids, before=before, limit=limit)
    ]


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: a contract stays with the entry it was made with; its orders go to whoever that entry is read as."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A running contract needs its address: it is cancelled first."""
    return [
        Objection(customer_id=row.customer_id, code="subscription.running", message=STILL_RUNNING, params={"number": row.number})
        for row in running_of(customer_ids)
    ]


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Addresses and free texts are blanked; what was agreed stays with the orders that came of it."""
    blank_contracts(customer_ids, actor=current_actor() or SYSTEM, at=at)
    return [
        Kept(
            customer_id=customer_id,
            table="subscriptions_subscription",
            reason=_("Contracts are kept without names and addresses, as grounds for the orders that came of them."),
        )
        for customer_id in customer_ids
    ]


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """Contracts, their articles, deliveries and history in words."""
    return [ExportRow(customer_id=row.customer_id, table=row.table, values=row.values) for row in held_of(customer_ids)]


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """Running contracts, deliveries due within a week, and those that failed."""
    if not may("subscriptions.view_subscription"):
        return []
    figures = contract_figures(today=clock.business_date(at, "Asia/Tokyo"))
    contracts = reverse("admin:subscriptions_subscription_changelist")
    deliveries = reverse("admin:subscriptions_cycle_changelist")
    return [
        DashboardCard(
            title=_("Running contracts"),
            value=f"{figures.active:,}",
            note=_("%(n)s paused") % {"n": f"{figures.paused:,}"} if figures.paused else "",
            link=f"{contracts}?status__exact=active",
            icon="autorenew",
            position=70,
        ),
        DashboardCard(
            title=_("Deliveries due this week"),
            value=f"{figures.due:,}",
            link=f"{deliveries}?due=week",
            icon="event_upcoming",
            position=80,
        ),
        DashboardCard(
            title=_("Failed deliveries"),
            value=f"{figures.failed:,}",
            note=_("Card declined, sold out, no longer sold") if figures.failed else "",
            link=f"{deliveries}?status__exact=failed",
            icon="running_with_errors",
            tone="bad" if figures.failed else "good",
            position=90,
        ),
    ]
