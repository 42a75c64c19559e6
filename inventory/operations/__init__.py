from inventory.operations.allocating import allocate
from inventory.operations.closing import Released, Shipped, release_allocations, ship_allocations
from inventory.operations.drafting import Drafted, draft_purchase_orders, rewrite_purchase_order
from inventory.operations.masters import (
    ComponentAsk,
    LocationAsk,
    PoolAsk,
    StockItemAsk,
    compose_variants,
    make_stock_items,
    open_locations,
    set_pool,
)
from inventory.operations.moving import Moved, adjust_stock, receive_stock, transfer_stock, turn_stock
from inventory.operations.recounting import Recounted, recount_stock
from inventory.operations.reserving import (
    BackOrderAsk,
    Reserved,
    cancel_back_orders,
    create_back_orders,
    end_reservations,
    expire_reservations,
    extend_reservations,
    reserve_stock,
)
from inventory.operations.valuing import Revalued, revalue_stock

__all__ = [
    "BackOrderAsk",
    "ComponentAsk",
    "Drafted",
    "LocationAsk",
    "Moved",
    "PoolAsk",
    "Recounted",
    "Released",
    "Reserved",
    "Revalued",
    "Shipped",
    "StockItemAsk",
    "adjust_stock",
    "allocate",
    "cancel_back_orders",
    "compose_variants",
    "create_back_orders",
    "draft_purchase_orders",
    "end_reservations",
    "expire_reservations",
    "extend_reservations",
    "make_stock_items",
    "open_locations",
    "receive_stock",
    "recount_stock",
    "release_allocations",
    "reserve_stock",
    "revalue_stock",
    "rewrite_purchase_order",
    "set_pool",
    "ship_allocations",
    "transfer_stock",
    "turn_stock",
]
