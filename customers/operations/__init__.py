from customers.operations.accounts import EMAIL_PROVIDER, AccountExists, link_accounts, open_account, prove_email, unlink_accounts
from customers.operations.blanking import blank_customers
from customers.operations.consents import record_consents
from customers.operations.duplicates import find_duplicates
from customers.operations.erasing import Erased, erase_customers
from customers.operations.identities import add_identity, close_account, end_identity, end_sessions, reset_factors
from customers.operations.ledger import (
    close_customers,
    lock_credit,
    register_customers,
    reopen_customers,
    set_attention,
    set_credit_limits,
    update_customers,
)
from customers.operations.linking import (
    CodeToSend,
    ask_link_codes,
    count_tries,
    forget_link_codes,
    forgive_tries,
    give_link_codes,
    take_link_codes,
)
from customers.operations.merging import dismiss_candidates, merge_customers, merge_into, undo_merges
from customers.operations.notes import add_notes, end_notes, tag_customers, untag_customers
from customers.operations.points import expire_points, grant_points, return_points, spend_points
from customers.operations.points_earned import hold_customers, settle_earned_points
from customers.operations.points_undone import undo_points
from customers.operations.ranks import AssignRank, assign_ranks, end_ranks
from customers.operations.reaching import (
    add_addresses,
    add_contact_points,
    change_addresses,
    end_addresses,
    end_contact_points,
    make_default_addresses,
    mark_unreachable,
    verify_contact_points,
)
from customers.operations.recognition import recognise_customers
from customers.rules import Recognise, Recognised

__all__ = [
    "EMAIL_PROVIDER",
    "AccountExists",
    "AssignRank",
    "CodeToSend",
    "Erased",
    "Recognise",
    "Recognised",
    "add_addresses",
    "add_contact_points",
    "add_identity",
    "add_notes",
    "ask_link_codes",
    "assign_ranks",
    "blank_customers",
    "change_addresses",
    "close_account",
    "close_customers",
    "count_tries",
    "dismiss_candidates",
    "end_addresses",
    "end_contact_points",
    "end_identity",
    "end_notes",
    "end_ranks",
    "end_sessions",
    "erase_customers",
    "expire_points",
    "find_duplicates",
    "forget_link_codes",
    "forgive_tries",
    "give_link_codes",
    "grant_points",
    "hold_customers",
    "link_accounts",
    "lock_credit",
    "make_default_addresses",
    "mark_unreachable",
    "merge_customers",
    "merge_into",
    "open_account",
    "prove_email",
    "recognise_customers",
    "record_consents",
    "register_customers",
    "reopen_customers",
    "reset_factors",
    "return_points",
    "set_attention",
    "set_credit_limits",
    "settle_earned_points",
    "spend_points",
    "tag_customers",
    "take_link_codes",
    "undo_merges",
    "undo_points",
    "unlink_accounts",
    "untag_customers",
    "update_customers",
    "verify_contact_points",
]
