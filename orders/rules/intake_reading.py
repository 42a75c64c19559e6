"""Reading what outside counters write: texts, whole numbers, days and money, with every fault named by its field. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.parsers import expat

from core.errors import Refusal
from core.text import clean_line, clean_text, fold_dashes, has_unstorable, plain, prefecture_of, whole_number
from core.words import gettext_noop as _
from customers.rules import PlaceOfDelivery

MOST_MONEY = 10**12
MOST_QUANTITY = 99_999
JST = timezone(timedelta(hours=9))
DEEPEST = 40
"""How far documents may be nested."""
MOST_NODES = 2_000_000
UNDECIDED = -9999
"""What Rakuten writes where an amount is not settled yet."""

_SEPARATED = re.compile(r"-?\d{1,3}(,\d{3})+")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MASKED = ("fw.rakuten.ne.jp", "marketplace.amazon.co.jp", "marketplace.amazon.com", "mail.yahoo-shopping.invalid")
"""Mail domains of marketplaces that stand for a buyer only as long as an order is under way: nobody's own address."""


class UnreadableDocument(Exception):
    """A document as a whole is not what its counter writes."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(refusal.code)


class Reader:
    """Values of one order by the counter's own names; what is wrong is collected, not raised."""

    def __init__(self, where: str = "") -> None:
        self.where = where
        self.faults: list[Refusal] = []

    def fault(self, field: str, code: str, message: str, **params: object) -> None:
        """Something is wrong with a field; its name leads the words."""
        self.faults.append(Refusal(code, message, {"field": field, **params}, f"{self.where}/{field}"))

    def text(self, value: object, field: str, *, most: int = 1_000, lines: bool = False) -> str:
        """One line (or several), cleaned of what nobody sees; formulas that spreadsheets put round numbers are taken off."""
        if value is None or isinstance(value, dict | list):
            return ""
        typed = str(value)
        if has_unstorable(typed):
            self.fault(field, "intake.unstorable", _("%(field)s holds characters that can't be kept. Correct it at the counter."))
            return ""
        if found := _FORMULA.fullmatch(typed.strip()):
            typed = found[1]
        said = clean_text(typed) if lines else clean_line(typed)
        if len(said) > most:
            self.fault(field, "intake.too_long", _("%(field)s is longer than %(most)s characters. Shorten it at the counter."), most=most)
            return said[:most]
        return said

    def needed(self, value: object, field: str, *, most: int = 80) -> str:
        """A text that must be there."""
        said = self.text(value, field, most=most)
        if not said and not self._told(field):
            self.fault(field, "intake.missing", _("%(field)s is missing. Fetch the document again, or correct its column map."))
        return said

    def _told(self, field: str) -> bool:
        return any(fault.field == f"{self.where}/{field}" for fault in self.faults)

    def quantity(self, value: object, field: str) -> int:
        """How many pieces: 1 to 99,999."""
        found = self._whole(value, field)
        if found is None:
            return 0
        if not 1 <= found <= MOST_QUANTITY:
            self.fault(
                field,
                "intake.quantity",
                _("%(field)s is %(typed)s; a quantity is 1 to %(most)s."),
                typed=str(value)[:40],
                most=MOST_QUANTITY,
            )
            return 0
        return found

    def money(self, value: object, field: str, *, optional: bool = True) -> int:
        """Whole yen from 0 on. What is not settled yet counts as nothing."""
        if value in (None, "") and optional:
            return 0
        found = self._whole(value, field)
        if found is None or found == UNDECIDED:
            return 0
        if not 0 <= found <= MOST_MONEY:
            self.fault(field, "intake.amount", _("%(field)s is %(typed)s; an amount is 0 or more whole yen."), typed=str(value)[:40])
            return 0
        return found

    def yen_only(self, value: object, field: str) -> None:
        """A currency, where one is told, is ours."""
        if value not in (None, "") and str(value).strip().upper() != "JPY":
            self.fault(field, "intake.currency", _("%(field)s is %(typed)s; only JPY can be taken in."), typed=str(value)[:8])

    def _whole(self, value: object, field: str) -> int | None:
        found = whole(value)
        if found is None:
            self.fault(
                field, "intake.number", _("%(field)s is “%(typed)s”, which is no whole number. Write it like 1200."), typed=str(value)[:40]
            )
        return found

    def day(self, value: object, field: str) -> date | None:
        """A day, or none; one that no calendar has is a fault."""
        typed = self.text(value, field, most=60)
        if not typed or typed.startswith(("0000", "1970-01-01")):
            return None
        found = day_in(typed)
        if found is None:
            self.fault(field, "intake.day", _("%(field)s is “%(typed)s”, which is no day. Write it like 2026/11/29."), typed=typed[:40])
        return found

    def place(self, given: Mapping[str, object], field: str) -> PlaceOfDelivery:
        """An address from what was written under our names; the prefecture is taken off a line that begins with it."""
        most = {"postal_code": 16, "phone": 64, "prefecture": 60, "street": 200, "building": 200}
        said = {name: self.text(value, f"{field}/{name}", most=most.get(name, 120)) for name, value in given.items()}
        for name in ("postal_code", "phone"):
            if name in said:
                said[name] = fold_dashes(said[name]).strip("-")
        if not said.get("prefecture"):
            line = f"{said.get('city', '')}{said.get('street', '')}"
            found = prefecture_of(line)
            if found and line.startswith(found):
                rest = "city" if said.get("city", "").startswith(found) else "street"
                said |= {"prefecture": found, rest: said[rest][len(found) :]}
        elif full := prefecture_of(typed := said["prefecture"]):
            behind = typed.removeprefix(full).strip() if typed.startswith(full) else ""
            said |= {"prefecture": full, "city": f"{behind}{said.get('city', '')}"}
        return PlaceOfDelivery(**said)


