"""What campaigns answer when customers ask for somebody's data, and their card on the first page. Rows name who, never an address."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.operations import forget_addresses
from campaigns.queries import TABLES, held_campaigns, held_messages, send_figures, told
from campaigns.rules import RecipientState, neutral
from core.actor import SYSTEM
from core.db import current_actor
from core.ports import DashboardCard
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow

tables = TABLES
lanes = {Lane.SENDS: "campaigns.view_campaign"}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """The day a campaign began for its targets, each message written, and whoever wanted no more; one statement."""
    kinds = {"campaign": _("Campaign"), "message": _("Message"), "unsubscribed": _("Unsubscribed")}
    return [
        TimelineRow(
            customer_id=row.customer_id,
            at=row.at,
            kind=kinds[row.kind],
            title=neutral(row.title, reader=_("the customer")),
            detail=_(RecipientState.labels()[RecipientState(row.detail)]) if row.kind == "message" else row.detail,
            link=reverse("admin:campaigns_recipient_change", args=[row.recipient_id]) if row.recipient_id else "",
            for_customer=row.kind != "campaign",
        )
        for row in told(customer_ids, before=before, limit=limit)
    ]


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: targets and messages are read by group, and a merged customer's is found when it would be written to."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A campaign never stands against erasure."""
    return []


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Nothing that leads back to an address is kept: an id, a send and what became of it."""
    forget_addresses(customer_ids, actor=current_actor() or SYSTEM)
    return []


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """The campaigns these customers were targeted by, and every message they were to get."""
    found = [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_campaigntarget",
            values={"code": r.code, "name": r.name, "starts_on": str(r.starts_on or ""), "ends_on": str(r.ends_on or "")},
        )
        for r in held_campaigns(customer_ids)
    ]
    return found + [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_recipient",
            values={
                "subject": neutral(r.subject, reader=_("the customer")), "state": r.state, "reason": r.reason, "written_at": str(r.written_at or ""),
                "unsubscribed_at": str(r.unsubscribed_at or ""),
            },
        )
        for r in held_messages(customer_ids)
    ]  # fmt: skip


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """What goes out now and what became of the last thirty days' messages; one statement."""
    if not may("campaigns.view_send"):
        return ()
    found = send_figures(since=at - timedelta(days=30))
    if found.running:
        value, note = f"{found.waiting:,}", _("messages still to go out")
    else:
        value, note = f"{found.sent:,}", _("sent in 30 days; %(planned)s sends planned") % {"planned": f"{found.planned:,}"}
    return [
        DashboardCard(
            title=_("Sends"),
            value=value,
            note=note,
            link=reverse("admin:campaigns_send_changelist"),
            icon="outgoing_mail",
            tone="warn" if found.odd else "",
            position=70,
        )
    ]
