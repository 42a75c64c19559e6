"""What contact puts on the first page of the back office."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from contact.queries import desk_figures
from core.ports import DashboardCard


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """What waits for an answer; one indexed statement."""
    if not may("contact.view_case"):
        return []
    figures, cases = desk_figures(at=at), reverse("admin:contact_case_changelist")
    note = _("%(count)s complaints") % {"count": f"{figures.complaints:,}"} if figures.complaints else ""
    cards = [
        DashboardCard(title=_("Look up a customer"), value="☎", note=_("By phone number, name or kana"), link=reverse("admin:contact_case_desk"),
                      icon="support_agent", position=8),
        DashboardCard(title=_("Unsolved cases"), value=f"{figures.unsolved:,}", note=note, link=f"{cases}?solved=no", icon="forum",
                      tone="warn" if figures.complaints else "" if figures.unsolved else "good", position=32),
        DashboardCard(title=_("Answers overdue"), value=f"{figures.overdue:,}", link=f"{cases}?solved=overdue", icon="alarm",
                      tone="bad" if figures.overdue else "good", position=34),
        DashboardCard(title=_("Looked after by nobody"), value=f"{figures.ownerless:,}",
                      link=f"{cases}?solved=ownerless", icon="person_off", tone="warn" if figures.ownerless else "good", position=36),
    ]  # fmt: skip
    return cards if may("customers.view_personal") else cards[1:]
