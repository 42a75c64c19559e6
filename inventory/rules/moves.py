"""What may be asked of the stock ledger: values, each with a key that makes it happen once."""

from dataclasses import dataclass
from datetime import date

from inventory.rules.kinds import MovementKind
from inventory.rules.value import DEAREST

MOST = 100_000_000
"""No single movement counts more pieces than this; it is a slip of the finger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Goods come in. ``sellable_quantity`` of them may be sold (None: all); ``value`` is their total cost in minor units

    (None: they come in at the average in force, ADR 0020).
    """

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    cause: str
    sellable_quantity: int | None = None
    kind: MovementKind = MovementKind.RECEIPT
    lot_number: str = ""
    expires_on: date | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is on hand is corrected by so many, up or down; the same number of sellable pieces unless told otherwise."""

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    cause: str = "adjustment"
    sellable_quantity: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Sellable goods move from one location to another."""

    stock_item_id: int
    from_location_id: int
    to_location_id: int
    quantity: int
    once_key: str
    cause: str = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """So many pieces on hand may be sold from now on (positive), or may not (negative)."""

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    cause: str = "inspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line for the ledger; the steps of one ask are written together or not at all."""

    ask: int
    kind: MovementKind
    stock_item_id: int
    location_id: int
    quantity: int
    sellable_quantity: int
    once_key: str
    cause: str
    lot_number: str = ""
    value: int | None = None


def steps_of_receipt(ask: int, receipt: Receipt) -> tuple[Step, ...]:
    """One line in."""
    sellable = receipt.quantity if receipt.sellable_quantity is None else receipt.sellable_quantity
    return (
        Step(
            ask=ask,
            kind=receipt.kind,
            stock_item_id=receipt.stock_item_id,
            location_id=receipt.location_id,
            quantity=receipt.quantity,
            sellable_quantity=sellable,
            once_key=receipt.once_key,
            cause=receipt.cause,
            lot_number=receipt.lot_number,
            value=receipt.value,
        ),
    )


def steps_of_adjustment(ask: int, adjustment: Adjustment) -> tuple[Step, ...]:
    """One line up or down."""
    sellable = adjustment.quantity if adjustment.sellable_quantity is None else adjustment.sellable_quantity
    return (
        Step(
            ask=ask,
            kind=MovementKind.ADJUSTMENT,
            stock_item_id=adjustment.stock_item_id,
            location_id=adjustment.location_id,
            quantity=adjustment.quantity,
            sellable_quantity=sellable,
            once_key=adjustment.once_key,
            cause=adjustment.cause,
        ),
    )


def steps_of_transfer(ask: int, transfer: Transfer) -> tuple[Step, ...]:
    """One line out and one line in."""
    return tuple(
        Step(
            ask=ask,
            kind=kind,
            stock_item_id=transfer.stock_item_id,
            location_id=location,
            quantity=sign * transfer.quantity,
            sellable_quantity=sign * transfer.quantity,
            once_key=f"{transfer.once_key}:{kind}",
            cause=transfer.cause,
        )
        for kind, location, sign in (
            (MovementKind.TRANSFER_OUT, transfer.from_location_id, -1),
            (MovementKind.TRANSFER_IN, transfer.to_location_id, +1),
        )
    )


def steps_of_turn(ask: int, turn: Turn) -> tuple[Step, ...]:
    """One line that moves nothing but what may be sold."""
    return (
        Step(
            ask=ask,
            kind=MovementKind.MADE_SELLABLE if turn.quantity > 0 else MovementKind.MADE_UNSELLABLE,
            stock_item_id=turn.stock_item_id,
            location_id=turn.location_id,
            quantity=0,
            sellable_quantity=turn.quantity,
            once_key=turn.once_key,
            cause=turn.cause,
        ),
    )


def is_sane(step: Step) -> bool:
    """Whether a line moves something, not absurdly much, and no more of it sellable than there is of it."""
    moves_goods = step.quantity != 0
    between = min(0, step.quantity) <= step.sellable_quantity <= max(0, step.quantity)
    within = abs(step.quantity) <= MOST and abs(step.sellable_quantity) <= MOST
    return within and (between if moves_goods else step.sellable_quantity != 0)


def is_dear(step: Step) -> bool:
    """Whether what comes in is said to be worth less than nothing, or absurdly much."""
    return step.value is not None and not 0 <= step.value <= DEAREST
