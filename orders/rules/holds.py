"""Which orders somebody looks at before they ship: the rules an operator edits, asked of every order that is placed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.rules import PaymentMethod
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

    @property
    def asks_the_past(self) -> bool:
        return self.first_order or self.repeats_within_days is not None

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
    return not rule.asks_an_address or any(_lies(rule, to) for to in facts.destinations)


def _lies(rule: HoldRow, to: HeldDestination) -> bool:
    if rule.has_time_band and not to.time_band:
        return False
    if rule.postal_differs and (not to.prefectures or to.prefecture in to.prefectures):
        return False
    return not rule.postal_prefixes or to.postal_code.startswith(rule.postal_prefixes)
