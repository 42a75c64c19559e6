"""Consent: the latest word counts, a brand's own word before the word for all brands, and silence is not consent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from customers.rules.statuses import ConsentPurpose, ConsentStatus, ContactChannel


@dataclass(frozen=True, slots=True)
class Word:
    """One thing said about consent. No brand means all brands of the company."""

    word_id: int
    status: ConsentStatus
    at: datetime
    brand_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSaid:
    """A consent to be recorded: what was said, where it was said (source) and to which wording."""

    customer_id: int
    channel: ContactChannel
    purpose: ConsentPurpose
    status: ConsentStatus
    source: str
    wording: str
    brand_id: int | None = None


def in_force(words: Iterable[Word], *, brand_id: int | None, at: datetime) -> bool:
    """Whether consent holds for a brand (None: for the company as a whole) at a moment.

    The latest word counts, of those for the brand and those for all brands together: who withdraws from everything has
    withdrawn from each brand, and who then agrees to one brand has agreed to that one only. Words of the same moment count
    in the order of recording.
    """
    heard = [word for word in words if word.at <= at and (word.brand_id is None or word.brand_id == brand_id)]
    if not heard:
        return False
    return max(heard, key=lambda word: (word.at, word.word_id)).status is ConsentStatus.GIVEN
