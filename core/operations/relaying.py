"""Carrying events to their handlers: route, claim, run, mark done; park what can't be done.

One handler's copy of an event is a row of ``core_outboxdelivery``. Of one (handler, stream) only the lowest open row is
pending, or parked; the others wait for their turn, so that a parked one holds back what follows it until a person
retries or skips it. Undone marks, not a high-water mark, say what is left: an event that commits late, with a lower
id, is simply the next undone one.
"""

import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import SYSTEM, Actor, ActorKind
from core.db import LockSpace, constraint_of, operation, rows, run, sqlstate, try_advisory
from core.errors import HouseError
from core.events import Event
from core.hooks import Happened, Reaction, reaction_named, reactions
from core.outbox import current_lane

ATTEMPTS = 8
KEPT_DAYS = 7

_ROUTE = """
WITH fresh AS MATERIALIZED (
    SELECT id, name, stream FROM core_outboxevent
    WHERE routed_at IS NULL AND lane = %(lane)s ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), copy AS (
    SELECT fresh.id, wired.handler, fresh.stream,
           row_number() OVER (PARTITION BY wired.handler, fresh.stream ORDER BY fresh.id) AS place
    FROM fresh JOIN unnest(%(events)s::text[], %(handlers)s::text[]) AS wired (event, handler) ON wired.event = fresh.name
), handed AS (
    INSERT INTO core_outboxdelivery (event_id, handler, stream, state)
    SELECT copy.id, copy.handler, copy.stream,
           CASE WHEN copy.place = 1
               AND NOT EXISTS (SELECT 1 FROM core_outboxdelivery b
                               WHERE b.handler = copy.handler AND b.stream = copy.stream AND b.state IN ('pending', 'parked'))
               AND NOT EXISTS (SELECT 1 FROM core_outboxdelivery b
                               WHERE b.handler = copy.handler AND b.stream = copy.stream AND b.state = 'waiting')
           THEN 'pending' ELSE 'waiting' END
    FROM copy ORDER BY copy.id
    ON CONFLICT (event_id, handler) DO NOTHING
)
UPDATE core_outboxevent e SET routed_at = clock_timestamp() FROM fresh WHERE e.id = fresh.id
"""

_HEADS = """
SELECT d.id, d.handler, e.name, e.actor_kind, e.actor_id
FROM core_outboxdelivery d JOIN core_outboxevent e ON e.id = d.event_id
WHERE d.state = 'pending' AND d.due_at <= clock_timestamp() AND d.handler = ANY (%s::text[]) AND e.lane = %s
ORDER BY d.event_id LIMIT %s
"""

_ONE = """
SELECT d.id, d.handler, e.name, e.actor_kind, e.actor_id
FROM core_outboxdelivery d JOIN core_outboxevent e ON e.id = d.event_id WHERE d.id = %s
"""

# Marked first, in the handler's own transaction: what the handler does, the mark, and the turn of the next one of the
# stream commit together or not at all.
# The states are spelled so that no partial index answers for them: with one, each delivery read all that were due, and the
# plan that was best changed with the length of the queue.
_TAKE = """
WITH mine AS MATERIALIZED (
    SELECT id FROM core_outboxdelivery WHERE id = %s AND coalesce(state, '') = 'pending' FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE core_outboxdelivery d SET state = 'done', done_at = clock_timestamp(), reason = ''
    FROM mine WHERE d.id = mine.id RETURNING d.event_id, d.handler, d.stream
), turn AS (
    UPDATE core_outboxdelivery d SET state = 'pending', due_at = clock_timestamp()
    FROM taken WHERE coalesce(d.state, '') = 'waiting' AND d.id = (
        SELECT w.id FROM core_outboxdelivery w
        WHERE w.handler = taken.handler AND w.stream = taken.stream AND w.state = 'waiting' ORDER BY w.event_id LIMIT 1)
    RETURNING d.id
)
SELECT taken.handler, e.payload, e.id AS event_id, e.recorded_at, (SELECT id FROM turn) AS next
FROM taken JOIN core_outboxevent e ON e.id = taken.event_id
"""

