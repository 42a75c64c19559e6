"""Phone numbers: read generously, kept as E.164, doubtful ones marked rather than refused."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import phonenumbers

from core.text.folding import DASHES, LONG_VOWELS, fold_dashes, plain
from core.words import gettext_noop as _


class PhoneKind(StrEnum):
    """What a number can do. Only mobiles take SMS."""

    FIXED = "fixed"
    MOBILE = "mobile"
    IP = "ip"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["PhoneKind", str]:
        return {
            cls.FIXED: _("Landline"),
            cls.MOBILE: _("Mobile phone"),
            cls.IP: _("IP phone"),
            cls.TOLL_FREE: _("Toll-free number"),
            cls.SHARED_COST: _("Shared-cost number"),
            cls.OTHER: _("Other number"),
        }


class PhoneWarning(StrEnum):
    """Why a person should look at a number that was accepted."""

    UNASSIGNED = "unassigned"
    """Possible by its length, but no such range is known: "011-1234567"."""
    EXTENSION_DROPPED = "extension_dropped"
    NO_LEADING_ZERO = "no_leading_zero"
    """A domestic number that lost its zero, as spreadsheets do."""


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """A phone number understood: E.164 text ("" when it isn't one), its kind, and what is doubtful."""

    e164: str
    kind: PhoneKind = PhoneKind.OTHER
    extension: str = ""
    warnings: tuple[PhoneWarning, ...] = ()

    @property
    def takes_sms(self) -> bool:
        return self.kind is PhoneKind.MOBILE


NOT_A_PHONE: Final = PhoneReading("")

_EXTENSION: Final = re.compile(r"(?:内線|ext\.?|extension|x|#|;ext=)\s*[:.]?\s*([0-9]{1,7})\s*\)?$", re.IGNORECASE)
_BETWEEN: Final = re.compile(f"[\\s().・/~〜{re.escape(DASHES + LONG_VOWELS)}]")
_DIALABLE: Final = re.compile(r"\+?[0-9]{6,15}")
_COMMON: Final = re.compile(r"0(?!10)[1-9](?:[1-9][0-9]{7}|0[0-9]{8})")  # ten digits, eleven where the third is 0; 010 dials abroad

# How Japanese numbers tell their kind; longest prefix first. The library's own types lag behind new ranges such as 060.
_JAPANESE_KINDS: Final = (
    ("120", PhoneKind.TOLL_FREE),
    ("800", PhoneKind.TOLL_FREE),
    ("570", PhoneKind.SHARED_COST),
    ("60", PhoneKind.MOBILE),
    ("70", PhoneKind.MOBILE),
    ("80", PhoneKind.MOBILE),
    ("90", PhoneKind.MOBILE),
    ("50", PhoneKind.IP),
)
_LIBRARY_KINDS: Final = {
    phonenumbers.PhoneNumberType.MOBILE: PhoneKind.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE: PhoneKind.FIXED,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: PhoneKind.FIXED,
    phonenumbers.PhoneNumberType.VOIP: PhoneKind.IP,
    phonenumbers.PhoneNumberType.TOLL_FREE: PhoneKind.TOLL_FREE,
    phonenumbers.PhoneNumberType.SHARED_COST: PhoneKind.SHARED_COST,
    phonenumbers.PhoneNumberType.UAN: PhoneKind.SHARED_COST,
}


def read_phone(text: str, *, country: str = "JP") -> PhoneReading:
    """The number a text holds. Full-width digits, any dash, brackets, +81 and a written extension are understood.

    Only impossible numbers are refused (``e164 == ""``); whether a possible one is in service is a warning, because the
    published ranges are both too strict and too loose.
    """
    typed = plain(text).strip()
    extension = ""
    if found := _EXTENSION.search(typed):
        extension, typed = found[1], typed[: found.start()].rstrip(" (")
    digits = _BETWEEN.sub("", fold_dashes(typed))
    digits = digits.replace("+810", "+81", 1) if digits.startswith("+810") else digits
    if not _DIALABLE.fullmatch(digits) or not digits.isascii():
        return NOT_A_PHONE
    try:
        number = phonenumbers.parse(digits, country)
    except phonenumbers.NumberParseException:
        return NOT_A_PHONE
    if not phonenumbers.is_possible_number(number) or not _has_japanese_length(number):
        return NOT_A_PHONE
    warnings = []
    if not phonenumbers.is_valid_number(number):
        warnings.append(PhoneWarning.UNASSIGNED)
    if extension:
        warnings.append(PhoneWarning.EXTENSION_DROPPED)
    if country == "JP" and not digits.startswith(("0", "+")):
        warnings.append(PhoneWarning.NO_LEADING_ZERO)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return PhoneReading(e164, _kind(number), extension, tuple(warnings))


def _has_japanese_length(number: phonenumbers.PhoneNumber) -> bool:
    """Japanese numbers have 9 digits after the zero, those of the 0A0 ranges (090, 050, 0800…) 10; the library allows 17."""
    national = str(number.national_number)
    return number.country_code != 81 or len(national) == (10 if national[1:2] == "0" else 9)


def _kind(number: phonenumbers.PhoneNumber) -> PhoneKind:
    if number.country_code != 81:
        return _LIBRARY_KINDS.get(phonenumbers.number_type(number), PhoneKind.OTHER)
    national = str(number.national_number)
    for prefix, kind in _JAPANESE_KINDS:
        if national.startswith(prefix):
            return kind
    return PhoneKind.FIXED if len(national) == 9 else PhoneKind.OTHER


def phone_key(text: str, *, country: str = "JP") -> str:
    """The number as E.164 text for comparing ("+819012345678"), or "" where the text holds no possible number.

    Numbers in the common Japanese form take a short way that agrees with ``read_phone`` at a tenth of its time.
    """
    if country == "JP" and _COMMON.fullmatch(digits := _BETWEEN.sub("", fold_dashes(plain(text)))):
        return f"+81{digits[1:]}"
    return read_phone(text, country=country).e164


def format_phone(e164: str) -> str:
    """A kept number as people in its country write it: +819012345678 → 090-1234-5678. Other text comes back as it is."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return e164
    home = phonenumbers.PhoneNumberFormat.NATIONAL if number.country_code == 81 else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(number, home))
