"""What may be asked of the stock ledger: values, each with a key that makes it happen once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inventory.rules.kinds import MovementKind, StockState
from inventory.rules.value import DEAREST

MOST = 100_000_000
"""No single movement counts more pieces than this; it is a slip of the finger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Goods come in. ``sellable_quantity`` of them may be sold (None: all), the others lie there in ``state``; ``value`` is their
    total cost in minor units (None: they come in at the average in force, ADR 0020). Goods that are tracked by lot name theirs.
    """

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    cause: str
    sellable_quantity: int | None = None
    state: StockState = StockState.QUALITY_CHECK
    kind: MovementKind = MovementKind.RECEIPT
    lot_number: str = ""
    expires_on: date | None = None
    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What is on hand is corrected by so many, up or down; the same number of sellable pieces unless told otherwise, the
    others in ``state``. Of goods tracked by lot, pieces leave the lot named, else the lots that expire first; where ``is_unnamed``,
    they leave those whose lot nobody named.
    """

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    cause: str = "adjustment"
    sellable_quantity: int | None = None
    state: StockState = StockState.QUALITY_CHECK
    lot_number: str = ""
    expires_on: date | None = None
    is_unnamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Sellable goods move from one location to another, of the lot named, else of the lots that expire first."""

    stock_item_id: int
    from_location_id: int
    to_location_id: int
    quantity: int
    once_key: str
    cause: str = "transfer"
    lot_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """So many pieces on hand go from one state to another; only available ones may be sold."""

    stock_item_id: int
    location_id: int
    quantity: int
    once_key: str
    from_state: StockState = StockState.AVAILABLE
    to_state: StockState = StockState.QUALITY_CHECK
    cause: str = "inspection"
    lot_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What became of pieces that were looked at: sold again, sold as B-grade, repaired or scrapped, all from one state."""

    stock_item_id: int
    location_id: int
    once_key: str
    restock: int = 0
    b_grade: int = 0
    repair: int = 0
    scrap: int = 0
    from_state: StockState = StockState.QUALITY_CHECK
    b_grade_item_id: int | None = None
    cause: str = "inspection"
    lot_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line for the ledger; the steps of one ask are written together or not at all.

    Pieces that may not be sold lie in ``state``. Steps of one ``part`` move the same pieces, so the same lots.
    """

    ask: int
    kind: MovementKind
    stock_item_id: int
    location_id: int
    quantity: int
    sellable_quantity: int
    once_key: str
    cause: str
    state: StockState = StockState.AVAILABLE
    part: int = 0
    lot_number: str = ""
    expires_on: date | None = None
    is_unnamed: bool = False
    value: int | None = None

    @property
    def unsellable_quantity(self) -> int:
        return self.quantity - self.sellable_quantity


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
            state=_state_of_others(receipt.quantity, sellable, receipt.state),
            lot_number=receipt.lot_number,
            expires_on=receipt.expires_on,
            value=receipt.value,
        ),
    )


def steps_of_adjustment(ask: int, adjustment: Adjustment) -> tuple[Step, ...]:
    """One line up or down."""
    return (_adjusted(ask, adjustment, part=0),)


def steps_of_correction(ask: int, correction: Sequence[Adjustment]) -> tuple[Step, ...]:
    """One line for each adjustment, each of its own lot: what comes in first, what customers may buy is taken last."""
    inwards = sorted(correction, key=lambda one: (one.quantity < 0, one.state is StockState.AVAILABLE))
    return tuple(_adjusted(ask, adjustment, part=part) for part, adjustment in enumerate(inwards))


def _adjusted(ask: int, adjustment: Adjustment, *, part: int) -> Step:
    sellable = adjustment.quantity if adjustment.sellable_quantity is None else adjustment.sellable_quantity
    return Step(
        ask=ask,
        kind=MovementKind.ADJUSTMENT,
        stock_item_id=adjustment.stock_item_id,
        location_id=adjustment.location_id,
        quantity=adjustment.quantity,
        sellable_quantity=sellable,
        once_key=adjustment.once_key,
        cause=adjustment.cause,
        state=_state_of_others(adjustment.quantity, sellable, adjustment.state),
        part=part,
        lot_number=adjustment.lot_number,
        expires_on=adjustment.expires_on,
        is_unnamed=adjustment.is_unnamed,
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
            lot_number=transfer.lot_number,
        )
        for kind, location, sign in (
            (MovementKind.TRANSFER_OUT, transfer.from_location_id, -1),
            (MovementKind.TRANSFER_IN, transfer.to_location_id, +1),
        )
    )


def steps_of_turn(ask: int, turn: Turn) -> tuple[Step, ...]:
    """One line where what may be sold changes; else one out of a state and one into the other."""
    return tuple(
        _changed(
            ask, turn, quantity=turn.quantity, from_state=turn.from_state, to_state=turn.to_state, once_key=turn.once_key, part=0
        )
    )  # fmt: skip


def steps_of_inspection(ask: int, found: Inspection) -> tuple[Step, ...]:
    """Lines for each thing that became of the pieces; what is scrapped leaves, what is B-grade becomes another item."""
    steps: list[Step] = []
    for part, (quantity, to_state) in enumerate(((found.restock, StockState.AVAILABLE), (found.repair, StockState.IN_REPAIR))):
        if quantity:
            key = f"{found.once_key}:{to_state}"
            steps += _changed(ask, found, quantity=quantity, from_state=found.from_state, to_state=to_state, once_key=key, part=part)
    common: dict[str, Any] = {"ask": ask, "location_id": found.location_id, "cause": found.cause, "lot_number": found.lot_number}
    leaving = {**common, "stock_item_id": found.stock_item_id, "state": found.from_state}
    if found.scrap:
        steps.append(
            Step(
                **leaving, kind=MovementKind.SCRAPPED, quantity=-found.scrap, sellable_quantity=0, once_key=f"{found.once_key}:scrap", part=2,
            )
        )  # fmt: skip
    if found.b_grade and found.b_grade_item_id is not None:
        out, into = (f"{found.once_key}:{kind}" for kind in (MovementKind.REGRADED_OUT, MovementKind.REGRADED_IN))
        steps += [
            Step(**leaving, kind=MovementKind.REGRADED_OUT, quantity=-found.b_grade, sellable_quantity=0, once_key=out, part=3),
            Step(
                **common, stock_item_id=found.b_grade_item_id, kind=MovementKind.REGRADED_IN, quantity=found.b_grade,
                sellable_quantity=found.b_grade, once_key=into, part=3,
            ),
        ]  # fmt: skip
    return tuple(steps)


def _changed(
    ask: int, about: Turn | Inspection, *, quantity: int, from_state: StockState, to_state: StockState, once_key: str, part: int
) -> list[Step]:
    """The lines that take pieces from one state to another at the same place."""
    common: dict[str, Any] = {
        "ask": ask, "part": part, "stock_item_id": about.stock_item_id, "location_id": about.location_id, "cause": about.cause,
        "lot_number": about.lot_number,
    }  # fmt: skip
    if StockState.AVAILABLE in (from_state, to_state):
        frees = to_state is StockState.AVAILABLE
        return [
            Step(
                **common, kind=MovementKind.MADE_SELLABLE if frees else MovementKind.MADE_UNSELLABLE, quantity=0,
                sellable_quantity=quantity if frees else -quantity, state=from_state if frees else to_state, once_key=once_key,
            )
        ]  # fmt: skip
    left, entered = MovementKind.STATE_LEFT, MovementKind.STATE_ENTERED
    return [
        Step(**common, kind=left, quantity=-quantity, sellable_quantity=0, state=from_state, once_key=f"{once_key}:{left}"),
        Step(**common, kind=entered, quantity=quantity, sellable_quantity=0, state=to_state, once_key=f"{once_key}:{entered}"),
    ]


def _state_of_others(quantity: int, sellable: int, state: StockState) -> StockState:
    """The state of the pieces of a line that may not be sold; available where there are none."""
    return StockState.AVAILABLE if quantity == sellable else state


def is_sane(step: Step) -> bool:
    """Whether a line moves something, not absurdly much, and no more of it sellable than there is of it."""
    moves_goods = step.quantity != 0
    between = min(0, step.quantity) <= step.sellable_quantity <= max(0, step.quantity)
    within = abs(step.quantity) <= MOST and abs(step.sellable_quantity) <= MOST
    stated = (step.quantity == step.sellable_quantity) == (step.state is StockState.AVAILABLE)
    return within and stated and (between if moves_goods else step.sellable_quantity != 0)


def is_dear(step: Step) -> bool:
    """Whether what comes in is said to be worth less than nothing, or absurdly much."""
    return step.value is not None and not 0 <= step.value <= DEAREST
