"""Events survive the journey through JSON, and payloads of other versions."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Event


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Placed(Event):
    name = "tests.Placed"
    order_id: int
    public_id: UUID
    at: datetime
    on: date | None
    colour: Colour
    lines: tuple[Line, ...]
    codes: tuple[str, ...] = ()
    gift: bool = False

    @property
    def stream(self) -> str:
        return f"order:{self.order_id}"


@given(
    st.builds(
        Placed,
        order_id=st.integers(-(2**63), 2**63 - 1),
        public_id=st.uuids(),
        at=st.datetimes(timezones=st.just(UTC)),
        on=st.none() | st.dates(),
        colour=st.sampled_from(Colour),
        lines=st.lists(
            st.builds(Line, sku=st.text(st.characters(exclude_categories=["Cs"])), quantity=st.integers(0, 10**9)), max_size=3
        ).map(tuple),
        codes=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=3).map(tuple),
        gift=st.booleans(),
    )
)
def test_an_event_reads_back_as_it_was(event: Placed) -> None:
    payload = orjson.loads(orjson.dumps(event.to_payload()))

    assert Placed.from_payload(payload) == event


def a_payload() -> dict[str, object]:
    event = Placed(1, UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC), None, Colour.RED, (Line("A", 1),))
    return event.to_payload()


def test_fields_of_a_later_version_are_ignored_and_missing_ones_take_their_default() -> None:
    payload = a_payload() | {"added_later": {"x": 1}}
    del payload["codes"], payload["gift"]

    event = Placed.from_payload(payload)

    assert (event.codes, event.gift) == ((), False)


def test_a_payload_without_a_required_field_is_refused() -> None:
    payload = a_payload()
    del payload["order_id"]

    with pytest.raises(ValueError, match="order_id"):
        Placed.from_payload(payload)


@pytest.mark.parametrize(("_case", "value"), [("float", 1.5), ("object", object()), ("naive time", datetime(2026, 1, 1))])  # noqa: DTZ001
def test_an_event_carries_plain_values_only(_case: str, value: object) -> None:
    @dataclass(frozen=True)
    class Odd(Event):
        name = "tests.Odd"
        value: object

    with pytest.raises(TypeError):
        Odd(value).to_payload()
