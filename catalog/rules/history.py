"""How a price changes, and what may honestly be shown as the price before. Worked tables: docs/algorithms/pricing.md."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from catalog.rules.prices import SINCE_EVER, PriceQuestion, PriceRow, unit_price

WINDOW: Final = timedelta(weeks=8)
LEAST_ON_SALE: Final = timedelta(weeks=2)
LAST_SEEN: Final = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class Period:
    """A price that holds (or held) from a moment until another, exclusive; None is open."""

    amount: int
    from_at: datetime | None
    until_at: datetime | None
    price_id: int = 0


@dataclass(frozen=True, slots=True)
class PricePlan:
    """What a change does to the rows of one (list, variant, quantity): which end when, which begin."""

    ends: tuple[tuple[int, datetime], ...] = ()
    begins: tuple[Period, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        return not self.ends and not self.begins


def plan_price(existing: Iterable[Period], *, amount: int, from_at: datetime, until_at: datetime | None = None) -> PricePlan:
    """The rows to end and to begin, so that the amount holds in the period and everything else stays as it was.

    With an end, the price before comes back after it. Without one, the amount holds until the next planned change.
    Rows are only ever shortened: one that the new price covers whole ends when it begins. Where the amount already
    holds for the whole period nothing changes.
    """
    rows = sorted((p for p in existing if not _empty(p)), key=lambda p: p.from_at or SINCE_EVER)
    if until_at is None:
        until_at = next((p.from_at for p in rows if p.from_at is not None and p.from_at > from_at), None)
    if any(p.amount == amount and _holds(p, from_at) and _ends_after(p.until_at, until_at) for p in rows):
        return PricePlan()
    ends: list[tuple[int, datetime]] = []
    resumes: list[Period] = []
    for row in rows:
        if (row.until_at is not None and row.until_at <= from_at) or (until_at is not None and (row.from_at or SINCE_EVER) >= until_at):
            continue
        begun = row.from_at or SINCE_EVER
        ends.append((row.price_id, max(from_at, begun)))
        if until_at is not None and (row.until_at is None or row.until_at > until_at):
            resumes.append(Period(row.amount, until_at, row.until_at))
    return PricePlan(tuple(ends), (Period(amount, from_at, until_at), *resumes))


def _empty(period: Period) -> bool:
    return period.from_at is not None and period.from_at == period.until_at


def _holds(period: Period, at: datetime) -> bool:
    return (period.from_at or SINCE_EVER) <= at and (period.until_at is None or at < period.until_at)


def _ends_after(mine: datetime | None, other: datetime | None) -> bool:
    return mine is None or (other is not None and mine >= other)


def honest_price_before(history: Sequence[Period], *, now_charged: int, at: datetime) -> int | None:
    """The highest earlier price that may be shown beside a lower one, or None.

    The consumer affairs agency's guideline on comparative prices (景品表示法, 二重価格表示): the price was charged for more
    than half of the last eight weeks (of the time on sale, where that is shorter), for two weeks or more in all, and was
    last charged no more than two weeks ago. The eight weeks end when the present price began.
    """
    present = [p for p in history if _holds(p, at) and p.amount == now_charged]
    since = max((p.from_at for p in present if p.from_at is not None), default=at)
    if at - since > LAST_SEEN:
        return None
    first = min((p.from_at or SINCE_EVER for p in history if not _empty(p)), default=since)
    window_from = max(since - WINDOW, first)
    on_sale = since - window_from
    for amount in sorted({p.amount for p in history if p.amount > now_charged}, reverse=True):
        spans = [_overlap(p, window_from, since) for p in history if p.amount == amount]
        charged = sum(spans, timedelta())
        if (
            charged * 2 > on_sale
            and _charged_in_all(history, amount, since) >= LEAST_ON_SALE
            and _last_charged(history, amount, since) >= at - LAST_SEEN
        ):
            return amount
    return None


def _overlap(period: Period, from_at: datetime, until_at: datetime) -> timedelta:
    begins = max(period.from_at or SINCE_EVER, from_at)
    ends = min(period.until_at or until_at, until_at)
    return max(ends - begins, timedelta())


def _charged_in_all(history: Sequence[Period], amount: int, until_at: datetime) -> timedelta:
    return sum((_overlap(p, SINCE_EVER, until_at) for p in history if p.amount == amount), timedelta())


def _last_charged(history: Sequence[Period], amount: int, until_at: datetime) -> datetime:
    ended = [min(p.until_at or until_at, until_at) for p in history if p.amount == amount and (p.from_at or SINCE_EVER) < until_at]
    return max(ended, default=SINCE_EVER)


def charged_periods(candidates: Sequence[PriceRow], question: PriceQuestion) -> list[Period]:
    """What the question was answered with over time, from the first row's start on; neighbours of one amount are joined.

    Lists come and go over each other, so the price rule is asked again at every moment where any row begins or ends.
    """
    moments = sorted({SINCE_EVER, *(m for row in candidates for m in (row.from_at, row.until_at) if m is not None)})
    periods: list[Period] = []
    for begins, ends in zip(moments, [*moments[1:], None], strict=True):
        answer = unit_price(candidates, replace(question, at=begins))
        if answer is None:
            continue
        last = periods[-1] if periods else None
        if last is not None and last.until_at == begins and last.amount == answer.amount:
            periods[-1] = Period(last.amount, last.from_at, ends)
        else:
            periods.append(Period(answer.amount, begins, ends))
    return periods