def whole(value: object) -> int | None:
    """The whole number somebody wrote: 1200, "1,200", "１２００", "1200円", 1200.0, "1200.00"; None for everything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**18 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 10**15 else None
    typed = plain(str(value)).strip() if not isinstance(value, Decimal) else str(value)
    if found := _FORMULA.fullmatch(typed):
        typed = found[1]
    typed = typed.removeprefix("¥").removeprefix("\\").removesuffix("円").strip()
    if _SEPARATED.fullmatch(typed):
        typed = typed.replace(",", "")
    if re.fullmatch(r"-?\d{1,15}\.0{1,4}", typed, re.ASCII):
        typed = typed.partition(".")[0]
    return whole_number(typed)


def day_in(text: str) -> date | None:
    """The day in a text that is a day, with or without a time behind it."""
    typed = plain(text).strip()
    if re.fullmatch(r"\d{8}", typed, re.ASCII):
        typed = f"{typed[:4]}-{typed[4:6]}-{typed[6:]}"
    found = _DAY.match(typed)
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def moment_in(text: str) -> str:
    """A moment as a text that can be compared and shown: in Japan's time, ISO with its offset; "" where there is none."""
    typed = text.strip()
    for pattern in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M"):
        try:
            return datetime.strptime(typed, pattern).replace(tzinfo=JST).isoformat()  # Japanese counters write Japan's time
        except ValueError:
            continue
    try:
        found = datetime.fromisoformat(re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", typed))
    except ValueError:
        return ""
    return (found.astimezone(JST) if found.tzinfo else found.replace(tzinfo=JST)).isoformat()


def own_address(email: str) -> str:
    """The mail address where it is the buyer's own, "" for a marketplace's stand-in."""
    _name, _at, domain = email.strip().casefold().rpartition("@")
    return "" if any(domain == masked or domain.endswith(f".{masked}") for masked in MASKED) else email.strip()


def names(family: str, given: str, whole_name: str = "") -> tuple[str, str]:
    """Family and given name; a name in one piece is parted at its first blank."""
    if family or given:
        return family, given
    parts = plain_blanks(whole_name).split(" ", 1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def plain_blanks(text: str) -> str:
    """Runs of blanks, full-width ones too, as one."""
    return " ".join(text.split())


def sub(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one where something else stands there."""
    found = told.get(name)
    return found if isinstance(found, dict) else {}


def subs(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list under a name."""
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def texts(told: Mapping[str, Any], name: str) -> list[str]:
    """The texts in the list under a name."""
    found = told.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


# ------------------------------------------------------------------------------------------------ whole documents


def text_of(raw: bytes) -> tuple[str, str]:
    """A JSON document as text, and its encoding; UTF-8 with or without its mark."""
    try:
        return raw.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        raise UnreadableDocument(
            Refusal(
                "intake.encoding",
                _("Byte %(byte)s is no UTF-8. Fetch the document again without opening it in another program."),
                {"byte": error.start + 1},
            )
        ) from None


def json_of(raw: bytes) -> Any:
    """A JSON document; numbers keep their digits. Refuses what is cut off, doubled names, NaN, and endless nesting."""
    text, _encoding = text_of(raw)
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_single_names)
    except json.JSONDecodeError as error:
        raise UnreadableDocument(
            Refusal(
                "intake.json",
                _("Line %(line)s, column %(column)s: this is no JSON, or it is cut off there. Fetch the document again."),
                {"line": error.lineno, "column": error.colno},
            )
        ) from None
    except (RecursionError, InvalidOperation, ValueError):
        raise UnreadableDocument(Refusal("intake.json", _("This is no JSON that can be read. Fetch the document again."))) from None


def _no_number(word: str) -> Any:
    raise UnreadableDocument(Refusal("intake.json_number", _("“%(word)s” is no number that JSON knows."), {"word": word}))


def _single_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        name = next(name for name, _value in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise UnreadableDocument(
            Refusal("intake.json_doubled", _("“%(name)s” stands twice in one object; which one holds?"), {"name": name[:80]})
        )
    return found


def _too_deep() -> Refusal:
    return Refusal("intake.too_deep", _("The document is nested deeper than %(most)s levels."), {"most": DEEPEST})


class Node:
    """An XML element: its name without a prefix, its text, the elements in it."""

    __slots__ = ("line", "name", "nodes", "said")

    def __init__(self, name: str, line: int) -> None:
        self.name, self.line = name, line
        self.said: list[str] = []
        self.nodes: list[Node] = []

    @property
    def text(self) -> str:
        return "".join(self.said).strip()

    def all(self, name: str) -> "Sequence[Node]":
        """The elements of a name directly in it."""
        return [node for node in self.nodes if node.name == name]

    def find(self, name: str) -> "Node | None":
        """The first element of a name, however deep."""
        for node in self.nodes:
            if node.name == name:
                return node
            if found := node.find(name):
                return found
        return None

    def values(self) -> dict[str, str]:
        """What its leaves say, by their names; those in further lists of their own name are left to the caller."""
        return {node.name: node.text for node in self.nodes if not node.nodes}


def xml_of(raw: bytes) -> Node:
    """An XML document as elements. Any document type is refused before it is read, so no entity is ever expanded or fetched."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.buffer_text = True
    root = Node("", 0)
    open_nodes = [root]
    count = 0

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        nonlocal count
        count += 1
        if len(open_nodes) > DEEPEST:
            raise UnreadableDocument(_too_deep())
        if count > MOST_NODES:
            raise UnreadableDocument(Refusal("intake.too_large", _("The document has more than %(most)s elements."), {"most": MOST_NODES}))
        node = Node(name.rpartition(":")[2], parser.CurrentLineNumber)
        open_nodes[-1].nodes.append(node)
        open_nodes.append(node)

    def refuse(*_given: object) -> int:
        raise UnreadableDocument(
            Refusal(
                "intake.xml_doctype",
                _("Line %(line)s: the document declares a document type or entities. No counter does that; it was not read."),
                {"line": parser.CurrentLineNumber},
            )
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _name: open_nodes.pop()
    parser.CharacterDataHandler = lambda text: open_nodes[-1].said.append(text)
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        raise UnreadableDocument(
            Refusal(
                "intake.xml",
                _("Line %(line)s, column %(column)s: this is no XML, or it is cut off there. Fetch the document again."),
                {"line": error.lineno, "column": error.offset + 1},
            )
        ) from None
    except (LookupError, ValueError):
        raise UnreadableDocument(Refusal("intake.encoding", _("The document names an encoding that nobody knows."))) from None
    return root
