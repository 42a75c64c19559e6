"""What stands on a parcel's label, column by column, in as many bytes as the carrier's program takes. Pure: values in, cells out.

Widths are bytes of cp932. What has no room runs on into the next column of its flow, as the carrier's layout has it; what cannot
be written at all is a fault that names the column, so that the parcel waits for a person instead of being printed wrong.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from core.errors import Refusal
from core.text import clean_line, cp932_safe, plain, postal_key, truncate_cp932
from core.words import gettext_noop as _
from inventory.rules import FileKind, MapColumn, written

MOST_PIECES: Final = 99
LABEL_KINDS: Final = {"yamato": {"nekopos": "ネコポス", "compact": "宅急便コンパクト"}, "japanpost": {"yu_packet": "ゆうパケット"}}
"""The kinds of label of each carrier, besides its usual one."""
_ROOM: Final = 10_000
_BLANKS: Final = " 　"
# NEC's row 13 (①, ㈱, ㎡): cp932 has it, yet carriers' programs refuse it.
_SPECIALS: Final = re.compile(
    "[\u2116\u2121\u2211\u221f\u222e\u22bf\u301d\u301f\u2160-\u2169\u2460-\u2473\u3231-\u3239\u32a4-\u32a8\u3303-\u337e\u338e-\u33cd]"
)
_INSTEAD: Final = {"〝": "“", "〟": "”", "∑": "Σ"}
_FORMULA: Final = tuple("=+-@＝＋－＠")
_NUMBERS: Final = re.compile("[0-9０-９\\-－‐丁目番地号の]")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelParty:
    """Whom a label names: the recipient or the sender."""

    name: str
    organisation: str = ""
    phone: str = ""
    postal_code: str = ""
    address: str = ""
    building: str = ""
    country: str = "JP"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTerms:
    """What a carrier knows a company by, and what stands on all of its labels."""

    customer_code: str = ""
    classification: str = ""
    freight_code: str = ""
    goods: str = ""
    handling_1: str = ""
    handling_2: str = ""
    packing: str = ""
    phone: str = ""
    """Of the company itself, whoever a gift is from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelParcel:
    """A parcel as its label tells it; ``collect`` is the cash to be taken at the door in minor units, tax within."""

    number: str
    order_number: str
    today: date
    leaves_on: date
    recipient: LabelParty
    sender: LabelParty
    wished_on: date | None = None
    time_band: str = ""
    collect: int | None = None
    collect_tax: int = 0
    currency: str = "JPY"
    temperatures: frozenset[str] = frozenset()
    pieces: int = 1
    goods: tuple[str, ...] = ()
    label_kind: str = ""
    """What its service is called on the carrier's labels, where it is not the carrier's usual one."""

    @property
    def temperature(self) -> str:
        """The coldest zone of what is in it."""
        return next((zone for zone in ("frozen", "chilled") if zone in self.temperatures), "ambient")


