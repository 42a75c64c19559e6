"""Mail addresses: one key per mailbox, and no way to smuggle a header or a second recipient in."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.text.folding import plain


class EmailProblem(StrEnum):
    """Why a text isn't a mail address that may be written to."""

    EMPTY = "empty"
    CONTROL = "control_character"
    """A line end or another control character: somebody tries to add a header."""
    SEVERAL = "several_addresses"
    SHAPE = "not_an_address"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class EmailReading:
    """A mail address understood: its key, or the problem."""

    key: str
    problem: EmailProblem | None = None


_LOCAL: Final = re.compile(r"[^\s@()<>\[\]\\,;:\"\x00-\x1f\x7f]{1,64}")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")


def read_email(text: str) -> EmailReading:
    """The key of a mail address: NFKC, case folded, zero-width characters gone, the domain in its ASCII (IDNA) form.

    ``a..b@docomo.ne.jp`` and ``.a@…`` are accepted, because old carrier addresses look so. Quoted local parts, display
    names, comments and lists are refused, and so is any control character after trimming outer blanks.
    """
    typed = text.strip(" \t\u3000")
    if not typed:
        return EmailReading("", EmailProblem.EMPTY)
    if len(typed) > 1000:
        return EmailReading("", EmailProblem.TOO_LONG)
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in typed):
        return EmailReading("", EmailProblem.CONTROL)
    folded = unicodedata.normalize("NFKC", plain(typed).casefold()).strip()
    if any(unicodedata.category(c) == "Cc" for c in folded):
        return EmailReading("", EmailProblem.CONTROL)
    if folded.count("@") > 1 or re.search("[,;、]", folded):
        return EmailReading("", EmailProblem.SEVERAL)
    local, _at, domain = folded.partition("@")
    ascii_domain = _ascii_domain(domain)
    if not _LOCAL.fullmatch(local) or not ascii_domain:
        return EmailReading("", EmailProblem.TOO_LONG if len(local) > 64 else EmailProblem.SHAPE)
    key = f"{local}@{ascii_domain}"
    if len(key.encode()) > 254:
        return EmailReading("", EmailProblem.TOO_LONG)
    return EmailReading(key)


def _ascii_domain(domain: str) -> str:
    try:
        encoded = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = encoded.split(".")
    if len(labels) < 2 or len(encoded) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return ""
    return encoded


def email_key(text: str) -> str:
    """The address for comparing and writing to, or "" where the text isn't exactly one safe address."""
    return read_email(text).key
