"""What expires per month, as bars drawn by the server, and its sums."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inventory.queries import ExpiryDay

WIDTH, HEIGHT, FLOOR = 700, 170, 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A bar: what expires in a month (or has expired), in pieces and value."""

    first_on: date | None
    pieces: int
    sellable: int
    value: int
    x: float
    y: float
    width: float
    height: float
    middle: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChart:
    """Everything the template draws."""

    months: tuple[Month, ...]
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = FLOOR


def months_of(days: Sequence[ExpiryDay], *, today: date, months: int) -> MonthChart:
    """What has expired, then a bar for each month from this one on."""
    firsts: list[date | None] = [None, *(_month(today, n) for n in range(months))]
    sums = {first: [0, 0, 0] for first in firsts}
    for day in days:
        of = sums.get(None if day.on < today else day.on.replace(day=1))
        if of is not None:
            of[0], of[1], of[2] = of[0] + day.pieces, of[1] + day.sellable, of[2] + day.value
    most = max([1, *(of[0] for of in sums.values())])
    step = WIDTH / len(firsts)
    drawn = []
    for n, first in enumerate(firsts):
        pieces, sellable, value = sums[first]
        height = (FLOOR - 20) * pieces / most
        drawn.append(
            Month(
                first_on=first, pieces=pieces, sellable=sellable, value=value, x=n * step + 8, y=FLOOR - height, width=step - 16,
                height=height, middle=(n + 0.5) * step,
            )
        )  # fmt: skip
    return MonthChart(months=tuple(drawn))


def sums_of(days: Sequence[ExpiryDay], *, today: date, within: Sequence[int]) -> list[tuple[str, int, int]]:
    """Name, pieces and value of what has expired, and of what does within so many days from today."""
    past = [day for day in days if day.on < today]
    found = [("expired", sum(day.pieces for day in past), sum(day.value for day in past))]
    for most in within:
        soon = [day for day in days if today <= day.on <= today + timedelta(days=most)]
        found.append((str(most), sum(day.pieces for day in soon), sum(day.value for day in soon)))
    return found


def _month(today: date, further: int) -> date:
    months = today.year * 12 + today.month - 1 + further
    return date(months // 12, months % 12 + 1, 1)
