"""The customer's page: who this is, what was, what will be, and what may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin_site import Verb
from customers.admin import facts
from customers.admin.facts import Card, Fact
from customers.admin.story import Story, story_of
from customers.ports import CUSTOMER_DESK, DeskAction, DeskAsk, DeskPanel
from customers.queries import DeskView
from customers.rules import CustomerStatus, masked_name

OWN_ACTIONS = {"note": ("n", 30), "consent": ("a", 40), "edit": ("e", 50)}
"""The ledger's own verbs that stand as buttons: their key and their place."""
STATUS_TONES = {"active": "good", "closed": "warn", "erased": "bad"}


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the template shows, ready to be read."""

    name: str
    kana: str
    number: str
    status: Fact
    attention: bool
    notes: Sequence[Any]
    merged_into: Fact | None
    others: Sequence[Fact]
    pairs: Sequence[Fact]
    household: Sequence[Fact]
    tags: Sequence[Fact]
    reached: Sequence[Fact]
    figures: Sequence[Fact]
    cards: Sequence[Card]
    story: Story
    head: Sequence[DeskPanel]
    top: Sequence[DeskPanel]
    act: Sequence[DeskPanel]
    css: Sequence[str]
    actions: Sequence[DeskAction]
    more: Sequence[DeskAction]
    in_full: bool


def page_of(found: DeskView, *, request: HttpRequest, verbs: Sequence[Verb], at: datetime) -> Page:
    """The page of a customer as one reader may see it."""
    account: Any = request.user
    row, full = found.customer, bool(account.has_perm("customers.view_personal"))
    ask = DeskAsk(
        customer_id=row.pk,
        company_id=row.company_id,
        group=found.group,
        may=account.has_perm,
        in_full=full,
        reader_id=account.pk,
        at=at,
        path=request.path,
    )
    panels = sorted((panel for desk in CUSTOMER_DESK.all() for panel in desk.desk_panels(ask)), key=lambda panel: panel.position)
    own, more = _own_actions(row, verbs)
    actions = [*own, *(action for desk in CUSTOMER_DESK.all() for action in desk.desk_actions(ask))]
    name = row.organisation_name or f"{row.family_name} {row.given_name}".strip()
    merged_into, others = facts.members(found)
    status = CustomerStatus(row.status)
    return Page(
        name=(name if full else masked_name(name)) or _("(no name)"),
        kana=f"{row.family_kana} {row.given_kana}".strip() if full else "",
        number=row.number,
        status=Fact(_("Status"), _(CustomerStatus.labels()[status]), tone=STATUS_TONES.get(str(status), "")),
        attention=any(member.attention for member in found.members),
        notes=found.notes if full else (),
        merged_into=merged_into,
        others=others,
        pairs=facts.pairs(found),
        household=facts.household(found, full=full),
        tags=facts.tags(found),
        reached=[facts.contact_point(point, full=full) for point in found.contact_points if point.unreachable_at is None][:3],
        figures=facts.figures(found),
        cards=facts.cards_of(found, full=full),
        story=story_of(found.group, asked=request.GET, may=account.has_perm, full=full, at=at),
        head=[panel for panel in panels if panel.place == "head"],
        top=[panel for panel in panels if panel.place == "top"],
        act=[panel for panel in panels if panel.place == "act"],
        css=sorted({sheet for panel in panels for sheet in panel.css}),
        actions=sorted(actions, key=lambda action: action.position),
        more=more,
        in_full=full,
    )


def _own_actions(row: Any, verbs: Sequence[Verb]) -> tuple[list[DeskAction], list[DeskAction]]:
    """The ledger's verbs for this row: the buttons of every call, and the rest behind "More"."""
    own: list[DeskAction] = []
    more: list[DeskAction] = []
    for verb in verbs:
        link = reverse(f"admin:customers_customer_verb_{verb.name}", args=[row.pk])
        key, position = OWN_ACTIONS.get(verb.name, ("", 100))
        (own if key else more).append(DeskAction(label=str(verb.label), link=link, icon=verb.icon, key=key, position=position))
    return own, more
