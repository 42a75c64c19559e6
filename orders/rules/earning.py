"""What an order's goods earn points on: what left of them and was kept, and what will have when all of it has left."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.tax import TaxBasis


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningLine:
    """A line of an order, or ``instead`` of one that was sent in exchange for goods of it; amounts in minor units, tax included in ``total``."""

    instead: bool
    tax_basis: TaxBasis
    tax_rate_bp: int
    quantity: int
    amount: int
    total: int
    agreed: int
    """What was not cancelled."""
    shipped: int
    due: int
    """What of it left long enough ago."""
    undelivered: int
    credited: int
    """What was credited for pieces of it, undelivered ones apart."""


def kept_worth(lines: Sequence[EarningLine], *, with_tax: bool) -> int:
    """What the goods that have left and were kept are worth, as they were agreed, after discounts.

    What is sent in exchange for goods stands for them from the time it is ordered, as far as what left is worth as much. Parcels add up: all of
    them are worth exactly what the order's lines are.
    """
    left = _worth(lines, lambda line: _share(line, line.due), with_tax=with_tax)
    return min(left, _worth(lines, _kept, with_tax=with_tax))


def agreed_worth(lines: Sequence[EarningLine], *, with_tax: bool) -> int:
    """What the goods will be worth when all that is still agreed has left, if nothing more comes back."""
    agreed = _worth(lines, lambda line: _share(line, line.agreed), with_tax=with_tax)
    return min(agreed, _worth(lines, _still_agreed, with_tax=with_tax))


def _share(line: EarningLine, units: int) -> int:
    """The first so many units of a line at its total, a fraction going to a later one."""
    return line.total * units // line.quantity


def _still_agreed(line: EarningLine) -> int:
    return max(0, _share(line, max(0, line.agreed - line.undelivered)) - line.credited)


def _kept(line: EarningLine) -> int:
    if line.instead:
        return _still_agreed(line)
    there = max(0, line.shipped - line.undelivered)
    return max(0, min(_share(line, min(line.due, there)), _share(line, there) - line.credited))


_WHOLE: Final = 10_000


def _worth(lines: Iterable[EarningLine], money: Callable[[EarningLine], int], *, with_tax: bool) -> int:
    """The sum of what is asked of each line; without tax it is as agreed where prices were, else taken out once per rate."""
    if with_tax:
        return sum(money(line) for line in lines)
    plain, included = 0, dict[int, int]()
    for line in lines:
        if line.tax_basis is TaxBasis.EXCLUDED:
            plain += line.amount * money(line) // line.total if line.total else 0
        else:
            included[line.tax_rate_bp] = included.get(line.tax_rate_bp, 0) + money(line)
    return plain + _without_tax(included)


def _without_tax(included: Mapping[int, int]) -> int:
    return sum(money * _WHOLE // (_WHOLE + rate_bp) for rate_bp, money in included.items())
