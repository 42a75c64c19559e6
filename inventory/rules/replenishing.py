"""How much to order: what will go until the next order can be here, what guards against surprise, less what is here or coming."""

from dataclasses import dataclass
from datetime import date
from math import ceil
from statistics import NormalDist

from core.words import gettext_noop
from inventory.rules.purchasing import Terms, order_quantity

SERVICE_LEVEL_BP = 9_500
REVIEW_DAYS = 7
LONGEST_DAYS = 180
"""A forecast is kept for so many days; a longer cover is reckoned on with the last weeks of it."""


def safety_stock(*, service_level_bp: int, days: int, deviation: float, daily: float, lead_deviation: float) -> int:
    """Pieces that guard against surprise: of demand over the days, and of a supplier who comes late.

    z × √(days × σ² + daily² × σL²): the usual formula for independent days and lead times.

    >>> safety_stock(service_level_bp=9500, days=16, deviation=2.0, daily=5.0, lead_deviation=1.0)
    16
    """
    z = NormalDist().inv_cdf(min(max(service_level_bp, 5_000), 9_999) / 10_000)
    return ceil(z * (days * deviation**2 + daily**2 * lead_deviation**2) ** 0.5 - 1e-9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a shelf stands: what is free, what is coming, what waits for goods; and what is expected to go each day, and off by what."""

    free: int
    coming: int
    waiting: int
    means: tuple[float, ...]
    planned: tuple[float, ...]
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """So many to order, with every figure that led to it."""

    quantity: int
    missing: int
    lead_days: int
    review_days: int
    expected: int
    planned: int
    safety: int
    free: int
    coming: int
    waiting: int
    service_level_bp: int
    lead_deviation: float
    runs_out_in: int | None

    def words(self) -> tuple[tuple[str, dict[str, object]], ...]:
        """Why, as sentences with their figures, to be translated."""
        told: dict[str, object] = {
            "days": self.lead_days + self.review_days, "lead": self.lead_days, "review": self.review_days, "expected": self.expected,
            "planned": self.planned, "safety": self.safety, "level": f"{self.service_level_bp / 100:g}", "free": self.free,
            "coming": self.coming, "waiting": self.waiting, "missing": self.missing, "quantity": self.quantity,
            "late": f"{self.lead_deviation:.1f}", "out": self.runs_out_in,
        }  # fmt: skip
        said = [_EXPECTED, *([_PLANNED] if self.planned else []), _LATE if self.lead_deviation else _SAFE]
        said += [_WAITING if self.waiting else _HERE, _ROUNDED if self.quantity != self.missing else _MISSING]
        if self.runs_out_in is not None:
            said.append(_OUT)
        return tuple((sentence, told) for sentence in said)


_EXPECTED = gettext_noop("In %(days)s days (%(lead)s until a delivery, %(review)s until the next order) %(expected)s are expected to go.")
_PLANNED = gettext_noop("%(planned)s of them are planned deliveries of contracts.")
_SAFE = gettext_noop("%(safety)s more are the safety stock for %(level)s%%.")
_LATE = gettext_noop("%(safety)s more are the safety stock for %(level)s%%; the supplier’s deliveries vary by %(late)s days.")
_HERE = gettext_noop("%(free)s are free and %(coming)s on their way.")
_WAITING = gettext_noop("%(free)s are free and %(coming)s on their way, for %(waiting)s of them orders are waiting.")
_MISSING = gettext_noop("%(missing)s are missing.")
_ROUNDED = gettext_noop("%(missing)s are missing; the supplier’s terms make that %(quantity)s.")
_OUT = gettext_noop("Without an order the shelf is empty in %(out)s days.")


def suggestion(
    position: Position, terms: Terms, *, lead_days: int, lead_deviation: float, service_level_bp: int, review_days: int
) -> Suggestion | None:
    """What to order now, if anything: enough to last until the order after this one can be here.

    The supplier's least quantity and multiples are kept to. None where what is here and coming is enough.
    """
    days = lead_days + review_days
    expected = _sum(position.means, days)
    safety = safety_stock(
        service_level_bp=service_level_bp,
        days=days,
        deviation=position.deviation,
        daily=expected / days if days else 0.0,
        lead_deviation=lead_deviation,
    )
    have = position.free + position.coming - position.waiting
    missing = ceil(expected - 1e-9) + safety - have
    if missing <= 0 or (expected <= 0 and position.waiting == 0):
        return None
    return Suggestion(
        quantity=order_quantity(missing, terms),
        missing=missing,
        lead_days=lead_days,
        review_days=review_days,
        expected=ceil(expected - 1e-9),
        planned=round(_sum(position.planned, days)),
        safety=safety,
        free=position.free,
        coming=position.coming,
        waiting=position.waiting,
        service_level_bp=service_level_bp,
        lead_deviation=lead_deviation,
        runs_out_in=_runs_out(position),
    )


def _sum(daily: tuple[float, ...], days: int) -> float:
    """The first so many days; beyond the forecast as on its average day."""
    if not daily or days <= len(daily):
        return sum(daily[:days])
    return sum(daily) * days / len(daily)


def _runs_out(position: Position) -> int | None:
    left = float(position.free)
    for day, wanted in enumerate(position.means):
        left -= wanted
        if left < 0:
            return day
    return None


def lead_days_of(*, today: date, arrives_on: date) -> int:
    """Calendar days until an order of today is here."""
    return max((arrives_on - today).days, 0)
