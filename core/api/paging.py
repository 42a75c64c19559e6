"""Lists by cursor: newest first over (recorded_at, id), no offsets, no totals.

    asked = self.page(request)
    found = orders_of(partner, after=asked.after, limit=asked.limit + 1)
    return self.list(found, asked, key=lambda o: (o.recorded_at, o.id), show=shown)

The query selects ``WHERE (recorded_at, id) < (%s, %s) ORDER BY recorded_at DESC, id DESC LIMIT %s``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.core import signing
from django.http import HttpRequest

from core.errors import Malformed
from core.words import gettext_noop

USUAL, MOST = 50, 100
_SALT = "core.api.cursor"
T = TypeVar("T")


class CursorInvalid(Malformed):
    """The cursor was not given out for this list to this caller."""

    code = "cursor.invalid"
    message = gettext_noop("The cursor does not belong to this list. Begin without one.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is wanted."""

    limit: int
    after: tuple[datetime, int] | None
    seal: str


def asked_page(request: HttpRequest, *, limit: int, cursor: str | None, caller: str) -> Asked:
    """The page a request asks for. A cursor is good for one caller and one address with its filters."""
    filters = sorted((name, value) for name, value in request.GET.items() if name not in ("cursor", "limit"))
    seal = f"{caller} {request.path} {filters}"
    if cursor is None:
        return Asked(limit, None, seal)
    try:
        moment, key, sealed = signing.loads(cursor, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise CursorInvalid(field="/cursor") from None
    if sealed != _short(seal):
        raise CursorInvalid(field="/cursor")
    return Asked(limit, (datetime.fromisoformat(moment), int(key)), seal)


def page(found: Sequence[T], asked: Asked, *, key: Callable[[T], tuple[datetime, int]], show: Callable[[T], Any]) -> dict[str, Any]:
    """The page as the world sees it; pass ``limit + 1`` rows, so that the last page is known."""
    shown = found[: asked.limit]
    more = len(found) > asked.limit
    return {"data": [show(row) for row in shown], "next_cursor": _cursor(key(shown[-1]), asked.seal) if more else None}


def _cursor(place: tuple[datetime, int], seal: str) -> str:
    return signing.dumps([place[0].isoformat(), place[1], _short(seal)], salt=_SALT)


def _short(seal: str) -> str:
    return signing.Signer(salt=_SALT).signature(seal)[:16]