# The same for many at once; whose turn has come is looked for in the next round.
_TAKE_ALL = """
WITH mine AS MATERIALIZED (
    SELECT id FROM core_outboxdelivery WHERE id = ANY (%s::bigint[]) AND coalesce(state, '') = 'pending' ORDER BY id FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE core_outboxdelivery d SET state = 'done', done_at = clock_timestamp(), reason = ''
    FROM mine WHERE d.id = mine.id RETURNING d.event_id, d.handler, d.stream
), turn AS (
    UPDATE core_outboxdelivery d SET state = 'pending', due_at = clock_timestamp()
    FROM taken WHERE coalesce(d.state, '') = 'waiting' AND d.id = (
        SELECT w.id FROM core_outboxdelivery w
        WHERE w.handler = taken.handler AND w.stream = taken.stream AND w.state = 'waiting' ORDER BY w.event_id LIMIT 1)
)
SELECT taken.handler, e.payload, e.id AS event_id, e.recorded_at FROM taken JOIN core_outboxevent e ON e.id = taken.event_id ORDER BY e.id
"""

# An event handed out while the one before it was being done finds nobody to give it its turn.
_TURNS = """
WITH first AS MATERIALIZED (
    SELECT DISTINCT ON (handler, stream) id, handler, stream
    FROM core_outboxdelivery WHERE state = 'waiting' ORDER BY handler, stream, event_id
)
UPDATE core_outboxdelivery d SET state = 'pending', due_at = clock_timestamp()
FROM first
WHERE d.id = first.id AND d.state = 'waiting' AND NOT EXISTS (
    SELECT 1 FROM core_outboxdelivery b
    WHERE b.handler = first.handler AND b.stream = first.stream AND b.state IN ('pending', 'parked'))
"""

_NOTE = """
UPDATE core_outboxdelivery
SET attempts = attempts + %(counted)s, reason = %(reason)s,
    state = CASE WHEN attempts + %(counted)s >= %(limit)s OR %(hopeless)s THEN 'parked' ELSE 'pending' END,
    due_at = clock_timestamp() + least(3600, 0.5 * 4 ^ (attempts + %(counted)s - 1)::float8) * interval '1 second'
WHERE id = %(id)s AND state = 'pending'
"""

_SWEEP_DEAD_LANES = """
WITH gone AS MATERIALIZED (
    SELECT e.id FROM core_outboxevent e
    WHERE e.lane <> '' AND e.recorded_at < clock_timestamp() - %(days)s * interval '1 day' ORDER BY e.id LIMIT %(limit)s
), copies AS (
    DELETE FROM core_outboxdelivery d USING gone WHERE d.event_id = gone.id
)
DELETE FROM core_outboxevent e USING gone WHERE e.id = gone.id
"""

_PRUNE = """
WITH old AS MATERIALIZED (
    SELECT e.id FROM core_outboxevent e
    WHERE e.routed_at < clock_timestamp() - %(days)s * interval '1 day'
      AND NOT EXISTS (SELECT 1 FROM core_outboxdelivery d WHERE d.event_id = e.id AND d.state IN ('waiting', 'pending', 'parked'))
    ORDER BY e.id LIMIT %(limit)s
), copies AS (
    DELETE FROM core_outboxdelivery d USING old WHERE d.event_id = old.id
)
DELETE FROM core_outboxevent e USING old WHERE e.id = old.id
"""


@dataclass(frozen=True, slots=True)
class Carried:
    """What one round of a relay did."""

    routed: int = 0
    done: int = 0
    failed: int = 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.routed or self.done or self.failed)


