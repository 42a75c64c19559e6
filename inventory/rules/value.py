"""What stock is worth: a total beside a quantity, never a price per piece (ADR 0020)."""

from dataclasses import dataclass

from inventory.rules.kinds import MovementKind

DEAREST = 10**15
"""No single movement is worth more minor units than this; it is a slip of the finger."""


def share(value: int, part: int, whole: int) -> int:
    """What ``part`` of ``whole`` pieces that are worth ``value`` together is worth, rounded half up; 0 of nothing.

    The statements of ``operations`` reckon the same in SQL (``queries.share_sql``).
    """
    return (2 * value * part + whole) // (2 * whole) if whole else 0


def costs_of_leaving(value: int, on_hand: int, leaving: tuple[int, ...]) -> tuple[int, ...]:
    """What each quantity that leaves a shelf takes along at the average in force; all pieces take all of the value.

    Each takes the difference of two shares of the whole, so that a thousand roundings never add up to a yen.
    """
    gone, costs = 0, []
    for quantity in leaving:
        costs.append(share(value, gone + quantity, on_hand) - share(value, gone, on_hand))
        gone += quantity
    return tuple(costs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revaluation:
    """What lies on a shelf is worth so much more or less (``difference``, minor units) without a piece moving."""

    stock_item_id: int
    location_id: int
    difference: int
    once_key: str
    cause: str = "revaluation"


REPORTED: tuple[tuple[str, tuple[MovementKind, ...]], ...] = (
    ("opened", (MovementKind.OPENING,)),
    ("received", (MovementKind.RECEIPT,)),
    ("returned", (MovementKind.RETURN,)),
    ("shipped", (MovementKind.SHIPMENT,)),
    ("adjusted", (MovementKind.ADJUSTMENT, MovementKind.MADE_SELLABLE, MovementKind.MADE_UNSELLABLE, MovementKind.SCRAPPED)),
    (
        "moved",
        (
            MovementKind.TRANSFER_IN,
            MovementKind.TRANSFER_OUT,
            MovementKind.REGRADED_OUT,
            MovementKind.REGRADED_IN,
            MovementKind.STATE_LEFT,
            MovementKind.STATE_ENTERED,
            MovementKind.LOT_LEFT,
            MovementKind.LOT_ENTERED,
        ),
    ),
    ("revalued", (MovementKind.REVALUATION,)),
)
"""The columns of the month-end report, and the kinds of movement each sums up; every kind stands in one of them."""
