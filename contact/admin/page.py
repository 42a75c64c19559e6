"""A case's page in words: what it is about, every word said in it, and the form for the next one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from contact.models import Case
from contact.queries import case_orders, case_story, channel_choices
from contact.rules import CaseState, CauseClass, Deed, Desk, Direction, Priority, is_overdue
from customers.queries import CustomerRow, customer_rows
from customers.rules import ContactChannel, Visibility

STATE_TONES = {CaseState.OPEN: "warn", CaseState.WAITING: "", CaseState.SOLVED: "good"}


@dataclass(frozen=True, slots=True)
class Word:
    """One interaction, ready to be read."""

    at: datetime
    side: str
    head: str
    who: str
    body: str
    shown: bool
    deed: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything a case's page shows."""

    case: Case
    theme: str
    state: str
    tone: str
    late: bool
    reason: str
    desk: str
    priority: str
    cause: str
    owner: str
    caller: str
    customer: CustomerRow | None
    customer_link: str
    words: list[Word]
    orders: list[tuple[str, str]]
    say: str
    channels: list[tuple[str, str]]
    in_full: bool


def page_of(row: Case, *, may: Any, at: datetime) -> Page:
    """The page of a case as one reader may see it: three statements besides the row itself."""
    full = bool(may("customers.view_personal"))
    customer = next(iter(customer_rows([row.customer_id])), None) if row.customer_id else None
    state = CaseState(row.state)
    return Page(
        case=row,
        theme=row.theme if full and row.theme else row.reason.name,
        state=_(CaseState.labels()[state]),
        tone=STATE_TONES[state],
        late=is_overdue(state, due_at=row.due_at, at=at),
        reason=row.reason.name,
        desk=_(Desk.labels()[Desk(row.desk)]),
        priority=_(Priority.labels()[Priority(row.priority)]) if row.priority != Priority.NORMAL else "",
        cause=_(CauseClass.labels()[CauseClass(row.cause_class)]) if row.cause_class else "",
        owner=(row.owner.display_name or row.owner.handle) if row.owner else "",
        caller=" ".join(part for part in (row.caller_name, row.caller_contact) if part) if full else "",
        customer=customer,
        customer_link=reverse("admin:customers_customer_change", args=[row.customer_id])
        if row.customer_id and may("customers.view_customer")
        else "",
        words=[_word(word, full=full) for word in case_story(row.pk)],
        orders=[(one.number, reverse("admin:orders_order_change", args=[one.id])) for one in case_orders(row.pk) if one.id],
        say=reverse("admin:contact_case_verb_say", args=[row.pk]) if may("contact.add_interaction") else "",
        channels=channel_choices(),
        in_full=full,
    )


def _word(word: Any, *, full: bool) -> Word:
    direction, deed = Direction(word.direction), Deed(word.deed)
    channel = _(ContactChannel.labels()[ContactChannel(word.channel)]) if word.channel else ""
    whom = word.to_whom
    if whom.startswith("desk:"):
        whom = _(Desk.labels()[Desk(whom.removeprefix("desk:"))])
    if deed is Deed.TALK:
        head = " ".join(part for part in (channel, _(Direction.labels()[direction])) if part)
    else:
        head = " → ".join(part for part in (_(Deed.labels()[deed]), whom) if part)
    return Word(
        at=word.at,
        side=str(direction),
        head=head,
        who=word.author_label,
        body=word.body if full else _("Hidden for your role") if word.body else "",
        shown=word.visibility == Visibility.CUSTOMER,
        deed=str(deed),
    )
