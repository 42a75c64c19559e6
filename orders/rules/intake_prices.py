"""Prices that outside counters write without tax, as prices with it: the order's total says afterwards whether they rounded as we do. Pure."""

from decimal import ROUND_DOWN, Decimal, InvalidOperation

from core.words import gettext_noop as _
from orders.rules.intake_reading import Reader


def with_tax(price: int, rate: object, field: str, reader: Reader) -> int:
    """A unit price in whole yen with the tax of a rate: 0.1, "10", "8%". A fraction of a yen is dropped, as Japanese counters do."""
    try:
        share = Decimal(str(rate).strip().rstrip("%％") if rate not in (None, "") else "nan")
    except InvalidOperation:
        share = Decimal("nan")
    if share.is_finite() and share >= 1:
        share /= 100
    if not share.is_finite() or not 0 <= share < 1:
        reader.fault(
            field,
            "intake.without_tax",
            _("The price is without tax, and %(field)s says no rate of tax. Fetch it with the rate, or with prices that hold the tax."),
        )
        return price
    return int((price * (1 + share)).to_integral_value(ROUND_DOWN))


def whole_price(price: int, quantity: int, *, discount: int, tax: int) -> tuple[int, int]:
    """A line without tax as a unit price and a discount with it, so that the line comes to what was paid, to the yen."""
    if quantity < 1:
        return price, discount
    unit = -(-(price * quantity + tax) // quantity)
    return unit, unit * quantity - (price * quantity - discount + tax)
