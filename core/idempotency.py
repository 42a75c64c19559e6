"""Same key, same answer: an effectful request runs once per (client, key) and is answered alike ever after.

The answer is written last in the transaction of the effect, so that one exists exactly when the other does. While
the first request runs, the same key is answered "still running"; a crash frees it, because the lock belongs to the
transaction. Refusals, conflicts and failures are raised, roll back, and are not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import DatabaseError

from core.actor import Actor
from core.db import LockSpace, constraint_of, lock_number, operation, rows, run
from core.errors import Conflict, Malformed, Refused
from core.words import gettext_noop

LONGEST_KEY = 255
_VISIBLE = frozenset(map(chr, range(0x21, 0x7F))) - {","}  # a comma joins two headers of the same name

_LOOK = """
SELECT pg_try_advisory_xact_lock(%s) AS got, r.fingerprint, r.status, r.content_type, r.location, r.body
FROM (VALUES (1)) one LEFT JOIN core_idempotencyresult r ON r.client = %s AND r.key = %s
"""

_KEEP = """
INSERT INTO core_idempotencyresult (client, key, fingerprint, status, content_type, location, body)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


class KeyMissing(Malformed):
    """The request needs an Idempotency-Key."""

    code = "idempotency.key_missing"
    message = gettext_noop(
        "This request needs an Idempotency-Key header: 1 to 255 visible ASCII characters without commas, new for every new intention."
    )


class KeyInvalid(Malformed):
    """The Idempotency-Key cannot be used."""

    code = "idempotency.key_invalid"
    message = gettext_noop("The Idempotency-Key must be 1 to 255 visible ASCII characters without commas, sent once.")


class KeyReused(Refused):
    """The key belongs to another request."""

    code = "idempotency.key_reused"
    message = gettext_noop("This Idempotency-Key was used for a different request. Use a new key for a new request.")


class StillRunning(Conflict):
    """The first request with this key has not ended yet."""

    code = "idempotency.still_running"
    message = gettext_noop("A request with this Idempotency-Key is still running. Repeat it in a moment.")
    retry_after_s: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What the counter says, to the byte."""

    status: int
    body: bytes
    content_type: str = "application/json"
    location: str = ""
    replayed: bool = False


def checked_key(given: str | None) -> str:
    """The key as sent; refuses a missing one, an overlong one, and two headers at once."""
    if given is None:
        raise KeyMissing
    if not 1 <= len(given) <= LONGEST_KEY or not _VISIBLE.issuperset(given):
        raise KeyInvalid
    return given


def fingerprint(*parts: str | bytes) -> bytes:
    """What makes two requests the same: method, path with query, body bytes."""
    digest = blake2b(digest_size=32)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big"))
        digest.update(raw)
    return digest.digest()


def once(effect: Callable[[], Answer], *, client: str, key: str, seal: bytes, actor: Actor) -> Answer:
    """The answer of ``effect``, run now or kept from its first run; two statements beside the effect's own.

    ``seal`` is the request's ``fingerprint``. Raises StillRunning, KeyReused and whatever ``effect`` raises.
    """
    try:
        return _once(effect, client=client, key=key, seal=seal, actor=actor)
    except DatabaseError as error:
        # The other request committed between our look and our lock: its answer is there now, ours was rolled back.
        if constraint_of(error) != "core_idempotencyresult_pkey":
            raise
        return _once(effect, client=client, key=key, seal=seal, actor=actor)


@operation
def _once(effect: Callable[[], Answer], *, client: str, key: str, seal: bytes, actor: Actor) -> Answer:
    number = lock_number(LockSpace.IDEMPOTENCY, f"{client}\n{key}")
    found = rows(_LOOK, (number, client, key))[0]
    if found.fingerprint is not None:
        return _kept(found, seal)
    if not found.got:
        raise StillRunning
    answer = effect()
    run(_KEEP, (client, key, seal, answer.status, answer.content_type, answer.location, answer.body))
    return answer


def _kept(found: Any, seal: bytes) -> Answer:
    if bytes(found.fingerprint) != seal:
        raise KeyReused
    return Answer(found.status, bytes(found.body), found.content_type, found.location, replayed=True)
