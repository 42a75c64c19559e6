from customers.rules.matching import CANDIDATE_FROM, LIKELY_FROM, WEIGHTS, Likeness, Match, MatchReason, match, reasons_from
from customers.rules.people import (
    LIMITS,
    Person,
    PersonKeys,
    PlaceOfDelivery,
    email_unreadable,
    fault_of_text,
    faults_of_person,
    faults_of_place,
    full_name_key,
    keys_of,
    phone_unreadable,
    place_keys,
    reading_key,
    tidy_person,
    tidy_place,
)
from customers.rules.recognition import MatchedBy, Recognise, Recognised
from customers.rules.statuses import (
    AccountKind,
    AuthorKind,
    CandidateStatus,
    ConsentPurpose,
    ConsentStatus,
    ContactChannel,
    ContactKind,
    CustomerKind,
    CustomerStatus,
    LinkEvidence,
    PointKind,
    PointSource,
    Visibility,
)

__all__ = [
    "CANDIDATE_FROM", "LIKELY_FROM", "LIMITS", "WEIGHTS", "AccountKind", "AuthorKind", "CandidateStatus", "ConsentPurpose", "ConsentStatus",
    "ContactChannel", "ContactKind", "CustomerKind", "CustomerStatus", "Likeness", "LinkEvidence", "Match", "MatchReason", "MatchedBy",
    "Person", "PersonKeys", "PlaceOfDelivery", "PointKind", "PointSource", "Recognise", "Recognised", "Visibility", "email_unreadable",
    "fault_of_text", "faults_of_person", "faults_of_place", "full_name_key", "keys_of", "match", "phone_unreadable", "place_keys",
    "reading_key", "reasons_from", "tidy_person", "tidy_place",
]  # fmt: skip
