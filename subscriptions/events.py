"""What subscriptions announce: ids, numbers and codes, never personal values. Events of one contract come in order."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.events import Event


@dataclass(frozen=True, kw_only=True)
class SubscriptionEvent(Event):
    """What every event of a contract tells."""

    contract_id: int
    contract_ref: UUID
    company_id: int
    customer_id: int

    @property
    def stream(self) -> str:
        return f"subscription:{self.contract_id}"


@dataclass(frozen=True, kw_only=True)
class SubscriptionStarted(SubscriptionEvent):
    """A contract was opened by an order, its first delivery."""

    name = "subscriptions.SubscriptionStarted"
    plan_code: str
    interval: str
    order_id: int
    order_ref: UUID
    next_on: date | None


@dataclass(frozen=True, kw_only=True)
class CycleGenerated(SubscriptionEvent):
    """A due delivery became an order."""

    name = "subscriptions.CycleGenerated"
    number: int
    delivery: int
    order_id: int
    order_ref: UUID


@dataclass(frozen=True, kw_only=True)
class CycleSkipped(SubscriptionEvent):
    """A delivery is left out."""

    name = "subscriptions.CycleSkipped"
    number: int
    next_on: date | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class CycleFailed(SubscriptionEvent):
    """A due delivery did not become an order, or its order came to nothing; ``retry_on`` says when it is tried again."""

    name = "subscriptions.CycleFailed"
    number: int
    reason: str
    tries: int
    retry_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionPaused(SubscriptionEvent):
    """Nothing comes until a contract is resumed; ``reason`` is a code where a rule paused it."""

    name = "subscriptions.SubscriptionPaused"
    until_on: date | None = None
    reason: str = ""
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionResumed(SubscriptionEvent):
    """Deliveries go on."""

    name = "subscriptions.SubscriptionResumed"
    next_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionChanged(SubscriptionEvent):
    """Date, interval, articles, address or payment of a contract are different from the coming delivery on."""

    name = "subscriptions.SubscriptionChanged"
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubscriptionCancelled(SubscriptionEvent):
    """A contract ends: at once, or after the delivery that could not be stopped any more."""

    name = "subscriptions.SubscriptionCancelled"
    ends_after: int | None = None


@dataclass(frozen=True, kw_only=True)
class SubscriptionCompleted(SubscriptionEvent):
    """Every delivery a contract promised was made, or the last one after its cancellation."""

    name = "subscriptions.SubscriptionCompleted"


@dataclass(frozen=True, kw_only=True)
class DeliveryComing(SubscriptionEvent):
    """The next delivery comes soon, and can still be changed: the customer is to be reminded."""

    name = "subscriptions.DeliveryComing"
    number: int
    planned_on: date
    change_until: date
