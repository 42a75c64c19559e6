"""What files of a warehouse tell of goods: what is coming, what came, what lies there."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from core.errors import Refusal
from core.text import plain
from core.words import gettext_noop as _
from inventory.rules.maps import FileField, FileKind, read_date

RECEIPT_PLAN = FileKind(
    code="receipt_plan",
    label=_("Receipt plan"),
    goes=True,
    is_state=True,
    key="plan",
    help=_("All that is still to come: purchase orders that were sent, and transfers on the road. Made anew when it has changed."),
    fields=(
        FileField(code="plan", heading="入荷予定番号", is_needed=True),
        FileField(code="source", heading="区分"),
        FileField(code="sender", heading="仕入先・移動元"),
        FileField(code="expected_on", heading="入荷予定日", is_day=True),
        FileField(code="item", heading="商品コード", is_needed=True),
        FileField(code="name", heading="品名"),
        FileField(code="lot", heading="ロット"),
        FileField(code="quantity", heading="予定数", is_needed=True),
    ),
)
RECEIPT_ACTUAL = FileKind(
    code="receipt_actual",
    label=_("Receipt actuals"),
    comes=True,
    key="plan",
    help=_("Goods are received as the warehouse counted them, once per delivery note. What is missing stays expected."),
    fields=(
        FileField(code="plan", heading="入荷予定番号", is_needed=True),
        FileField(code="note", heading="納品書番号", is_needed=True),
        FileField(code="received_on", heading="入荷日", is_needed=True, is_day=True),
        FileField(code="item", heading="商品コード", is_needed=True),
        FileField(code="quantity", heading="入荷数", is_needed=True),
        FileField(code="unsellable", heading="うち不良数"),
        FileField(code="lot", heading="ロット"),
        FileField(code="expires_on", heading="賞味期限", is_day=True),
        FileField(code="takes_more", heading="超過受入"),
    ),
)
"""More than was ordered is taken in only where the last field says 1."""

STOCK_SNAPSHOT = FileKind(
    code="stock_snapshot",
    label=_("Stock snapshot of a warehouse"),
    comes=True,
    key="item",
    help=_("What the warehouse holds is compared with our books of that moment. Nothing is changed; differences are listed."),
    fields=(
        FileField(code="item", heading="商品コード", is_needed=True),
        FileField(code="quantity", heading="在庫数", is_needed=True),
        FileField(code="jan", heading="JAN"),
        FileField(code="lot", heading="ロット"),
        FileField(code="taken_at", heading="在庫日時"),
    ),
)
"""Without a moment the books of now are compared."""

STOCK_BOOKS = FileKind(
    code="stock_books",
    label=_("Our stock in the books"),
    goes=True,
    is_daily=True,
    key="item",
    help=_("What our books say lies there, item by item. Through a folder once a day."),
    fields=(
        FileField(code="item", heading="商品コード", is_needed=True),
        FileField(code="name", heading="品名"),
        FileField(code="quantity", heading="在庫数", is_needed=True),
        FileField(code="sellable", heading="良品数"),
        FileField(code="allocated", heading="引当数"),
        FileField(code="taken_at", heading="在庫日時"),
    ),
)
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?").fullmatch


def read_moment(text: str, *, timezone: str) -> datetime | Refusal:
    """A day and a time of the warehouse's own clock; a day alone is its end.

    >>> str(read_moment("2026/11/29 23:30", timezone="Asia/Tokyo"))
    '2026-11-29 23:30:00+09:00'
    """
    day_said, _gap, time_said = plain(text).strip().replace("T", " ").partition(" ")
    day, clock = read_date(day_said), _TIME(time_said.strip() or "23:59:59")
    if isinstance(day, Refusal) or clock is None:
        words = _("“%(typed)s” is no moment. Write it like 2026/11/29 23:30.")
        return Refusal("inventory.bad_moment", words, {"typed": text.strip()[:40]}, "/taken_at")
    hour, minute, second = (int(part or 0) for part in clock.groups())
    return datetime.combine(day, time(hour, minute, second), ZoneInfo(timezone))
