"""A chart of what was wanted and what will be, as the figures of an SVG: drawn by the server, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 10, 26
PAST_DAYS, COMING_DAYS = 84, 56


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its words."""

    at: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Everything the template draws, in the units of the view box."""

    history: str
    mean: str
    band: str
    planned: str
    today: float
    ups: tuple[Tick, ...]
    days: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def drawn(
    history: Sequence[float],
    *,
    means: Sequence[float],
    lows: Sequence[float],
    highs: Sequence[float],
    planned: Sequence[float],
    first_on: date,
) -> Chart:
    """Twelve weeks back and eight ahead of ``first_on``; the history's last day is the one before."""
    past = list(history)[-PAST_DAYS:]
    ahead = min(COMING_DAYS, len(means))
    highest = _round_up(max([*past, *highs[:ahead], 1.0]))
    span = PAST_DAYS + max(ahead, 1)

    def x(day: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day + PAST_DAYS) / span, 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / highest, 1)

    def line(values: Sequence[float], start: int) -> str:
        return " ".join(f"{x(start + n + 0.5)},{y(value)}" for n, value in enumerate(values))

    edges = [*enumerate(highs[:ahead]), *reversed(list(enumerate(lows[:ahead])))]
    steps = 4
    mondays = [n for n in range(-PAST_DAYS, ahead) if (first_on + timedelta(days=n)).weekday() == 0]
    return Chart(
        history=line(past, -len(past)),
        mean=line(means[:ahead], 0),
        band=" ".join(f"{x(n + 0.5)},{y(value)}" for n, value in edges),
        planned=line(planned[:ahead], 0) if any(planned[:ahead]) else "",
        today=x(0),
        ups=tuple(Tick(y(highest * n / steps), f"{highest * n / steps:g}") for n in range(steps + 1)),
        days=tuple(Tick(x(n), f"{first_on + timedelta(days=n):%-m/%-d}") for n in mondays[::2]),
    )


def _round_up(value: float) -> float:
    """The next number people like to read on an axis."""
    size = 1
    while size * 10 < value:
        size *= 10
    return float(next(size * step for step in (1, 2, 4, 6, 8, 10, 20) if size * step >= value))