Told = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LabelFlow:
    """Texts that run on from column to column: these fields in order; each part by its name and the first place it may stand in."""

    fields: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLayout:
    """A file a carrier's program reads. Of several ``flows`` the first in which everything has room is taken."""

    code: str
    carrier: str
    kind: FileKind
    flows: tuple[tuple[LabelFlow, ...], ...]
    rows: Callable[[LabelParcel, LabelTerms], Sequence[Told] | list[Refusal]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LabelRow:
    """The cells of a row as they are written, and what in them had to be written otherwise."""

    cells: tuple[str, ...]
    notes: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class SafeText:
    """A text every carrier's program can read; what was replaced by what, and what nobody could replace."""

    text: str
    replaced: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()


def label_safe(text: str) -> SafeText:
    """The text in signs a label can carry: 𠮷 → 吉, ① → 1, ㈱ → (株); 髙 and 〜 stay. No cell of it is a formula to a spreadsheet.

    >>> label_safe("㈱𠮷川").text
    '(株)吉川'
    """
    line = clean_line(text)
    if line.startswith(_FORMULA):
        line = f"　{line}"
    if line.isascii():
        return SafeText(line)
    signs: list[str] = []
    replaced: dict[str, str] = {}
    lost: dict[str, None] = {}
    for sign in line:
        if _SPECIALS.match(sign):
            instead = _INSTEAD.get(sign) or plain(sign)
            found = cp932_safe(instead if instead != sign else "\U0010ffff")
        else:
            found = cp932_safe(sign)
        if found.unencodable:
            lost[sign] = None
        elif found.text != sign:
            replaced[sign] = found.text
        signs.append(found.text)
    return SafeText("".join(signs), tuple(replaced.items()), tuple(lost))


def width(text: str) -> int:
    """Bytes of a text that is safe."""
    return len(text.encode("cp932", "replace"))


def run_on(parts: Sequence[tuple[str, int]], widths: Sequence[int]) -> tuple[list[str], str]:
    """Texts in columns of so many bytes, each from its first place on; the cells, and what found no room.

    A text is broken at a blank or before a number where that costs little, so that 1-2-3 stays together; where that leaves
    something over, all is joined and broken wherever a column ends.

    >>> run_on([("静岡県静岡市葵区追手町1-2-3", 0), ("茶町ビル", 1)], [24, 16])
    (['静岡県静岡市葵区追手町', '1-2-3　茶町ビル'], '')
    """
    told = [(text, first) for text, first in parts if text]
    cells, rest = _placed(told, widths, gently=True)
    return (cells, rest) if not rest else _placed([("　".join(text for text, _first in told), 0)], widths, gently=False)


def _placed(parts: Sequence[tuple[str, int]], widths: Sequence[int], *, gently: bool) -> tuple[list[str], str]:
    cells, at = [""] * len(widths), 0
    for text, first in parts:
        at, rest = max(at, min(first, len(widths) - 1)), text
        while rest:
            if at == len(widths):
                return cells, rest
            gap = "　" if cells[at] else ""
            room = widths[at] - width(cells[at] + gap)
            head = _beginning(rest, room, gently=gently) if room > 0 else ""
            if head != rest and gap and gently and at + 1 < len(widths):
                at += 1  # begin in a column of its own rather than in the rest of this one
                continue
            cells[at] += gap + head if head else ""
            rest = rest[len(head) :].lstrip(_BLANKS)
            at += bool(rest)
    return cells, ""


def _beginning(text: str, room: int, *, gently: bool) -> str:
    if width(text) <= room:
        return text
    head = truncate_cp932(text, max_bytes=room)
    if not gently or not head or text[len(head)] in _BLANKS:
        return head
    blank = max(head.rfind(sign) for sign in _BLANKS)
    if blank * 2 >= len(head):
        return head[:blank]
    place = len(head)
    while place and _NUMBERS.match(text[place]) and _NUMBERS.match(text[place - 1]):
        place -= 1
    return head[:place] if place * 2 >= len(head) else head


def label_row(told: Told, columns: Sequence[MapColumn], layout: LabelLayout) -> LabelRow | list[Refusal]:
    """The cells of a row, or everything that keeps it from being printed, each with the heading of its column."""
    faults: list[Refusal] = []
    notes: list[Refusal] = []
    placed = _flown(told, columns, layout, faults=faults, notes=notes)
    needed = {one.code for one in layout.kind.fields if one.is_needed}
    cells = []
    for column in columns:
        if column.constant:
            cells.append(column.constant)
            continue
        cell = placed[column.field] if column.field in placed else _cell(column, told.get(column.field), faults=faults, notes=notes)
        if not cell and column.field in needed:
            faults.append(Refusal("order.label_incomplete", _("“%(column)s” is empty, and the carrier needs it."), {}, column.heading))
        if column.most_bytes and width(cell) > column.most_bytes:
            if column.field.startswith("goods"):
                cell = truncate_cp932(cell, max_bytes=column.most_bytes)
                notes.append(
                    Refusal("order.label_cut", _("The text was cut to %(most)s bytes."), {"most": column.most_bytes}, column.heading)
                )
            else:
                over = len(cell) - len(truncate_cp932(cell, max_bytes=column.most_bytes))
                faults.append(too_long(column.heading, over=over, most=column.most_bytes))
        cells.append(cell)
    return [_named(fault) for fault in faults] or LabelRow(tuple(cells), tuple(notes))


def _named(fault: Refusal) -> Refusal:
    """A sentence about a column names it."""
    return Refusal(fault.code, fault.message, {"column": fault.field, **fault.params}, fault.field)


def too_long(heading: str, *, over: int, most: int) -> Refusal:
    """What has no room on the label. Refusals are kept: they hold no part of a name or an address."""
    words = _("The last %(count)s signs do not fit into “%(column)s” (%(most)s bytes in all). Shorten it on the order.")
    return Refusal("order.label_too_long", words, {"count": over, "most": most}, heading)


def _flown(told: Told, columns: Sequence[MapColumn], layout: LabelLayout, *, faults: list[Refusal], notes: list[Refusal]) -> dict[str, str]:
    """Texts that run on, by the field they ended in."""
    by_field = {column.field: column for column in columns if column.field}
    overs: list[Refusal] = []
    texts: dict[str, str] = {}
    for flow in layout.flows[0]:
        for part, first in flow.parts:
            heading = next((by_field[code].heading for code in flow.fields[first:] if code in by_field), part)
            texts[part] = _safe(str(told.get(part) or ""), heading, faults=faults, notes=notes)
    for flows in layout.flows:
        placed: dict[str, str] = {}
        missed: list[Refusal] = []
        for flow in flows:
            here = [by_field[code] for code in flow.fields if code in by_field]
            if not here:
                continue
            widths = [column.most_bytes or _ROOM for column in here]
            cells, rest = run_on([(texts.get(part, ""), first) for part, first in flow.parts], widths)
            placed |= {column.field: cell for column, cell in zip(here, cells, strict=True)}
            missed += [too_long(here[-1].heading, over=len(rest), most=sum(widths))] if rest else []
        if not missed:
            return placed
        overs = overs or missed
    faults += overs
    return placed


def _cell(column: MapColumn, value: object, *, faults: list[Refusal], notes: list[Refusal]) -> str:
    if not column.field:
        return ""
    if column.codes:
        word = "none" if value in (None, "") else str(value)
        if word in column.codes:
            return column.codes[word]
        if word != "none":
            words = _(
                "The carrier has no code for “%(word)s” in “%(column)s”. Choose another on the order, or write the code into the map."
            )
            faults.append(Refusal("order.label_no_code", words, {"word": word}, column.heading))
        return ""
    return _safe(value, column.heading, faults=faults, notes=notes) if isinstance(value, str) else written(column, value)


def _safe(text: str, heading: str, *, faults: list[Refusal], notes: list[Refusal]) -> str:
    found = label_safe(text) if text else SafeText("")
    for sign, instead in found.replaced:
        notes.append(
            Refusal("order.label_sign_replaced", _("“%(sign)s” was written as “%(instead)s”."), {"sign": sign, "instead": instead}, heading)
        )
    for sign in found.lost:
        words = _(
            "“%(sign)s” (%(code)s) in “%(column)s” cannot be printed. Write it otherwise on the order, and make the label data again."
        )
        faults.append(Refusal("order.label_sign", words, {"sign": sign, "code": f"U+{ord(sign):04X}"}, heading))
    return found.text


def parcel_faults(parcel: LabelParcel) -> Iterator[Refusal]:
    """What keeps a parcel from any carrier's file."""
    if parcel.recipient.country != "JP":
        yield Refusal("order.label_abroad", _("The parcel goes abroad: this carrier's file is for Japan only."))
    if parcel.recipient.postal_code and not postal_key(parcel.recipient.postal_code):
        yield Refusal("order.label_postal_code", _("The postal code has not seven digits."))
    if parcel.leaves_on < parcel.today:
        yield Refusal("order.label_leaves_past", _("The day it leaves (%(leaves)s) is over."), {"leaves": parcel.leaves_on})
    if parcel.wished_on and parcel.wished_on < parcel.leaves_on:
        words = _("The wished day %(wished)s is before the day it leaves (%(leaves)s). Agree on another day with the buyer.")
        yield Refusal("order.label_wished_past", words, {"wished": parcel.wished_on, "leaves": parcel.leaves_on})
    if {"chilled", "frozen"} <= parcel.temperatures:
        yield Refusal("order.label_two_zones", _("Chilled and frozen goods cannot share a parcel. Split it first."))
    if parcel.collect is not None and parcel.currency != "JPY":
        yield Refusal("order.label_currency", _("Cash on delivery is taken in yen only."))


def collect_faults(parcel: LabelParcel, *, most: int, by_piece: bool = False) -> list[Refusal]:
    """What keeps cash from being taken at the door: more than ``most`` yen, or several pieces unless a carrier takes it ``by_piece``."""
    if parcel.collect is None:
        return []
    faults = []
    if not 1 <= parcel.collect <= most:
        words = _("Cash on delivery is possible from 1 to %(most)s yen, not for %(amount)s.")
        faults.append(Refusal("order.label_collect", words, {"most": f"{most:,d}", "amount": f"{parcel.collect:,d}"}))
    if parcel.pieces > 1 and not by_piece:
        words = _("Several pieces cannot be paid at the door. Make one piece of it, or send them apart.")
        faults.append(Refusal("order.label_collect_pieces", words))
    return faults


def told_of(parcel: LabelParcel, terms: LabelTerms) -> dict[str, object]:
    """Everything a layout may ask for, by the name of its field or of a part of its flows."""
    goods = [terms.goods] if terms.goods else list(parcel.goods)
    told: dict[str, object] = {
        "number": parcel.number, "order": parcel.order_number, "leaves_on": parcel.leaves_on, "wished_on": parcel.wished_on,
        "time_band": parcel.time_band, "temperature": parcel.temperature, "pieces": parcel.pieces, "collect": parcel.collect,
        "collect_tax": None if parcel.collect is None else parcel.collect_tax,
        "payment": "plain" if parcel.collect is None else "collect",
        "customer_code": terms.customer_code, "classification": terms.classification, "freight_code": terms.freight_code,
        "handling_1": terms.handling_1, "handling_2": terms.handling_2, "packing": terms.packing, "company_phone": terms.phone,
    }  # fmt: skip
    told |= {f"goods_{place}": name for place, name in enumerate(goods, start=1)}
    for who, party in (("recipient", parcel.recipient), ("sender", parcel.sender)):
        told |= {
            f"{who}_phone": party.phone, f"{who}_postal_code": _postal(party.postal_code), f"{who}_address": party.address,
            f"{who}_building": party.building, f"{who}_organisation": party.organisation if party.name else "",
            f"{who}_name": party.name or party.organisation, f"{who}_honorific": "様" if party.name else "御中",
        }  # fmt: skip
    return told


def _postal(text: str) -> str:
    digits = postal_key(text)
    return f"{digits[:3]}-{digits[3:]}" if digits else ""


def label_columns(text: str, **codes: Mapping[str, str]) -> tuple[MapColumn, ...]:
    """A layout as it is written down: a column a line, "heading | field or ="constant" | most bytes | pattern of a day".

    ``codes`` are those of a field.
    """
    found = []
    for line in filter(str.strip, text.splitlines()):
        heading, told, most, pattern = (*(cell.strip() for cell in line.split("|")), "", "", "")[:4]
        is_constant = told.startswith("=")
        found.append(
            MapColumn(
                heading=heading, field="" if is_constant else told, constant=told[1:] if is_constant else "", most_bytes=int(most or 0),
                date_pattern=pattern, codes=codes.get(told, {}),
            )
        )  # fmt: skip
    return tuple(found)


def label_csv(columns: Sequence[MapColumn], rows: Sequence[Sequence[str]], *, encoding: str) -> bytes:
    """The file: a row of headings, every cell quoted, CRLF; UTF-8 with its mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig" if encoding == "utf-8" else encoding)


_SAMPLE: Final = LabelParty(name="見本", phone="03-0000-0000", postal_code="1000001", address="東京都千代田区千代田1-1")


def contract_faults(layout: LabelLayout, terms: LabelTerms, sender: LabelParty) -> list[Refusal]:
    """What would keep every label of a contract from being printed: its own fields that are empty, too long or cannot be written."""
    day = date(2026, 1, 1)
    sample = LabelParcel(number="1", order_number="1", today=day, leaves_on=day, recipient=_SAMPLE, sender=sender, goods=("見本",))
    faults: list[Refusal] = []
    for one in layout.rows(sample, terms):
        row = one if isinstance(one, Refusal) else label_row(one, layout.kind.standard, layout)
        faults += [row] if isinstance(row, Refusal) else row if isinstance(row, list) else []
    return faults
