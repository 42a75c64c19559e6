from subscriptions.rules.allowed import Facts, ended, no_cancel, no_change, no_pause, no_skip, no_unskip, too_late_to_stop
from subscriptions.rules.asks import (
    CancelAsk,
    ChangeAsk,
    Changed,
    CycleAsk,
    Generated,
    ItemWish,
    NewPlan,
    PauseAsk,
    ResumeAsk,
)
from subscriptions.rules.reasons import (
    CUSTOMER_SKIPPED,
    FIRST_ORDER_CANCELLED,
    GAVE_UP,
    ORDER_CANCELLED,
    PAYMENT_FAILED,
    reason_words,
)
from subscriptions.rules.schedule import (
    Ahead,
    Interval,
    Rhythm,
    UnreadableInterval,
    interval_words,
    last_day,
    read_days,
    read_interval,
    read_intervals,
    retry_on,
)
from subscriptions.rules.shown import (
    ChangeShown,
    ContractRow,
    ContractView,
    CycleShown,
    ItemShown,
    PlaceShown,
    PlanShown,
    Terms,
    TermsAsk,
)
from subscriptions.rules.slots import Slot, moved_to, next_slot, skips_in_a_row, slots
from subscriptions.rules.statuses import OPEN_CONTRACTS, ChangeKind, ContractStatus, CycleStatus, PlanKind

__all__ = [
    "CUSTOMER_SKIPPED", "FIRST_ORDER_CANCELLED", "GAVE_UP", "OPEN_CONTRACTS", "ORDER_CANCELLED", "PAYMENT_FAILED", "Ahead",
    "CancelAsk", "ChangeAsk", "ChangeKind", "ChangeShown", "Changed", "ContractRow", "ContractStatus", "ContractView", "CycleAsk",
    "CycleShown", "CycleStatus", "Facts", "Generated", "Interval", "ItemShown", "ItemWish", "NewPlan", "PauseAsk", "PlaceShown",
    "PlanKind", "PlanShown", "ResumeAsk", "Rhythm", "Slot", "Terms", "TermsAsk", "UnreadableInterval", "ended", "interval_words",
    "last_day", "moved_to", "next_slot", "no_cancel", "no_change", "no_pause", "no_skip", "no_unskip", "read_days", "read_interval",
    "read_intervals", "reason_words", "retry_on", "skips_in_a_row", "slots", "too_late_to_stop",
]  # fmt: skip
