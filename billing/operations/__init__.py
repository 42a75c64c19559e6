"""What may be done with money owed and received. Every entry goes through ``posting``, the ledger's only writer."""

from billing.operations.adjusting import change_intents
from billing.operations.card_intents import NoSuchCard
from billing.operations.charging import Charged, authorise_orders, gateway_named, work_calls
from billing.operations.converging import fail_intent, note_truth
from billing.operations.credits import issue_credit_notes
from billing.operations.erasing import blank_payers
from billing.operations.gateway_calls import request_captures
from billing.operations.identifying import identify_payments
from billing.operations.intents import close_intents, open_intents
from billing.operations.means import end_means, keep_cards
from billing.operations.moving import MoveAsk, move_deposits
from billing.operations.notices import close_notices, look_again_at_notices, store_notice, work_notices
from billing.operations.payments import receive_payments
from billing.operations.recounting import recount_counters
from billing.operations.refunds import refund_payments
from billing.operations.resolving import ask_again, give_up_calls
from billing.operations.reversals import reverse_payments
from billing.operations.sales import record_sales

__all__ = [
    "Charged",
    "MoveAsk",
    "NoSuchCard",
    "ask_again",
    "authorise_orders",
    "blank_payers",
    "change_intents",
    "close_intents",
    "close_notices",
    "end_means",
    "fail_intent",
    "gateway_named",
    "give_up_calls",
    "identify_payments",
    "issue_credit_notes",
    "keep_cards",
    "look_again_at_notices",
    "move_deposits",
    "note_truth",
    "open_intents",
    "receive_payments",
    "record_sales",
    "recount_counters",
    "refund_payments",
    "request_captures",
    "reverse_payments",
    "store_notice",
    "work_calls",
    "work_notices",
]
