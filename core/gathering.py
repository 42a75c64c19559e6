"""Asks that come while others are being answered are answered together: one call, one transaction, for all who wait."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Lock
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

PAUSE_S = 0.005
"""Where several were answered at once, the next batch waits this long at most for them to come again."""


@dataclass(slots=True, eq=False)
class _Seat(Generic[Ask, Answer]):
    """One who asks: called when answered, or when it is their turn to see to all who wait."""

    ask: Ask
    called: Event = field(default_factory=Event)
    is_done: bool = False
    answers: list[Answer] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Queue(Generic[Ask, Answer]):
    """Those of one group who wait while somebody is at work."""

    changed: Condition = field(default_factory=Condition)
    waiting: list[_Seat[Ask, Answer]] = field(default_factory=list)
    is_at_work: bool = False
    crowd: int = 0
    """How many the last batch answered, and left waiting: so many are likely to be here again in a moment."""


class Gathering(Generic[Ask, Answer]):
    """Answers what the threads of this process ask, in batches of one group each.

    Who meets nobody at work is answered at once, alone, by their own thread. Those who come meanwhile queue up; the first of
    them answers for all (``most`` at most) when the work before is done: the busier, the fuller the batches, the cheaper each
    answer. A single asker never waits; a crowd is given ``pause_s`` to gather again, because a fuller batch saves more than that.

    ``answer`` takes a group and its asks and returns an answer each, in order. Where it raises for several, each of them is
    answered alone, by their own thread: one who cannot be answered spoils nobody else's, and learns why.
    """

    def __init__(self, answer: Callable[[Hashable, Sequence[Ask]], Sequence[Answer]], *, most: int = 50, pause_s: float = PAUSE_S) -> None:
        self._answer = answer
        self._most = most
        self._pause_s = pause_s
        self._lock = Lock()
        self._queues: dict[Hashable, _Queue[Ask, Answer]] = {}

    def ask(self, group: Hashable, ask: Ask) -> Answer:
        """The answer to one ask; raises what ``answer`` raises for it alone."""
        with self._lock:
            queue = self._queues.setdefault(group, _Queue())
        seat: _Seat[Ask, Answer] = _Seat(ask)
        with queue.changed:
            leads = not queue.is_at_work
            if leads:
                queue.is_at_work = True
            else:
                queue.waiting.append(seat)
                queue.changed.notify_all()
        if not leads:
            seat.called.wait()
        if not seat.is_done:
            self._see_to(queue, group, seat)
        return seat.answers[0] if seat.answers else self._answer(group, [ask])[0]

    def _see_to(self, queue: _Queue[Ask, Answer], group: Hashable, first: _Seat[Ask, Answer]) -> None:
        """Answer for all who wait, then call the next one to do so."""
        batch = [first]
        try:
            with queue.changed:
                if queue.crowd > 1:
                    queue.changed.wait_for(lambda: len(queue.waiting) + 1 >= min(queue.crowd, self._most), self._pause_s)
                batch += queue.waiting[: self._most - 1]
                del queue.waiting[: self._most - 1]
            for seat, answer in zip(batch, self._answer(group, [seat.ask for seat in batch]), strict=True):
                seat.answers.append(answer)
        except Exception:
            if len(batch) == 1:
                raise
        finally:
            for seat in batch:
                seat.is_done = True
                seat.called.set()
            with queue.changed:
                queue.crowd = len(batch) + len(queue.waiting)
                queue.is_at_work = bool(queue.waiting)
                if queue.waiting:
                    queue.waiting.pop(0).called.set()
