"""Finding duplicates (名寄せ): how alike two ledger entries are, and why. Scores are ours; a person decides."""

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from core.words import gettext_noop as _


class MatchReason(StrEnum):
    """One thing that speaks for or against two entries being one person."""

    PHONE = "phone"
    EMAIL = "email"
    KANA = "kana"
    GIVEN_KANA = "given_kana"
    PLACE = "place"
    BIRTH = "birth"
    NAME = "name"
    FAMILY_MEMBER = "family_member"
    OTHER_BIRTH = "other_birth"

    @classmethod
    def labels(cls) -> dict["MatchReason", str]:
        return {
            cls.PHONE: _("Same phone"),
            cls.EMAIL: _("Same e-mail"),
            cls.KANA: _("Same reading"),
            cls.GIVEN_KANA: _("Same reading of the given name"),
            cls.PLACE: _("Same postal code and number"),
            cls.BIRTH: _("Same date of birth"),
            cls.NAME: _("Same name"),
            cls.FAMILY_MEMBER: _("Same phone, other given name (family?)"),
            cls.OTHER_BIRTH: _("Other date of birth"),
        }


WEIGHTS: Final = {
    MatchReason.PHONE: 40,
    MatchReason.EMAIL: 30,
    MatchReason.KANA: 25,
    MatchReason.GIVEN_KANA: 10,
    MatchReason.PLACE: 25,
    MatchReason.BIRTH: 20,
    MatchReason.NAME: 10,
    MatchReason.FAMILY_MEMBER: -30,
    MatchReason.OTHER_BIRTH: -40,
}
CANDIDATE_FROM: Final = 50
"""From this score on a pair is put before a person."""
LIKELY_FROM: Final = 80
"""From this score on a pair is very likely one person; the worklist shows it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """What a ledger entry is compared by: keys only, every set without empty members."""

    name: str = ""
    kana: str = ""
    given_kana: str = ""
    phones: Set[str] = field(default_factory=frozenset)
    emails: Set[str] = field(default_factory=frozenset)
    places: Set[tuple[str, str]] = field(default_factory=frozenset)
    birth_on: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """How alike two entries are, and why."""

    score: int
    reasons: tuple[MatchReason, ...]

    @property
    def is_candidate(self) -> bool:
        return self.score >= CANDIDATE_FROM

    @property
    def is_likely(self) -> bool:
        return self.score >= LIKELY_FROM

    @property
    def word(self) -> str:
        """The reasons as stored: codes joined by blanks."""
        return " ".join(self.reasons)


def match(one: Likeness, other: Likeness) -> Match:
    """How alike two entries are; the same in either order, never below zero. An empty key neither speaks for nor against."""
    reasons = [reason for reason in MatchReason if _holds(reason, one, other)]
    return Match(max(0, sum(WEIGHTS[reason] for reason in reasons)), tuple(reasons))


def _holds(reason: MatchReason, one: Likeness, other: Likeness) -> bool:
    same_kana = bool(one.kana) and one.kana == other.kana
    both_given = bool(one.given_kana and other.given_kana)
    match reason:
        case MatchReason.PHONE:
            return not one.phones.isdisjoint(other.phones)
        case MatchReason.EMAIL:
            return not one.emails.isdisjoint(other.emails)
        case MatchReason.KANA:
            return same_kana
        case MatchReason.GIVEN_KANA:
            return not same_kana and both_given and one.given_kana == other.given_kana
        case MatchReason.PLACE:
            return any(all(place) for place in one.places & other.places)
        case MatchReason.BIRTH:
            return one.birth_on is not None and one.birth_on == other.birth_on
        case MatchReason.NAME:
            return bool(one.name) and one.name == other.name
        case MatchReason.FAMILY_MEMBER:
            return both_given and one.given_kana != other.given_kana and not one.phones.isdisjoint(other.phones)
        case MatchReason.OTHER_BIRTH:
            return one.birth_on is not None and other.birth_on is not None and one.birth_on != other.birth_on
    raise AssertionError(reason)


def reasons_from(word: str) -> tuple[MatchReason, ...]:
    """The reasons of a stored word; codes of former versions are passed over."""
    known = {str(reason): reason for reason in MatchReason}
    return tuple(known[code] for code in word.split() if code in known)
