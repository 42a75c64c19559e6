"""The worked tables of docs/algorithms/pricing.md, and what must hold for every price."""

import itertools
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.rules.history import Period, charged_periods, honest_price_before, plan_price
from catalog.rules.prices import PriceQuestion, applies, precedence, quantity_steps, unit_price

PAGE = Path(__file__).parents[2].joinpath("docs/algorithms/pricing.md").read_text(encoding="utf-8")
DAY_ZERO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Row:
    price_id: int = 1
    list_code: str = "standard"
    priority: int = 0
    is_list_price: bool = False
    channel_id: int | None = None
    rank_code: str = ""
    purchase_type: str | None = None
    cycle_from: int | None = None
    cycle_until: int | None = None
    min_quantity: int = 1
    amount: int = 1_000
    currency: str = "JPY"
    tax_basis: str = "included"
    from_at: datetime | None = None
    until_at: datetime | None = None


def table(name: str) -> list[dict[str, str]]:
    body = PAGE.split(f"<!-- table: {name} -->\n")[1].split("\n\n")[0].splitlines()
    head, _rule, *lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in body]
    return [dict(zip(head, line, strict=True)) for line in lines]


def _moment(day: str) -> datetime | None:
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None


def _row(number: int, cells: dict[str, str]) -> Row:
    cycles = cells["cycles"].split("-") if cells["cycles"] else [None, None]
    return Row(
        price_id=number,
        list_code=cells["list"],
        priority=int(cells["priority"]),
        is_list_price=cells["list price"] == "yes",
        channel_id=int(cells["channel"]) if cells["channel"] else None,
        rank_code=cells["rank"],
        purchase_type=cells["type"] or None,
        cycle_from=int(cycles[0]) if cycles[0] else None,
        cycle_until=int(cycles[1]) if cycles[1] else None,
        min_quantity=int(cells["from quantity"]),
        amount=int(cells["amount"]),
        from_at=_moment(cells["from"]),
        until_at=_moment(cells["until"]),
    )


ROWS = {cells["row"]: _row(number, cells) for number, cells in enumerate(table("rows"), start=1)}


@pytest.mark.parametrize("cells", table("answers"), ids=lambda cells: cells["why"])
def test_the_worked_table_of_prices(cells):
    question = PriceQuestion(
        channel_id=int(cells["channel"]),
        rank_code=cells["rank"],
        purchase_type=cells["type"],
        cycle=int(cells["cycle"]) if cells["cycle"] else None,
        quantity=int(cells["quantity"]),
        at=_moment(cells["on"]),
    )

    answer = unit_price([ROWS[name] for name in cells["rows"].split()], question)

    said = ("", "", "") if answer is None else (str(answer.amount), answer.reason, str(answer.list_price or ""))
    assert said == (cells["amount"], cells["reason"], cells["list price"])


def _periods(text: str) -> list[Period]:
    found = re.findall(r"(\d+) \[(\d+), (\d*)\)", text)
    return [Period(int(a), _day(f), _day(u), number) for number, (a, f, u) in enumerate(found, start=1)]


def _day(text: str) -> datetime | None:
    return DAY_ZERO + timedelta(days=int(text)) if text else None


def _after(existing: list[Period], plan) -> list[Period]:
    ends = dict(plan.ends)
    kept = [replace(p, until_at=ends.get(p.price_id, p.until_at)) for p in existing]
    left = [p for p in [*kept, *plan.begins] if p.from_at != p.until_at]
    return [replace(p, price_id=0) for p in sorted(left, key=lambda p: p.from_at)]


@pytest.mark.parametrize("cells", table("changes"), ids=lambda cells: f"{cells['held before']} → {cells['set']} {cells['until']}")
def test_the_worked_table_of_changes(cells):
    held = _periods(cells["held before"])

    plan = plan_price(held, amount=int(cells["set"]), from_at=_day(cells["from"]), until_at=_day(cells["until"]))

    assert _after(held, plan) == [replace(p, price_id=0) for p in _periods(cells["holds after"])]


