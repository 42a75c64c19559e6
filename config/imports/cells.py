"""One cell of a file made into one value of a COPY stream, or into the reason why not. Pure.

A cell reader takes the text of a cell and answers with the text COPY wants (escaped, ``\\N`` for NULL) or a ``Fault``.
Readers never guess: what a spreadsheet has mangled (1.23E+12, a date as 45000) is refused, not repaired.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from core.errors import HouseError
from core.money import parse_amount
from core.text import address_number_key, clean_line, clean_text, email_key, fold_dashes, phone_key, plain, postal_key, whole_number
from core.words import gettext_noop as _

NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell or a row can't be taken: a stable code, an English template and its parameters."""

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


Reader = Callable[[str], "str | Fault"]

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_FULL_WIDTH = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {0x3000: " "}
_SCIENTIFIC = re.compile(r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_MOMENT = re.compile(
    _DAY.pattern + r"(?:[T ]+([0-9]{1,2})[:時]([0-9]{2})(?:[:分]([0-9]{2})(?:\.[0-9]{1,6})?)?[分秒]?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def escaped(text: str) -> str:
    """A text as COPY wants it."""
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text


def bare(cell: str) -> str:
    """A cell without outer blanks and without the marks that protect it in spreadsheets: ="001" and '=1+1."""
    text = cell.strip()
    if text[:2] == '="' and text[-1:] == '"' and len(text) > 2:
        return text[2:-1].strip()
    if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t"):
        return text[1:]
    return text


def folded(cell: str) -> str:
    """A bare cell with full-width letters, digits and signs made half-width."""
    text = bare(cell)
    return text if text.isascii() else text.translate(_FULL_WIDTH).strip()


def too_long(limit: int) -> Fault:
    return Fault("import.too_long", _("At most %(limit)s characters fit here."), {"limit": limit})


def mangled() -> Fault:
    return Fault(
        "import.mangled_number", _("A spreadsheet has turned this number into another form (such as 1.23E+12). Export it as text.")
    )


def text_reader(limit: int) -> Reader:
    """One line of text, at most so long; formulas stay the text they are."""

    def read(cell: str) -> str | Fault:
        text = bare(cell)
        if not (text.isascii() and text.isprintable() and "  " not in text):
            text = clean_line(text)
        return too_long(limit) if len(text) > limit else escaped(text)

    return read


def long_text_reader(limit: int) -> Reader:
    """Several lines of text."""

    def read(cell: str) -> str | Fault:
        text = clean_text(bare(cell))
        return too_long(limit) if len(text) > limit else escaped(text)

    return read


def code_reader(limit: int) -> Reader:
    """A number or code that names something: width folded, case kept; a mangled one is refused."""

    def read(cell: str) -> str | Fault:
        text = folded(cell)
        if not text:
            return ""
        if _SCIENTIFIC.fullmatch(text) and "+" in text:
            return mangled()
        if not (text.isascii() and text.isprintable()):
            text = clean_line(plain(text))
        if len(text) > limit:
            return too_long(limit)
        return escaped(text)

    return read


def jan_reader(cell: str) -> str | Fault:
    """A JAN/EAN/UPC: 8, 12, 13 or 14 digits."""
    text = folded(cell)
    if not text:
        return ""
    if _SCIENTIFIC.fullmatch(text):
        return mangled()
    if not (text.isdigit() and text.isascii() and len(text) in (8, 12, 13, 14)):
        return Fault("import.bad_jan", _("A JAN code has 8, 12, 13 or 14 digits."))
    return text


def whole_reader(*, least: int, most: int) -> Reader:
    """A whole number within bounds; full-width digits are read, 1_000, +5, 1e3 and 1.0 are not."""

    def read(cell: str) -> str | Fault:
        text = folded(cell)
        if not text:
            return NULL
        number = whole_number(text)
        if number is None:
            return Fault("import.not_a_whole_number", _("This is not a whole number."))
        if not least <= number <= most:
            return Fault(
                "import.number_out_of_range", _("The number must be between %(least)s and %(most)s."), {"least": least, "most": most}
            )
        return str(number)

    return read


def amount_reader(currency: str) -> Reader:
    """An amount of the company's currency in minor units; blank is NULL."""

    def read(cell: str) -> str | Fault:
        text = bare(cell)
        if not text:
            return NULL
        if text[:1] in "-－−▲△":
            return Fault("import.negative_amount", _("An amount is never negative here."))
        try:
            return str(parse_amount(text, currency=currency))
        except HouseError:
            return Fault("import.not_an_amount", _("This is not an amount in %(currency)s."), {"currency": currency})

    return read


def _not_a_date() -> Fault:
    return Fault("import.not_a_date", _("This is not a date such as 2026-11-22 or 2026/11/22."))


def date_reader(cell: str) -> str | Fault:
    """A day; blank is NULL. Serial numbers of spreadsheets and two-digit years are refused."""
    text = folded(cell)
    if not text:
        return NULL
    if not (match := _DAY.fullmatch(text)):
        return _not_a_date()
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return _not_a_date()
    return day.isoformat() if 1850 <= day.year <= 2200 else _not_a_date()


def moment_reader(zone: str) -> Reader:
    """A moment, in the company's time zone where it names none; a day alone is its midnight. Blank is NULL."""
    home = ZoneInfo(zone)

    def read(cell: str) -> str | Fault:
        text = folded(cell)
        if not text:
            return NULL
        if not (match := _MOMENT.fullmatch(text)):
            return _not_a_date()
        year, month, day, hour, minute, second, offset = match.groups()
        try:
            moment = datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_offset(offset) or home
            )
            return moment.astimezone(UTC).isoformat() if 1850 <= moment.year <= 2200 else _not_a_date()
        except (ValueError, OverflowError):
            return _not_a_date()

    return read


@cache
def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-size if text[0] == "-" else size)


