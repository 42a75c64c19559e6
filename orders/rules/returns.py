"""Return, exchange and claim: what may be asked for, what state a case is in, and what becomes of the money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.errors import Refusal
from core.words import gettext_noop as _

LEGAL_DAYS = 8
"""Without a stated rule a buyer may send goods back within eight days of receipt at their own cost (Act on Specified Commercial
Transactions, art. 15-3)."""
LEGAL_DEFECT_DAYS = 365
"""Who claims what was wrong with the goods tells so within a year of knowing (Civil Code, art. 566)."""


class ReturnKind(StrEnum):
    RETURN = "return"
    EXCHANGE = "exchange"
    CLAIM = "claim"
    UNDELIVERED = "undelivered"
    """Nobody took the parcel: what came back is here and credited already; it is sent once more, or the case is closed."""

    @classmethod
    def labels(cls) -> dict["ReturnKind", str]:
        return {
            cls.RETURN: _("Return"),
            cls.EXCHANGE: _("Exchange"),
            cls.CLAIM: _("Claim"),
            cls.UNDELIVERED: _("Undeliverable parcel"),
        }


class ReturnStatus(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    INSPECTED = "inspected"
    SETTLED = "settled"

    @classmethod
    def labels(cls) -> dict["ReturnStatus", str]:
        return {
            cls.REQUESTED: _("Requested"),
            cls.APPROVED: _("Approved, goods awaited"),
            cls.REFUSED: _("Not accepted"),
            cls.WITHDRAWN: _("Withdrawn"),
            cls.PARTLY_RECEIVED: _("Partly received"),
            cls.RECEIVED: _("Received, to be inspected"),
            cls.INSPECTED: _("Inspected, to be settled"),
            cls.SETTLED: _("Settled up"),
        }


OPEN_CASES = (
    ReturnStatus.REQUESTED, ReturnStatus.APPROVED, ReturnStatus.PARTLY_RECEIVED, ReturnStatus.RECEIVED, ReturnStatus.INSPECTED,
)  # fmt: skip


class OrderReturnStatus(StrEnum):
    NONE = "none"
    UNDER_WAY = "under_way"
    PARTLY_RETURNED = "partly_returned"
    RETURNED = "returned"

    @classmethod
    def labels(cls) -> dict["OrderReturnStatus", str]:
        return {
            cls.NONE: _("Nothing returned"),
            cls.UNDER_WAY: _("Return under way"),
            cls.PARTLY_RETURNED: _("Partly returned"),
            cls.RETURNED: _("All returned"),
        }


class PostageBearer(StrEnum):
    COMPANY = "company"
    CUSTOMER = "customer"

    @classmethod
    def labels(cls) -> dict["PostageBearer", str]:
        return {cls.COMPANY: _("We do"), cls.CUSTOMER: _("The customer does")}


class ExchangeTiming(StrEnum):
    AFTER_ARRIVAL = "after_arrival"
    AT_ONCE = "at_once"

    @classmethod
    def labels(cls) -> dict["ExchangeTiming", str]:
        return {cls.AFTER_ARRIVAL: _("When the goods are back"), cls.AT_ONCE: _("At once")}


class RefundWay(StrEnum):
    ORIGINAL = "original"
    """Back to the card it came from; what did not come by card waits to be transferred."""
    BANK = "bank"
    CREDIT = "credit"

    @classmethod
    def labels(cls) -> dict["RefundWay", str]:
        return {
            cls.ORIGINAL: _("As it was paid"),
            cls.BANK: _("Bank transfer"),
            cls.CREDIT: _("Credit on account"),
        }


class ReturnCondition(StrEnum):
    UNKNOWN = "unknown"
    UNOPENED = "unopened"
    OPENED = "opened"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"

    @classmethod
    def labels(cls) -> dict["ReturnCondition", str]:
        return {
            cls.UNKNOWN: _("Not told"),
            cls.UNOPENED: _("Unopened"),
            cls.OPENED: _("Opened"),
            cls.DAMAGED: _("Broken"),
            cls.DEFECTIVE: _("Defective"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTerms:
    """What a company allows for a product; without a policy, what the law gives."""

    days: int = LEGAL_DAYS
    defect_days: int = LEGAL_DEFECT_DAYS
    is_returnable: bool = True
    takes_opened: bool = True
    exchange_timing: ExchangeTiming = ExchangeTiming.AFTER_ARRIVAL
    fee: int = 0
    postage: int = 0

    def last_day(self, delivered_on: date, *, is_defect: bool) -> date:
        """The last day on which somebody may still ask."""
        return delivered_on + timedelta(days=self.defect_days if is_defect else self.days)


LEGAL_TERMS = ReturnTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFacts:
    """What the terms ask of a line that somebody wants to send back. ``is_defect`` by its reason: we sent something wrong or broken."""

    name: str
    delivered_on: date
    is_defect: bool
    is_opened: bool
    remark: str
    needs_remark: bool


def return_fault(terms: ReturnTerms, facts: ReturnFacts, *, today: date, field: str) -> Refusal | None:
    """Why the terms do not allow it: too late, not returnable, opened, or a reason without words. Staff may go against it, with a reason."""
    if facts.needs_remark and not facts.remark.strip():
        return Refusal("return.remark_missing", _("Say in a few words what is wrong: this reason asks for it."), {}, f"{field}/remark")
    last = terms.last_day(facts.delivered_on, is_defect=facts.is_defect)
    if today > last:
        return Refusal(
            "return.too_late",
            _("“%(name)s” could be sent back until %(last)s. Contact us if something is wrong with it."),
            {"name": facts.name, "last": last.isoformat()},
            f"{field}/reason",
        )
    if facts.is_defect:
        return None
    if not terms.is_returnable:
        return Refusal(
            "return.not_returnable",
            _("“%(name)s” cannot be sent back, unless it is defective or was not what you ordered."),
            {"name": facts.name},
            f"{field}/reason",
        )
    if facts.is_opened and not terms.takes_opened:
        return Refusal(
            "return.opened",
            _("“%(name)s” can be sent back only unopened, unless it is defective or was not what you ordered."),
            {"name": facts.name},
            f"{field}/condition",
        )
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCount:
    """How many pieces of a line of a case were asked for, are here, were accepted, and were declined."""

    quantity: int
    received: int = 0
    accepted: int = 0
    declined: int = 0
    comes_back: bool = True

    @property
    def is_decided(self) -> bool:
        """Everything that is here was looked at."""
        return self.accepted + self.declined == (self.received if self.comes_back else self.quantity)


def return_status(
    counts: Sequence[ReturnCount], *, approved: bool, refused: bool = False, withdrawn: bool = False, settled: bool = False
) -> ReturnStatus:
    """The state of a case, from what was decided and how its lines stand."""
    if refused:
        return ReturnStatus.REFUSED
    if withdrawn:
        return ReturnStatus.WITHDRAWN
    if settled:
        return ReturnStatus.SETTLED
    if not approved:
        return ReturnStatus.REQUESTED
    coming = [c for c in counts if c.comes_back]
    here = sum(c.received for c in coming)
    if coming and not here:
        return ReturnStatus.APPROVED
    if any(c.received < c.quantity for c in coming):
        return ReturnStatus.PARTLY_RECEIVED
    return ReturnStatus.INSPECTED if all(c.is_decided for c in counts) else ReturnStatus.RECEIVED


def order_return_status(*, shipped: int, taken: int, accepted: int, open_cases: bool) -> OrderReturnStatus:
    """What an order tells of its returns: ``accepted`` pieces that came back and were accepted, of ``shipped``."""
    if open_cases:
        return OrderReturnStatus.UNDER_WAY
    if accepted and accepted >= shipped:
        return OrderReturnStatus.RETURNED
    return OrderReturnStatus.PARTLY_RETURNED if taken else OrderReturnStatus.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnMoney:
    """What is credited, what is charged for it, and what the customer is to get back of what had been paid."""

    credited: int
    charged: int
    refund: int


def return_money(*, credited: int, freed: int, wanted_charge: int, exchange_total: int) -> ReturnMoney:
    """Charges never exceed what is credited; an exchange is paid first; only what had been paid and came loose goes back."""
    charged = min(wanted_charge, credited)
    left = max(0, credited - charged - exchange_total)
    return ReturnMoney(credited=credited, charged=charged, refund=max(0, min(left, freed - charged)))


def bearer_of(asked: PostageBearer | None, kind: ReturnKind, by_reasons: Iterable[PostageBearer]) -> PostageBearer:
    """Who bears what a return costs: as staff say, the company where it is its fault by any reason or claim, else the customer."""
    ours = kind is ReturnKind.CLAIM or PostageBearer.COMPANY in by_reasons
    return asked or (PostageBearer.COMPANY if ours else PostageBearer.CUSTOMER)


def charge_of(asked: int | None, bearer: PostageBearer, usual: Iterable[int]) -> int:
    """What staff say, else the highest of the policies where the customer bears the costs."""
    return asked if asked is not None else max(usual, default=0) if bearer is PostageBearer.CUSTOMER else 0


def may_choose_instead(product_id: int, wanted_id: int, *, is_sold: bool) -> bool:
    """Whether a customer may take a variant in exchange: another of the same product that is on sale; staff may give anything."""
    return is_sold and product_id == wanted_id
