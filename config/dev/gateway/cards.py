"""Test cards by their published numbers, and what each of them does. No number is ever kept: only what it stands for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TestCard:
    """How a card behaves: `declines` at authorisation with that code, `asks` its holder "always", "once" or never."""

    brand: str
    last4: str
    declines: str = ""
    asks: str = ""
    refused_by_gateway: str = ""

    __test__ = False  # no test class, whatever its name


NUMBERS: dict[str, TestCard] = {
    "4242424242424242": TestCard("visa", "4242"),
    "5555555555554444": TestCard("mastercard", "4444"),
    "3566002020360505": TestCard("jcb", "0505"),
    "378282246310005": TestCard("amex", "0005"),
    "36227206271667": TestCard("diners", "1667"),
    "4000000000000002": TestCard("visa", "0002", declines="generic_decline"),
    "4000000000009995": TestCard("visa", "9995", declines="insufficient_funds"),
    "4000000000009987": TestCard("visa", "9987", declines="lost_card"),
    "4000000000000069": TestCard("visa", "0069", declines="expired_card"),
    "4000000000000127": TestCard("visa", "0127", declines="incorrect_cvc"),
    "4000000000000119": TestCard("visa", "0119", declines="processing_error"),
    "4000000000000341": TestCard("visa", "0341", declines="generic_decline"),
    "4000000000003220": TestCard("visa", "3220", asks="always"),
    "4000002760003184": TestCard("visa", "3184", asks="always"),
    "4000002500003155": TestCard("visa", "3155", asks="once"),
    "4000008260003178": TestCard("visa", "3178", asks="always", declines="insufficient_funds"),
}

TOKENS: dict[str, str] = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_jcb": "3566002020360505",
    "pm_card_amex": "378282246310005",
    "pm_card_diners": "36227206271667",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_threeDSecure2Required": "4000000000003220",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
}
"""Words that stand for a test card where there is no browser; each use gives a card of its own."""


def card_of(number: str) -> TestCard | None:
    """The test card of a number as typed; None for a number that isn't one."""
    digits = "".join(sign for sign in number if sign.isdigit())
    return NUMBERS.get(digits)


def passes_luhn(number: str) -> bool:
    """Whether the check digit of a number is right."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    doubled = [d if i % 2 == 0 else sum(divmod(d * 2, 10)) for i, d in enumerate(reversed(digits))]
    return 12 <= len(digits) <= 19 and sum(doubled) % 10 == 0
