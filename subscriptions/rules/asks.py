"""What counters ask for and what they get back. A contract is named by its key."""

from dataclasses import dataclass, field
from datetime import date

from billing.rules import PaymentMethod
from customers.rules import PlaceOfDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleAsk:
    """A delivery to leave out, or to want again: the coming one, unless its number is given."""

    contract_id: int
    number: int | None = None
    reason: str = ""
    exception: bool = False
    """Staff set the course's rules aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAsk:
    """Nothing comes until a day, or until it is resumed."""

    contract_id: int
    until_on: date | None = None
    reason: str = ""
    exception: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAsk:
    """Deliveries go on, from a day if one is named."""

    contract_id: int
    next_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelAsk:
    """The contract ends; the reason is kept in the customer's or operator's words."""

    contract_id: int
    reason: str
    exception: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWish:
    """An article and how many of it each delivery brings."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAsk:
    """What is to be different from the coming delivery on; None leaves a thing as it is."""

    contract_id: int
    next_on: date | None = None
    interval: str | None = None
    items: tuple[ItemWish, ...] | None = None
    place: PlaceOfDelivery | None = None
    time_band: str | None = None
    payment_method: PaymentMethod | None = None
    means_id: int | None = None
    reason: str = ""
    exception: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The contract is as asked; `repeated` when it was so before."""

    contract_id: int
    number: int | None = None
    """The delivery it was about."""
    next_on: date | None = None
    """When the next delivery comes now; None: none is planned."""
    ends_after: int | None = None
    """A cancellation too late for the coming delivery: that one still comes, then it ends."""
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """What a run made: so many orders, so many deliveries that failed, contracts that ended; and orders that want a card charged."""

    orders: int = 0
    failed: int = 0
    completed: int = 0
    more: bool = False
    """The run stopped at its limit; there is more to do."""
    charge: tuple[int, ...] = field(default=())
    """Orders placed with a card, to be charged after commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlan:
    """A course as it is to be; its code names it."""

    code: str
    name: str
    name_en: str = ""
    kind: str = "replenishment"
    intervals: tuple[str, ...] = ("1m",)
    default_interval: str = ""
    """"": the first of the intervals."""
    lead_days: int = 3
    change_deadline_days: int = 5
    notice_days: int = 8
    minimum_cycles: int = 0
    maximum_cycles: int | None = None
    skip_allowed: bool = True
    skip_limit: int = 0
    pause_allowed: bool = True
    payment_methods: tuple[str, ...] = ()
    retry_days: tuple[int, ...] = (1, 3, 7)
    calendar_id: int | None = None
    note: str = ""
    note_en: str = ""
    variant_ids: tuple[int, ...] = ()