def carry(*, at: Callable[[], datetime], limit: int = 200, careful: bool = False, stop: Callable[[], bool] = lambda: False) -> Carried:
    """Hand fresh events to their handlers and run up to ``limit`` deliveries that are due, each in its own transaction.

    Any number of relays may do this at once: rows locked by another are passed by. ``careful`` counts an attempt
    before it is made, so that an event which kills the process is parked in the end. Only events of this process's
    lane are seen (``core.outbox.in_lane``): relays have the empty one.
    """
    routed = route_events(limit=limit * 5, actor=SYSTEM)
    failed = 0
    found = _heads(limit)
    done, left = (0, found) if careful else _deliver_batches(found, at=at)
    heads = deque(left)
    while heads and done + failed < limit and not stop():
        outcome = _deliver_or_note(heads.popleft(), at=at(), careful=careful)
        failed += outcome.failed
        done += outcome.done
        if outcome.next is not None:
            heads.extend(rows(_ONE, (outcome.next,)))
    return Carried(routed=routed, done=done, failed=failed)


def _deliver_batches(heads: list[Any], *, at: Callable[[], datetime]) -> tuple[int, list[Any]]:
    """How many were done by handlers that take many at once, and the deliveries that are left to be done one by one.

    A batch that fails is left as well: each of its events is then tried, and noted, by itself.
    """
    batches: dict[Any, list[Any]] = {}
    for head in heads:
        reaction = reaction_named(head.handler)
        if reaction is not None and reaction.together:
            batches.setdefault(reaction.handler, []).append(head)
    done, left = 0, {head.id: head for head in heads}
    for batch in batches.values():
        if len(batch) == 1:
            continue
        actor = Actor(ActorKind.RULE, batch[0].handler, batch[0].handler)
        try:
            done += deliver_together([head.id for head in batch], at=at(), actor=actor)
        except Exception:  # noqa: S112  whatever it was is met again, event by event
            continue
        for head in batch:
            del left[head.id]
    return done, list(left.values())


def _heads(limit: int) -> list[Any]:
    known = [reaction.name for reaction in reactions()]
    return rows(_HEADS, (known, current_lane(), limit), prepare=False)


