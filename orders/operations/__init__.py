from orders.operations.actuals import take_actuals
from orders.operations.approving import ApprovalAsk, Decided, decide_approvals
from orders.operations.batching import InBatch, OutOfBatch, leave_batches, make_picking_batches, pick_and_print
from orders.operations.cancelling import Cancelled, cancel_orders
from orders.operations.change_stock import StockStep, stock_steps
from orders.operations.changing import Calculated, CannotChange, ChangeOpened, Conflicted, calculate, discard_changes, open_change
from orders.operations.combining import Combined, Parted, combine_shipments, part_shipments
from orders.operations.confirming import Changed, Confirming, confirm_change, place_of_piece
from orders.operations.delays import find_delays, settle_alerts
from orders.operations.earning import earn_due_points, earn_points
from orders.operations.erasing import blank_customers
from orders.operations.estimating import decline_estimates, issue_estimates, order_estimates
from orders.operations.facts import refresh_facts
from orders.operations.filling import Filled, allocate_waiting
from orders.operations.finding import tidy_words, write_order_words
from orders.operations.gift_masters import seed_noshi
from orders.operations.handing_back import (
    NoticesWritten,
    queue_notices,
    tell_again,
    tell_counters,
    write_notice_files,
    write_notices,
)
from orders.operations.holding import TickedOff, raise_holds, release_holds, tick_off_holds
from orders.operations.inserting import InsertsChosen, InsertsTakenOut, choose_inserts, take_out_inserts
from orders.operations.inspecting import Inspected, discard_inspection, finish_inspection, open_inspection, scan_piece, undo_scan
from orders.operations.instructing import Accepted, Withdrawn, accept_instructions, instruct_shipments, withdraw_instructions
from orders.operations.intake_fetching import Fetched, fetch_counter, fetch_soon
from orders.operations.intake_folders import FileMoved, exchange_intake
from orders.operations.intake_mending import (
    Mended,
    forget_intake,
    map_article,
    note_intake_changes,
    save_intake_map,
    set_intake_aside,
    try_intake_again,
)
from orders.operations.intake_placing import (
    TakenIn,
    name_article,
    place_again,
    take_in,
    take_in_received,
    take_previewed,
    work_intake,
    work_received,
)
from orders.operations.intake_receiving import (
    Counted,
    Received,
    preview_document,
    read_document,
    receive_document,
    settle_preview,
)
from orders.operations.label_numbers import take_label_numbers
from orders.operations.labelling import MOST as MOST_LABELS
from orders.operations.labelling import LabelFile, LabelsWritten, LeftOut, Packed, pack_shipments, write_labels
from orders.operations.noting import add_order_notes
from orders.operations.own_changing import change_own_order, foresee_own_change
from orders.operations.papering import (
    LeasedPaper,
    OnPaper,
    ask_for_papers,
    fail_papers,
    forget_papers,
    keep_papers,
    lease_papers,
    note_papers_read,
    set_papers_again,
)
from orders.operations.photos import add_photos, cleaned_photo, drop_ended_photos, drop_stray_photos
from orders.operations.picking import LotEntry, LotsRefused, ParcelPicked, enter_lots, lots_to_take, pick_shipments
from orders.operations.pickup import (
    HandedOver,
    HandOver,
    Prepared,
    hand_over_pickup,
    lapse_pickups,
    look_for_pickup,
    note_wrong_code,
    prepare_pickups,
    remind_pickups,
    renew_pickup_code,
)
from orders.operations.placing import ParticipantRefused, StockWentMeanwhile, place_orders
from orders.operations.polling import poll_all, poll_tracking
from orders.operations.quoting import Quote, ServiceChoice, quote_orders, quote_services
from orders.operations.received import (
    PapersKept,
    PaperTaken,
    decide_papers,
    forget_scans,
    receive_papers,
    requeue_papers,
    take_next_paper,
    take_paper,
)
from orders.operations.received_folders import take_in_scans
from orders.operations.resourcing import Resourced, ShortPick, ShortPickRefused, report_short_picks
from orders.operations.return_decisions import approve_returns, refuse_returns, reship_undelivered, withdraw_returns
from orders.operations.return_goods import Found, InspectAsk, ReceiveAsk, ReturnNotMoved, inspect_returns, receive_returns
from orders.operations.return_requests import request_returns
from orders.operations.return_settling import ReturnNotCredited, SettleAsk, follow_return_money, note_refunds, settle_returns
from orders.operations.returning import CameBack, return_undelivered
from orders.operations.returning_parts import PartAsk, PartBack, return_parts
from orders.operations.seeding_delivery import DeliverySeeded, seed_delivery
from orders.operations.selling import NotSold, Sold, StoreSale, sale_draft, sell_in_store
from orders.operations.service_ends import ServiceNotEnded
from orders.operations.services import note_service_payouts, request_services, step_services
from orders.operations.shipping import Leaving, Shipped, mark_delivered, ship_shipments
from orders.operations.splitting import Split, SplitParcel, split_shipments
from orders.operations.statuses import refresh_statuses
from orders.operations.taking import Taken, note_lost_payment, settle_card_orders, take_payments
from orders.operations.tracking import follow_tracking, take_tracking_events
from orders.operations.tracking_files import take_tracking_rows

