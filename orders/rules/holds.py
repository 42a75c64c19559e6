"""Which orders somebody looks at before they ship: the rules an operator edits, asked of every order that is placed."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing.rules import PaymentMethod
from core.text import search_key
from orders.rules.statuses import HoldKind


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """A rule as it is kept. Every condition it names must be met; those about the address by one and the same destination."""

    id: int
    name: str
    kind: HoldKind
    role_id: int | None = None
    channel_id: int | None = None
    method: PaymentMethod | None = None
    total_from: int | None = None
    first_order: bool = False
    has_remark: bool = False
    repeats_within_days: int | None = None
    has_time_band: bool = False
    postal_differs: bool = False
    postal_prefixes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """As they are compared: folded by ``core.text.search_key``."""
    profile: str = ""
    article_pieces_from: int | None = None
    pieces_from: int | None = None
    pieces_within_days: int | None = None
    over_credit_limit: bool = False
    awaits_approval: bool = False

    @property
    def asks_the_past(self) -> bool:
        return self.first_order or self.looks_back_days is not None

    @property
    def looks_back_days(self) -> int | None:
        """How many days of earlier orders it asks for; None: of none."""
        return max((days for days in (self.repeats_within_days, self.pieces_within_days) if days is not None), default=None)

    @property
    def asks_an_address(self) -> bool:
        return self.has_time_band or self.postal_differs or bool(self.postal_prefixes)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDestination:
    """What rules ask of a destination; ``prefectures`` are those that its postal code lies in, none where the code is unknown."""

    postal_code: str = ""
    prefecture: str = ""
    time_band: str = ""
    prefectures: Collection[str] = ()
    text: str = ""
    """Names and address as they are compared, folded by ``core.text.search_key``."""


@dataclass(frozen=True, slots=True)
class BoughtBefore:
    """Pieces of an article that the same customer ordered earlier, as far as the order stands."""

    at: datetime
    sku: str
    pieces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldFacts:
    """What rules ask of an order about to be placed. ``repeated_at``: when the same products were last ordered by the same customer."""

    channel_id: int
    method: PaymentMethod
    total: int
    remark: str = ""
    is_first: bool = False
    repeated_at: datetime | None = None
    destinations: Sequence[HeldDestination] = ()
    profiles: Collection[str] = ()
    """Codes of the workflow profiles of its goods."""
    pieces: Mapping[str, int] = field(default_factory=dict)
    """So many of every article, by SKU."""
    before: Sequence[BoughtBefore] = ()
    owed: int = 0
    """What the customer owes for other orders, in minor units."""
    credit_limit: int | None = None
    is_approved: bool = False
    """Whether somebody answers for the payment after delivery, in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedHold:
    """A hold that an order is placed with: what kind, why, and the role that alone may release it."""

    kind: HoldKind
    reason: str = ""
    rule_id: int | None = None
    role_id: int | None = None


def raised_holds(rules: Sequence[HoldRow], facts: HoldFacts, *, at: datetime) -> tuple[RaisedHold, ...]:
    """The holds of every rule that the order meets, in the order of the rules."""
    return tuple(
        RaisedHold(kind=rule.kind, reason=rule.name, rule_id=rule.id, role_id=rule.role_id) for rule in rules if _meets(rule, facts, at)
    )


def _meets(rule: HoldRow, facts: HoldFacts, at: datetime) -> bool:
    if rule.channel_id not in (None, facts.channel_id) or rule.method not in (None, facts.method):
        return False
    if rule.total_from is not None and facts.total < rule.total_from:
        return False
    if (rule.first_order and not facts.is_first) or (rule.has_remark and not facts.remark.strip()):
        return False
    if rule.repeats_within_days is not None and (
        facts.repeated_at is None or facts.repeated_at < at - timedelta(days=rule.repeats_within_days)
    ):
        return False
    if rule.profile and rule.profile not in facts.profiles:
        return False
    if (rule.words and not _says(rule, facts)) or not _so_many(rule, facts, at):
        return False
    if rule.over_credit_limit and (facts.credit_limit is None or facts.owed + facts.total <= facts.credit_limit):
        return False
    if rule.awaits_approval and (facts.method != PaymentMethod.DEFERRED or facts.is_approved):
        return False
    return not rule.asks_an_address or any(_lies(rule, to) for to in facts.destinations)


def _says(rule: HoldRow, facts: HoldFacts) -> bool:
    """Whether a word stands in the remark or in a name or address."""
    texts = (search_key(facts.remark), *(to.text for to in facts.destinations))
    return any(word in text for word in rule.words for text in texts)


def _so_many(rule: HoldRow, facts: HoldFacts, at: datetime) -> bool:
    """Whether the order has as many pieces as a rule asks for, with those of the days it counts."""
    if rule.article_pieces_from is None and rule.pieces_from is None:
        return True
    count = Counter(facts.pieces)
    if rule.pieces_within_days is not None:
        since = at - timedelta(days=rule.pieces_within_days)
        for one in facts.before:
            if one.at >= since and (rule.pieces_from is not None or one.sku in facts.pieces):
                count[one.sku] += one.pieces
    of_one = max((count[sku] for sku in facts.pieces), default=0)
    if rule.article_pieces_from is not None and of_one < rule.article_pieces_from:
        return False
    return rule.pieces_from is None or count.total() >= rule.pieces_from


def _lies(rule: HoldRow, to: HeldDestination) -> bool:
    if rule.has_time_band and not to.time_band:
        return False
    if rule.postal_differs and (not to.prefectures or to.prefecture in to.prefectures):
        return False
    return not rule.postal_prefixes or to.postal_code.startswith(rule.postal_prefixes)
