"""Which pieces of stock belong to units of a returned line, and of which lot they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class LotPieces:
    """So many pieces of one lot; without a number where nobody counts lots."""

    lot_number: str
    expires_on: date | None
    quantity: int


def pieces_of_units(pieces: int, *, units: int, first: int, now: int) -> tuple[int, int]:
    """Where the pieces of ``now`` units after ``first`` begin among all pieces of ``units``, and how many they are."""
    begin = pieces * first // units
    return begin, pieces * (first + now) // units - begin


def lots_of_pieces(lots: Sequence[LotPieces], *, begin: int, quantity: int) -> list[LotPieces]:
    """The lots of so many pieces from a place on, when they are counted in the order in which they left; the last lot takes what is over."""
    if not lots:
        return [LotPieces("", None, quantity)]
    found: list[LotPieces] = []
    for nth, lot in enumerate(lots):
        there = lot.quantity - begin
        begin = max(0, begin - lot.quantity)
        now = min(quantity, there) if nth < len(lots) - 1 else quantity
        if now > 0:
            found.append(LotPieces(lot.lot_number, lot.expires_on, now))
            quantity -= now
    return found
