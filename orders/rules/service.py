"""Repair, collection and buying in: what a customer asks about goods that need not be ours, and which step may follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.words import gettext_noop as _
from orders.rules.returns import PostageBearer

IDENTITY_FROM: Final = 10_000
"""From this price on, whoever buys used goods of somebody makes sure who that is (Secondhand Articles Dealer Act, art. 15)."""
MOST_AMOUNT: Final = 100_000_000


class ServiceKind(StrEnum):
    REPAIR = "repair"
    COLLECTION = "collection"
    """Old goods are fetched or sent in, for disposal or to be kept."""
    RESALE = "resale"
    """We buy the goods of the customer."""

    @classmethod
    def labels(cls) -> dict["ServiceKind", str]:
        return {cls.REPAIR: _("Repair"), cls.COLLECTION: _("Collection"), cls.RESALE: _("Buying in")}


class ServiceStatus(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    RECEIVED = "received"
    ESTIMATED = "estimated"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    REPAIRED = "repaired"
    RETURNED = "returned"
    BOUGHT = "bought"
    KEPT = "kept"
    DISPOSED = "disposed"

    @classmethod
    def labels(cls) -> dict["ServiceStatus", str]:
        return {
            cls.REQUESTED: _("Requested"),
            cls.ACCEPTED: _("Accepted, goods awaited"),
            cls.DECLINED: _("Not accepted"),
            cls.WITHDRAWN: _("Withdrawn"),
            cls.RECEIVED: _("Here, to be looked at"),
            cls.ESTIMATED: _("Estimate with the customer"),
            cls.AGREED: _("Estimate agreed to"),
            cls.DISAGREED: _("Estimate not agreed to"),
            cls.REPAIRED: _("Repaired and given back"),
            cls.RETURNED: _("Given back as it was"),
            cls.BOUGHT: _("Bought by us"),
            cls.KEPT: _("Collected and kept"),
            cls.DISPOSED: _("Disposed of"),
        }


class ServiceDeed(StrEnum):
    """A step; its name is the verb."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    RECEIVE = "receive"
    ESTIMATE = "estimate"
    AGREE = "agree"
    DISAGREE = "disagree"
    REPAIR = "repair"
    GIVE_BACK = "give_back"
    BUY = "buy"
    KEEP = "keep"
    DISPOSE = "dispose"


class PayoutWay(StrEnum):
    """How the customer has the price of what we buy."""

    POINTS = "points"
    """As many points as the price has minor units, at once."""
    BANK = "bank"
    CASH = "cash"

    @classmethod
    def labels(cls) -> dict["PayoutWay", str]:
        return {cls.POINTS: _("Points"), cls.BANK: _("Bank transfer"), cls.CASH: _("Cash in the store")}


_S, _D, _K = ServiceStatus, ServiceDeed, ServiceKind
_ANY: Final = frozenset(ServiceKind)

