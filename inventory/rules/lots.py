"""Which lot leaves first, and for whom it keeps long enough. Why it is exact: docs/adr/0015."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from inventory.rules.kinds import StockState
from inventory.rules.moves import Step

AVAILABLE = StockState.AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What lies of one lot on a shelf, by state; of the available pieces those nobody has picked yet.

    Without a lot (``lot_id`` None) nobody knows how long they keep. A lot that names no day keeps for ever.
    """

    lot_id: int | None
    number: str = ""
    expires_on: date | None = None
    received_on: date | None = None
    pieces: Mapping[StockState, int]

    @property
    def keeps_until(self) -> date:
        """The last day on which it may be promised."""
        return date.min if self.lot_id is None else self.expires_on or date.max

    @property
    def turn(self) -> tuple[date, bool, date, int]:
        """When it is its turn to leave: the first to expire, then the first that came; what nobody named comes last."""
        return (self.expires_on or date.max, self.lot_id is None, self.received_on or date.max, self.lot_id or 0)

    def less(self, quantity: int, state: StockState) -> "Batch":
        return replace(self, pieces={**self.pieces, state: self.pieces.get(state, 0) - quantity})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """So many pieces of a shelf are promised to somebody who wants them to keep until a day."""

    good_until: date
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So many pieces of one lot."""

    lot_id: int | None
    number: str
    quantity: int
    expires_on: date | None = None


def first_expired(
    batches: Sequence[Batch], quantity: int, *, state: StockState = AVAILABLE, keeping_until: date = date.min
) -> tuple[Portion, ...] | None:
    """The lots that give so many pieces, the first to expire first, of those that keep until then; None where they don't suffice."""
    portions: list[Portion] = []
    for batch in sorted(batches, key=lambda batch: batch.turn):
        taken = min(quantity, batch.pieces.get(state, 0))
        if taken > 0 and batch.keeps_until >= keeping_until:
            portions.append(Portion(lot_id=batch.lot_id, number=batch.number, quantity=taken, expires_on=batch.expires_on))
            quantity -= taken
    return None if quantity else tuple(portions)


def without(batches: Sequence[Batch], portions: Sequence[Portion], *, state: StockState = AVAILABLE) -> list[Batch]:
    """What is left of the lots."""
    gone = {portion.lot_id: portion.quantity for portion in portions}
    return [batch.less(gone.get(batch.lot_id, 0), state) for batch in batches]


