"""Workflow profiles: what orders of a kind of goods need, by how they are bought. Pure; rows are an operator's (ADR 0034)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce

from catalog.rules import PurchaseType
from core.errors import Refusal
from core.words import gettext_noop as _

DEFAULT_PROFILE = "default"
"""The code of the profile for goods that name none, or one that is not there."""


class PurchaseForm(StrEnum):
    """How something is bought, as far as a profile asks."""

    ANY = "any"
    ONE_OFF = "one_off"
    SUBSCRIPTION = "subscription"

    @classmethod
    def labels(cls) -> dict["PurchaseForm", str]:
        return {cls.ANY: _("Every form"), cls.ONE_OFF: _("One-off"), cls.SUBSCRIPTION: _("Subscription")}


class Gate(StrEnum):
    """What must be there: the first two before an order is placed, the others before its parcels leave."""

    CONFIRMATION = "confirmation"
    AGE = "age"
    PAYMENT = "payment"
    INSPECTION = "inspection"
    ANSWER = "answer"

    @classmethod
    def labels(cls) -> dict["Gate", str]:
        return {
            cls.CONFIRMATION: _("Final confirmation shown"),
            cls.AGE: _("Age asked for"),
            cls.PAYMENT: _("Paid before it leaves"),
            cls.INSPECTION: _("Inspected by scan before it leaves"),
            cls.ANSWER: _("Remark answered before it leaves"),
        }


class ToldGate(StrEnum):
    """Gates that whoever takes the order can only tell of: nothing else in the house knows."""

    CONFIRMATION = "confirmation"
    AGE = "age"


TOLD_GATES = (Gate.CONFIRMATION, Gate.AGE)
"""The same as gates."""


class GiftPart(StrEnum):
    """What may be chosen of a gift."""

    NOSHI = "noshi"
    WRAPPING = "wrapping"
    MESSAGE = "message"
    SENDER = "sender"
    HIDDEN_PRICES = "hidden_prices"

    @classmethod
    def labels(cls) -> dict["GiftPart", str]:
        return {
            cls.NOSHI: _("Noshi"),
            cls.WRAPPING: _("Wrapping"),
            cls.MESSAGE: _("Message card"),
            cls.SENDER: _("Sender's name"),
            cls.HIDDEN_PRICES: _("Hidden prices"),
        }


class GiftRule(StrEnum):
    """Whether a part of a gift may, must or must not be chosen."""

    OFFERED = "offered"
    REQUIRED = "required"
    REFUSED = "refused"

    @classmethod
    def labels(cls) -> dict["GiftRule", str]:
        return {cls.OFFERED: _("Offered"), cls.REQUIRED: _("Required"), cls.REFUSED: _("Not possible")}


_STRICTNESS = (GiftRule.OFFERED, GiftRule.REQUIRED, GiftRule.REFUSED)
"""From mild to strict: what may not be put on one of the goods is not put on the parcel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """What an order needs. ``gifts`` names only parts that are not simply offered, ``without_groups`` the insert groups it gets nothing of."""

    gates: frozenset[Gate] = frozenset()
    gifts: Mapping[GiftPart, GiftRule] = field(default_factory=dict)
    without_groups: frozenset[str] = frozenset()
    scripts: frozenset[tuple[str, str]] = frozenset()
    """(name of the profile, what the operator is told)."""


NEUTRAL = Workflow()
"""Needs nothing: an order of a company without profiles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow:
    """A profile as it is kept; ``role_id`` alone may release the holds it raises, where one is named."""

    id: int
    code: str
    form: PurchaseForm
    name: str
    role_id: int | None = None
    needs: Workflow = NEUTRAL

    @property
    def weight(self) -> tuple[int, int, str]:
        """How much it asks; of several the heaviest leads."""
        return len(self.needs.gates), sum(1 for rule in self.needs.gifts.values() if rule is not GiftRule.OFFERED), self.code


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles of a company."""

    rows: Mapping[tuple[str, PurchaseForm], ProfileRow] = field(default_factory=dict)

    def of(self, code: str, purchase_type: str) -> ProfileRow | None:
        """The profile of goods bought so: of their code, else the company's default; that of the very form goes before every form."""
        form = PurchaseForm.SUBSCRIPTION if purchase_type == PurchaseType.SUBSCRIPTION else PurchaseForm.ONE_OFF
        asked = ((name, one) for name in (code, DEFAULT_PROFILE) if name for one in (form, PurchaseForm.ANY))
        return next((self.rows[key] for key in asked if key in self.rows), None)


