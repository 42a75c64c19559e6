"""What a letter says: placeholders filled in, lines of a width people can read, and what the law wants below it."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _

PLACEHOLDER: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
WIDTH: Final = 70
"""Half-width columns of a line: 35 Japanese characters, which every mail program shows without breaking it again."""

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "name": "name",
    "family_name": "family_name",
    "given_name": "given_name",
    "number": "number",
    "company": "company",
    "shop_url": "shop_url",
    "お名前": "name",
    "姓": "family_name",
    "名": "given_name",
    "お客様番号": "number",
    "会社名": "company",
    "ショップURL": "shop_url",
}
"""What may stand between double braces, in English or Japanese, and the value it stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a letter addresses."""

    name: str
    family_name: str
    given_name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends, as the Act on Regulation of Transmission of Specified Electronic Mail wants it shown."""

    name: str
    legal_name: str
    address: str
    phone: str
    email: str
    from_email: str
    shop_url: str

    @property
    def from_address(self) -> str:
        """The sender as mail programs show it."""
        shown = re.sub(r'["\\\r\n<>,;:@]', " ", self.name).strip()
        return f'"{shown}" <{self.from_email}>' if shown else self.from_email


def fault_of_sender(sender: Sender) -> Refusal | None:
    """Why nothing may be sent in this name: the law wants name, address and a way to ask, in every mail."""
    if not (sender.legal_name and sender.address and sender.email and sender.from_email):
        return Refusal(
            "campaigns.sender_unknown",
            _("Enter the company's legal name, address and e-mail first: the law wants them in every mail."),
        )
    return None


def values_for(addressee: Addressee, sender: Sender) -> dict[str, str]:
    """The values of every placeholder."""
    return {
        "name": addressee.name,
        "family_name": addressee.family_name or addressee.name,
        "given_name": addressee.given_name,
        "number": addressee.number,
        "company": sender.name,
        "shop_url": sender.shop_url,
    }


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """What stands between double braces and stands for nothing."""
    return tuple(dict.fromkeys(name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS))


def filled(text: str, values: Mapping[str, str], *, escaped: bool = False) -> str:
    """The text with its placeholders filled in, once: a value that looks like a placeholder stays as it is."""

    def value(found: re.Match[str]) -> str:
        name = PLACEHOLDERS.get(found[1])
        if name is None:
            return ""
        return html.escape(values[name]) if escaped else values[name]

    return PLACEHOLDER.sub(value, text)


def neutral(text: str, *, reader: str) -> str:
    """A subject as it is told of later: whoever it addressed is "the customer", with one honorific at most.

    >>> neutral("{{お名前}}様へ、新茶のお知らせ", reader="お客様")
    'お客様へ、新茶のお知らせ'
    """
    return one_line(re.sub(PLACEHOLDER.pattern + r"\s*(?:様|さま|さん)?", reader, text))


def one_line(text: str) -> str:
    """A text for a header: no line ends, no control characters."""
    return re.sub(r"\s+", " ", "".join(c if unicodedata.category(c) != "Cc" else " " for c in text)).strip()


# ------------------------------------------------------------------------------------------ faults


_FORBIDDEN: Final = frozenset(
    {"script", "iframe", "object", "embed", "form", "input", "button", "link", "base", "meta", "frame", "frameset"}
)
_ADDRESSES: Final = ("http://", "https://", "mailto:", "tel:", "#", "{{", "cid:")


class _Reader(HTMLParser):
    """Collects what a mail must not carry."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.unsafe: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _FORBIDDEN:
            self.unsafe.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on"):
                self.unsafe.append(name)
            elif name in ("href", "src", "background", "action") and not (value or "").strip().lower().startswith(_ADDRESSES):
                self.unsafe.append(f'{name}="{(value or "")[:40]}"')


def unsafe_html(source: str) -> tuple[str, ...]:
    """The tags, attributes and addresses in a mail's HTML that mail programs refuse or people must not be sent."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return tuple(dict.fromkeys(reader.unsafe))


def faults_of_message(*, subject: str, body: str, body_html: str) -> list[Refusal]:
    """Why a message can't be sent as it is."""
    faults = []
    for field, text in (("/subject", subject), ("/body", body), ("/body_html", body_html)):
        if unknown := unknown_placeholders(text):
            message = _("Nothing is known for %(names)s. Placeholders are: %(known)s.")
            params = {"names": ", ".join(f"{{{{{name}}}}}" for name in unknown), "known": ", ".join(PLACEHOLDERS)}
            faults.append(Refusal("campaigns.unknown_placeholder", message, params, field))
    for field, text in (("/subject", subject), ("/body", body)):
        if not text.strip():
            faults.append(Refusal("campaigns.message_empty", _("Write a subject and a text."), field=field))
    if unsafe := unsafe_html(body_html):
        message = _("This does not belong into a mail: %(found)s.")
        faults.append(Refusal("campaigns.html_unsafe", message, {"found": ", ".join(unsafe)}, "/body_html"))
    return faults


# ------------------------------------------------------------------------------------------ lines


_NOT_FIRST: Final = frozenset(
    "、。，．・：；？！?!,.:;゛゜ヽヾゝゞ々ー）)」』】〕〉》”’］｝〟ァィゥェォッャュョヮヵヶぁぃぅぇぉっゃゅょゎ…‥～〜％%"
)
_NOT_LAST: Final = frozenset("（(「『【〔〈《“‘［｛〝￥¥$＄")
_UNITS: Final = re.compile(r"[!-~]+|[ \t]+|[\s\S]")


def columns(text: str) -> int:
    """The width of a text in half-width columns; a Japanese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 0 if unicodedata.combining(c) else 1 for c in text)


def wrapped(text: str, *, width: int = WIDTH) -> str:
    """The text in lines of at most ``width`` columns.

    Words and addresses of the web are never broken, marks that may not begin a line hang at the end of the one before,
    and brackets that may not end one begin the next. Line ends that are there stay.
    """
    return "\n".join(line for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") for line in _lines(paragraph, width))


def _lines(paragraph: str, width: int) -> list[str]:
    lines, line, used = [], "", 0
    for unit in _UNITS.findall(paragraph):
        size = columns(unit)
        hangs = line and unit[0] in _NOT_FIRST and len(unit) == 1 and used <= width
        if used + size <= width or not line.strip() or hangs:
            line, used = line + unit, used + size
            continue
        kept = line.rstrip(" \t")
        carried = ""
        while kept and kept[-1] in _NOT_LAST:
            kept, carried = kept[:-1], kept[-1] + carried
        if not kept:  # nothing but opening brackets: a line of its own is the lesser evil
            kept, carried = carried, ""
        lines.append(kept)
        line = carried + ("" if unit.isspace() else unit)
        used = columns(line)
    return [*lines, line.rstrip(" \t")]
