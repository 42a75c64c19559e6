"""Public ids: a uuid in the database, a prefixed word outside ("ord_8c1f…"). A number is never a permission.

In SQL the word is ``'ord_' || replace(public_id::text, '-', '')``.
"""

import os
import re
import time
from uuid import UUID

from core.errors import NotFound

_HEX = re.compile(r"[0-9a-f]{32}").fullmatch


def new_id() -> UUID:
    """A fresh id, for the places that must know it before the row is written: version 7 of RFC 9562, by the wall clock's milliseconds.

    Ids of one moment lie together, so that an index of a million orders is written at its end and not all over: an order costs half the
    write-ahead log. 74 bits are random; whoever shows only a part of an id takes its end.
    """
    moment, chance = time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big")
    return UUID(int=moment << 80 | 0x7 << 76 | (chance >> 62 & 0xFFF) << 64 | 0b10 << 62 | chance & (1 << 62) - 1)


def public(prefix: str, value: UUID) -> str:
    """The id as the world sees it."""
    return f"{prefix}_{value.hex}"


def parse(prefix: str, text: object) -> UUID:
    """The uuid behind a public id; anything but the one exact spelling is NotFound."""
    if isinstance(text, str):
        start, _, rest = text.partition("_")
        if start == prefix and _HEX(rest):
            return UUID(hex=rest)
    raise NotFound
