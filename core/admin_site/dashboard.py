"""The first page of the back office: what wants a person now, and how the day goes."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core import clock
from core.hooks import DASHBOARD
from core.queries import national_holidays


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The page's values with the cards of every app this member of staff may see, urgent ones marked."""
    account: Any = request.user
    at = clock.now()
    today = clock.business_date(at, settings.TIME_ZONE)
    cards = [card for source in DASHBOARD.all() for card in source.dashboard_cards(may=account.has_perm, at=at)]
    cards.sort(key=lambda card: (card.position, card.title))
    figures = [card for card in cards if not card.rows]
    lists = [card for card in cards if card.rows]
    return {**context, "today": today, "holiday": national_holidays(today.year).get(today, ""), "figures": figures, "lists": lists}
