from campaigns.operations.claiming import (
    CHUNK,
    Lease,
    Marked,
    Told,
    forget_addresses,
    give_back,
    lease_recipients,
    mark_recipients,
    note_answers,
    own_up,
)
from campaigns.operations.counting import close_sends, recount_sends
from campaigns.operations.coupons import claim_coupons, give_coupons_back, note_coupon_uses
from campaigns.operations.leaving import resubscribe, unsubscribe
from campaigns.operations.planning import confirm_sends, plan_sends, resume_sends, stop_sends
from campaigns.operations.preparing import prepare_send
from campaigns.operations.running import run_due_sends, run_send
from campaigns.operations.testing import owe_test_mails

__all__ = [
    "CHUNK",
    "Lease",
    "Marked",
    "Told",
    "claim_coupons",
    "close_sends",
    "confirm_sends",
    "forget_addresses",
    "give_back",
    "give_coupons_back",
    "lease_recipients",
    "mark_recipients",
    "note_answers",
    "note_coupon_uses",
    "owe_test_mails",
    "own_up",
    "plan_sends",
    "prepare_send",
    "recount_sends",
    "resubscribe",
    "resume_sends",
    "run_due_sends",
    "run_send",
    "stop_sends",
    "unsubscribe",
]
