"""What campaigns answer when customers ask for somebody's data. The rows hold no personal value, only who."""

from collections.abc import Sequence
from datetime import datetime

from core.db import rows
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow

tables = ("campaigns_campaigntarget.customer_id",)
lanes = {Lane.SENDS: "campaigns.view_campaign"}


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """The day a campaign began for its targets, where it has a beginning."""
    found = rows(
        """SELECT t.customer_id, c.starts_on::timestamp AT TIME ZONE co.timezone AS at, c.name, c.kind
        FROM campaigns_campaigntarget t JOIN campaigns_campaign c ON c.id = t.campaign_id JOIN core_company co ON co.id = c.company_id
        WHERE t.customer_id = ANY(%(ids)s::bigint[]) AND c.starts_on IS NOT NULL
            AND (%(before)s::timestamptz IS NULL OR c.starts_on::timestamp AT TIME ZONE co.timezone < %(before)s)
        ORDER BY at DESC, c.id DESC LIMIT %(limit)s""",
        {"ids": list(customer_ids), "before": before, "limit": limit},
    )
    return [TimelineRow(customer_id=r.customer_id, at=r.at, kind="campaign", title=r.name, detail=r.kind) for r in found]


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: targets are read by group."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A campaign never stands against erasure."""
    return []


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """Nothing personal is kept: an id and a campaign."""
    return []


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """The campaigns these customers were targeted by."""
    found = rows(
        """SELECT t.customer_id, c.code, c.name, c.starts_on, c.ends_on FROM campaigns_campaigntarget t
        JOIN campaigns_campaign c ON c.id = t.campaign_id WHERE t.customer_id = ANY(%s::bigint[]) ORDER BY t.customer_id, c.id""",
        (list(customer_ids),),
    )
    return [
        ExportRow(
            customer_id=r.customer_id,
            table="campaigns_campaigntarget",
            values={"code": r.code, "name": r.name, "starts_on": str(r.starts_on or ""), "ends_on": str(r.ends_on or "")},
        )
        for r in found
    ]
