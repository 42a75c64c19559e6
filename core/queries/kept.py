"""Small rows that every request needs and hardly anybody changes, kept in the process for at most five seconds."""

import time
from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

from django.db import transaction

V = TypeVar("V")

LIFETIME_S: Final = 5.0
MOST: Final = 2_000
_kept: dict[Hashable, tuple[float, object]] = {}


def kept(key: Hashable, *, load: Callable[[], V]) -> V:
    """The value under the key, read anew when it is older than five seconds or was forgotten.

    Only what a transaction that committed has read is kept for others, so a rolled-back change is never seen later. A
    change made by another process is seen after at most five seconds; operations that change these rows call
    ``forget_kept``, so their own process sees it at once. Frozen values only.
    """
    moment = time.monotonic()
    found = _kept.get(key)
    if found and found[0] > moment:
        return cast(V, found[1])
    value = load()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(lambda: _keep(key, moment + LIFETIME_S, value))  # noqa: TID251  only memory is touched
    else:
        _keep(key, moment + LIFETIME_S, value)
    return value


def _keep(key: Hashable, until: float, value: object) -> None:
    if len(_kept) >= MOST:
        _kept.clear()
    _kept[key] = (until, value)


def forget_kept() -> None:
    """Everything kept is read anew, now and again after the running transaction has committed."""
    _kept.clear()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(_kept.clear)  # noqa: TID251  only memory is touched
