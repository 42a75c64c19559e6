"""Inserts: which leaflets and samples go into which parcel, by rules that an operator writes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from core.words import gettext_noop as _


class WhenShort(StrEnum):
    """What becomes of a parcel whose insert is not there."""

    SKIP = "skip"
    WAIT = "wait"

    @classmethod
    def labels(cls) -> dict["WhenShort", str]:
        return {cls.SKIP: _("The parcel leaves without it"), cls.WAIT: _("The parcel waits for it")}


class InsertEnd(StrEnum):
    """Why an insert is not in its parcel any more."""

    CANCELLED = "cancelled"
    TAKEN_OUT = "taken_out"
    COMBINED = "combined"

    @classmethod
    def labels(cls) -> dict["InsertEnd", str]:
        return {
            cls.CANCELLED: _("The parcel was cancelled"),
            cls.TAKEN_OUT: _("Taken out by hand"),
            cls.COMBINED: _("Another parcel in its box has one"),
        }


CONDITIONS: dict[str, str] = {
    "skus": _("with one of the products"),
    "cycle": _("delivery number"),
    "first_order": _("first order"),
    "f_number": _("purchase number"),
    "ad_codes": _("ad code"),
    "media": _("route medium"),
    "campaigns": _("campaign"),
    "ranks": _("rank"),
    "prefectures": _("prefecture"),
    "profiles": _("workflow profile"),
    "amount": _("order amount"),
    "period": _("period"),
    "channel": _("sales channel"),
    "everybody": _("every parcel"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertTerms:
    """A rule. All of its conditions must be met, each by any of its values; a condition without values asks nothing.

    ``from_on``/``until_on`` (exclusive) are days of choosing. Of an exclusive group the lowest ``position`` that can be served wins.
    """

    rule_id: int
    name: str
    position: int
    stock_item_id: int
    quantity: int = 1
    group: str = ""
    is_once: bool = False
    when_short: WhenShort = WhenShort.SKIP
    skus: frozenset[str] = frozenset()
    cycle_from: int | None = None
    cycle_until: int | None = None
    first_order: bool = False
    f_from: int | None = None
    f_until: int | None = None
    ad_codes: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    ranks: frozenset[str] = frozenset()
    prefectures: frozenset[str] = frozenset()
    profiles: frozenset[str] = frozenset()
    amount_from: int | None = None
    amount_until: int | None = None
    channel_id: int | None = None
    channel: str = ""
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertFacts:
    """A parcel as rules see it. ``person`` is the buyer after recognition, ``f_number`` counts days of purchase up to this order."""

    shipment_id: int
    order_id: int
    location_id: int
    person: int
    box: UUID | None = None
    channel_id: int = 0
    skus: frozenset[str] = frozenset()
    cycles: frozenset[int] = frozenset()
    is_first_order: bool = False
    f_number: int = 1
    ad_codes: frozenset[str] = frozenset()
    media: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    ranks: frozenset[str] = frozenset()
    prefecture: str = ""
    amount: int = 0
    profiles: frozenset[str] = frozenset()
    without_groups: frozenset[str] = frozenset()
    """Exclusive groups of which the profiles of its goods want nothing."""


Reasons = tuple[tuple[str, str], ...]
"""Conditions that were met, each with the value that met it."""


def reasons_for(rule: InsertTerms, parcel: InsertFacts, *, today: date) -> Reasons | None:
    """Why a rule applies to a parcel; None when it does not. A rule without conditions applies to everybody."""
    if (rule.from_on and today < rule.from_on) or (rule.until_on and today >= rule.until_on):
        return None
    asked = [*_words(rule, parcel), *_figures(rule, parcel)]
    met = [(code, value) for code, value in asked if value is not None]
    if len(met) < len(asked):
        return None
    if rule.from_on or rule.until_on:
        met.append(("period", f"{rule.from_on or ''}/{rule.until_on or ''}"))
    return tuple(met) or (("everybody", ""),)


def _words(rule: InsertTerms, parcel: InsertFacts) -> Iterator[tuple[str, str | None]]:
    """Each condition of words that the rule has, with what met it."""
    for code, asked, had in (
        ("skus", rule.skus, parcel.skus), ("ad_codes", rule.ad_codes, parcel.ad_codes), ("media", rule.media, parcel.media),
        ("campaigns", rule.campaigns, parcel.campaigns), ("ranks", rule.ranks, parcel.ranks), ("profiles", rule.profiles, parcel.profiles),
        ("prefectures", rule.prefectures, frozenset((parcel.prefecture,))),
    ):  # fmt: skip
        if asked:
            yield code, ", ".join(sorted(asked & had)) or None
    if rule.channel_id is not None:
        yield "channel", rule.channel if rule.channel_id == parcel.channel_id else None


def _figures(rule: InsertTerms, parcel: InsertFacts) -> Iterator[tuple[str, str | None]]:
    """Each condition of figures that the rule has, with what met it."""
    if rule.first_order:
        yield "first_order", "" if parcel.is_first_order else None
    for code, figures, low, high in (
        ("cycle", sorted(parcel.cycles), rule.cycle_from, rule.cycle_until), ("f_number", [parcel.f_number], rule.f_from, rule.f_until),
        ("amount", [parcel.amount], rule.amount_from, rule.amount_until),
    ):  # fmt: skip
        if low is not None or high is not None:
            yield code, ", ".join(f"{n:,d}" for n in figures if _within(n, low, high)) or None


def _within(figure: int, low: int | None, high: int | None) -> bool:
    """Both ends count."""
    return (low is None or figure >= low) and (high is None or figure <= high)


@dataclass(frozen=True, slots=True)
class ChosenInsert:
    """An insert for a parcel, by a rule, and why."""

    shipment_id: int
    rule: InsertTerms
    reasons: Reasons


@dataclass(slots=True)
class Given:
    """What is taken already: a rule and a group serve an order, and a box, only once; a once-only rule a person."""

    rules: set[tuple[object, int]] = field(default_factory=set)
    groups: set[tuple[object, str]] = field(default_factory=set)
    persons: set[tuple[int, int]] = field(default_factory=set)

    def takes(self, rule: InsertTerms, parcel: InsertFacts) -> bool:
        """Whether the rule may still serve the parcel."""
        if rule.group and rule.group in parcel.without_groups:
            return False
        scopes = scopes_of(parcel)
        if any((scope, rule.rule_id) in self.rules for scope in scopes):
            return False
        if rule.group and any((scope, rule.group) in self.groups for scope in scopes):
            return False
        return not (rule.is_once and (parcel.person, rule.rule_id) in self.persons)

    def note(self, rule: InsertTerms, parcel: InsertFacts) -> None:
        """The rule serves this parcel."""
        for scope in scopes_of(parcel):
            self.rules.add((scope, rule.rule_id))
            if rule.group:
                self.groups.add((scope, rule.group))
        if rule.is_once:
            self.persons.add((parcel.person, rule.rule_id))

    def copy(self) -> "Given":
        """To choose with, before it is known what will stand."""
        return Given(set(self.rules), set(self.groups), set(self.persons))


def scopes_of(parcel: InsertFacts) -> tuple[object, ...]:
    """Within what an insert is given once: the order, and the box it travels in."""
    return (parcel.order_id,) if parcel.box is None else (parcel.order_id, parcel.box)


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes where; ``waiting`` names for parcels the rule whose insert they wait for."""

    chosen: tuple[ChosenInsert, ...]
    waiting: Mapping[int, InsertTerms]


