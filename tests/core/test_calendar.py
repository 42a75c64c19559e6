"""Business days: weekly closed days, national holidays, single days, and counting over them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import queries
from core.models import CalendarDay, DayKind
from core.queries import NoBusinessDay, WorkingDays
from tests.factories.core import a_calendar, a_company

DAYS = st.dates(date(2000, 1, 1), date(2050, 12, 31))
CALENDARS = st.builds(
    WorkingDays,
    closed_weekdays=st.frozensets(st.integers(0, 6), max_size=6),
    closed_on_holidays=st.booleans(),
    closed=st.frozensets(DAYS, max_size=20),
    opened=st.frozensets(DAYS, max_size=20),
)


@pytest.mark.parametrize(
    ("on", "open_"),
    [
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2026, 11, 23), False),
        (date(2026, 5, 6), False),
        (date(2026, 9, 22), False),
        (date(2026, 12, 29), True),
    ],
)
def test_weekends_and_national_holidays_are_closed(on, open_):
    assert WorkingDays().includes(on) is open_


def test_a_substitute_and_a_bridge_holiday_have_their_names():
    holidays = queries.national_holidays(2026)

    assert "振替休日" in holidays[date(2026, 5, 6)]
    assert holidays[date(2026, 9, 22)] == "国民の休日"


@given(calendar=CALENDARS, on=DAYS, days=st.integers(-30, 30))
def test_counting_lands_on_an_open_day_with_that_many_between(calendar, on, days):
    try:
        found = calendar.add(on, days=days)
    except NoBusinessDay:
        return

    assert calendar.includes(found)
    step = 1 if days >= 0 else -1
    passed = sum(calendar.includes(on + timedelta(days=step * i)) for i in range(1, abs((found - on).days) + 1))
    assert passed == (abs(days) or (found != on))


@given(calendar=CALENDARS, on=DAYS, days=st.integers(0, 20))
def test_counting_forth_and_back_returns(calendar, on, days):
    try:
        start = calendar.add(on, days=0)
        assert calendar.add(calendar.add(start, days=days), days=-days) == start
    except NoBusinessDay:
        return


def test_a_calendar_that_never_opens_is_refused():
    with pytest.raises(NoBusinessDay) as refused:
        WorkingDays(closed_weekdays=frozenset(range(7))).add(date(2026, 1, 1), days=1)

    assert refused.value.code == "calendar.no_business_day"


@pytest.mark.parametrize(("on", "days"), [(date(9999, 12, 30), 2), (date(9999, 12, 31), 1), (date(1, 1, 1), -1)])
def test_the_end_of_the_calendar_is_refused_in_words(on, days):
    with pytest.raises(NoBusinessDay):
        WorkingDays().add(on, days=days)


@pytest.mark.django_db
def test_single_days_beat_the_weekly_rule(django_assert_num_queries):
    calendar = a_calendar(closed_saturday=False)
    for on, kind in [(date(2026, 12, 30), DayKind.CLOSED), (date(2026, 12, 31), DayKind.CLOSED), (date(2026, 11, 23), DayKind.OPEN)]:
        CalendarDay.objects.create(calendar=calendar, on=on, kind=kind)

    with django_assert_num_queries(1):
        assert queries.next_business_day(date(2026, 12, 29), calendar_id=calendar.id) == date(2027, 1, 2)

    assert queries.is_business_day(date(2026, 11, 23), calendar_id=calendar.id)
    assert queries.previous_business_day(date(2026, 11, 23), calendar_id=calendar.id) == date(2026, 11, 21)
    assert queries.business_day_from(date(2026, 11, 22), calendar_id=calendar.id) == date(2026, 11, 23)
    assert queries.add_business_days(date(2026, 11, 21), days=2, calendar_id=calendar.id) == date(2026, 11, 24)


@pytest.mark.django_db
def test_a_companys_calendar_beats_the_groups_of_the_same_code():
    company = a_company()
    group = a_calendar(code="warehouse")
    own = a_calendar(company, code="warehouse")

    assert queries.calendar_coded("warehouse", company_id=company.id) == own.id
    assert queries.calendar_coded("warehouse") == group.id
    with pytest.raises(queries.UnknownCalendar):
        queries.calendar_coded("nothing")


@pytest.mark.django_db
def test_an_unknown_calendar_is_not_found():
    with pytest.raises(queries.UnknownCalendar):
        queries.is_business_day(date(2026, 1, 5), calendar_id=0)
