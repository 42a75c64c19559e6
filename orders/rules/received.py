"""Paper that customers send: order forms by post and fax, typed by one person each."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from core.text import plain
from core.words import gettext_noop as _

MOST_PAGES: Final = 40
MOST_PAPER_BYTES: Final = 20 * 2**20
LEASE_MINUTES: Final = 20
"""So long a paper stays with whoever types it, counted from the last key."""

FORM_MARK: Final = "FM"
"""Codes on our own order forms begin so."""


class PaperWay(StrEnum):
    """How a paper came."""

    POSTCARD = "postcard"
    FAX = "fax"
    LETTER = "letter"

    @classmethod
    def labels(cls) -> dict["PaperWay", str]:
        return {cls.POSTCARD: _("Postcard"), cls.FAX: _("Fax"), cls.LETTER: _("Letter")}


class ReceivedState(StrEnum):
    """What became of a paper; one that waits may be in somebody's hands."""

    WAITING = "waiting"
    ORDERED = "ordered"
    SET_ASIDE = "set_aside"
    NO_ORDER = "no_order"

    @classmethod
    def labels(cls) -> dict["ReceivedState", str]:
        return {
            cls.WAITING: _("to be typed"), cls.ORDERED: _("order placed"), cls.SET_ASIDE: _("laid aside"), cls.NO_ORDER: _("not an order"),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperBatch:
    """What papers handed in together have in common."""

    company_id: int
    channel_id: int
    way: PaperWay
    received_on: date
    medium: str = ""
    ad_code: str = ""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page of what was handed in."""

    content: bytes
    kind: str
    """Its media type."""


@dataclass(frozen=True, slots=True)
class FormCode:
    """What a code on one of our order forms says; ``number`` "" where the form went to nobody in particular."""

    form: str
    number: str


_KINDS = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)


def kind_of_scan(raw: bytes) -> str:
    """The media type by the bytes themselves, never by the name; "" for what is no scan we show."""
    return next((kind for start, kind in _KINDS if raw[:16].startswith(start)), "")


_FORM_CODE = re.compile(rf"{FORM_MARK}([A-Z0-9]{{1,12}})-([A-Za-z0-9_./-]{{0,40}})\Z")


def printed_code(form: str, number: str) -> str:
    """What is printed on a form for a customer, as barcode and in letters."""
    return f"{FORM_MARK}{form}-{number}"


def form_code(text: str) -> FormCode | None:
    """The code of a form that was scanned or typed; None for any other words."""
    found = _FORM_CODE.match(plain(text).strip().upper())
    return FormCode(found[1], found[2]) if found else None