# (step, kinds, from any of these, to)
STEPS: Final[tuple[tuple[ServiceDeed, frozenset[ServiceKind], frozenset[ServiceStatus], ServiceStatus], ...]] = (
    (_D.ACCEPT, _ANY, frozenset({_S.REQUESTED}), _S.ACCEPTED),
    (_D.DECLINE, _ANY, frozenset({_S.REQUESTED}), _S.DECLINED),
    (_D.WITHDRAW, _ANY, frozenset({_S.REQUESTED, _S.ACCEPTED}), _S.WITHDRAWN),
    (_D.RECEIVE, _ANY, frozenset({_S.ACCEPTED}), _S.RECEIVED),
    (_D.ESTIMATE, _ANY, frozenset({_S.RECEIVED, _S.ESTIMATED, _S.DISAGREED}), _S.ESTIMATED),
    (_D.AGREE, _ANY, frozenset({_S.ESTIMATED}), _S.AGREED),
    (_D.DISAGREE, _ANY, frozenset({_S.ESTIMATED}), _S.DISAGREED),
    (_D.REPAIR, frozenset({_K.REPAIR}), frozenset({_S.AGREED}), _S.REPAIRED),
    (_D.BUY, frozenset({_K.RESALE}), frozenset({_S.AGREED}), _S.BOUGHT),
    (_D.KEEP, frozenset({_K.COLLECTION}), frozenset({_S.RECEIVED, _S.AGREED}), _S.KEPT),
    (_D.DISPOSE, frozenset({_K.COLLECTION}), frozenset({_S.RECEIVED, _S.AGREED}), _S.DISPOSED),
    (_D.DISPOSE, frozenset({_K.REPAIR, _K.RESALE}), frozenset({_S.DISAGREED}), _S.DISPOSED),
    (_D.GIVE_BACK, _ANY, frozenset({_S.RECEIVED, _S.AGREED, _S.DISAGREED}), _S.RETURNED),
)
OPEN_SERVICES: Final = (_S.REQUESTED, _S.ACCEPTED, _S.RECEIVED, _S.ESTIMATED, _S.AGREED, _S.DISAGREED)
CUSTOMERS_DEEDS: Final = frozenset({_D.WITHDRAW, _D.AGREE, _D.DISAGREE})
"""What customers do themselves; everything else is done by us."""
ENDS: Final = frozenset({_D.REPAIR, _D.GIVE_BACK, _D.BUY, _D.KEEP, _D.DISPOSE})
TAKES_IN: Final = frozenset({_D.BUY, _D.KEEP})
"""After these the goods are ours, and may lie on a shelf."""


def step_of(deed: ServiceDeed, *, kind: ServiceKind, status: ServiceStatus) -> ServiceStatus | None:
    """The state that a step leads to; None where it may not follow."""
    for named, kinds, before, after in STEPS:
        if named is deed and kind in kinds and status in before:
            return after
    return None


def deeds_open(*, kind: ServiceKind, status: ServiceStatus) -> frozenset[ServiceDeed]:
    """Every step that may follow now."""
    return frozenset(named for named, kinds, before, _after in STEPS if kind in kinds and status in before)


