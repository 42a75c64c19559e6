"""A pair of hands in the warehouse: random deeds on stock, each said twice, until so many are done.

    python -m faults.stock_hand <hand> <deeds> <file of the last deed done>

A deed is made of its number alone, so a hand that was killed is followed by one that begins with the deed it died in.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

HANDS = 8
SPACE = UUID("5b0c1b1c-6f5e-4f5c-8a3e-1d7a1c0b2a3d")
HELD = timedelta(seconds=3)
KINDS = ("reserve", "extend", "expire", "end", "allocate", "allocate", "release", "ship", "return")


def name_of(what: str, hand: int, number: int) -> UUID:
    """The demand, holder or key of a deed."""
    return uuid5(SPACE, f"{what}:{hand}:{number}")


class Hand:
    """One process at work."""

    def __init__(self, hand: int) -> None:
        from core.db import rows

        self.hand = hand
        one = rows("SELECT c.id, c.company_id FROM core_saleschannel c JOIN core_company o ON o.id = c.company_id WHERE o.code = 'random'")[
            0
        ]
        self.channel, self.company = one.id, one.company_id
        self.variants = [row.id for row in rows("SELECT id FROM catalog_variant WHERE company_id = %s ORDER BY id", (self.company,))]
        shelves = "SELECT s.stock_item_id AS item, s.location_id AS place FROM inventory_stock s ORDER BY s.id"
        self.shelves = [(row.item, row.place) for row in rows(shelves)]

    def deed(self, number: int) -> Callable[[], Any]:
        """The deed of this number, ready to be done any number of times."""
        chance = random.Random(self.hand * 1_000_000 + number)
        earlier = chance.randrange(HANDS), chance.randrange(max(1, number))
        kind = chance.choice(KINDS)
        match kind:
            case "reserve":
                pair = chance.sample(self.variants, 2)
                return lambda: self._reserve(pair, name_of("holder", self.hand, number))
            case "extend" | "end":
                return lambda: self._holders(kind, [name_of("holder", *earlier)])
            case "expire":
                return self._expire
            case "allocate":
                wanted = [(variant, chance.randint(1, 3)) for variant in chance.sample(self.variants, chance.randint(1, 3))]
                return lambda: self._allocate(wanted, number)
            case "release" | "ship":
                demands = [name_of(f"demand{line}", *earlier) for line in range(3)]
                return lambda: self._close(kind, demands)
            case _:
                item, place = chance.choice(self.shelves)
                return lambda: self._return(item, place, name_of("return", self.hand, number))

    def _supply(self, variants: Sequence[int]) -> Any:
        from inventory.queries import supply_for

        return supply_for(variants, company_id=self.company, channel_id=self.channel, at=_now())

    def _reserve(self, variants: Sequence[int], holder: UUID) -> None:
        from inventory.operations import reserve_stock
        from inventory.rules import Demand

        demands = [Demand(order_key=1, demand_id=holder, variant_id=variant, quantity=1) for variant in variants]
        reserve_stock([(holder, demands)], supply=self._supply(variants), until=_now() + HELD, **_doing())

    def _holders(self, kind: str, holders: Sequence[UUID]) -> None:
        from inventory.operations import end_reservations, extend_reservations

        if kind == "extend":
            extend_reservations(holders, until=_now() + HELD, **_doing())
        else:
            end_reservations(holders, **_doing())

    def _expire(self) -> None:
        from inventory.operations import expire_reservations

        expire_reservations(limit=20, **_doing())

    def _allocate(self, wanted: Sequence[tuple[int, int]], number: int) -> None:
        from inventory.operations import allocate
        from inventory.rules import Demand

        demands = [
            Demand(order_key=1, demand_id=name_of(f"demand{line}", self.hand, number), variant_id=variant, quantity=quantity)
            for line, (variant, quantity) in enumerate(wanted)
        ]
        supply = self._supply([variant for variant, _quantity in wanted])
        allocate(demands, supply=supply, company_id=self.company, channel_id=self.channel, **_doing())

    def _close(self, kind: str, demands: Sequence[UUID]) -> None:
        from core.db import rows
        from inventory.operations import release_allocations, ship_allocations
        from inventory.rules import ShipAsk

        if kind == "release":
            release_allocations(demands, **_doing())
            return
        found = rows("SELECT id FROM inventory_allocation WHERE demand_id = ANY(%s::uuid[]) ORDER BY id DESC", (list(demands),))
        ship_allocations([ShipAsk(allocation_id=row.id, cause="shipment:random") for row in found], **_doing())

    def _return(self, item: int, place: int, key: UUID) -> None:
        from inventory.operations import receive_stock
        from inventory.rules import MovementKind, Receipt

        receipt = Receipt(
            stock_item_id=item, location_id=place, quantity=2, kind=MovementKind.RETURN, once_key=f"return:{key}", cause="return:random"
        )
        receive_stock([receipt], company_id=self.company, **_doing())


def _now() -> Any:
    from core import clock

    return clock.now()


def _doing() -> dict[str, Any]:
    from core.actor import SYSTEM

    return {"actor": SYSTEM, "at": _now()}


def done(deed: Callable[[], Any]) -> None:
    """The deed is done; whom others stand in the way of asks again."""
    from core.errors import Busy, Conflict

    while True:
        try:
            deed()
        except (Busy, Conflict):
            time.sleep(0.02)
        else:
            return


def main() -> None:
    import django

    django.setup()
    hand, deeds, file = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    worker = Hand(hand)
    first = int(file.read_text() or 0) if file.exists() else 0
    for number in range(first, deeds):
        deed = worker.deed(number)
        done(deed)
        done(deed)
        beside = file.with_suffix(".new")
        beside.write_text(str(number + 1))
        beside.rename(file)


if __name__ == "__main__":
    main()
