"""The transactional outbox: an event commits together with the change it tells of, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager

import orjson
from django.db import transaction

from core.db import current_actor, in_operation, rows
from core.events import Event

CHANNEL = "daifuku_outbox"
_lane = ""

# Calling the relay costs the commit a lock that all commits share, so nobody calls while no relay waits to be called.
_INSERT = f"""
WITH told AS (
    INSERT INTO core_outboxevent (name, stream, payload, actor_kind, actor_id, lane)
    SELECT name, stream, payload, %s, %s, %s
    FROM unnest(%s::text[], %s::text[], %s::jsonb[]) WITH ORDINALITY AS e (name, stream, payload, place)
    ORDER BY place
)
SELECT pg_notify('{CHANNEL}', '') WHERE EXISTS (SELECT 1 FROM core_relay WHERE listening)
"""


def announce(*events: Event) -> None:
    """Insert the events in the running operation's transaction, in the order given, in one statement.

    Handlers get them after commit, at least once, those of one stream in order. Announce after locking what the
    stream is about: the lock makes the order of ids the order of deeds. Raises outside an operation.
    """
    if not events:
        return
    if not in_operation():
        raise transaction.TransactionManagementError("An event is announced inside an operation, with its change")
    actor = current_actor()
    assert actor is not None
    rows(
        _INSERT,
        (
            str(actor.kind),
            actor.id,
            _lane,
            [event.name for event in events],
            [_stream(event) for event in events],
            [orjson.dumps(event.to_payload()).decode() for event in events],
        ),
    )


@contextmanager
def in_lane(name: str) -> Iterator[None]:
    """Until the block ends, what this process announces waits for whoever carries that lane, not for the relays.

    A process that lives a company's history carries its own events, so that their handlers get the simulated time.
    """
    global _lane
    before, _lane = _lane, name
    try:
        yield
    finally:
        _lane = before


def current_lane() -> str:
    """The lane this process announces in; empty for everybody but a simulation."""
    return _lane


def _stream(event: Event) -> str:
    stream = event.stream
    return stream() if callable(stream) else stream
