"""Who answers which hook and who reacts to which event. Filled by ``config/wiring.py`` only.

A hook is declared by the app that asks, as a Protocol whose methods **take and return sequences**, and is
answered by apps above it, inside the asker's transaction. Events are for everything that may happen after commit.
"""

import inspect
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from core.events import Event
from core.ports import DashboardSource, InvariantSource, WebhookSource

P = TypeVar("P")


class EventHandler(Protocol):
    """Reacts to an event of another app in a transaction of its own; must bear being called twice."""

    def __call__(self, event: Event, /, *, at: datetime) -> None: ...


class Hook(Generic[P]):
    """A question an app asks of the apps above it, and those who answer.

    >>> OFFER_SOURCE = Hook("orders.OfferSource", OfferSource)
    >>> for source in OFFER_SOURCE.all(): ...
    """

    def __init__(self, name: str, protocol: type[P]) -> None:
        self.name = name
        self.protocol = protocol
        self._answers: tuple[P, ...] = ()

    def register(self, answer: P) -> None:
        """Add an answer (an object, or a module whose functions match); adding it twice changes nothing."""
        missing = [name for name in _members(self.protocol) if not hasattr(answer, name)]
        if missing:
            raise TypeError(f"{answer!r} cannot answer the hook {self.name}: it lacks {', '.join(missing)}")
        if answer not in self._answers:
            self._answers = (*self._answers, answer)

    def all(self) -> tuple[P, ...]:
        """Everyone who answers, in the order of registration; empty where nobody is wired."""
        return self._answers

    @contextmanager
    def temporarily(self, *answers: P) -> Iterator[None]:
        """Let tests add answers for a while."""
        before = self._answers
        try:
            for answer in answers:
                self.register(answer)
            yield
        finally:
            self._answers = before

    @contextmanager
    def only(self, *answers: P) -> Iterator[None]:
        """Let tests replace every answer for a while; without any, nobody answers."""
        before = self._answers
        self._answers = ()
        try:
            for answer in answers:
                self.register(answer)
            yield
        finally:
            self._answers = before

    def __repr__(self) -> str:
        return f"<Hook {self.name}: {len(self._answers)} answers>"


def _members(protocol: type[Any]) -> list[str]:
    """What the Protocol asks for: its public names, and __call__ where it is a function."""
    names: set[str] = set()
    for base in protocol.__mro__:
        if base in (object, Generic) or base.__name__ == "Protocol":
            continue
        names |= {name for name in (*vars(base), *inspect.get_annotations(base)) if not name.startswith("_")}
        if "__call__" in vars(base):
            names.add("__call__")
    return sorted(names)


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its number in the outbox and when it was recorded."""

    number: int
    event: Event
    recorded_at: datetime


class BatchHandler(Protocol):
    """Reacts to many events at once, in one transaction; must bear being called twice, and with one of them alone."""

    def __call__(self, happened: Sequence[Happened], /, *, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Reaction:
    """A handler under the name its done marks carry; renaming it makes it a new handler.

    ``together`` takes what a relay has at hand of all its events in one call. ``wanted`` names the events that somebody
    listens to at this moment: any other passes the handler by.
    """

    name: str
    event: type[Event]
    handler: EventHandler | BatchHandler
    together: bool = False
    wanted: Callable[[], Collection[str]] | None = None

    def react(self, happened: Sequence[Happened], *, at: datetime) -> None:
        """Hand events over: all in one call, or one by one."""
        handler: Any = self.handler
        if self.together:
            handler(happened, at=at)
            return
        for one in happened:
            handler(one.event, at=at)


_reactions: dict[str, tuple[Reaction, ...]] = {}


def on(
    event: type[Event],
    handler: Callable[..., None],
    *,
    name: str,
    together: bool = False,
    wanted: Callable[[], Collection[str]] | None = None,
) -> None:
    """Let a handler react to an event from now on; the name ("orders.mark_paid") is unique in the house."""
    for reactions in _reactions.values():
        for known in reactions:
            if known.name == name and not (known.event is event and known.handler is handler):
                raise ValueError(f"The handler name {name!r} is taken by {known.handler!r} for {known.event.name}")
            if known.name == name:
                return
    _reactions[event.name] = (
        *_reactions.get(event.name, ()),
        Reaction(name, event, handler, together, wanted),
    )


def handlers_for(event_name: str) -> tuple[Reaction, ...]:
    """Everyone who reacts to the events of that name."""
    return _reactions.get(event_name, ())


def reactions() -> Sequence[Reaction]:
    """Every reaction of the house, by event name."""
    return [reaction for name in sorted(_reactions) for reaction in _reactions[name]]


def reaction_named(name: str) -> Reaction | None:
    """The reaction of that name, or None when it's no longer wired."""
    return next((reaction for reaction in reactions() if reaction.name == name), None)


@contextmanager
def reacting(event: type[Event], handler: Callable[..., None], *, name: str, **more: Any) -> Iterator[None]:
    """Let tests add a reaction for a while."""
    before = dict(_reactions)
    try:
        on(event, handler, name=name, **more)
        yield
    finally:
        _reactions.clear()
        _reactions.update(before)


@contextmanager
def no_reactions() -> Iterator[None]:
    """Let tests start from nobody reacting."""
    before = dict(_reactions)
    _reactions.clear()
    try:
        yield
    finally:
        _reactions.clear()
        _reactions.update(before)


INVARIANTS: Hook[InvariantSource] = Hook("core.InvariantSource", InvariantSource)
DASHBOARD: Hook[DashboardSource] = Hook("core.DashboardSource", DashboardSource)
WEBHOOKS: Hook[WebhookSource] = Hook("core.WebhookSource", WebhookSource)
