"""Sheets: pages of lines that are filled with a scanner or a keyboard alone, and lose nothing by a refusal.

A code and Enter finds its line or adds one; scripts save the way to the server where the page knows the code already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.errors import Refusal
from core.ids import new_id
from core.text import whole_number
from inventory.queries import Read, Scanned, items_read, scan_codes, scanned_items

COLUMNS = ("item", "quantity", "unsellable", "lot", "expires_on", "cost")
MOST_LINES = 500
NO_NUMBER = -1
"""Stands for whatever is no whole number; every operation refuses it as a quantity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One line as typed, with what is known of its item."""

    item: str
    quantity: str = ""
    unsellable: str = ""
    lot: str = ""
    expires_on: str = ""
    cost: str = ""
    stock_item_id: int = 0
    name: str = ""
    is_lot_tracked: bool = False
    expected: int | None = None
    fault: str = ""

    def number(self, column: str) -> int:
        """The quantity typed, full-width digits included; what is no whole number is one that nobody takes."""
        typed = getattr(self, column)
        found = whole_number(typed)
        return NO_NUMBER if found is None else found

    @property
    def day(self) -> date | None:
        """The expiry typed, where one was."""
        try:
            return parse_date(self.expires_on.replace("/", "-"))
        except ValueError:
            return None


@dataclass
class Sheet:
    """The page as it was sent: head fields, lines, the code scanned last, and what is wrong."""

    company_id: int
    head: dict[str, str]
    lines: list[SheetLine]
    once: str
    scan: str = ""
    focus: str = "scan"
    faults: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, post: QueryDict, *, company_id: int, head: Sequence[str]) -> Self:
        """What the page says."""
        columns = [[text.strip()[:64] for text in post.getlist(f"line_{name}")] for name in COLUMNS]
        longest = min(max(map(len, columns)), MOST_LINES)
        padded = [column[:longest] + [""] * (longest - len(column)) for column in columns]
        lines = [SheetLine(**dict(zip(COLUMNS, cells, strict=True))) for cells in zip(*padded, strict=True)]
        return cls(
            company_id=company_id,
            head={name: post.get(name, "").strip()[:600] for name in head},
            lines=[line for line in lines if line.item],
            once=post.get("once", "")[:40] or new_id().hex,
            scan=post.get("scan", "").strip()[:64],
        )

    @classmethod
    def fresh(cls, *, company_id: int, head: Mapping[str, str], lines: Sequence[SheetLine] = ()) -> Self:
        """An empty page."""
        return cls(company_id=company_id, head=dict(head), lines=list(lines), once=new_id().hex)

    def know(self, expected: Mapping[int, int] | None = None) -> None:
        """Look the items of all lines up, in one statement; a code that means nothing is said beside its line."""
        known = scanned_items([line.item for line in self.lines], company_id=self.company_id)
        for place, line in enumerate(self.lines):
            found = known.get(line.item)
            if found is None:
                self.lines[place] = replace(line, fault=_("There is no stock item “%(code)s”.") % {"code": line.item})
            else:
                self.lines[place] = replace(
                    line,
                    stock_item_id=found.stock_item_id,
                    item=found.item,
                    name=found.name,
                    is_lot_tracked=found.is_lot_tracked,
                    expected=expected.get(found.stock_item_id, 0) if expected is not None else None,
                )

    def take_scan(self) -> None:
        """The code scanned has a line, one piece (or case) more on it, and the quantity is ready to be typed over."""
        if not self.scan:
            return
        read = items_read([self.scan], company_id=self.company_id)[self.scan]
        if isinstance(read, Refusal) and read.code != "inventory.unknown_code":
            self.faults["scan"] = read.text(_)
            return
        found = None if isinstance(read, Refusal) else scanned_items([read.item], company_id=self.company_id).get(read.item)
        if found is None or isinstance(read, Refusal):
            self.faults["scan"] = _("There is no stock item, SKU or JAN code “%(code)s”. Nothing was added.") % {"code": self.scan}
            return
        place = next((n for n, line in enumerate(self.lines) if line.stock_item_id == found.stock_item_id), None)
        if place is None:
            place = len(self.lines)
            self.lines.append(_line_of(found))
        line = self.lines[place]
        self.lines[place] = replace(line, quantity=str(max(line.number("quantity"), 0) + read.pieces))
        self.scan, self.focus = "", f"quantity-{place}"

    def blame(self, refusal: Refusal, *, names: Mapping[str, str] | None = None) -> None:
        """Put a refusal beside its field, or on top where it is about the whole page."""
        parts = refusal.field.strip("/").split("/")
        text = refusal.text(_)
        if parts[0] == "lines" and len(parts) > 1 and parts[1].isdigit() and int(parts[1]) < len(self.lines):
            place = int(parts[1])
            self.lines[place] = replace(self.lines[place], fault=text)
            self.focus = f"quantity-{place}"
        elif (name := (names or {}).get(parts[0], parts[0])) in self.head:
            self.faults[name] = text
        else:
            self.notices.append(text)

    @property
    def is_clean(self) -> bool:
        """Whether every line names an item."""
        return not any(line.fault for line in self.lines)

    def index(self) -> dict[str, Any]:
        """What the page's script knows: code → (line's item, pieces). A code of several items is left to the server, which asks."""
        codes = scan_codes([line.stock_item_id for line in self.lines if line.stock_item_id], company_id=self.company_id)
        reads = items_read(list(codes), company_id=self.company_id)
        sure = {code: read for code, read in reads.items() if isinstance(read, Read)}
        return {code: {"item": read.item, "pieces": read.pieces} for code, read in sure.items() if read.item == codes[code].item}


def _line_of(found: Scanned) -> SheetLine:
    return SheetLine(item=found.item, stock_item_id=found.stock_item_id, name=found.name, is_lot_tracked=found.is_lot_tracked)


def expected_lines(items: Sequence[tuple[int, str, str, bool, int]], *, filled: bool) -> list[SheetLine]:
    """A line for each (id, code, name, tracked by lot, expected), with the quantity filled in or left to be counted."""
    return [
        SheetLine(
            stock_item_id=item_id, item=code, name=name, is_lot_tracked=tracked, expected=expected, quantity=str(expected) if filled else ""
        )
        for item_id, code, name, tracked, expected in items
    ]


def counted(lines: Sequence[SheetLine]) -> list[tuple[int, SheetLine]]:
    """The lines that say something, with their place on the page: an empty quantity says that nothing came."""
    return [(place, line) for place, line in enumerate(lines) if line.quantity != ""]
