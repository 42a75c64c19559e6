"""What is true of cases: words, whose turn it is, when an answer is owed."""

from contact.rules.asks import LIMITS, Added, HandOver, Moved, NameCaller, NewInteraction, OpenCase, Opened, Solution, SolveCase
from contact.rules.cases import (
    UNSOLVED,
    case_not_found,
    case_solved,
    due_moment,
    fault_of_handover,
    fault_of_opening,
    fault_of_solution,
    fault_of_words,
    is_overdue,
    state_after,
)
from contact.rules.reasons import REASONS
from contact.rules.statuses import CaseState, CauseClass, Deed, Desk, Direction, Priority

__all__ = [
    "LIMITS",
    "REASONS",
    "UNSOLVED",
    "Added",
    "CaseState",
    "CauseClass",
    "Deed",
    "Desk",
    "Direction",
    "HandOver",
    "Moved",
    "NameCaller",
    "NewInteraction",
    "OpenCase",
    "Opened",
    "Priority",
    "Solution",
    "SolveCase",
    "case_not_found",
    "case_solved",
    "due_moment",
    "fault_of_handover",
    "fault_of_opening",
    "fault_of_solution",
    "fault_of_words",
    "is_overdue",
    "state_after",
]  # fmt: skip
