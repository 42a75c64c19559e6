"""What one place can give another: what it has beyond its own need, so that nobody buys what lies elsewhere already."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from core.words import gettext_noop
from inventory.rules.replenishing import Position, safety_stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """What a shelf has beyond its own need over so many days, with every figure that led to it."""

    stock_id: int
    location_id: int
    location: str
    quantity: int
    free: int
    coming: int
    expected: int
    safety: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """So many pieces of what a shelf misses, from a place that can spare them."""

    source: Surplus
    quantity: int
    missing: int

    def words(self) -> tuple[tuple[str, dict[str, object]], ...]:
        """Why, as sentences with their figures, to be translated."""
        told: dict[str, object] = {
            "place": self.source.location, "free": self.source.free, "coming": self.source.coming, "expected": self.source.expected,
            "safety": self.source.safety, "days": self.source.days, "spare": self.source.quantity, "quantity": self.quantity,
            "missing": self.missing,
        }  # fmt: skip
        return (
            (_THERE if self.source.expected or self.source.safety else _IDLE, told),
            (_ALL if self.quantity == self.missing else _PART, told),
        )


_THERE = gettext_noop(
    "At %(place)s %(free)s are free; in %(days)s days %(expected)s go there and %(safety)s are its safety stock, so %(spare)s can be spared."
)
_IDLE = gettext_noop("At %(place)s %(free)s are free and nothing is expected to go in %(days)s days, so %(spare)s can be spared.")
_ALL = gettext_noop("That covers all %(missing)s that are missing here.")
_PART = gettext_noop("That covers %(quantity)s of the %(missing)s that are missing here; the rest is bought.")


def spare(position: Position, *, days: int, service_level_bp: int) -> tuple[int, int, int]:
    """What is free beyond what goes in so many days and the safety stock, not more than is free; with those two figures.

    What is only coming counts for the place's own need, but cannot be given away.
    """
    expected = sum(position.means[:days]) if days <= len(position.means) else sum(position.means) * days / max(len(position.means), 1)
    safety = safety_stock(
        service_level_bp=service_level_bp,
        days=days,
        deviation=position.deviation,
        daily=expected / days if days else 0.0,
        lead_deviation=0.0,
    )
    need = ceil(expected - 1e-9) + safety + position.waiting
    return max(0, min(position.free, position.free + position.coming - need)), ceil(expected - 1e-9), safety


def giver(missing: int, sources: Sequence[Surplus]) -> Gift | None:
    """Who gives: the one whose surplus covers it most closely, else the one that has most; nobody where nobody has any."""
    able = [source for source in sources if source.quantity > 0]
    if missing <= 0 or not able:
        return None
    whole = [source for source in able if source.quantity >= missing]
    source = min(whole, key=lambda s: (s.quantity, s.stock_id)) if whole else max(able, key=lambda s: (s.quantity, -s.stock_id))
    return Gift(source=source, quantity=min(missing, source.quantity), missing=missing)
