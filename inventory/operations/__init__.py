from inventory.operations.allocating import allocate
from inventory.operations.arriving import receive_transfers, settle_transfers
from inventory.operations.closing import Released, Shipped, release_allocations, ship_allocations
from inventory.operations.count_sheets import SheetTaken, take_count_sheet
from inventory.operations.counting import record_counts, undo_count
from inventory.operations.delivering import Delivered, receive_deliveries
from inventory.operations.drafting import Drafted, draft_purchase_orders, rewrite_purchase_order
from inventory.operations.exchanging import FileGiven, FileTaken, give_file, take_file
from inventory.operations.file_keeping import FileNote, forget_files, keep_file, note_handed_over
from inventory.operations.folders import exchange_folder, folders
from inventory.operations.mapping import MapSaved, make_standard_maps, save_column_map
from inventory.operations.marking import mark_shelves
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
from inventory.operations.ordering import (
    PurchaseStep,
    approve_purchase_orders,
    cancel_purchase_orders,
    close_purchase_orders,
    send_purchase_orders,
)
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
from inventory.operations.stocktake_closing import CannotApprove, Closed, approve_stocktake
from inventory.operations.stocktaking import HandedIn, Opened, ask_second_count, cancel_stocktakes, open_stocktake, submit_stocktake
from inventory.operations.transfer_rows import TransferStep
from inventory.operations.transferring import cancel_transfers, plan_transfers, send_transfers
from inventory.operations.valuing import Revalued, revalue_stock

__all__ = [
    "BackOrderAsk",
    "CannotApprove",
    "Closed",
    "ComponentAsk",
    "Delivered",
    "Drafted",
    "FileGiven",
    "FileNote",
    "FileTaken",
    "HandedIn",
    "LocationAsk",
    "MapSaved",
    "Moved",
    "Opened",
    "PoolAsk",
    "PurchaseStep",
    "Recounted",
    "Released",
    "Reserved",
    "Revalued",
    "SheetTaken",
    "Shipped",
    "StockItemAsk",
    "TransferStep",
    "adjust_stock",
    "allocate",
    "approve_purchase_orders",
    "approve_stocktake",
    "ask_second_count",
    "cancel_back_orders",
    "cancel_purchase_orders",
    "cancel_stocktakes",
    "cancel_transfers",
    "close_purchase_orders",
    "compose_variants",
    "create_back_orders",
    "draft_purchase_orders",
    "end_reservations",
    "exchange_folder",
    "expire_reservations",
    "extend_reservations",
    "folders",
    "forget_files",
    "give_file",
    "keep_file",
    "make_standard_maps",
    "make_stock_items",
    "mark_shelves",
    "note_handed_over",
    "open_locations",
    "open_stocktake",
    "plan_transfers",
    "receive_deliveries",
    "receive_stock",
    "receive_transfers",
    "record_counts",
    "recount_stock",
    "release_allocations",
    "reserve_stock",
    "revalue_stock",
    "rewrite_purchase_order",
    "save_column_map",
    "send_purchase_orders",
    "send_transfers",
    "set_pool",
    "settle_transfers",
    "ship_allocations",
    "submit_stocktake",
    "take_count_sheet",
    "take_file",
    "transfer_stock",
    "turn_stock",
    "undo_count",
]
