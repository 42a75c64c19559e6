"""What may be done with a contract now, and why not: asked by pages before and by operations after the lock. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.errors import Refusal
from core.words import gettext_noop as _
from subscriptions.rules.schedule import last_day
from subscriptions.rules.slots import skips_in_a_row
from subscriptions.rules.statuses import ContractStatus, CycleStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Where a contract stands today, with its course's rules. `exception`: staff set the course's rules aside."""

    number: str
    status: ContractStatus
    today: date
    minimum_cycles: int
    change_deadline_days: int
    skip_allowed: bool
    skip_limit: int
    pause_allowed: bool
    deliveries: int
    """Made so far."""
    open_number: int | None
    open_on: date | None
    open_status: CycleStatus | None
    skipped: Collection[int] = ()
    last_number: int | None = None
    exception: bool = False

    def deadline(self, planned_on: date) -> date:
        """The last day to change a delivery."""
        return last_day(planned_on, self.change_deadline_days)

    def in_time(self, planned_on: date) -> bool:
        """Whether a delivery can still be changed; one that failed always can."""
        return (
            self.exception
            or self.today <= self.deadline(planned_on)
            or (self.open_status is CycleStatus.FAILED and planned_on == self.open_on)
        )


_ENDED: Final = _("Contract %(number)s has ended.")
_PAUSED: Final = _("Contract %(number)s is paused. Resume it first.")
_TOO_LATE: Final = _("Delivery %(delivery)s of contract %(number)s could be changed until %(until)s.")
_NO_SUCH: Final = _("Contract %(number)s has no delivery %(delivery)s to come.")


def ended(facts: Facts) -> Refusal | None:
    """Nothing can be done with a contract that is over."""
    if facts.status in (ContractStatus.CANCELLED, ContractStatus.COMPLETED):
        return Refusal("subscription.ended", _ENDED, {"number": facts.number})
    return None


def _late(facts: Facts, number: int, planned_on: date) -> Refusal | None:
    if facts.in_time(planned_on):
        return None
    said = {"number": facts.number, "delivery": number, "until": facts.deadline(planned_on).isoformat()}
    return Refusal("subscription.too_late", _TOO_LATE, said)


def no_skip(facts: Facts, number: int, planned_on: date) -> Refusal | None:
    """Why a delivery cannot be left out; None where it can."""
    if refused := ended(facts):
        return refused
    if facts.status is ContractStatus.PAUSED:
        return Refusal("subscription.paused", _PAUSED, {"number": facts.number})
    if facts.open_number is None or number < facts.open_number or (facts.last_number is not None and number > facts.last_number):
        return Refusal("subscription.no_such_delivery", _NO_SUCH, {"number": facts.number, "delivery": number})
    if not facts.exception and not facts.skip_allowed:
        return Refusal("subscription.no_skipping", _("Deliveries of this course cannot be skipped."))
    in_a_row = skips_in_a_row(number, skipped=facts.skipped)
    if not facts.exception and facts.skip_limit and in_a_row > facts.skip_limit:
        most = {"most": facts.skip_limit}
        return Refusal("subscription.too_many_skips", _("At most %(most)s deliveries in a row can be skipped."), most)
    return _late(facts, number, planned_on)


def no_unskip(facts: Facts, number: int, planned_on: date) -> Refusal | None:
    """Why a skipped delivery cannot be wanted again; None where it can."""
    if refused := ended(facts):
        return refused
    if facts.status is ContractStatus.PAUSED:
        return Refusal("subscription.paused", _PAUSED, {"number": facts.number})
    if number not in facts.skipped:
        return Refusal(
            "subscription.not_skipped",
            _("Delivery %(delivery)s of contract %(number)s is not skipped."),
            {"number": facts.number, "delivery": number},
        )
    return _late(facts, number, planned_on)


def no_pause(facts: Facts) -> Refusal | None:
    """Why a contract cannot be paused; None where it can."""
    if refused := ended(facts):
        return refused
    if not facts.exception and not facts.pause_allowed:
        return Refusal("subscription.no_pausing", _("Contracts of this course cannot be paused."))
    if facts.open_number is not None and facts.open_on is not None:
        return _late(facts, facts.open_number, facts.open_on)
    return None


def no_change(facts: Facts) -> Refusal | None:
    """Why date, interval, articles or address cannot be changed from the coming delivery on; None where they can."""
    if refused := ended(facts):
        return refused
    if facts.status is ContractStatus.ACTIVE and facts.open_number is not None and facts.open_on is not None:
        return _late(facts, facts.open_number, facts.open_on)
    return None


def no_cancel(facts: Facts) -> Refusal | None:
    """Why a contract cannot be cancelled; None where it can. Being late is no reason: the contract ends a delivery later."""
    if refused := ended(facts):
        return refused
    if not facts.exception and facts.deliveries < facts.minimum_cycles:
        said = {"minimum": facts.minimum_cycles, "made": facts.deliveries, "number": facts.number}
        return Refusal(
            "subscription.minimum_not_reached",
            _("Contract %(number)s runs for at least %(minimum)s deliveries; %(made)s were made so far."),
            said,
        )
    return None


def too_late_to_stop(facts: Facts) -> bool:
    """Whether the coming delivery still comes although the contract is cancelled now."""
    if facts.status is not ContractStatus.ACTIVE or facts.open_status is not CycleStatus.PLANNED or facts.open_on is None:
        return False
    return not facts.in_time(facts.open_on)