def keep_their_word(batches: Sequence[Batch], promises: Sequence[Promise]) -> bool:
    """Whether the available pieces can serve every promise: for every day, what keeps until then covers all who want that."""
    return all(
        sum(batch.pieces.get(AVAILABLE, 0) for batch in batches if batch.keeps_until >= day)
        >= sum(promise.quantity for promise in promises if promise.good_until >= day)
        for day in {promise.good_until for promise in promises}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LotShelf:
    """The lots of one shelf, and those of its promises that are particular about the day."""

    batches: Sequence[Batch]
    promises: Sequence[Promise] = ()


def may_leave(batch: Batch, shelf: LotShelf, *, free: int) -> int:
    """How many available pieces of a lot may leave its shelf, where so many of all lots are ``free``: those that nobody has picked
    and that no promise needs for its day.
    """
    most = min(free, batch.pieces.get(AVAILABLE, 0))
    for day in {promise.good_until for promise in shelf.promises if promise.good_until <= batch.keeps_until}:
        keeping = sum(other.pieces.get(AVAILABLE, 0) for other in shelf.batches if other.keeps_until >= day)
        most = min(most, keeping - sum(promise.quantity for promise in shelf.promises if promise.good_until >= day))
    return max(most, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotShortage:
    """Why the steps of an ask cannot be taken from the lots: too few in the lot (or state), or promised to somebody particular."""

    step: Step
    wanted: int
    there: int
    is_promised: bool = False


Place = tuple[int, int]  # stock item, location


def by_lot(steps: Sequence[Step], shelves: Mapping[Place, LotShelf]) -> tuple[list[Step], dict[Place, LotShelf]] | LotShortage:
    """The steps of one ask, each naming its lot, and the shelves after what leaves; what comes in doesn't count for the next ask yet.

    Where no lot is named, pieces leave the lots that expire first; or those that nobody named, where the step says so. What the ask
    itself brings to the lots of a shelf keeps its promises, too. Steps of shelves without lots stay as they are.
    """
    left = dict(shelves)
    written: list[Step] = []
    parts: dict[int, list[Step]] = {}
    for step in _one_state_each(steps, shelves):
        parts.setdefault(step.part, []).append(step)
    for together in parts.values():
        leaving = next((step for step in together if _leaves(step) and _place(step) in left), None)
        if leaving is None:
            written += together
            continue
        state, quantity = _leaves(leaving)  # type: ignore[misc]
        shelf = left[_place(leaving)]
        candidates = [batch for batch in shelf.batches if _may_be_of(batch, leaving)]
        portions = first_expired(candidates, quantity, state=state)
        if portions is None:
            return LotShortage(step=leaving, wanted=quantity, there=sum(batch.pieces.get(state, 0) for batch in candidates))
        rest = LotShelf(batches=without(shelf.batches, portions, state=state), promises=shelf.promises)
        if state is AVAILABLE and not keep_their_word([*rest.batches, *_brought(steps, _place(leaving), shelf)], rest.promises):
            return LotShortage(step=leaving, wanted=quantity, there=quantity, is_promised=True)
        left[_place(leaving)] = rest
        written += [_portion_of(step, portion, nth) for nth, portion in enumerate(portions) for step in together]
    return written, left


def _place(step: Step) -> Place:
    return step.stock_item_id, step.location_id


def _may_be_of(batch: Batch, step: Step) -> bool:
    """Whether a step may take its pieces from a lot."""
    return batch.lot_id is None if step.is_unnamed else not step.lot_number or batch.number == step.lot_number


def _brought(steps: Sequence[Step], place: Place, shelf: LotShelf) -> list[Batch]:
    """What an ask brings to the lots of a shelf, to be sold: a count that finds in one lot what it misses in another."""
    days = {batch.number: batch.expires_on for batch in shelf.batches}
    return [
        Batch(
            lot_id=0,
            number=step.lot_number,
            expires_on=days.get(step.lot_number, step.expires_on),
            pieces={AVAILABLE: step.sellable_quantity},
        )
        for step in steps
        if _place(step) == place and step.lot_number and step.quantity > 0 and step.sellable_quantity > 0
    ]


def _leaves(step: Step) -> tuple[StockState, int] | None:
    """What a line takes out of a state, and which; None where it only brings."""
    if step.sellable_quantity < 0:
        return AVAILABLE, -step.sellable_quantity
    return (step.state, -step.unsellable_quantity) if step.unsellable_quantity < 0 else None


def _one_state_each(steps: Sequence[Step], shelves: Mapping[Place, LotShelf]) -> list[Step]:
    """A line that takes from two states at once becomes two where lots are counted."""
    found: list[Step] = []
    for step in steps:
        if step.sellable_quantity < 0 and step.unsellable_quantity < 0 and _place(step) in shelves:
            found.append(replace(step, quantity=step.sellable_quantity, state=AVAILABLE))
            found.append(
                replace(
                    step,
                    quantity=step.unsellable_quantity,
                    sellable_quantity=0,
                    part=step.part + 100,
                    once_key=f"{step.once_key}/{step.state}",
                )
            )
        else:
            found.append(step)
    return found


def _portion_of(step: Step, portion: Portion, nth: int) -> Step:
    """The share of a line that moves pieces of one lot; the first share keeps the line's key, by which a repeat is known."""

    def share(amount: int) -> int:
        return 0 if amount == 0 else portion.quantity if amount > 0 else -portion.quantity

    return replace(
        step,
        quantity=share(step.quantity),
        sellable_quantity=share(step.sellable_quantity),
        lot_number=portion.number,
        expires_on=portion.expires_on,
        once_key=f"{step.once_key}/{nth}" if nth else step.once_key,
    )
