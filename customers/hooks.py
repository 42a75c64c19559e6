"""The customers app's own answer to CustomerData, and its cards on the first page of the back office."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import SYSTEM
from core.db import current_actor
from core.ports import DashboardCard
from customers.operations import blank_customers
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from customers.queries import TABLES, held, open_candidates, told
from customers.rules import ConsentPurpose, ConsentStatus, ContactChannel, LinkEvidence, PointKind

tables = TABLES
lanes = {Lane.RELATION: "customers.view_customer", Lane.NOTES: "customers.view_note"}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """Consents, ranks, points, notes, links and merges."""
    wanted = only or frozenset(lanes)
    return [
        _row(row) for row in told(customer_ids, before=before, limit=limit, notes=Lane.NOTES in wanted, relation=Lane.RELATION in wanted)
    ]


def _row(row: Any) -> TimelineRow:
    kinds = {
        "consent": _("Consent"),
        "rank": _("Rank"),
        "points": _("Points"),
        "note": _("Note"),
        "link": _("Account link"),
        "merge": _("Merge"),
    }
    title, detail = _words(row)
    return TimelineRow(
        customer_id=row.customer_id,
        at=row.at,
        kind=kinds[row.kind],
        title=title,
        detail=detail,
        link=reverse("admin:customers_customer_change", args=[row.customer_id]),
        for_customer=row.kind in ("consent", "rank", "points") or row.outcome == "customer",
        lane=Lane(row.lane),
    )


def _words(row: Any) -> tuple[str, str]:
    if row.kind == "consent":
        said = f"{_(ConsentPurpose.labels()[row.detail])} / {_(ContactChannel.labels()[row.word])}"
        return said, _(ConsentStatus.labels()[row.outcome])
    if row.kind == "points":
        return f"{_(PointKind.labels()[row.word])} {row.points:+,}", row.detail
    if row.kind == "link":
        return _(LinkEvidence.labels()[row.word]), row.detail
    if row.kind == "merge":
        return _("Merged into another customer"), row.detail
    return row.word, row.detail


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing waits here: consent, points, rank and notes are read by the group at once."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """The ledger itself never objects."""
    return ()


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Names, contact points, addresses, notes, attributes and proofs are blank."""
    return blank_customers(customer_ids, actor=current_actor() or SYSTEM, at=at)


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """Every row held, save notes and tags for staff only and pairs that tell of somebody else."""
    return held(customer_ids)


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """Pairs that wait for a decision; one indexed statement."""
    cards = []
    if may("customers.view_duplicatecandidate"):
        waiting, likely = open_candidates()
        cards.append(
            DashboardCard(
                title=_("Possible duplicates"),
                value=f"{waiting:,}",
                note=_("%(count)s very likely") % {"count": f"{likely:,}"} if likely else "",
                link=reverse("admin:customers_duplicatecandidate_changelist") + "?status=open",
                icon="person_search",
                tone="warn" if waiting else "good",
                position=60,
            )
        )
    return cards
