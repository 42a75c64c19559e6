"""What an operator reads aloud at the order desk: when a text applies, what stands in it, and what must have been said."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from catalog.rules import PurchaseType
from core.errors import Refusal
from core.text import plain
from core.words import gettext_noop as _

MOST_SCRIPT: Final = 2000
"""So many letters a text may have."""

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "customer": _("the customer’s name"),
    "operator": _("who takes the order"),
    "company": _("the company"),
    "product": _("the products that the text is about"),
    "course": _("the subscription course"),
    "total": _("the total with tax"),
    "delivery_day": _("the delivery day"),
    "payment_method": _("the way to pay"),
}
"""What may stand in braces, and what takes its place."""

UNKNOWN_YET: Final = "――"
"""Read where a placeholder's value is not known yet."""

_HOLE = re.compile(r"\{([^{}]*)\}")


class DeskStep(StrEnum):
    """The steps of an order at the desk, in the order in which a caller is led through them."""

    GREETING = "greeting"
    CUSTOMER = "customer"
    GOODS = "goods"
    PAYMENT = "payment"
    CLOSING = "closing"

    @classmethod
    def labels(cls) -> dict["DeskStep", str]:
        return {
            cls.GREETING: _("Greeting"), cls.CUSTOMER: _("Asking about the customer"), cls.GOODS: _("About the goods"),
            cls.PAYMENT: _("About payment and delivery"), cls.CLOSING: _("Closing words"),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptTerms:
    """A text and when it is read; a condition that is empty holds always. ``until_on`` is the first day it is not read any more."""

    script_id: int
    name: str
    step: DeskStep
    text: str
    position: int = 1
    must_say: bool = False
    channel_id: int | None = None
    media: frozenset[str] = frozenset()
    ad_codes: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    form: PurchaseType | None = None
    first_order: bool = False
    f_from: int | None = None
    f_until: int | None = None
    attention_only: bool = False
    from_on: date | None = None
    until_on: date | None = None

    @property
    def asks_for_goods(self) -> bool:
        """Whether the text is about certain lines only."""
        return bool(self.skus or self.categories or self.form)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLine:
    """A line of the order as scripts see it."""

    sku: str
    name: str = ""
    form: PurchaseType = PurchaseType.NORMAL
    categories: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """The order at the desk as far as it was typed. ``f_number`` is which day of purchase this would be, 1 for a new customer."""

    channel_id: int
    medium: str = ""
    ad_code: str = ""
    lines: tuple[DeskLine, ...] = ()
    f_number: int = 1
    has_ordered: bool = False
    attention: bool = False


@dataclass(frozen=True, slots=True)
class SaidScript:
    """A text that was read aloud, word for word."""

    script_id: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenScript:
    """A text ready to be read: ``mark`` names it and its words, so that other words are read anew."""

    script_id: int
    name: str
    step: DeskStep
    words: str
    must_say: bool

    @property
    def mark(self) -> str:
        return f"{self.script_id}-{hashlib.sha256(self.words.encode('utf-8', 'replace')).hexdigest()[:12]}"


def script_faults(text: str) -> list[Refusal]:
    """What is wrong with the braces of a text, before it is kept."""
    known = ", ".join("{" + name + "}" for name in PLACEHOLDERS)
    found = [
        Refusal("script.unknown_placeholder", _("There is no placeholder {%(name)s}. Use one of these: %(known)s."), {"name": name, "known": known}, "/text")
        for name in dict.fromkeys(_HOLE.findall(text))
        if name not in PLACEHOLDERS
    ]  # fmt: skip
    if not found and re.search(r"[{}]", _HOLE.sub("", text)):
        found.append(
            Refusal("script.open_brace", _("A brace stands alone. Placeholders look like this: %(known)s."), {"known": known}, "/text")
        )
    return found


def lines_meant_by(script: ScriptTerms, lines: Sequence[DeskLine]) -> list[DeskLine]:
    """The lines that meet all of a text's conditions on goods."""
    return [
        line
        for line in lines
        if (not script.skus or line.sku in script.skus)
        and (not script.categories or line.categories & script.categories)
        and (script.form is None or line.form is script.form)
    ]


def is_read(script: ScriptTerms, desk: DeskFacts, *, today: date) -> bool:
    """Whether a text is read to this caller now."""
    if (script.from_on and today < script.from_on) or (script.until_on and today >= script.until_on):
        return False
    if script.channel_id is not None and script.channel_id != desk.channel_id:
        return False
    if not (_among(desk.medium, script.media) and _among(desk.ad_code, script.ad_codes)):
        return False
    if (script.first_order and desk.has_ordered) or (script.attention_only and not desk.attention):
        return False
    if (script.f_from is not None and desk.f_number < script.f_from) or (script.f_until is not None and desk.f_number > script.f_until):
        return False
    return not script.asks_for_goods or bool(lines_meant_by(script, desk.lines))


def _among(word: str, asked: Iterable[str]) -> bool:
    """Width and case of letters don't matter."""
    known = {plain(one).casefold() for one in asked}
    return not known or plain(word).casefold() in known


def spoken(text: str, words: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what is not known yet is shown as such. What was typed is never read as a placeholder."""
    return _HOLE.sub(lambda hole: (words.get(hole[1], "") or UNKNOWN_YET) if hole[1] in PLACEHOLDERS else hole[0], text)


def unsaid(scripts: Sequence[SpokenScript], said: Iterable[str]) -> list[Refusal]:
    """What must be said and was not ticked, in these very words."""
    marks = set(said)
    return [
        Refusal("order.script_unsaid", _("Read “%(name)s” aloud and tick it before the order is placed."), {"name": one.name}, "/said")
        for one in scripts
        if one.must_say and one.mark not in marks
    ]
