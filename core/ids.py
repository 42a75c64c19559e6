"""Public ids: a uuid in the database, a prefixed word outside ("ord_8c1f…"). A number is never a permission.

In SQL the word is ``'ord_' || replace(public_id::text, '-', '')``.
"""

import re
from uuid import UUID, uuid4

from core.errors import NotFound

_HEX = re.compile(r"[0-9a-f]{32}").fullmatch


def new_id() -> UUID:
    """A fresh id, for the few places that must know it before the row is written."""
    return uuid4()


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
