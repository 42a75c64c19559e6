"""Consumption tax: rounded once per rate and document, on amounts that include it or exclude it.

Pure. Rates are data (basis points with dates, see ``core.queries.tax_rates_on``); the arithmetic is here, its worked
tables are in ``docs/algorithms/tax.md``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.money import spread
from core.words import gettext_noop as _

FULL_BP: Final = 10_000
"""Basis points of the whole: a rate of 10 % is 1,000."""


class TaxBasis(StrEnum):
    """Whether the amounts of a document include the tax."""

    INCLUDED = "included"
    EXCLUDED = "excluded"

    @classmethod
    def labels(cls) -> dict["TaxBasis", str]:
        return {cls.INCLUDED: _("Tax included"), cls.EXCLUDED: _("Tax excluded")}


class Rounding(StrEnum):
    """How a fraction of the minor unit is settled. The law leaves the choice to the issuer, once per rate."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"

    @classmethod
    def labels(cls) -> dict["Rounding", str]:
        return {cls.FLOOR: _("Round down"), cls.HALF_UP: _("Round half up"), cls.CEIL: _("Round up")}


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """An amount of a line, with the tax class it belongs to and the rate in force for it."""

    tax_class: str
    rate_bp: int
    amount: int


@dataclass(frozen=True, slots=True)
class RateTotal:
    """What one document charges at one rate: the amount without tax, and the tax on it."""

    tax_class: str
    rate_bp: int
    taxable: int
    tax: int

    @property
    def included(self) -> int:
        return self.taxable + self.tax


def round_ratio(numerator: int, *, denominator: int, rounding: Rounding) -> int:
    """numerator ÷ denominator as a whole number; a negative amount mirrors the positive one, so a return undoes a sale."""
    size, remainder = divmod(abs(numerator), denominator)
    if (rounding is Rounding.CEIL and remainder) or (rounding is Rounding.HALF_UP and remainder * 2 >= denominator):
        size += 1
    return -size if numerator < 0 else size


def tax_on(taxable: int, *, rate_bp: int, rounding: Rounding) -> int:
    """The tax on an amount without tax."""
    return round_ratio(taxable * rate_bp, denominator=FULL_BP, rounding=rounding)


def tax_within(included: int, *, rate_bp: int, rounding: Rounding) -> int:
    """The tax inside an amount with tax."""
    return round_ratio(included * rate_bp, denominator=FULL_BP + rate_bp, rounding=rounding)


def tax_totals(lines: Sequence[TaxedAmount], basis: TaxBasis, rounding: Rounding) -> list[RateTotal]:
    """One row per tax class and rate, tax rounded once in each; the highest rate first.

    On the included basis ``taxable + tax`` of a row is exactly the sum of its lines, so the agreed total stands; on the
    excluded basis ``taxable`` is. Rounding line by line and adding up is what the invoice rules forbid.
    """
    sums: dict[tuple[str, int], int] = {}
    for line in lines:
        if not 0 <= line.rate_bp <= FULL_BP:
            raise ValueError(f"A tax rate of {line.rate_bp} basis points is out of range.")
        key = (line.tax_class, line.rate_bp)
        sums[key] = sums.get(key, 0) + line.amount
    totals = []
    for (tax_class, rate_bp), amount in sorted(sums.items(), key=lambda item: (-item[0][1], item[0][0])):
        if basis is TaxBasis.INCLUDED:
            tax = tax_within(amount, rate_bp=rate_bp, rounding=rounding)
            totals.append(RateTotal(tax_class, rate_bp, taxable=amount - tax, tax=tax))
        else:
            totals.append(RateTotal(tax_class, rate_bp, taxable=amount, tax=tax_on(amount, rate_bp=rate_bp, rounding=rounding)))
    return totals


def split_agreed_total(agreed: Sequence[TaxedAmount], *, rates_bp: Mapping[str, int], rounding: Rounding) -> list[RateTotal]:
    """The agreed tax-included amounts, divided into price and tax by the rates in force on the date of supply.

    ``agreed`` holds amounts with tax (their old rates are ignored), ``rates_bp`` the rate of each tax class on the day.
    A change of rate between order and supply moves tax, never what the customer pays.
    """
    today = [TaxedAmount(a.tax_class, rates_bp[a.tax_class], a.amount) for a in agreed]
    return tax_totals(today, TaxBasis.INCLUDED, rounding)


def spread_discount(discount: int, *, lines: Sequence[TaxedAmount]) -> list[int]:
    """A discount of the whole document as one share per line, in the lines' order; shares add up exactly.

    First over the rates by their amounts, then within each rate over its lines. A unit that could go either way goes to
    the higher rate. No line is discounted below zero while the discount isn't larger than the document.
    """
    groups: dict[tuple[str, int], list[int]] = {}
    for place, line in enumerate(lines):
        groups.setdefault((line.tax_class, line.rate_bp), []).append(place)
    by_rate = sorted(groups.items(), key=lambda item: (-item[0][1], item[0][0]))
    group_totals = [sum(lines[i].amount for i in places) for _key, places in by_rate]
    shares = [0] * len(lines)
    for (_key, places), share in zip(by_rate, _spread_to_first(discount, group_totals), strict=True):
        for place, part in zip(places, spread(share, [lines[i].amount for i in places]), strict=True):
            shares[place] = part
    return shares


def _spread_to_first(amount: int, weights: Sequence[int]) -> list[int]:
    """Largest remainder where ties go to the earlier place whatever its weight; the weights come highest rate first."""
    if amount < 0:
        return [-share for share in _spread_to_first(-amount, weights)]
    total = sum(weights)
    if total == 0:
        return spread(amount, weights)
    shares = [amount * w // total for w in weights]
    by_claim = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_claim[: amount - sum(shares)]:
        shares[i] += 1
    return shares


_REGISTRATION_NUMBER = re.compile(r"T[1-9][0-9]{12}")


def is_registration_number(text: str) -> bool:
    """Whether a text has the shape of a qualified-invoice registration number: T and 13 digits.

    The check digit isn't asked for here: sole traders' numbers needn't follow the corporate rule.
    """
    return _REGISTRATION_NUMBER.fullmatch(text) is not None


def has_corporate_check_digit(registration_number: str) -> bool:
    """Whether the first of the 13 digits is the check digit of the other twelve, as in every corporate number."""
    if not is_registration_number(registration_number):
        return False
    digits = [int(c) for c in registration_number[1:]]
    weighted = sum(digit * (1 if n % 2 else 2) for n, digit in enumerate(reversed(digits[1:]), start=1))
    return digits[0] == 9 - weighted % 9
