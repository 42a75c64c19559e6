from inventory.operations.allocating import allocate
from inventory.operations.allocating_items import ItemDemand, allocate_items
from inventory.operations.arriving import receive_transfers, settle_transfers
from inventory.operations.closing import Released, Shipped, release_allocations, ship_allocations
from inventory.operations.count_sheets import SheetTaken, take_count_sheet
from inventory.operations.counting import record_counts, undo_count
from inventory.operations.cutting import CannotCut, Cut, cut_allocations
from inventory.operations.delivering import Delivered, receive_deliveries
from inventory.operations.drafting import Drafted, draft_purchase_orders, rewrite_purchase_order
from inventory.operations.exchanging import FileGiven, FileTaken, give_file, take_file
from inventory.operations.file_keeping import FileNote, forget_files, keep_file, next_file_id, note_handed_over
from inventory.operations.folders import exchange_folder, folders
from inventory.operations.forecasting import Chosen, draft_proposals, make_forecasts, predictions
from inventory.operations.inspecting import inspect_stock
from inventory.operations.kits import Composed, compose_kits, expand_kits, reprice_kits
from inventory.operations.ledger import Moved
from inventory.operations.mapping import MapSaved, save_column_map
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
from inventory.operations.moving import adjust_stock, correct_shelves, receive_stock, transfer_stock, turn_stock
from inventory.operations.ordering import (
    PurchaseStep,
    approve_purchase_orders,
    cancel_purchase_orders,
    close_purchase_orders,
    send_purchase_orders,
)
from inventory.operations.picking import PickAsk, Picked, pick_lots, proposed_lots
from inventory.operations.promising import repromise_back_orders
from inventory.operations.quotas import Fenced, QuotaAsk, end_quotas, expire_quotas, set_quotas
from inventory.operations.receipt_files import take_receipts
from inventory.operations.recounting import Recounted, recount_stock
from inventory.operations.reserving import Reserved, end_reservations, expire_reservations, extend_reservations, reserve_stock
from inventory.operations.setting_aside import SetAside, expire_lots, set_lots_aside
from inventory.operations.sharing import plan_proposed_transfers
from inventory.operations.shelf_locks import lock_allocated, lock_shelves
from inventory.operations.splitting import SplitAsk, split_allocations
from inventory.operations.stocktake_closing import CannotApprove, Closed, approve_stocktake, cancel_stocktakes
from inventory.operations.stocktaking import HandedIn, Opened, ask_second_count, open_stocktake, submit_stocktake
from inventory.operations.telling import Told, tell_figures
from inventory.operations.transfer_rows import TransferStep
from inventory.operations.transferring import cancel_transfers, plan_transfers, send_transfers
from inventory.operations.valuing import Revalued, revalue_stock
from inventory.operations.waiting import WaitAsk, cancel_back_orders, fill_back_orders, hold_back_orders, wait_for_stock

__all__ = [
    "CannotApprove",
    "CannotCut",
    "Chosen",
    "Closed",
    "ComponentAsk",
    "Composed",
    "Cut",
    "Delivered",
    "Drafted",
    "Fenced",
    "FileGiven",
    "FileNote",
    "FileTaken",
    "HandedIn",
    "ItemDemand",
    "LocationAsk",
    "MapSaved",
    "Moved",
    "Opened",
    "PickAsk",
    "Picked",
    "PoolAsk",
    "PurchaseStep",
    "QuotaAsk",
    "Recounted",
    "Released",
    "Reserved",
    "Revalued",
    "RowNote",
    "SetAside",
    "SheetTaken",
    "Shipped",
    "SplitAsk",
    "StockItemAsk",
    "Told",
    "TransferStep",
    "WaitAsk",
    "adjust_stock",
    "allocate",
    "allocate_items",
    "approve_purchase_orders",
    "approve_stocktake",
    "ask_second_count",
    "cancel_back_orders",
    "cancel_purchase_orders",
    "cancel_stocktakes",
    "cancel_transfers",
    "close_purchase_orders",
    "compose_kits",
    "compose_variants",
    "correct_shelves",
    "cut_allocations",
    "draft_proposals",
    "draft_purchase_orders",
    "end_quotas",
    "end_reservations",
    "exchange_folder",
    "expand_kits",
    "expire_lots",
    "expire_quotas",
    "expire_reservations",
    "extend_reservations",
    "fill_back_orders",
    "folders",
    "forget_files",
    "give_file",
    "hold_back_orders",
    "inspect_stock",
    "keep_file",
    "lock_allocated",
    "lock_shelves",
    "make_forecasts",
    "make_stock_items",
    "mark_shelves",
    "next_file_id",
    "note_handed_over",
    "open_locations",
    "open_stocktake",
    "pick_lots",
    "plan_proposed_transfers",
    "plan_transfers",
    "predictions",
    "proposed_lots",
    "receive_deliveries",
    "receive_stock",
    "receive_transfers",
    "record_counts",
    "recount_stock",
    "release_allocations",
    "reprice_kits",
    "repromise_back_orders",
    "reserve_stock",
    "revalue_stock",
    "rewrite_purchase_order",
    "save_column_map",
    "send_purchase_orders",
    "send_transfers",
    "set_lots_aside",
    "set_pool",
    "set_quotas",
    "settle_transfers",
    "ship_allocations",
    "split_allocations",
    "submit_stocktake",
    "take_count_sheet",
    "take_file",
    "take_receipts",
    "tell_figures",
    "transfer_stock",
    "turn_stock",
    "undo_count",
    "wait_for_stock",
]