NO_PROFILES = Profiles()


def combine(one: Workflow, other: Workflow) -> Workflow:
    """What an order needs that has goods of both: the strictest of each."""
    gifts = {
        part: max((one.gifts.get(part, GiftRule.OFFERED), other.gifts.get(part, GiftRule.OFFERED)), key=_STRICTNESS.index)
        for part in GiftPart
    }
    return Workflow(
        gates=one.gates | other.gates,
        gifts={part: rule for part, rule in gifts.items() if rule is not GiftRule.OFFERED},
        without_groups=one.without_groups | other.without_groups,
        scripts=one.scripts | other.scripts,
    )


def strictest(profiles: Iterable[ProfileRow]) -> Workflow:
    """What an order with goods of these profiles needs."""
    return reduce(combine, (row.needs for row in profiles), NEUTRAL)


def leading(profiles: Sequence[ProfileRow]) -> ProfileRow | None:
    """The profile that an order is named after: the one that asks most."""
    return max(profiles, key=lambda row: row.weight, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftSaid:
    """What was said of a destination's gift; ``hides_prices`` None leaves it to the house."""

    noshi: bool = False
    wrapping: bool = False
    message: bool = False
    sender: bool = False
    hides_prices: bool | None = None

    def has(self, part: GiftPart, *, unsaid: bool = False) -> bool:
        """Whether the part was chosen; prices that nobody spoke of count as ``unsaid``."""
        if part is GiftPart.HIDDEN_PRICES:
            return unsaid if self.hides_prices is None else self.hides_prices
        return bool(getattr(self, part))


_SAYS = {
    GiftPart.NOSHI: (_("Choose a noshi: these goods are sent with one."), "/gift/noshi"),
    GiftPart.WRAPPING: (_("Choose a wrapping: these goods are sent wrapped."), "/gift/wrapping"),
    GiftPart.MESSAGE: (_("Write a message: these goods are sent with a card."), "/gift_message"),
    GiftPart.SENDER: (_("Write whose name stands on the parcel: these goods are sent in the giver's name."), "/gift/sender_name"),
    GiftPart.HIDDEN_PRICES: (_("Prices stay hidden with these goods. Choose to hide them."), "/gift/hides_prices"),
}
_SAYS_NOT = {
    GiftPart.NOSHI: _("These goods take no noshi. Leave it out, or order them separately."),
    GiftPart.WRAPPING: _("These goods are not wrapped. Leave the wrapping out, or order them separately."),
    GiftPart.MESSAGE: _("These goods take no card. Leave the message out, or order them separately."),
    GiftPart.SENDER: _("These goods leave in the buyer's own name. Leave the sender's name out, or order them separately."),
    GiftPart.HIDDEN_PRICES: _("Prices are shown with these goods. Choose to show them, or order them separately."),
}


def gift_gaps(needs: Workflow, said: GiftSaid) -> list[Refusal]:
    """What of a destination's gift is missing; pointers are those of a draft's destination. Prices nobody spoke of hide by themselves."""
    return [
        Refusal("gift.required", words, {}, pointer)
        for part, (words, pointer) in _SAYS.items()
        if needs.gifts.get(part) is GiftRule.REQUIRED and not said.has(part, unsaid=True)
    ]


def gift_clashes(needs: Workflow, said: GiftSaid) -> list[Refusal]:
    """What of a destination's gift was chosen and must not be; pointers are those of a draft's destination."""
    return [
        Refusal("gift.not_taken", _SAYS_NOT[part], {}, pointer)
        for part, (_words, pointer) in _SAYS.items()
        if needs.gifts.get(part) is GiftRule.REFUSED and said.has(part)
    ]


def prices_hidden(needs: Workflow, wished: bool | None, *, to_another: bool) -> bool:
    """Whether the prices of a gift are hidden: as the profile says, else as wished, else where it goes to somebody else."""
    rule = needs.gifts.get(GiftPart.HIDDEN_PRICES, GiftRule.OFFERED)
    if rule is not GiftRule.OFFERED:
        return rule is GiftRule.REQUIRED
    return to_another if wished is None else wished