def choose(
    parcels: Iterable[InsertFacts], rules: Sequence[InsertTerms], *, given: Given, free: Mapping[tuple[int, int], int], today: date
) -> Choice:
    """The inserts of these parcels, one after another by their ids, each by the rules in their order of precedence.

    ``free`` is what lies free by (stock item, location). A parcel whose insert is short, where the rule says wait, gets nothing
    at all; where it says skip, the next rule of the group may serve it.
    """
    taken, left, ranked = given.copy(), dict(free), sorted(rules, key=lambda r: (r.position, r.rule_id))
    chosen: list[ChosenInsert] = []
    waiting: dict[int, InsertTerms] = {}
    for parcel in sorted(parcels, key=lambda p: p.shipment_id):
        own = _chosen(parcel, ranked, given=taken, left=left, today=today)
        if isinstance(own, InsertTerms):
            waiting[parcel.shipment_id] = own
            continue
        for one in own:
            left[one.rule.stock_item_id, parcel.location_id] -= one.rule.quantity
            taken.note(one.rule, parcel)
        chosen += own
    return Choice(tuple(chosen), waiting)


def _chosen(
    parcel: InsertFacts, ranked: Sequence[InsertTerms], *, given: Given, left: Mapping[tuple[int, int], int], today: date
) -> list[ChosenInsert] | InsertTerms:
    """The inserts of one parcel, or the rule whose insert it waits for. Writes nothing down."""
    here, taken = Given(), Counter[int]()
    own: list[ChosenInsert] = []
    for rule in ranked:
        reasons = reasons_for(rule, parcel, today=today)
        if reasons is None or not given.takes(rule, parcel) or not here.takes(rule, parcel):
            continue
        free = left.get((rule.stock_item_id, parcel.location_id), 0) - taken[rule.stock_item_id]
        if free < rule.quantity:
            if rule.when_short is WhenShort.WAIT:
                return rule
            continue
        taken[rule.stock_item_id] += rule.quantity
        here.note(rule, parcel)
        own.append(ChosenInsert(parcel.shipment_id, rule, reasons))
    return own
