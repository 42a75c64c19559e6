"""What inventory puts on the first page of the back office, and the files it can read itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.actor import Actor
from core.ports import CardRow, DashboardCard
from inventory.operations import take_receipts
from inventory.queries import books_of, compare_snapshot, expired_promises, goods_to_come, low_shelves, short_shelves, zone_of
from inventory.rules import FileKind, FilePlace, FileRow, RowNote
from inventory.rules.warehouse import RECEIPT_ACTUAL, RECEIPT_PLAN, STOCK_BOOKS, STOCK_SNAPSHOT

SHOWN = 8


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """The shelves that run low and those that do not last a week, for those who may see them; nothing where enough lies everywhere."""
    if not may("inventory.view_every_location"):
        return ()  # who looks after one store finds it on the stock board
    stock = may("inventory.view_stock")
    cards = (_low() if stock else (), _promised_but_expired(at) if stock else (), _short() if may("inventory.view_forecast") else ())
    return tuple(card for some in cards for card in some)


def _low() -> Sequence[DashboardCard]:
    low = low_shelves(limit=SHOWN)
    if not low:
        return ()
    rows = tuple(
        CardRow(
            label=f"{row.name}（{row.location}）",
            value=f"{row.free:,d}",
            link=reverse("admin:inventory_stock_change", args=[row.stock_id]),
            tone="bad" if row.free <= 0 else "warn",
        )
        for row in low
    )
    link = f"{reverse('admin:inventory_stock_changelist')}?level=low"
    return (DashboardCard(title=_("Low stock"), icon="inventory", tone="warn", link=link, position=60, rows=rows),)


def _promised_but_expired(at: datetime) -> Sequence[DashboardCard]:
    """Orders that only expired goods could serve: the clock leaves them alone, somebody has to decide."""
    found = expired_promises(None, today=clock.business_date(at, settings.TIME_ZONE), limit=SHOWN)
    if not found:
        return ()
    rows = tuple(
        CardRow(
            label=f"{shelf.name}（{shelf.location}）",
            value=f"{shelf.quantity:,d}",
            link=reverse("admin:inventory_stock_change", args=[shelf.stock_id]),
            tone="bad",
        )
        for shelf in found
    )
    link = f"{reverse('admin:inventory_stocklot_changelist')}?left=expired"
    title = _("Promised to orders, but expired")
    return (DashboardCard(title=title, icon="event_busy", tone="bad", link=link, position=59, rows=rows),)


def _short() -> Sequence[DashboardCard]:
    short = short_shelves(limit=SHOWN)
    if not short:
        return ()
    rows = tuple(
        CardRow(
            label=f"{row.name}（{row.location}）",
            value=_("%(free)s of %(wanted)s") % {"free": f"{row.free:,d}", "wanted": f"{row.week_quantity:,d}"},
            link=reverse("admin:inventory_forecast_change", args=[row.stock_id]),
            tone="bad" if row.free <= 0 else "warn",
        )
        for row in short
    )
    link = reverse("admin:inventory_forecast_proposals")
    return (DashboardCard(title=_("Does not last a week"), icon="trending_up", tone="warn", link=link, position=61, rows=rows),)


def file_kinds() -> Sequence[FileKind]:
    """What is coming, what came, what lies there and what our books say."""
    return (RECEIPT_PLAN, RECEIPT_ACTUAL, STOCK_SNAPSHOT, STOCK_BOOKS)


def take_rows(kind: str, rows: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[RowNote]:
    """Goods are received; of a snapshot the differences are told and nothing is changed."""
    if kind == RECEIPT_ACTUAL.code:
        return take_receipts(rows, place=place, actor=actor, at=at)
    return compare_snapshot(rows, place=place, at=at)


def give_rows(kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[Mapping[str, object]]:
    """What a warehouse is to expect, or what our books say lies there."""
    if kind == RECEIPT_PLAN.code:
        return goods_to_come(place.location_id)
    return books_of(place.location_id, at=at.astimezone(ZoneInfo(zone_of(place.company_id))))


def people_in(file_id: int) -> Sequence[str]:
    """Nobody: these files tell of goods."""
    return ()
