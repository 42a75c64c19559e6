"""A stocktake while the business goes on: its life, what may be counted, and what a count says against the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from core.errors import Refusal
from core.text import plain, whole_number
from core.words import gettext_noop as _
from inventory.rules.kinds import StockState
from inventory.rules.moves import MOST

UNNAMED = "-"
"""Stands for a lot that nobody can tell: pieces without a label. A lot that bears this very number goes before."""


class StocktakeStatus(StrEnum):
    """The life of a stocktake: counted, looked at by a second person, closed; or given up."""

    COUNTING = "counting"
    COUNTED = "counted"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.COUNTING: _("Being counted"),
            cls.COUNTED: _("Waits for approval"),
            cls.CLOSED: _("In the books"),
            cls.CANCELLED: _("Cancelled"),
        }


class StocktakeScope(StrEnum):
    """Which shelves of the location are counted."""

    WHOLE = "whole"
    CATEGORY = "category"
    ZONE = "zone"
    LIST = "list"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.WHOLE: _("The whole location"),
            cls.CATEGORY: _("A category of products"),
            cls.ZONE: _("A zone (beginning of the shelf mark)"),
            cls.LIST: _("A list of items"),
        }


class CountKind(StrEnum):
    """How a count came about."""

    SCAN = "scan"
    TYPED = "typed"
    FILE = "file"
    UNDO = "undo"
    ABSENT = "absent"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.SCAN: _("Scanned"),
            cls.TYPED: _("Typed"),
            cls.FILE: _("From a count sheet"),
            cls.UNDO: _("Taken back"),
            cls.ABSENT: _("Nothing found"),
        }


class CountMode(StrEnum):
    """What a number means where the item was counted before in the same round."""

    ADD = "add"
    REPLACE = "replace"
    FIRST = "first"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.FIRST: _("is refused"),
            cls.ADD: _("is added to"),
            cls.REPLACE: _("is replaced"),
        }


class Uncounted(StrEnum):
    """What an item means that nobody has counted when the counting ends."""

    REFUSE = "refuse"
    NOTHING = "nothing"
    LEAVE = "leave"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.REFUSE: _("Stop: everything must be counted"),
            cls.NOTHING: _("Nothing of it was found: counts as zero"),
            cls.LEAVE: _("It was not looked for: the books stay as they are"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StocktakeAsk:
    """What is to be counted, and how. ``codes`` are item codes or SKUs of a list; ``zone`` begins a shelf mark.

    Of goods tracked by lot every lot is counted, or the shelf as a whole where ``counts_lots`` is False.
    """

    location_id: int
    name: str = ""
    scope: StocktakeScope = StocktakeScope.WHOLE
    category_id: int | None = None
    zone: str = ""
    codes: tuple[str, ...] = ()
    is_blind: bool = False
    counts_lots: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CountEntry:
    """So many pieces were seen under a code (item code, SKU, JAN or shelf label, or a GS1 barcode with its lot), once per key.

    Goods counted by lot name the lot (``UNNAMED`` where none can be read); one that the books do not know names the day it expires,
    too. ``counted_at`` is when somebody stood before the shelf, where that was before the entry is made.
    """

    code: str
    quantity: int
    once_key: str
    kind: CountKind = CountKind.SCAN
    mode: CountMode = CountMode.ADD
    counted_at: datetime | None = None
    lot_number: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What is counted of an item, or of a lot of it, in this round by now; ``repeated`` when the entry was known already."""

    line_id: int
    item: str
    name: str
    quantity: int
    lot: str = ""
    repeated: bool = False
    found: bool = False
    params: dict[str, object] = field(default_factory=dict)


def typed_code(text: str) -> str:
    """A code as a scanner, a spreadsheet or a hand writes it: width folded, Excel's ="0901" and the mark against formulas off."""
    code = plain(text).strip()
    if code.startswith('="') and code.endswith('"'):
        code = code[2:-1]
    if len(code) > 1 and code[0] == "'" and code[1] in "=+-@":
        code = code[1:]
    return code.strip()


def is_mangled(code: str) -> bool:
    """Whether a spreadsheet has made a rounded number of a code: 4.90123E+12."""
    mantissa, sep, exponent = code.upper().partition("E+")
    return bool(sep) and exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()


def counted_quantity(text: str) -> int | Refusal:
    """The pieces counted: a whole number from 0 on, full-width digits too; everything else is refused, not guessed."""
    number = whole_number(text)
    if number is None:
        return Refusal(
            "inventory.bad_count",
            _("“%(typed)s” is not a number of pieces. Write whole digits, 0 where nothing lies there."),
            {"typed": text.strip()[:40]},
        )
    return count_refusal(number) or number


def count_refusal(quantity: int) -> Refusal | None:
    """Why so many pieces cannot have been counted."""
    if quantity < 0:
        return Refusal("inventory.bad_count", _("A count is never below zero: %(typed)s."), {"typed": quantity})
    if quantity > MOST:
        return Refusal("inventory.bad_count", _("Nobody counts more than %(most)s pieces: %(typed)s."), {"typed": quantity, "most": MOST})
    return None


def may_approve(approver: str, *, counters: Sequence[str]) -> bool:
    """Whether somebody may approve a stocktake: whoever counted in it or handed it in may not."""
    return approver not in counters


def states_of_difference(difference: int, *, blocked: Mapping[StockState, int]) -> dict[StockState, int] | None:
    """What each state gains or loses by a difference; None where that is anybody's guess.

    What is found may be sold until somebody looks at it. What is missing was blocked before it was for sale: damaged goods are
    thrown away without a word to the books, and pieces that customers may buy are not taken from them on a guess. Where several
    states hold pieces, that is known only when all of those are gone.
    """
    there = {state: quantity for state, quantity in blocked.items() if quantity > 0}
    if difference >= 0 or not there:
        return {StockState.AVAILABLE: difference}
    missing, held = -difference, sum(there.values())
    if len(there) > 1 and missing < held:
        return None
    parts = {state: -min(missing, quantity) for state, quantity in there.items()}
    return parts | ({StockState.AVAILABLE: held - missing} if missing > held else {})