@operation
def route_events(*, limit: int, actor: Actor) -> int:
    """Give each handler its copy of every fresh event, in the order of ids; answers with the number of events.

    The first of a (handler, stream) is pending, the others wait for their turn. One relay routes at a time, else a
    later event of a stream could be handed out before an earlier one.
    """
    lane = current_lane()
    if not try_advisory(LockSpace.RELAY_ROUTING, lane or "all"):
        return 0
    run(_TURNS)
    # Many reactions share one question; in a transaction each asking is a statement.
    heard = {ask: ask() for reaction in reactions() if (ask := reaction.wanted) is not None}
    wired = [reaction for reaction in reactions() if reaction.wanted is None or reaction.event.name in heard[reaction.wanted]]
    return run(
        _ROUTE,
        {"limit": limit, "lane": lane, "events": [r.event.name for r in wired], "handlers": [r.name for r in wired]},
        prepare=False,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one delivery; neither done nor failed when another relay has it."""

    done: bool = False
    failed: bool = False
    next: int | None = None


def _deliver_or_note(head: Any, *, at: datetime, careful: bool) -> _Outcome:
    actor = Actor(ActorKind.RULE, head.handler, head.handler, f"{head.actor_kind}:{head.actor_id}")
    if careful:
        _note(head.id, _counting("started, and the relay ended before it was done"), actor=actor)
    try:
        return deliver(head.id, at=at, actor=actor, reason=head.name)
    except Exception as error:  # whatever it was is written on its row, and the relay carries on with the others
        _note(head.id, _failing(error, counted=not careful), actor=actor)
        return _Outcome(failed=True)


class Unreadable(ValueError):
    """The payload cannot become the event it names, or nobody handles it: trying again cannot help."""


@operation(steady_plans=True)
def deliver(delivery_id: int, *, at: datetime, actor: Actor, reason: str = "") -> _Outcome:
    """Run one handler on one event, mark it done and give the next one its turn, in one transaction.

    The handler acts as a rule on behalf of whoever caused the event.
    """
    taken = rows(_TAKE, (delivery_id,))
    if not taken:
        return _Outcome()
    reaction = reaction_named(taken[0].handler)
    if reaction is None:
        raise Unreadable(f"No handler is wired under the name {taken[0].handler}")
    reaction.react([_happened(reaction, taken[0])], at=at)
    return _Outcome(done=True, next=taken[0].next)


@operation(steady_plans=True)
def deliver_together(delivery_ids: Sequence[int], *, at: datetime, actor: Actor) -> int:
    """Run a handler that takes many events on these deliveries, in one transaction with their marks; answers with how many it had."""
    taken = rows(_TAKE_ALL, (sorted(delivery_ids),))
    happened = []
    for row in taken:
        reaction = reaction_named(row.handler)
        if reaction is None:
            raise Unreadable(f"No handler is wired under the name {row.handler}")
        happened.append(_happened(reaction, row))
    if happened:
        assert reaction is not None
        reaction.react(happened, at=at)
    return len(taken)


def _happened(reaction: Reaction, row: Any) -> Happened:
    return Happened(row.event_id, _event_of(reaction, row.payload), row.recorded_at)


def _event_of(reaction: Reaction, payload: dict[str, Any]) -> Event:
    try:
        return reaction.event.from_payload(payload)
    except (TypeError, ValueError, KeyError) as error:
        raise Unreadable(str(error)) from error


def _counting(reason: str) -> dict[str, Any]:
    return {"counted": 1, "reason": reason, "hopeless": False}


def _failing(error: Exception, *, counted: bool) -> dict[str, Any]:
    return {"counted": int(counted), "reason": describe(error), "hopeless": isinstance(error, Unreadable)}


@operation
def _note(delivery_id: int, outcome: dict[str, Any], *, actor: Actor) -> None:
    """Write on the row what came of an attempt; the last one parks it."""
    run(_NOTE, {"id": delivery_id, "limit": ATTEMPTS, **outcome})


def describe(error: BaseException) -> str:
    """An error without the values it quotes, which may be personal: its kind, code, constraint and place."""
    said = [type(error).__name__]
    if isinstance(error, HouseError):
        said.append(error.code)
    if isinstance(error, Unreadable):
        said.append(str(error))
    if code := sqlstate(error):
        said.append(f"SQLSTATE {code}")
    if constraint := constraint_of(error):
        said.append(constraint)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    said.append(" > ".join(f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno} {frame.name}" for frame in frames))
    return ", ".join(said)


@operation
def retry_deliveries(delivery_ids: Sequence[int], *, actor: Actor, reason: str = "") -> int:
    """Let parked deliveries be tried again at once, with fresh attempts; answers with how many were parked."""
    return run(
        "UPDATE core_outboxdelivery SET state = 'pending', attempts = 0, due_at = clock_timestamp()"
        " WHERE id = ANY (%s::bigint[]) AND state = 'parked'",
        (list(delivery_ids),),
    )


@operation
def skip_deliveries(delivery_ids: Sequence[int], *, actor: Actor, reason: str) -> int:
    """Give up parked deliveries, so that what waits behind them goes on; says who gave them up and why."""
    given_up = run(
        "UPDATE core_outboxdelivery SET state = 'skipped', done_at = clock_timestamp(), reason = %s || reason"
        " WHERE id = ANY (%s::bigint[]) AND state = 'parked'",
        (f"[{actor.ref}: {reason}] ", list(delivery_ids)),
    )
    run(_TURNS)
    return given_up


@operation
def prune_outbox(*, actor: Actor, kept_days: int = KEPT_DAYS, limit: int = 20_000) -> int:
    """Remove events that every handler has had for ``kept_days``, a chunk at a time; answers with how many.

    What a simulation that never came back left in its lane goes after the same time, done or not: nobody else carries it.
    """
    run("DELETE FROM core_relay WHERE seen_at < clock_timestamp() - interval '1 day'")
    run(_SWEEP_DEAD_LANES, {"days": kept_days, "limit": limit}, prepare=False)
    return run(_PRUNE, {"days": kept_days, "limit": limit}, prepare=False)


def heartbeat(name: str, *, listening: bool) -> None:
    """Say that this relay lives, and whether it waits to be called."""
    run(
        "INSERT INTO core_relay (name, listening) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp(), listening = excluded.listening",
        (name, listening),
    )


def farewell(name: str) -> None:
    """Say that this relay has ended in order."""
    run("DELETE FROM core_relay WHERE name = %s", (name,))
