from subscriptions.operations.amending import change_contracts
from subscriptions.operations.by_the_clock import remind_coming, resume_paused
from subscriptions.operations.changing import cancel_contracts, pause_contracts, resume_contracts, skip_cycles, unskip_cycles
from subscriptions.operations.erasing import blank_contracts
from subscriptions.operations.generating import CHUNK, generate_due
from subscriptions.operations.opening import open_contracts
from subscriptions.operations.plans import save_plans
from subscriptions.operations.settling import fail_cycles, finish_contracts, settle_cancelled_orders

__all__ = [
    "CHUNK",
    "blank_contracts",
    "cancel_contracts",
    "change_contracts",
    "fail_cycles",
    "finish_contracts",
    "generate_due",
    "open_contracts",
    "pause_contracts",
    "remind_coming",
    "resume_contracts",
    "resume_paused",
    "save_plans",
    "settle_cancelled_orders",
    "skip_cycles",
    "unskip_cycles",
]
