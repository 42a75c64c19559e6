"""What may be done with cases."""

from contact.operations.closing import name_callers, reopen_cases, solve_cases
from contact.operations.erasing import blank_cases
from contact.operations.opening import open_cases
from contact.operations.reasons import seed_reasons
from contact.operations.talking import add_interactions, hand_over

__all__ = [
    "add_interactions",
    "blank_cases",
    "hand_over",
    "name_callers",
    "open_cases",
    "reopen_cases",
    "seed_reasons",
    "solve_cases",
]
