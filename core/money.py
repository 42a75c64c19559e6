"""Money is a whole number of the currency's minor units. Here it is divided, written and read; never a float.

Pure: no Django, no clock. The currency stands on the document, so amounts travel as plain ``int``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import Refused
from core.words import gettext_noop as _

LARGEST_AMOUNT: Final = 10**15
"""Larger typed amounts are refused: a quantity times a price must still fit a bigint."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency with the number of decimal digits of its minor unit (ISO 4217)."""

    code: str
    digits: int
    symbol: str
    """Before the number in English text."""
    unit_ja: str
    """After the number in Japanese text."""

    @property
    def minor_per_major(self) -> int:
        return int(10**self.digits)


CURRENCIES: Final[dict[str, Currency]] = {
    c.code: c
    for c in (
        Currency("JPY", 0, "¥", "円"),
        Currency("USD", 2, "$", "米ドル"),
        Currency("EUR", 2, "€", "ユーロ"),
        Currency("GBP", 2, "£", "英ポンド"),
        Currency("CNY", 2, "CN¥", "人民元"),
        Currency("TWD", 2, "NT$", "台湾ドル"),
        Currency("HKD", 2, "HK$", "香港ドル"),
        Currency("KRW", 0, "₩", "韓国ウォン"),
        Currency("SGD", 2, "S$", "シンガポールドル"),
        Currency("THB", 2, "฿", "タイバーツ"),
        Currency("AUD", 2, "A$", "豪ドル"),
        Currency("CAD", 2, "C$", "カナダドル"),
    )
}


class UnknownCurrency(Refused):
    """The house keeps no minor unit for this currency code."""

    code = "money.unknown_currency"
    message = _("The currency %(currency)s is not kept here.")


class NotAnAmount(Refused):
    """A typed text is not an amount of this currency."""

    code = "money.not_an_amount"
    message = _("“%(text)s” is not an amount in %(currency)s.")


def currency_of(code: str) -> Currency:
    """The currency with this ISO 4217 code. Refuses with "money.unknown_currency"."""
    try:
        return CURRENCIES[code]
    except KeyError:
        raise UnknownCurrency(params={"currency": code}) from None


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """The amount divided over the weights to the last unit: shares add up exactly.

    Largest remainder: every share is its exact value rounded down or up, the units left over go to the largest
    remainders; ties go to the larger weight, then to the earlier place. A negative amount mirrors the positive one, so
    that taking back is the exact opposite of giving. Where every weight is zero the shares are equal.
    No share exceeds its weight while the amount doesn't exceed the sum of the weights.
    """
    if any(w < 0 for w in weights):
        raise ValueError("A weight is never negative.")
    if not weights:
        if amount:
            raise ValueError("There is nothing to spread the amount over.")
        return []
    if amount < 0:
        return [-share for share in spread(-amount, weights)]
    total = sum(weights)
    if total == 0:
        return spread(amount, [1] * len(weights)) if amount else [0] * len(weights)
    shares = [amount * w // total for w in weights]
    by_claim = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), -weights[i], i))
    for i in by_claim[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def format_number(amount: int, currency: str) -> str:
    """The amount in major units with thousands separators and no sign of the currency: 1,234 or 12.34."""
    digits = currency_of(currency).digits
    sign, whole = ("-", -amount) if amount < 0 else ("", amount)
    if not digits:
        return f"{sign}{whole:,}"
    major, minor = divmod(whole, 10**digits)
    return f"{sign}{major:,}.{minor:0{digits}d}"


def plain_amount(amount: int, currency: str) -> str:
    """The amount in major units as files have it: 1234 or 12.34."""
    return format_number(amount, currency).replace(",", "")


def format_money(amount: int, currency: str, language: str = "ja") -> str:
    """The amount as people read it: 1,980円 in Japanese, ¥1,980 in English; a minus stands before everything."""
    money = currency_of(currency)
    number = format_number(abs(amount), currency)
    sign = "-" if amount < 0 else ""
    if language.startswith("ja"):
        return f"{sign}{number}{money.unit_ja}"
    return f"{sign}{money.symbol}{number}"


# Full-width letters, digits and signs, on purpose and nothing more: NFKC would also read ² and ① as digits.
_HALF_WIDTH: Final = {0xFF01 + i: chr(0x21 + i) for i in range(94)} | {0x3000: " ", 0xFFE5: "¥", 0xFFE1: "£", 0xFFE6: "₩", 0x5C: "¥"}
_TYPED: Final = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?P<part>[0-9]+))?")


def parse_amount(text: str, *, currency: str) -> int:
    """What a person typed, as minor units: "1,980", "１９８０", "¥1,980" and "1,980円" are all 1980 yen.

    Full-width digits and signs are read on purpose. Everything else that Python's ``int`` would let through is
    refused with "money.not_an_amount": ``1_000``, ``1e3``, ``NaN``, Arabic digits, a sign, a decimal fraction finer than
    the currency's minor unit (``0.5`` yen), separators out of place. Amounts beyond 10^15 minor units are refused too.
    """
    money = currency_of(currency)
    refusal = NotAnAmount(params={"text": str(text)[:40], "currency": currency})
    if not isinstance(text, str) or len(text) > 40:
        raise refusal
    typed = text.translate(_HALF_WIDTH).strip()
    for mark in (money.symbol, money.code):
        typed = typed.removeprefix(mark).strip()
    typed = typed.removesuffix(money.unit_ja).strip()
    match = _TYPED.fullmatch(typed)
    if not match:
        raise refusal
    part = match["part"] or ""
    if len(part) > money.digits:
        raise refusal
    amount = int(match["whole"].replace(",", "")) * money.minor_per_major + int(part.ljust(money.digits, "0") or "0")
    if amount > LARGEST_AMOUNT:
        raise refusal
    return amount