def choice_reader(words: Mapping[str, str], *, blank: str = "") -> Reader:
    """One of a few values, by any of its Japanese or English names; a blank cell means `blank`."""
    known = {header_key(word): value for word, value in words.items()}
    said = ", ".join(sorted(set(words.values())))

    def read(cell: str) -> str | Fault:
        text = bare(cell)
        if not text:
            return blank
        value = known.get(header_key(text))
        return value if value is not None else Fault("import.unknown_word", _("Expected one of: %(words)s."), {"words": said})

    return read


def phone_reader(country: str) -> Reader:
    """A phone as typed and as compared, divided by a tab (two columns); blank is two blanks."""

    def read(cell: str) -> str | Fault:
        text = bare(cell)
        if not text:
            return "\t"
        if _SCIENTIFIC.fullmatch(text):
            return mangled()
        key = plain_phone(text) if country == "JP" else ""
        key = key or phone_key(text, country=country)
        if not key or len(text) > 32:
            return Fault("import.not_a_phone", _("This is not a phone number that can be dialled."))
        return f"{escaped(text)}\t{key}"

    return read


def plain_phone(text: str) -> str:
    """The E.164 text of a Japanese number written the plain way, "" for all others: it spares the long way for most."""
    digits = text.replace("-", "")
    if not (digits.isascii() and digits.isdigit() and digits[0] == "0" and digits[1:2] not in ("", "0")):
        return ""
    if digits.startswith("010"):  # dials abroad
        return ""
    return f"+81{digits[1:]}" if len(digits) == (11 if digits[2:3] == "0" else 10) else ""


def email_reader(cell: str) -> str | Fault:
    """An address as typed and as compared, divided by a tab (two columns)."""
    text = bare(cell)
    if not text:
        return "\t"
    key = email_key(text)
    if not key or len(text) > 254:
        return Fault("import.not_an_email", _("This is not an e-mail address that can be written to."))
    return f"{escaped(text)}\t{key}"


def postal_reader(country: str) -> Reader:
    """A postal code for comparing; a Japanese one has seven digits (six: its zero was lost in a spreadsheet)."""

    def read(cell: str) -> str | Fault:
        text = folded(cell)
        if not text:
            return ""
        if country != "JP":
            return too_long(16) if len(text) > 16 else escaped("".join(text.split()).upper())
        if key := postal_key(text):
            return key
        if fold_dashes(text).replace("-", "").isdigit() and len(text.replace("-", "")) < 7:
            return Fault("import.lost_zeros", _("A postal code has seven digits; leading zeros may have been lost in a spreadsheet."))
        return Fault("import.bad_postal_code", _("A postal code has seven digits."))

    return read


def number_key(city: str, street: str, building: str) -> str:
    """The block numbers of an address for comparing."""
    place = f"{city}{street} {building}"
    return address_number_key(place) if place.strip() else ""


@lru_cache(maxsize=4096)
def header_key(text: str) -> str:
    """A header or word for comparing: width, case, blanks, underscores, hyphens and brackets don't matter."""
    return re.sub(r"[\s_\-・()（）\[\]]+", "", fold_dashes(plain(text)).casefold())