def was_done(deed: ServiceDeed, *, kind: ServiceKind, status: ServiceStatus) -> bool:
    """Whether the request stands where the step leads to already."""
    return any(named is deed and kind in kinds and status is after for named, kinds, _before, after in STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAsk:
    """What a customer wants done with goods, once per customer and key; ``line_ref`` where they were bought here."""

    company_id: int
    customer_id: int
    kind: ServiceKind
    goods: str
    once_key: str
    maker: str = ""
    model: str = ""
    serial: str = ""
    bought_from: str = ""
    bought_on: date | None = None
    line_ref: UUID | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStep:
    """One step of a request, with what it says; amounts in minor units, tax included.

    ``amount`` is what an estimate comes to, and what is agreed to; ``postage`` what sending back is charged.
    """

    request_id: int
    deed: ServiceDeed
    reason: str = ""
    amount: int | None = None
    note: str = ""
    payout_way: PayoutWay | None = None
    identity_note: str = ""
    postage: int = 0
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER
    """How what is charged is paid."""
    postage_in_by: PostageBearer | None = None
    postage_out_by: PostageBearer | None = None
    stock_item_id: int | None = None
    location_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDone:
    """A request as it stands now; ``repeated`` when it stood so before."""

    request_id: int
    public_id: UUID
    number: str
    status: str
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStanding:
    """What a step is judged by."""

    kind: ServiceKind
    status: ServiceStatus
    number: str
    amount: int | None = None
    postage_out_by: PostageBearer = PostageBearer.COMPANY


LONGEST: Final[Mapping[str, int]] = {
    "goods": 200, "maker": 100, "model": 100, "serial": 100, "bought_from": 100, "remark": 1000, "note": 1000, "reason": 200, "identity_note": 200,
}  # fmt: skip


def service_ask_fault(ask: ServiceAsk, *, today: date) -> Refusal | None:
    """What is wrong with what was asked."""
    if not ask.goods.strip():
        return Refusal("service.goods_missing", _("Say which goods it is about."), {}, "/goods")
    if ask.bought_on is not None and ask.bought_on > today:
        return Refusal("service.bought_later", _("The day of purchase has not come yet."), {}, "/bought_on")
    for name in ("goods", "maker", "model", "serial", "bought_from", "remark"):
        if len(getattr(ask, name)) > LONGEST[name]:
            return Refusal("service.too_long", _("At most %(most)s characters."), {"most": LONGEST[name]}, f"/{name}")
    return None


def service_step_fault(step: ServiceStep, standing: ServiceStanding, *, by_customer: bool) -> Refusal | None:
    """Why a step may not be done now, or what it still has to say."""
    said = {"number": standing.number}
    if by_customer and step.deed not in CUSTOMERS_DEEDS:
        return Refusal("service.not_yours", _("This step of request %(number)s is ours. Please write to us."), said)
    if step_of(step.deed, kind=standing.kind, status=standing.status) is None:
        return Refusal("service.wrong_step", _("Request %(number)s is not at the point where this can be done."), said)
    if step.deed in (_D.DECLINE, _D.WITHDRAW) and not step.reason.strip():
        return Refusal("service.reason_missing", _("Say why."), {}, "/reason")
    if step.deed is _D.ESTIMATE and not 0 <= (-1 if step.amount is None else step.amount) <= MOST_AMOUNT:
        return Refusal("service.amount_missing", _("Say what it comes to, from 0 to %(most)s."), {"most": MOST_AMOUNT}, "/amount")
    if step.deed is _D.AGREE:
        return _agreeing_fault(step, standing, by_customer=by_customer)
    if step.deed is _D.BUY and (standing.amount or 0) >= IDENTITY_FROM and not step.identity_note.strip():
        words = _("From %(from)s on, note by which document you made sure who the seller is (Secondhand Articles Dealer Act).")
        return Refusal("service.identity_missing", words, {"from": IDENTITY_FROM}, "/identity_note")
    return _ending_fault(step, standing)


def _agreeing_fault(step: ServiceStep, standing: ServiceStanding, *, by_customer: bool) -> Refusal | None:
    if step.amount != standing.amount and (by_customer or step.amount is not None):  # a customer agrees to what was shown, never blindly
        return Refusal("service.other_estimate", _("The estimate has changed meanwhile. Please look at it again."), {}, "/amount")
    if standing.kind is ServiceKind.RESALE and standing.amount and step.payout_way is None:
        return Refusal("service.payout_missing", _("Choose how the price is paid."), {}, "/payout_way")
    return None


def _ending_fault(step: ServiceStep, standing: ServiceStanding) -> Refusal | None:
    if not 0 <= step.postage <= MOST_AMOUNT or (step.postage and step.deed not in (_D.REPAIR, _D.GIVE_BACK)):
        return Refusal(
            "service.postage", _("Postage is charged where goods are sent back, from 0 to %(most)s."), {"most": MOST_AMOUNT}, "/postage"
        )
    if step.postage and standing.postage_out_by is PostageBearer.COMPANY:
        return Refusal(
            "service.postage_ours", _("We bear the postage back of request %(number)s."), {"number": standing.number}, "/postage"
        )
    if (step.stock_item_id is None) != (step.location_id is None):
        return Refusal("service.half_a_shelf", _("Name both the stock item and the location, or neither."), {}, "/location")
    if step.stock_item_id is not None and step.deed not in TAKES_IN:
        return Refusal("service.not_ours", _("Only goods that are ours now go on a shelf."), {}, "/stock_item")
    return None


def fee_of(deed: ServiceDeed, standing: ServiceStanding) -> int:
    """What is invoiced for the work when this step ends the request: what was agreed to, of a repair or a collection."""
    if deed is _D.GIVE_BACK or standing.kind is ServiceKind.RESALE or standing.status is not ServiceStatus.AGREED:
        return 0
    return standing.amount or 0
