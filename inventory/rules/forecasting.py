"""How demand is forecast and how wrong that was: plain methods, the choice among them, and their error beside the naive one's.

Pure arithmetic over daily counts. The last eight weeks choose the method. The error that is shown is what this way of choosing
would have been off in the last four weeks, had it only known the four before them: it has not seen the days it is measured on.
In prose: docs/algorithms/forecast.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from core.words import gettext_noop

WEEK = 7
HELD_BACK = 28
AVERAGED_WEEKS = 8
MILLI = 1000
"""Forecasts are kept in thousandths of a piece."""
COVERED = 0.9
"""So much of the past lay within the interval that is drawn."""

Days = Sequence[float]
Methods = Mapping[str, Days]


class Method(StrEnum):
    """By what a series is forecast."""

    SEASONAL_NAIVE = "seasonal_naive"
    WEEKDAY_AVERAGE = "weekday_average"
    MOVING_AVERAGE = "moving_average"
    EXPONENTIAL_SMOOTHING = "exponential_smoothing"
    SEASONAL_SMOOTHING = "seasonal_smoothing"
    THETA = "theta"
    CROSTON = "croston"
    TSB = "tsb"
    COMBINED = "combined"

    @classmethod
    def labels(cls) -> dict[str, str]:
        """What a reader sees for each value."""
        return {
            cls.SEASONAL_NAIVE: gettext_noop("As last week"),
            cls.WEEKDAY_AVERAGE: gettext_noop("Average of the weekday"),
            cls.MOVING_AVERAGE: gettext_noop("Average of four weeks"),
            cls.EXPONENTIAL_SMOOTHING: gettext_noop("Exponential smoothing (ETS)"),
            cls.SEASONAL_SMOOTHING: gettext_noop("Smoothing of the weekday"),
            cls.THETA: gettext_noop("Theta with weekdays"),
            cls.CROSTON: gettext_noop("Croston (now and then)"),
            cls.TSB: gettext_noop("TSB (now and then, fading)"),
            cls.COMBINED: gettext_noop("Mean of all methods"),
        }


def seasonal_naive(history: Days, *, days: int) -> list[float]:
    """Every day is as the same weekday was last: the yardstick of every other method."""
    if len(history) < WEEK:
        return [fmean(history) if history else 0.0] * days
    return [float(history[len(history) - WEEK + n % WEEK]) for n in range(days)]


def weekday_average(history: Days, *, days: int) -> list[float]:
    """Every day is as the same weekday was on average over eight weeks.

    >>> weekday_average([1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0], days=2)
    [2.0, 0.0]
    """
    if len(history) < WEEK:
        return seasonal_naive(history, days=days)
    kept = history[-WEEK * min(AVERAGED_WEEKS, len(history) // WEEK) :]
    week = [fmean(kept[n::WEEK]) for n in range(WEEK)]
    return [week[n % WEEK] for n in range(days)]


def moving_average(history: Days, *, days: int) -> list[float]:
    """Every day is the average of the last four weeks."""
    kept = history[-HELD_BACK:]
    return [fmean(kept) if kept else 0.0] * days


def plain_methods(history: Days, *, days: int) -> dict[str, list[float]]:
    """What needs no library."""
    return {
        Method.SEASONAL_NAIVE: seasonal_naive(history, days=days),
        Method.WEEKDAY_AVERAGE: weekday_average(history, days=days),
        Method.MOVING_AVERAGE: moving_average(history, days=days),
    }


def with_combined(methods: Methods) -> dict[str, Days]:
    """And the mean of all but the naive one, which is seldom the best and never far off."""
    others = [days for name, days in methods.items() if name != Method.SEASONAL_NAIVE]
    return {**methods, Method.COMBINED: [max(0.0, fmean(day)) for day in zip(*others, strict=True)]}


def error_of(actual: Days, predicted: Days) -> float:
    """The sum of what each day was off (absolute)."""
    return sum(abs(a - p) for a, p in zip(actual, predicted, strict=True))


def wape_bp(actual: Days, predicted: Days) -> int | None:
    """The weighted absolute error in basis points of what was wanted; None where nothing was.

    >>> wape_bp([10, 0, 10], [8, 1, 11])
    2000
    """
    wanted = sum(actual)
    return round(10_000 * error_of(actual, predicted) / wanted) if wanted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicted:
    """The forecast of a series, with how wrong its method and the naive one were on the days held back."""

    method: Method
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    error_bp: int | None
    naive_error_bp: int | None
    deviation: float
    """By how much a day was off, as a root of mean squares."""


def folds(history: Sequence[int]) -> tuple[Sequence[int], ...]:
    """What is shown to the methods: short of eight weeks, short of four, and all; the first two only where enough is left."""
    return (
        history[: -2 * HELD_BACK] if len(history) >= 3 * HELD_BACK else (),
        history[:-HELD_BACK] if len(history) >= HELD_BACK + WEEK else (),
        history,
    )


def best(history: Sequence[int], *, choosing: Methods, measured: Methods, final: Methods) -> Predicted:
    """The forecast by the method that was least wrong in the last eight weeks; by the weekday's average where there are too few.

    ``choosing`` and ``measured`` are what the methods said to the first two ``folds``, for ``HELD_BACK`` days each.
    """
    held_back, before = history[-HELD_BACK:], history[-2 * HELD_BACK : -HELD_BACK]
    tried = _least_wrong(((before, choosing),), final)
    name = _least_wrong(((before, choosing), (held_back, measured)), final)
    mean = [max(0.0, value) for value in final[name]]
    off = [a - p for actual, said in ((before, choosing), (held_back, measured)) if said for a, p in zip(actual, said[name], strict=True)]
    off = off or [a - fmean(history) for a in history] or [0.0]
    below, above = _within(off)
    return Predicted(
        method=Method(name),
        mean=tuple(mean),
        low=tuple(max(0.0, value - below) for value in mean),
        high=tuple(value + above for value in mean),
        error_bp=wape_bp(held_back, measured[tried]) if measured else None,
        naive_error_bp=wape_bp(held_back, measured[Method.SEASONAL_NAIVE]) if measured else None,
        deviation=fmean(value * value for value in off) ** 0.5,
    )


def _least_wrong(weeks: Sequence[tuple[Sequence[int], Methods]], known: Methods) -> str:
    """The method that was least off over what was wanted and said in each of these weeks."""
    shown = [(actual, said) for actual, said in weeks if said]
    names = [name for name in known if shown and all(name in said for _actual, said in shown)]
    # Of equals the first named wins; the naive method is named first.
    return min(names, key=lambda name: sum(_badness(actual, said[name]) for actual, said in shown), default=Method.WEEKDAY_AVERAGE)


def _badness(actual: Sequence[int], predicted: Days) -> float:
    """Days and their sum count alike: who is right on quiet days by always saying nothing orders nothing."""
    return error_of(actual, predicted) + abs(sum(actual) - sum(predicted))


def _within(off: Sequence[float]) -> tuple[float, float]:
    """How far below and above the forecast the days of the past lay, but for the strangest of them."""
    ordered = sorted(off)
    edge = int(len(ordered) * (1 - COVERED) / 2)
    return max(0.0, -ordered[edge]), max(0.0, ordered[-1 - edge])
