from orders.operations.actuals import take_actuals
from orders.operations.cancelling import Cancelled, cancel_orders
from orders.operations.erasing import blank_customers
from orders.operations.facts import refresh_facts
from orders.operations.filling import Filled, allocate_waiting
from orders.operations.holding import TickedOff, raise_holds, release_holds, tick_off_holds
from orders.operations.instructing import Accepted, Withdrawn, accept_instructions, instruct_shipments, withdraw_instructions
from orders.operations.label_numbers import take_label_numbers
from orders.operations.labelling import MOST as MOST_LABELS
from orders.operations.labelling import LabelFile, LabelsWritten, LeftOut, Packed, pack_shipments, write_labels
from orders.operations.noting import add_order_notes
from orders.operations.picking import LotEntry, LotsRefused, ParcelPicked, enter_lots, lots_to_take, pick_shipments
from orders.operations.placing import ParticipantRefused, StockWentMeanwhile, place_orders
from orders.operations.quoting import Quote, quote_orders
from orders.operations.resourcing import Resourced, ShortPick, ShortPickRefused, report_short_picks
from orders.operations.returning import CameBack, return_undelivered
from orders.operations.returning_parts import PartAsk, PartBack, return_parts
from orders.operations.shipping import Leaving, Shipped, mark_delivered, ship_shipments
from orders.operations.statuses import refresh_statuses
from orders.operations.taking import Taken, note_lost_payment, settle_card_orders, take_payments

__all__ = [
    "MOST_LABELS",
    "Accepted",
    "CameBack",
    "Cancelled",
    "Filled",
    "LabelFile",
    "LabelsWritten",
    "Leaving",
    "LeftOut",
    "LotEntry",
    "LotsRefused",
    "Packed",
    "ParcelPicked",
    "PartAsk",
    "PartBack",
    "ParticipantRefused",
    "Quote",
    "Resourced",
    "Shipped",
    "ShortPick",
    "ShortPickRefused",
    "StockWentMeanwhile",
    "Taken",
    "TickedOff",
    "Withdrawn",
    "accept_instructions",
    "add_order_notes",
    "allocate_waiting",
    "blank_customers",
    "cancel_orders",
    "enter_lots",
    "instruct_shipments",
    "lots_to_take",
    "mark_delivered",
    "note_lost_payment",
    "pack_shipments",
    "pick_shipments",
    "place_orders",
    "quote_orders",
    "raise_holds",
    "refresh_facts",
    "refresh_statuses",
    "release_holds",
    "report_short_picks",
    "return_parts",
    "return_undelivered",
    "settle_card_orders",
    "ship_shipments",
    "take_actuals",
    "take_label_numbers",
    "take_payments",
    "tick_off_holds",
    "withdraw_instructions",
    "write_labels",
]
