"""What tests of counting by lot look at."""

import pytest

from inventory.models import Lot, Movement, Pick, StockLot, StocktakeLine
from inventory.operations import CannotApprove, ship_allocations
from inventory.rules import ShipAsk
from tests.inventory.test_operations_stocktaking import COUNTER, approved, everything


def lots(place):
    found = StockLot.objects.filter(stock__location=place).select_related("lot").order_by("lot__number")
    return {row.lot.number if row.lot else "": row.on_hand for row in found}


def lines():
    found = StocktakeLine.objects.select_related("stock_item", "lot")
    return sorted(
        (line.stock_item.code, line.lot.number if line.lot else "", line.expected, line.counted, line.book, line.difference)
        for line in found
    )


def booked():
    found = Movement.objects.filter(kind="adjustment").select_related("lot").order_by("id")
    return sorted((move.lot.number if move.lot else "", move.quantity, move.state) for move in found)


def everything_and_lots():
    return everything() | {model: list(model.objects.order_by("pk").values()) for model in (Lot, StockLot, Pick)}


def shipped(allocation, at):
    ship_allocations([ShipAsk(allocation_id=allocation.allocation_id, cause="s:1")], actor=COUNTER, at=at)


def refused(take):
    with pytest.raises(CannotApprove) as error:
        approved(take)
    return [reason.code for reason in error.value.errors]
