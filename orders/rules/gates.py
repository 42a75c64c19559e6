"""The gates of workflow profiles, asked of an order: what stands in its way, and what somebody has to look at. Pure; ADR 0034."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.drafts import OrderDraft
from orders.rules.gifts import gift_said
from orders.rules.holds import RaisedHold
from orders.rules.profiles import Gate, GiftSaid, ProfileRow, Profiles, Workflow, gift_gaps, strictest
from orders.rules.statuses import HoldKind

PAID_LATE = frozenset({PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.DEFERRED})
"""Ways to pay by which no money can come before the goods have left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatedLine:
    """Goods of an order as gates see them; what a contract delivers was agreed with the contract."""

    sku: str
    profile: ProfileRow | None
    destination: int = 1
    is_contract: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """An order as gates see it: its goods, how it is paid, its remark, and what its buyer was told or asked."""

    lines: Sequence[GatedLine]
    method: PaymentMethod
    remark: str = ""
    told: Collection[Gate] = ()
    gifts: Sequence[GiftSaid] = ()
    """What was said of the gift of every destination, in order."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something a profile asks for that is not there, and what to do about it."""

    profile: ProfileRow
    refusal: Refusal


def each_once(reasons: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Reasons in their order, the same one only once."""
    found: list[Refusal] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def gate_facts(draft: OrderDraft, codes: Sequence[tuple[str, str]], profiles: Profiles) -> GateFacts:
    """The facts of a draft; ``codes`` are SKU and profile code of every line, in order."""
    told = {*draft.told, *((Gate.CONFIRMATION,) if draft.confirmation is not None else ())}
    lines = [
        GatedLine(
            sku=sku,
            profile=profiles.of(code, line.purchase_type),
            destination=line.destination,
            is_contract=line.subscription is not None and line.subscription.contract is not None,
        )
        for line, (sku, code) in zip(draft.lines, codes, strict=True)
    ]
    gifts = [gift_said(to.gift, to.gift_message) for to in draft.destinations]
    return GateFacts(lines=lines, method=draft.payment_method, remark=draft.remark, told=told, gifts=gifts)


def profiles_of(lines: Iterable[GatedLine]) -> list[ProfileRow]:
    """The profiles of some goods, each once, in a fixed order."""
    found = {line.profile.id: line.profile for line in lines if line.profile is not None}
    return [found[key] for key in sorted(found)]


def needs_of(facts: GateFacts, *, destination: int) -> Workflow:
    """What the goods of a destination ask of its gift."""
    return strictest(profiles_of(line for line in facts.lines if line.destination == destination))


def unmet_gates(facts: GateFacts) -> list[Unmet]:
    """What must be there before an order is placed and is not: told gates, a way to pay, parts of gifts; by every profile that asks it."""
    own = profiles_of(line for line in facts.lines if not line.is_contract)
    found = [
        Unmet(profile, Refusal(f"order.gate_{gate}", _UNTOLD[gate], {"profile": profile.name}, _FIELDS[gate]))
        for profile in own
        for gate in (Gate.CONFIRMATION, Gate.AGE)
        if gate in profile.needs.gates and gate not in facts.told
    ]
    if facts.method in PAID_LATE:
        found += [
            Unmet(profile, Refusal("order.gate_payment", _PAID_LATE, {"profile": profile.name}, "/payment_method"))
            for profile in profiles_of(facts.lines)
            if Gate.PAYMENT in profile.needs.gates
        ]
    return [*found, *_gift_gaps(facts)]


def _gift_gaps(facts: GateFacts) -> Iterable[Unmet]:
    """What the gifts lack; a part that other goods of the destination refuse is not missed."""
    for n, said in enumerate(facts.gifts):
        needs = needs_of(facts, destination=n + 1)
        for fault in gift_gaps(needs, said):
            asks = [p for p in profiles_of(line for line in facts.lines if line.destination == n + 1) if fault in gift_gaps(p.needs, said)]
            yield Unmet(asks[0], fault.at(f"/destinations/{n}{fault.field}"))


_UNTOLD = {
    Gate.CONFIRMATION: _("“%(profile)s” asks for the final confirmation. Tell total, quantity and terms, and note that the buyer agreed."),
    Gate.AGE: _("“%(profile)s” asks for the buyer’s age. Ask for it, and note that you did."),
}
_FIELDS = {Gate.CONFIRMATION: "/told_confirmation", Gate.AGE: "/told_age"}
_PAID_LATE = _("“%(profile)s” is paid before it leaves. Choose a way to pay by which the money comes first.")


def gate_holds(facts: GateFacts, unmet: Sequence[Unmet], say: Callable[[Unmet], str]) -> tuple[RaisedHold, ...]:
    """The holds that gates raise: a remark to be answered, and gates that an order agreed elsewhere came without."""
    answers = [
        RaisedHold(kind=HoldKind.REMARK, reason=profile.name, role_id=profile.role_id)
        for profile in profiles_of(facts.lines)
        if Gate.ANSWER in profile.needs.gates and facts.remark.strip()
    ]
    return (*answers, *(RaisedHold(kind=HoldKind.GATE, reason=say(one), role_id=one.profile.role_id) for one in unmet))
