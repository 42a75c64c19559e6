"""Hooks and reactions: who answers, who reacts."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Protocol

import pytest

from core.events import Event
from core.hooks import Hook, handlers_for, no_reactions, on, reacting, reaction_named


class PriceSource(Protocol):
    def prices(self, skus: Sequence[str]) -> Sequence[int]: ...


@dataclass(frozen=True)
class Baked(Event):
    name = "tests.Baked"
    cake_id: int

    @property
    def stream(self) -> str:
        return f"cake:{self.cake_id}"


def react(event: Event, *, at: datetime) -> None: ...


def react_otherwise(event: Event, *, at: datetime) -> None: ...


def test_a_hook_answers_with_everyone_registered_in_order() -> None:
    hook = Hook("tests.PriceSource", PriceSource)
    first, second = SimpleNamespace(prices=list), SimpleNamespace(prices=tuple)

    hook.register(first)
    hook.register(second)
    hook.register(first)

    assert hook.all() == (first, second)


def test_an_answer_that_lacks_a_method_is_refused_when_it_is_wired() -> None:
    with pytest.raises(TypeError, match="lacks prices"):
        Hook("tests.PriceSource", PriceSource).register(SimpleNamespace())


def test_temporary_answers_go_away_even_after_an_error() -> None:
    hook = Hook("tests.PriceSource", PriceSource)
    lasting, passing = SimpleNamespace(prices=list), SimpleNamespace(prices=tuple)
    hook.register(lasting)

    with hook.temporarily(passing):
        assert hook.all() == (lasting, passing)
    with hook.only(passing):
        assert hook.all() == (passing,)
    with suppress(ValueError), hook.only():
        raise ValueError

    assert hook.all() == (lasting,)


def test_a_reaction_is_found_by_event_and_by_name() -> None:
    with no_reactions(), reacting(Baked, react, name="tests.react"):
        assert [reaction.handler for reaction in handlers_for("tests.Baked")] == [react]
        assert reaction_named("tests.react") == handlers_for("tests.Baked")[0]
        on(Baked, react, name="tests.react")
        assert len(handlers_for("tests.Baked")) == 1

    assert handlers_for("tests.Baked") == ()


def test_a_handler_name_belongs_to_one_handler() -> None:
    with no_reactions(), reacting(Baked, react, name="tests.react"), pytest.raises(ValueError, match="is taken"):
        on(Baked, react_otherwise, name="tests.react")
