"""The stock board: the first page of whoever looks after stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from inventory.admin.lot_chart import sums_of
from inventory.admin.sight import seen_places, sees_whole_company
from inventory.queries import (
    DayOfGoods,
    PlaceLevel,
    expired_promises,
    expiry_days,
    goods_by_day,
    levels_by_place,
    low_shelves,
    oldest_promises,
)

DAYS, MOST_PLACES, SHOWN = 14, 12, 12
WITHIN, MOST_SHELVES = (7, 30, 90), 1_000
WIDTH, HEIGHT, MIDDLE = 700, 180, 90


@dataclass(frozen=True)
class Bar:
    """A rectangle of a chart, with what it says."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    words: str


def board_page(request: HttpRequest, *, counter: Any) -> HttpResponse:
    """How much lies where, what came and went, what runs low, what has been promised for long."""
    if not counter.has_view_permission(request):
        raise PermissionDenied
    seen = seen_places(request)
    zone = settings.TIME_ZONE
    today = clock.business_date(clock.now(), zone)
    until = datetime.combine(today + timedelta(days=1), time(), ZoneInfo(zone))
    places = levels_by_place(seen)
    days = goods_by_day(
        seen, today=today, since=until - timedelta(days=DAYS), until=until, zone=zone, with_transfers=not sees_whole_company(request)
    )
    words = {
        **counter.admin_site.each_context(request),
        "opts": counter.opts,
        "title": _("Stock board"),
        "figures": _figures(places),
        "places": [(place, _parts(place)) for place in places[:MOST_PLACES]],
        "more_places": max(0, len(places) - MOST_PLACES),
        "days": days,
        "bars": _bars(days),
        "labels": [((n + 0.5) * WIDTH / DAYS, day.on) for n, day in enumerate(days)],
        "width": WIDTH,
        "height": HEIGHT,
        "middle": MIDDLE,
        "low": low_shelves(limit=SHOWN, places=seen),
        "oldest": oldest_promises(seen, limit=SHOWN),
        "expiring": _expiring(seen, today=today),
        "lots": reverse("admin:inventory_stocklot_changelist"),
        "promised": sum(shelf.quantity for shelf in expired_promises(seen, today=today, limit=MOST_SHELVES)),
        "sees_nothing": seen is not None and not seen,
    }
    return TemplateResponse(request, "admin/inventory/board.html", words)


def _expiring(seen: Any, *, today: date) -> list[tuple[str, str, int]]:
    """What has expired and what soon will: name, words, pieces."""
    sums = sums_of(expiry_days(seen, until=today + timedelta(days=WITHIN[-1] + 1)), today=today, within=WITHIN)
    return [
        (name, _("past expiry") if name == "expired" else _("within %(n)s days") % {"n": name}, pieces) for name, pieces, _value in sums
    ]  # fmt: skip


def _figures(places: Sequence[PlaceLevel]) -> list[tuple[str, int, str]]:
    """What the board says in big letters: words, number, tone."""
    empty = sum(place.empty_shelves for place in places)
    return [
        (_("on hand"), sum(place.on_hand for place in places), ""),
        (_("free"), sum(place.free for place in places), "good"),
        (_("allocated and reserved"), sum(place.promised for place in places), ""),
        (_("cannot be sold"), sum(place.blocked for place in places), "warn" if any(place.blocked for place in places) else ""),
        (_("shelves with nothing free"), empty, "bad" if empty else ""),
    ]


def _parts(place: PlaceLevel) -> list[Bar]:
    """Free, promised and blocked pieces as shares of one line."""
    total, x, parts = max(1, place.on_hand), 0.0, []
    for tone, amount, words in (
        ("free", place.free, _("free")),
        ("promised", place.promised, _("allocated and reserved")),
        ("blocked", place.blocked, _("cannot be sold")),
    ):
        width = 100 * amount / total
        parts.append(Bar(x, 0, width, 10, tone, f"{words} {amount:,d}"))
        x += width
    return parts


def _bars(days: Sequence[DayOfGoods]) -> list[Bar]:
    """What came stands above the line, what went hangs below it."""
    most = max([1, *(max(day.came, day.went) for day in days)])
    step, room = WIDTH / len(days), MIDDLE - 14
    bars = []
    for n, day in enumerate(days):
        up, down = room * day.came / most, room * day.went / most
        bars.append(Bar(n * step + 6, MIDDLE - up, step - 12, up, "came", f"{day.on:%m/%d} +{day.came:,d}"))
        bars.append(Bar(n * step + 6, MIDDLE, step - 12, down, "went", f"{day.on:%m/%d} -{day.went:,d}"))
    return bars