__all__ = [
    "MOST_LABELS",
    "Accepted",
    "ApprovalAsk",
    "Calculated",
    "CameBack",
    "Cancelled",
    "CannotChange",
    "ChangeOpened",
    "Changed",
    "Combined",
    "Confirming",
    "Conflicted",
    "Counted",
    "Decided",
    "DeliverySeeded",
    "Fetched",
    "FileMoved",
    "Filled",
    "Found",
    "HandOver",
    "HandedOver",
    "InBatch",
    "InsertsChosen",
    "InsertsTakenOut",
    "InspectAsk",
    "Inspected",
    "LabelFile",
    "LabelsWritten",
    "LeasedPaper",
    "Leaving",
    "LeftOut",
    "LotEntry",
    "LotsRefused",
    "Mended",
    "NotSold",
    "NoticesWritten",
    "OnPaper",
    "OutOfBatch",
    "Packed",
    "PaperTaken",
    "PapersKept",
    "ParcelPicked",
    "PartAsk",
    "PartBack",
    "Parted",
    "ParticipantRefused",
    "Prepared",
    "Quote",
    "ReceiveAsk",
    "Received",
    "Resourced",
    "ReturnNotCredited",
    "ReturnNotMoved",
    "ServiceChoice",
    "ServiceNotEnded",
    "SettleAsk",
    "Shipped",
    "ShortPick",
    "ShortPickRefused",
    "Sold",
    "Split",
    "SplitParcel",
    "StockStep",
    "StockWentMeanwhile",
    "StoreSale",
    "Taken",
    "TakenIn",
    "TickedOff",
    "Withdrawn",
    "accept_instructions",
    "add_order_notes",
    "add_photos",
    "allocate_waiting",
    "approve_returns",
    "ask_for_papers",
    "blank_customers",
    "calculate",
    "cancel_orders",
    "change_own_order",
    "choose_inserts",
    "cleaned_photo",
    "combine_shipments",
    "confirm_change",
    "decide_approvals",
    "decide_papers",
    "decline_estimates",
    "discard_changes",
    "discard_inspection",
    "drop_ended_photos",
    "drop_stray_photos",
    "earn_due_points",
    "earn_points",
    "enter_lots",
    "exchange_intake",
    "fail_papers",
    "fetch_counter",
    "fetch_soon",
    "find_delays",
    "finish_inspection",
    "follow_return_money",
    "follow_tracking",
    "foresee_own_change",
    "forget_intake",
    "forget_papers",
    "forget_scans",
    "hand_over_pickup",
    "inspect_returns",
    "instruct_shipments",
    "issue_estimates",
    "keep_papers",
    "lapse_pickups",
    "lease_papers",
    "leave_batches",
    "look_for_pickup",
    "lots_to_take",
    "make_picking_batches",
    "map_article",
    "mark_delivered",
    "name_article",
    "note_intake_changes",
    "note_lost_payment",
    "note_papers_read",
    "note_refunds",
    "note_service_payouts",
    "note_wrong_code",
    "open_change",
    "open_inspection",
    "order_estimates",
    "pack_shipments",
    "part_shipments",
    "pick_and_print",
    "pick_shipments",
    "place_again",
    "place_of_piece",
    "place_orders",
    "poll_all",
    "poll_tracking",
    "prepare_pickups",
    "preview_document",
    "queue_notices",
    "quote_orders",
    "quote_services",
    "raise_holds",
    "read_document",
    "receive_document",
    "receive_papers",
    "receive_returns",
    "refresh_facts",
    "refresh_statuses",
    "refuse_returns",
    "release_holds",
    "remind_pickups",
    "renew_pickup_code",
    "report_short_picks",
    "request_returns",
    "request_services",
    "requeue_papers",
    "reship_undelivered",
    "return_parts",
    "return_undelivered",
    "sale_draft",
    "save_intake_map",
    "scan_piece",
    "seed_delivery",
    "seed_noshi",
    "sell_in_store",
    "set_intake_aside",
    "set_papers_again",
    "settle_alerts",
    "settle_card_orders",
    "settle_preview",
    "settle_returns",
    "ship_shipments",
    "split_shipments",
    "step_services",
    "stock_steps",
    "take_actuals",
    "take_in",
    "take_in_received",
    "take_in_scans",
    "take_label_numbers",
    "take_next_paper",
    "take_out_inserts",
    "take_paper",
    "take_payments",
    "take_previewed",
    "take_tracking_events",
    "take_tracking_rows",
    "tell_again",
    "tell_counters",
    "tick_off_holds",
    "tidy_words",
    "try_intake_again",
    "undo_scan",
    "withdraw_instructions",
    "withdraw_returns",
    "work_intake",
    "work_received",
    "write_labels",
    "write_notice_files",
    "write_notices",
    "write_order_words",
]
