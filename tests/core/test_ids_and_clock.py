"""Public ids are spelled one way; the clock of the house can be stopped and shifted."""

import time
from datetime import UTC, date, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock, ids
from core.errors import NotFound

SEVEN = UUID(int=7)


@given(st.uuids())
def test_a_public_id_reads_back(value: UUID) -> None:
    assert ids.parse("ord", ids.public("ord", value)) == value


@pytest.mark.parametrize(
    ("_case", "text"),
    [
        ("other kind", f"cus_{SEVEN.hex}"),
        ("67 upper case", f"ord_{UUID(int=10).hex.upper()}"),
        ("67 braces", f"ord_{{{SEVEN}}}"),
        ("dashes", f"ord_{SEVEN}"),
        ("67 short", f"ord_{SEVEN.hex[1:]}"),
        ("long", f"ord_{SEVEN.hex}0"),
        ("line end", f"ord_{SEVEN.hex}\n"),
        ("67 injection", "ord_1 OR 1=1"),
        ("67 number", "1"),
        ("67 full-width", "ord_" + "１" * 32),
        ("empty", ""),
        ("no text", None),
        ("row number", 7),
    ],
)
def test_any_other_spelling_is_not_found(_case: str, text: object) -> None:
    with pytest.raises(NotFound):
        ids.parse("ord", text)


def test_new_ids_differ() -> None:
    assert len({ids.new_id() for _ in range(100)}) == 100


def test_new_ids_follow_each_other_in_time() -> None:
    earlier = ids.new_id()
    time.sleep(0.002)
    later = ids.new_id()

    assert earlier < later
    assert (later.version, later.variant) == (7, RFC_4122)
    assert (later.int >> 80) - time.time_ns() // 1_000_000 in range(-1_000, 1)


def test_the_clock_can_be_stopped_and_moved() -> None:
    noon = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)

    with clock.travel(noon) as traveller:
        assert clock.now() == clock.now() == noon
        traveller.move(timedelta(days=1))
        assert clock.now() == noon + timedelta(days=1)
        with clock.travel(noon - timedelta(days=9)):
            assert clock.now() == noon - timedelta(days=9)
        assert clock.now() == noon + timedelta(days=1)

    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_clock_of_a_process_can_run_ahead() -> None:
    try:
        clock.shift(timedelta(days=365))
        assert clock.now() - datetime.now(UTC) > timedelta(days=364)
    finally:
        clock.shift(timedelta(0))


@pytest.mark.parametrize(
    ("_case", "at", "tz", "expected"),
    [
        ("46 new year in Japan", datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "Asia/Tokyo", date(2027, 1, 1)),
        ("a moment before", datetime(2026, 12, 31, 14, 59, 59, 999999, tzinfo=UTC), "Asia/Tokyo", date(2026, 12, 31)),
        ("New York", datetime(2027, 1, 1, 4, 59, tzinfo=UTC), "America/New_York", date(2026, 12, 31)),
    ],
)
def test_the_business_day_is_the_companys(_case: str, at: datetime, tz: str, expected: date) -> None:
    assert clock.business_date(at, tz) == expected


def test_a_naive_moment_has_no_business_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.business_date(datetime(2026, 1, 1), "Asia/Tokyo")  # noqa: DTZ001
