"""What reading a document begins with, whichever counter wrote it: JSON or a table, its list of orders, how each stands there."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules import MOST_PART, OutsideOrder, ReadDocument, Reader, ReadOrder, Standing, Unreadable, UnreadableDocument, json_of

Reads = Callable[[Reader, Mapping[str, Any]], OutsideOrder]
"""An order out of its object; what is wrong with it is the reader's."""


def begins_with(raw: bytes, *signs: bytes) -> bool:
    """Whether the first thing in a document is one of these."""
    return raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in signs


def is_json(raw: bytes) -> bool:
    """Whether it begins like JSON; what doesn't is a table."""
    return begins_with(raw, b"{", b"[")


def no_orders(name: str) -> UnreadableDocument:
    """Nothing in a document is its counter's list of orders."""
    return UnreadableDocument(Refusal("intake.no_orders", _("There is no “%(name)s” in the document."), {"name": name}, f"/{name}"))


def read_json(raw: bytes, name: str, reads: Reads, *, alone: str = "", within: str = "") -> ReadDocument:
    """The orders under a name of a JSON document, or in a list of their own; ``alone`` marks an order that is the whole document.

    ``within`` is what some documents are wrapped in. An order that cannot be read spoils no other.
    """
    told = json_of(raw)
    if within and isinstance(told, dict) and isinstance(told.get(within), dict):
        told = told[within]
    orders = told.get(name, [told] if alone and alone in told else None) if isinstance(told, dict) else told
    if not isinstance(orders, list):
        raise no_orders(name)
    return ReadDocument(encoding="utf-8", found=tuple(_read(n, one, name, reads) for n, one in enumerate(orders, 1)))


def _read(row: int, told: Any, name: str, reads: Reads) -> ReadOrder | Unreadable:
    part = json.dumps(told, ensure_ascii=False, default=str)[:MOST_PART]
    reader = Reader()
    if not isinstance(told, dict):
        reader.fault(name, "intake.shape", _("%(field)s number %(row)s is no object."), row=row)
        return Unreadable(row=row, number="", part=part, faults=tuple(reader.faults))
    return ended(row, part, reads(reader, told), reader)


def ended(row: int, part: str, order: OutsideOrder, reader: Reader) -> ReadOrder | Unreadable:
    """The order, or what keeps it from being one."""
    if reader.faults:
        return Unreadable(row=row, number=order.number[:80], part=part, faults=tuple(reader.faults[:20]))
    return ReadOrder(row=row, part=part, order=order)


def standings(usual: Mapping[str, Standing], own: Mapping[str, str]) -> Mapping[str, Standing]:
    """A counter's words for how an order stands; the shop's own go before its usual ones."""
    return {**usual, **{theirs: Standing(ours) for theirs, ours in own.items() if ours in set(Standing)}}


def standing_of(status: str, field: str, known: Mapping[str, Standing], reader: Reader) -> Standing:
    """How an order stands; a word nobody knows is the reader's fault."""
    if status not in known:
        reader.fault(field, "intake.unknown_status", _("Status “%(typed)s” is not known. Map it in the shop's codes."), typed=status[:40])
    return known.get(status, Standing.OPEN)