@pytest.mark.parametrize("cells", table("before"), ids=lambda cells: cells["why"])
def test_the_worked_table_of_prices_before(cells):
    said = honest_price_before(
        _periods(cells["history (amount [from day, until day))"]), now_charged=int(cells["charged now"]), at=_day(cells["on day"])
    )

    assert str(said or "") == cells["may show"]


moments = st.none() | st.integers(0, 20).map(lambda d: DAY_ZERO + timedelta(days=d))
price_rows = st.builds(
    Row,
    price_id=st.integers(1, 10**6),
    priority=st.integers(-2, 2),
    is_list_price=st.booleans(),
    channel_id=st.sampled_from([None, 1, 2]),
    rank_code=st.sampled_from(["", "gold"]),
    purchase_type=st.sampled_from([None, "normal", "subscription", "free"]),
    cycle_from=st.sampled_from([None, 1, 2]),
    cycle_until=st.sampled_from([None, 2, 5]),
    min_quantity=st.integers(1, 4),
    amount=st.integers(0, 10**7),
    from_at=moments,
    until_at=moments,
)
questions = st.builds(
    PriceQuestion,
    channel_id=st.sampled_from([1, 2]),
    rank_code=st.sampled_from(["", "gold"]),
    purchase_type=st.sampled_from(["normal", "subscription", "spot"]),
    cycle=st.sampled_from([None, 1, 2, 7]),
    quantity=st.integers(1, 5),
    at=st.integers(0, 20).map(lambda d: DAY_ZERO + timedelta(days=d)),
)


@given(candidates=st.lists(price_rows, max_size=6, unique_by=lambda row: row.price_id), question=questions, data=st.data())
def test_the_answer_does_not_depend_on_the_order_of_the_rows(candidates, question, data):
    assert unit_price(candidates, question) == unit_price(data.draw(st.permutations(candidates)), question)


@given(candidates=st.lists(price_rows, max_size=6, unique_by=lambda row: row.price_id), question=questions)
def test_the_winner_applies_and_nothing_that_applies_precedes_it(candidates, question):
    fitting = [row for row in candidates if applies(row, question)]

    answer = unit_price(candidates, question)

    assert (answer is None) == (not fitting)
    if answer is not None:
        assert answer.amount == max(fitting, key=precedence).amount


@given(candidates=st.lists(price_rows, max_size=6, unique_by=lambda row: row.price_id), question=questions)
def test_a_table_of_steps_says_what_each_quantity_costs(candidates, question):
    steps = quantity_steps(candidates, question)

    for quantity in range(1, 6):
        answer = unit_price(candidates, replace(question, quantity=quantity))
        reached = [amount for begins, amount in steps if begins <= quantity]
        assert (answer.amount if answer else None) == (reached[-1] if reached else None)


@given(
    changes=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5), st.none() | st.integers(1, 10)), min_size=1, max_size=8),
)
def test_after_any_changes_there_is_never_more_than_one_price_and_the_last_word_holds(changes):
    held: list[Period] = []
    for day, amount, days in changes:
        from_at, until_at = _day(str(day)), _day(str(day + days)) if days else None

        held = _after(held, plan_price(held, amount=amount, from_at=from_at, until_at=until_at))
        held = [replace(p, price_id=number) for number, p in enumerate(held, start=1)]

        assert all(a.until_at is not None and a.until_at <= b.from_at for a, b in itertools.pairwise(held))
        assert [p.amount for p in held if p.from_at <= from_at and (p.until_at is None or from_at < p.until_at)] == [amount]


def test_what_was_charged_is_joined_across_lists():
    sale_from, sale_until = _day("10"), _day("20")
    candidates = [Row(from_at=_day("0")), Row(price_id=2, list_code="sale", priority=5, amount=800, from_at=sale_from, until_at=sale_until)]

    periods = charged_periods(candidates, PriceQuestion(channel_id=1, at=_day("30")))

    assert [(p.amount, p.from_at, p.until_at) for p in periods] == [
        (1_000, _day("0"), sale_from),
        (800, sale_from, sale_until),
        (1_000, sale_until, None),
    ]
