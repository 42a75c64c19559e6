"""What the app tells others: courses, terms before the purchase, contracts and their deliveries."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShown:
    """A course as a buyer reads it, in the language asked for."""

    code: str
    name: str
    kind: str
    intervals: tuple[tuple[str, str], ...]
    """(code, words), as offered"""
    default_interval: str
    minimum_cycles: int
    """So many deliveries before it can be cancelled; 0 and 1 mean at any time."""
    maximum_cycles: int | None
    """None: until cancelled."""
    lead_days: int
    change_deadline_days: int
    cancellation_rule: str
    """In words: from when, until when, how."""
    skip_allowed: bool
    skip_limit: int
    """So many deliveries in a row may be left out; 0 is no limit."""
    pause_allowed: bool
    payment_methods: tuple[str, ...]
    """Methods a contract may be paid by; empty: all."""
    note: str = ""
    """What the course wants to add about its rules, in the reader's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsAsk:
    """A subscription line about to be agreed; amounts are asked of the catalogue."""

    variant_id: int
    quantity: int = 1
    plan_code: str = ""
    interval: str = ""
    rank_code: str = ""
    first_on: date | None = None
    """The wished date of the first delivery, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the law wants shown before a subscription is agreed; amounts with the catalogue's tax basis, in minor units."""

    variant_id: int
    name: str
    plan_code: str
    plan_name: str
    quantity: int
    """Of each delivery."""
    interval: str
    interval_label: str
    currency: str
    first_amount: int
    """Goods of delivery 1."""
    later_amounts: tuple[tuple[int, int], ...]
    """(from delivery, amount) wherever the price of a delivery differs from the one before it."""
    next_on: date
    """When delivery 2 comes."""
    year_deliveries: int
    year_amount: int
    """Goods of the deliveries that come within a year of the first."""
    until: str
    """In words: until cancelled, or after so many deliveries."""
    minimum: str
    """In words; "" where it can be cancelled at any time."""
    cancellation_rule: str
    change_rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShown:
    """An article of a contract with what one delivery of it costs next."""

    variant_id: int
    sku: str
    name: str
    quantity: int
    amount: int | None
    """None where it cannot be bought at the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleShown:
    """One delivery: past ones with their order, coming ones with what may be done about them."""

    number: int
    delivery: int | None
    """Which delivery it is (skipped ones are none)."""
    planned_on: date
    order_on: date | None
    """The day its order is made; None while that is not known (the contract is paused)."""
    status: str
    amount: int | None
    """Goods as agreed or, for a coming one, at today's prices."""
    order_ref: UUID | None = None
    order_number: str = ""
    order_status: str = ""
    reason: str = ""
    """Why it was skipped or failed: a code, see `reason_words`."""
    reason_words: str = ""
    change_until: date | None = None
    """The last day to skip or change it; None where nothing can be changed any more."""
    may_skip: bool = False
    may_unskip: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """A contract in a list."""

    key: int
    id: UUID
    number: str
    customer_key: int
    plan_code: str
    plan_name: str
    status: str
    interval: str
    interval_label: str
    items: tuple[tuple[str, str, int], ...]
    """(SKU, name, quantity)"""
    next_number: int | None
    next_on: date | None
    failing: bool
    """The coming delivery failed and waits to be tried again, or for somebody."""
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """One entry of a contract's history."""

    at: datetime
    kind: str
    words: str
    number: int | None
    before: str
    after: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractView:
    """A contract with its next twelve months and everything that may be done now."""

    key: int
    id: UUID
    number: str
    version: int
    company_id: int
    customer_key: int
    channel_id: int
    language: str
    status: str
    status_words: str
    plan: PlanShown
    interval: str
    interval_label: str
    currency: str
    items: tuple[ItemShown, ...]
    place: "PlaceShown"
    payment_method: str
    means_id: int | None
    deliveries: int
    """Made so far."""
    started_at: datetime
    paused_until_on: date | None
    pause_reason: str
    ended_at: datetime | None
    end_reason: str
    last_delivery: int | None
    """The contract ends after this slot; None: it goes on."""
    coming: tuple[CycleShown, ...]
    """At least twelve months, soonest first."""
    past: tuple[CycleShown, ...]
    """Newest first."""
    history: tuple[ChangeShown, ...]
    year_amount: int
    """Goods of what is to come within twelve months, at today's prices."""
    may_pause: bool
    may_resume: bool
    may_change: bool
    may_cancel: bool
    cancel_refusal: str
    """Why it cannot be cancelled now, in words."""
    change_until: date | None
    """The last day to change the coming delivery."""
    may_change_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShown:
    """Where a contract's deliveries go."""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    organisation_name: str
    country: str
    postal_code: str
    prefecture: str
    city: str
    street: str
    building: str
    phone: str
    time_band: str
