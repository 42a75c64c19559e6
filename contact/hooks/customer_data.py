"""What contact answers when customers ask for somebody's data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from contact.operations import blank_cases
from contact.queries import TABLES, held, told, unsolved_of
from contact.rules import CaseState, Deed, Direction
from core.actor import SYSTEM
from core.db import current_actor
from core.words import gettext_noop
from customers.ports import ExportRow, Kept, Lane, MergedPair, Objection, TimelineRow
from customers.rules import ContactChannel

tables = TABLES
lanes = {Lane.CONTACT: "contact.view_case"}

STILL_OPEN = gettext_noop("Case %(number)s isn't solved yet.")


def timeline(
    customer_ids: Sequence[int], *, before: datetime | None, limit: int, only: frozenset[Lane] = frozenset()
) -> Sequence[TimelineRow]:
    """Cases, what was said in them, and the answers still owed."""
    return [_row(row) for row in told(customer_ids, before=before, limit=limit)]


def _row(row: Any) -> TimelineRow:
    title, state = row.title or row.reason, _(CaseState.labels()[CaseState(row.state)])
    if row.kind == "due":
        kind, detail, tone = _("Answer owed"), f"{row.number} {state}", "bad" if row.complaint else ""
    elif row.kind == "case":
        kind, detail, tone = _heard(row), " / ".join(part for part in (row.number, row.reason, state, _first_words(row.body)) if part), ""
        tone = "warn" if row.complaint and row.state != CaseState.SOLVED else ""
    else:
        kind, tone = _deed(row), "good" if row.deed == Deed.SOLUTION else ""
        title, detail = _first_words(row.body) or title, f"{row.number} {row.author}"
    return TimelineRow(
        customer_id=row.customer_id,
        at=row.at,
        kind=kind,
        title=title,
        detail=detail,
        link=reverse("admin:contact_case_change", args=[row.case_id]),
        planned=row.kind == "due",
        for_customer=row.visibility == "customer",
        tone=tone,
    )


def _heard(row: Any) -> str:
    """By which way a case came or went out."""
    channel = _(ContactChannel.labels()[ContactChannel(row.channel)])
    return (
        _("%(channel)s out") % {"channel": channel} if row.direction == Direction.OUTBOUND else _("%(channel)s in") % {"channel": channel}
    )


def _deed(row: Any) -> str:
    if row.deed != Deed.TALK:
        return _(Deed.labels()[Deed(row.deed)])
    return _(Direction.labels()[Direction.INTERNAL]) if row.direction == Direction.INTERNAL else _heard(row)


def _first_words(body: str) -> str:
    """The beginning of a text, on one line."""
    flat = " ".join(body.split())
    return flat if len(flat) <= 90 else f"{flat[:89]}…"


def merge(pairs: Sequence[MergedPair], *, at: datetime) -> None:
    """Nothing to settle: cases stay with the entry they were opened for, and are read together."""


def objections(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Objection]:
    """A case that isn't solved needs to know whose it is."""
    return [
        Objection(customer_id=row.customer_id, code="contact.case_unsolved", message=STILL_OPEN, params={"number": row.number})
        for row in unsolved_of(customer_ids)
    ]


def erase(customer_ids: Sequence[int], *, at: datetime) -> Sequence[Kept]:
    """What was said is blank; that there was a case, why and when, stays for the figures."""
    if not blank_cases(customer_ids, actor=current_actor() or SYSTEM, at=at):
        return ()
    return [
        Kept(customer_id=i, table="contact_case", reason=_("That somebody asked, why and when, without what was said"))
        for i in customer_ids
    ]


def export(customer_ids: Sequence[int]) -> Sequence[ExportRow]:
    """Cases and every word the customer took part in; what staff told each other stays among staff."""
    return [ExportRow(customer_id=row.customer_id, table=row.table_name, values=row.values) for row in held(customer_ids)]
