"""What inventory puts on the first page of the back office, and the files it can read itself."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from core.actor import Actor
from core.ports import CardRow, DashboardCard
from core.words import gettext_noop
from inventory.queries import compare_snapshot, low_shelves
from inventory.rules import FileField, FileKind, FilePlace, FileRow, RowNote

SHOWN = 8


def dashboard_cards(*, may: Callable[[str], bool], at: datetime) -> Sequence[DashboardCard]:
    """The shelves that run low, for those who may see stock; nothing where enough lies everywhere."""
    if not may("inventory.view_stock") or not may("inventory.view_every_location"):
        return ()  # who looks after one store finds it on the stock board
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


STOCK_SNAPSHOT = FileKind(
    code="stock_snapshot",
    label=gettext_noop("Stock snapshot of a warehouse"),
    comes=True,
    fields=(
        FileField(code="item", heading="商品コード", is_needed=True),
        FileField(code="quantity", heading="在庫数", is_needed=True),
        FileField(code="jan", heading="JAN"),
        FileField(code="lot", heading="ロット"),
    ),
)


def file_kinds() -> Sequence[FileKind]:
    """What a warehouse tells of its stock."""
    return (STOCK_SNAPSHOT,)


def take_rows(kind: str, rows: Sequence[FileRow], *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[RowNote]:
    """The differences are told; nothing is changed."""
    return compare_snapshot(rows, place=place)


def give_rows(kind: str, *, place: FilePlace, actor: Actor, at: datetime) -> Sequence[Mapping[str, object]]:
    """Inventory sends no file of its own."""
    return ()
