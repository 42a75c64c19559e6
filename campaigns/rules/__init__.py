from campaigns.rules.aims import CampaignAim
from campaigns.rules.segments import NAMES, PERIODS, RANGES, Alternatives, Condition, Question, fault_of_condition, question_of
from campaigns.rules.statuses import (
    WRITTEN,
    ConditionKind,
    MessageKind,
    RecipientState,
    SendState,
    Suppression,
    may_become,
)

__all__ = [
    "NAMES",
    "PERIODS",
    "RANGES",
    "WRITTEN",
    "Alternatives",
    "CampaignAim",
    "Condition",
    "ConditionKind",
    "MessageKind",
    "Question",
    "RecipientState",
    "SendState",
    "Suppression",
    "fault_of_condition",
    "may_become",
    "question_of",
]
