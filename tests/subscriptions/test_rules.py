"""Dates, slots and what may be done: pure, most of it by property."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.rules import (
    Ahead,
    ContractStatus,
    CycleStatus,
    Facts,
    Interval,
    Rhythm,
    UnreadableInterval,
    interval_words,
    next_slot,
    no_cancel,
    no_skip,
    read_interval,
    retry_on,
    skips_in_a_row,
    slots,
    too_late_to_stop,
)

ANCHORS = st.dates(date(2020, 1, 1), date(2034, 12, 31))
CODES = st.sampled_from(
    ["1d", "7d", "30d", "1w", "2w", "6w", "1m", "2m", "3m", "12m", "1m:25", "1m:end", "2m:31", "1m:2tue", "1m:-1fri", "3m:4sun"]
)


@pytest.mark.parametrize(
    ("_case", "code", "anchor", "dates"),
    [
        ("31st", "1m", "2026-01-31", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("29th over a leap year", "12m", "2024-02-29", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("last day", "1m:end", "2026-01-15", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
        ("second Tuesday", "1m:2tue", "2026-11-20", ["2026-12-08", "2027-01-12", "2027-02-09", "2027-03-09"]),
        ("last Friday", "1m:-1fri", "2026-11-20", ["2026-12-25", "2027-01-29", "2027-02-26", "2027-03-26"]),
        ("every two weeks", "2w", "2026-12-24", ["2027-01-07", "2027-01-21", "2027-02-04", "2027-02-18"]),
        ("the 25th", "1m:25", "2026-11-03", ["2026-12-25", "2027-01-25", "2027-02-25", "2027-03-25"]),
    ],
)
def test_dates_follow_the_anchor(_case: str, code: str, anchor: str, dates: list[str]) -> None:
    interval = read_interval(code)

    assert [interval.date_of(date.fromisoformat(anchor), k).isoformat() for k in range(1, 5)] == dates


@given(code=CODES, anchor=ANCHORS, k=st.integers(1, 130))
def test_later_deliveries_come_later_and_never_drift(code: str, anchor: date, k: int) -> None:
    interval = read_interval(code)

    on, following = interval.date_of(anchor, k), interval.date_of(anchor, k + 1)

    assert anchor < following or k == 1
    assert on < following
    if interval.unit == "m":
        months = (following.year - on.year) * 12 + following.month - on.month
        assert months == interval.every
        if interval.day is None and interval.weekday is None:
            assert on.day == anchor.day or (on + timedelta(days=1)).day == 1
    else:
        assert (following - on).days == interval.every * (7 if interval.unit == "w" else 1)


@given(code=CODES)
def test_an_interval_is_written_as_it_was_read(code: str) -> None:
    assert read_interval(code).code == code
    assert interval_words(code, translate=lambda text: text)


@pytest.mark.parametrize("code", ["", "0d", "m", "1y", "1d:3", "1m:0", "1m:32", "1m:5mon", "1m:2xyz", "-1m", "1m:"])
def test_an_unreadable_interval_is_refused(code: str) -> None:
    with pytest.raises(UnreadableInterval):
        read_interval(code)


@given(anchor=ANCHORS, lead=st.integers(0, 20), closed=st.sets(st.integers(0, 6), max_size=6))
def test_an_order_is_made_early_enough_and_on_an_open_day(anchor: date, lead: int, closed: set[int]) -> None:
    ahead = Ahead(lead_days=lead, is_open=lambda day: day.weekday() not in closed)

    on = ahead.order_on(anchor)

    assert on <= anchor - timedelta(days=lead)
    assert on.weekday() not in closed
    assert (anchor - timedelta(days=lead) - on).days <= 6


@given(today=ANCHORS, lead=st.integers(0, 20), closed=st.sets(st.integers(0, 6), max_size=6))
def test_the_earliest_delivery_is_not_ordered_before_today(today: date, lead: int, closed: set[int]) -> None:
    ahead = Ahead(lead_days=lead, is_open=lambda day: day.weekday() not in closed)

    earliest = ahead.earliest_from(today)

    assert ahead.order_on(earliest) >= today
    assert earliest == today + timedelta(days=lead) or ahead.order_on(earliest - timedelta(days=1)) < today


@given(
    code=CODES,
    anchor=ANCHORS,
    skipped=st.sets(st.integers(2, 12)),
    last=st.none() | st.integers(2, 14),
    most=st.none() | st.integers(1, 14),
)
def test_slots_count_deliveries_without_the_skipped_ones(
    code: str, anchor: date, skipped: set[int], last: int | None, most: int | None
) -> None:
    rhythm = Rhythm(interval=read_interval(code), anchor_on=anchor, anchor_number=1)
    ahead = Ahead(lead_days=3)

    found = slots(
        rhythm, number=2, delivery=2, skipped=skipped, ahead=ahead, until=anchor + timedelta(days=800), last_number=last, maximum=most
    )

    made = [s.delivery for s in found if not s.skipped]
    assert made == list(range(2, 2 + len(made)))
    assert [s.planned_on for s in found] == sorted({s.planned_on for s in found})
    assert all(s.number <= last for s in found) if last else True
    assert all(d <= most for d in made) if most else True


@given(code=CODES, anchor=ANCHORS, late=st.integers(0, 500), skipped=st.sets(st.integers(2, 6)))
def test_days_gone_by_are_not_caught_up_with(code: str, anchor: date, late: int, skipped: set[int]) -> None:
    rhythm = Rhythm(interval=read_interval(code), anchor_on=anchor, anchor_number=1)
    today = anchor + timedelta(days=late)

    slot, moved = next_slot(rhythm, after=1, delivery=2, skipped=skipped, ahead=Ahead(lead_days=3), today=today)

    assert slot.number not in skipped
    assert slot.planned_on > today
    assert moved.date_of(slot.number) == slot.planned_on
    assert moved.anchor_on in (anchor, slot.planned_on)


def _facts(**given: object) -> Facts:
    usual: dict[str, object] = {
        "number": "T1", "status": ContractStatus.ACTIVE, "today": date(2026, 6, 1), "minimum_cycles": 0, "change_deadline_days": 5,
        "skip_allowed": True, "skip_limit": 0, "pause_allowed": True, "deliveries": 1, "open_number": 2, "open_on": date(2026, 6, 11),
        "open_status": CycleStatus.PLANNED,
    }  # fmt: skip
    return Facts(**{**usual, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("_case", "today", "allowed"),
    [("days before", "2026-06-01", True), ("the last day", "2026-06-06", True), ("too late", "2026-06-07", False)],
)
def test_a_delivery_is_skipped_until_its_last_day(_case: str, today: str, allowed: bool) -> None:
    refused = no_skip(_facts(today=date.fromisoformat(today)), 2, date(2026, 6, 11))

    assert (refused is None) is allowed
    assert refused is None or (refused.code, refused.params["until"]) == ("subscription.too_late", "2026-06-06")


@given(number=st.integers(2, 10), skipped=st.sets(st.integers(2, 10)))
def test_skips_in_a_row_are_the_run_around_a_slot(number: int, skipped: set[int]) -> None:
    run = skips_in_a_row(number, skipped=skipped)

    everything = skipped | {number}
    assert run == len([n for n in everything if all(m in everything for m in range(min(n, number), max(n, number) + 1))])


def test_a_course_with_a_minimum_is_not_left_before_it() -> None:
    assert no_cancel(_facts(minimum_cycles=3, deliveries=2)).code == "subscription.minimum_not_reached"  # type: ignore[union-attr]
    assert no_cancel(_facts(minimum_cycles=3, deliveries=3)) is None
    assert no_cancel(_facts(minimum_cycles=3, deliveries=1, exception=True)) is None


def test_a_late_cancellation_lets_the_coming_delivery_come() -> None:
    assert too_late_to_stop(_facts(today=date(2026, 6, 7))) is True
    assert too_late_to_stop(_facts(today=date(2026, 6, 6))) is False
    assert too_late_to_stop(_facts(today=date(2026, 6, 7), open_status=CycleStatus.FAILED)) is False


def test_failures_are_tried_again_by_the_rule_and_then_given_up() -> None:
    today = date(2026, 6, 1)

    assert [retry_on(today, tries=n, rule=(1, 3, 7)) for n in range(1, 5)] == [date(2026, 6, 2), date(2026, 6, 4), date(2026, 6, 8), None]
    assert retry_on(today, tries=1, rule=()) is None


def test_a_year_has_about_so_many_deliveries() -> None:
    assert [read_interval(code).per_year() for code in ("1m", "2m", "2w", "30d")] == [12, 6, 26, 12]
    assert Interval(every=1, unit="m", nth=2, weekday=1).code == "1m:2tue"
