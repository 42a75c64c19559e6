"""What a segment asks: conditions of one kind are alternatives, kinds come together, excluding conditions take away."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from campaigns.rules.statuses import ConditionKind
from core.errors import Refusal
from core.words import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition. Bounds are inclusive; days count back from the day that is asked about; amounts are minor units.

    >>> Condition(kind=ConditionKind.RECENCY, at_most=90)                            # bought within the last 90 days
    >>> Condition(kind=ConditionKind.PRODUCT, product_id=7, within_days=365, excluded=True)   # and not this one within a year
    """

    kind: ConditionKind
    excluded: bool = False
    at_least: int | None = None
    at_most: int | None = None
    within_days: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    sales_channel_id: int | None = None
    rank_id: int | None = None
    tag_id: int | None = None
    campaign_id: int | None = None
    prefecture: str = ""


RANGES: Final = frozenset(
    {
        ConditionKind.RECENCY,
        ConditionKind.FIRST_PURCHASE,
        ConditionKind.DELIVERED,
        ConditionKind.FREQUENCY,
        ConditionKind.AMOUNT,
        ConditionKind.BIRTH_MONTH,
    }
)
"""Kinds that want a lower or an upper bound."""

NAMES: Final = {
    ConditionKind.PRODUCT: "product_id",
    ConditionKind.CATEGORY: "category_id",
    ConditionKind.SALES_CHANNEL: "sales_channel_id",
    ConditionKind.RANK: "rank_id",
    ConditionKind.TAG: "tag_id",
    ConditionKind.WRITTEN_TO: "campaign_id",
    ConditionKind.PREFECTURE: "prefecture",
}
"""Kinds that want something named, and the column that names it."""

PERIODS: Final = frozenset({ConditionKind.PRODUCT, ConditionKind.CATEGORY, ConditionKind.SALES_CHANNEL, ConditionKind.WRITTEN_TO})
"""Kinds that may be confined to the last so many days."""


def fault_of_condition(condition: Condition) -> Refusal | None:
    """Why a condition can't be asked, or None."""
    kind = condition.kind
    if kind in RANGES:
        if condition.at_least is None and condition.at_most is None:
            return Refusal("campaigns.condition_unbounded", _("Say from or up to how many."), field="/at_least")
        if condition.at_least is not None and condition.at_most is not None and condition.at_least > condition.at_most:
            return Refusal("campaigns.condition_empty", _("The lower bound lies above the upper one."), field="/at_most")
    if kind is ConditionKind.BIRTH_MONTH and any(
        not 1 <= bound <= 12 for bound in (condition.at_least, condition.at_most) if bound is not None
    ):
        return Refusal("campaigns.condition_month", _("Months run from 1 to 12."), field="/at_least")
    if (name := NAMES.get(kind)) and not getattr(condition, name):
        return Refusal("campaigns.condition_unnamed", _("Choose what the condition is about."), field=f"/{name.removesuffix('_id')}")
    return None


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Conditions of one kind, of which one must hold."""

    kind: ConditionKind
    any_of: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A segment's conditions in the order they are asked: every alternative holds, and nothing excluded does."""

    alternatives: tuple[Alternatives, ...]
    excluded: tuple[Condition, ...]


def question_of(conditions: Iterable[Condition]) -> Question:
    """What the conditions ask together. Without any, everybody is meant."""
    wanted: dict[ConditionKind, list[Condition]] = {}
    excluded = []
    for condition in conditions:
        if condition.excluded:
            excluded.append(condition)
        else:
            wanted.setdefault(condition.kind, []).append(condition)
    return Question(tuple(Alternatives(kind, tuple(found)) for kind, found in wanted.items()), tuple(excluded))
