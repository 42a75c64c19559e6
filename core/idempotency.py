"""Same key, same answer: an effectful request runs once per (client, key) and is answered alike ever after.

The answer is written last in the transaction of the effect, so that one exists exactly when the other does. While
the first request runs, the same key is answered "still running"; a crash frees it, because the lock belongs to the
transaction. Refusals, conflicts and failures are raised, roll back, and are not kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import DatabaseError

from core.actor import Actor
from core.db import LockSpace, constraint_of, lock_number, operation, rows, run
from core.errors import Conflict, HouseError, Malformed, Refused
from core.words import gettext_noop

LONGEST_KEY = 255
_VISIBLE = frozenset(map(chr, range(0x21, 0x7F))) - {","}  # a comma joins two headers of the same name

_LOOK = """
SELECT pg_try_advisory_xact_lock(%s) AS got, r.fingerprint, r.status, r.content_type, r.location, r.body
FROM (VALUES (1)) one LEFT JOIN core_idempotencyresult r ON r.client = %s AND r.key = %s
"""

# A batch waits for nobody's lock for long: its requests are then asked one by one, with their usual patience. Each key is looked up by itself,
# or a plan made while the table was short goes on reading all that a partner has sent today.
_LOOK_ALL = """
SELECT set_config('lock_timeout', '500ms', true), pg_try_advisory_xact_lock(q.number) AS got, r.fingerprint, r.status, r.content_type, r.location, r.body
FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS q (number, key, place)
LEFT JOIN LATERAL (SELECT * FROM core_idempotencyresult k WHERE k.client = %s AND k.key = q.key LIMIT 1) r ON true ORDER BY q.place
"""

_KEEP_ALL = """
INSERT INTO core_idempotencyresult (client, key, fingerprint, status, content_type, location, body)
SELECT %s, a.* FROM unnest(%s::text[], %s::bytea[], %s::int[], %s::text[], %s::text[], %s::bytea[]) AS a
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


@operation(retries=0)
def once_each(
    effects: Callable[[Sequence[int]], Sequence[Answer | HouseError]], *, client: str, asks: Sequence[tuple[str, bytes]], actor: Actor
) -> list[Answer | HouseError]:
    """Several requests of one client in one transaction: an answer or a refusal each, in order; two statements beside the effects' own.

    ``asks`` are keys with their seals. ``effects`` gets the places of those that have not run before and answers them in order; one
    that it refuses must have left nothing behind, and is not kept. Whatever is raised undoes them all, and nothing is tried again
    (Busy comes at once): then ask ``once`` for each.
    """
    keys = [key for key, _seal in asks]
    found = rows(_LOOK_ALL, ([lock_number(LockSpace.IDEMPOTENCY, f"{client}\n{key}") for key in keys], keys, client))
    results: list[Answer | HouseError | None] = [_known(row, seal) for row, (_key, seal) in zip(found, asks, strict=True)]
    for place, key in enumerate(keys):
        if results[place] is None and keys.index(key) < place:  # a transaction gets its own lock again, so the lock does not tell
            results[place] = StillRunning()
    fresh = [place for place, result in enumerate(results) if result is None]
    done = list(zip(fresh, effects(fresh), strict=True)) if fresh else []
    for place, result in done:
        results[place] = result
    kept = [(*asks[place], result) for place, result in done if isinstance(result, Answer)]
    if kept:
        names, seals, answers = zip(*kept, strict=True)
        columns = zip(*((a.status, a.content_type, a.location, a.body) for a in answers), strict=True)
        run(_KEEP_ALL, (client, list(names), list(seals), *(list(column) for column in columns)))
    return [result for result in results if result is not None]


def _known(found: Any, seal: bytes) -> Answer | HouseError | None:
    """What there is to say before any effect, or nothing."""
    if found.fingerprint is None:
        return None if found.got else StillRunning()
    try:
        return _kept(found, seal)
    except KeyReused as reused:
        return reused


def _kept(found: Any, seal: bytes) -> Answer:
    if bytes(found.fingerprint) != seal:
        raise KeyReused
    return Answer(found.status, bytes(found.body), found.content_type, found.location, replayed=True)
