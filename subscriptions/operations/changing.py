"""Contracts are skipped, paused, resumed, cancelled and changed, by customers and staff alike, within the course's rules.

Every verb locks the contract first and then reads its deliveries, so a generator that was quicker is seen and one that
comes later sees the change.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol, TypeVar

from core.actor import Actor, ActorKind
from core.db import operation
from core.errors import Refusal
from core.words import gettext_noop as _
from subscriptions.events import (
    CycleSkipped,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionPaused,
    SubscriptionResumed,
)
from subscriptions.operations.state import Held, HeldCycle, hold, put_back
from subscriptions.rules import (
    CUSTOMER_SKIPPED,
    CancelAsk,
    Changed,
    ChangeKind,
    ContractStatus,
    CycleAsk,
    CycleStatus,
    PauseAsk,
    ResumeAsk,
    ended,
    moved_to,
    no_cancel,
    no_pause,
    no_skip,
    no_unskip,
    too_late_to_stop,
)


class AboutContract(Protocol):
    """Any ask that names its contract."""

    @property
    def contract_id(self) -> int: ...


Ask = TypeVar("Ask", bound=AboutContract)
Answer = Changed | Refusal
NOT_FOUND = Refusal("subscription.not_found", _("There is no such contract."))
FARTHEST = timedelta(days=366)


def each(asks: Sequence[Ask], verb: Callable[[Held, Ask], Answer], *, actor: Actor, at: datetime) -> list[Answer]:
    """Lock the contracts, do the verb to each in the order asked, write everything back; one answer per ask."""
    held = hold([ask.contract_id for ask in asks], at=at)
    answers: list[Answer] = []
    for ask in asks:
        one = held.get(ask.contract_id)
        if one is None:
            answers.append(NOT_FOUND)
        elif getattr(ask, "exception", False) and actor.kind is ActorKind.CUSTOMER:
            answers.append(Refusal("subscription.staff_only", _("Only staff can set the rules of a course aside.")))
        else:
            answers.append(verb(one, ask))
    put_back(held.values(), actor=actor, at=at)
    return answers


@operation
def skip_cycles(asks: Sequence[CycleAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """A delivery is left out and the next one moves up to its own date. Repeating it changes nothing.

    Announces CycleSkipped. Refuses "subscription.too_late", "subscription.no_skipping", "subscription.too_many_skips",
    "subscription.no_such_delivery", "subscription.paused", "subscription.ended", "subscription.not_found".
    """
    return each(asks, lambda one, ask: _skip(one, ask, at=at), actor=actor, at=at)


def _skip(one: Held, ask: CycleAsk, *, at: datetime) -> Answer:
    opened = one.open
    number = ask.number or (opened.number if opened else 0)
    if number in one.skipped:
        return Changed(contract_id=one.id, number=number, next_on=one.next_on, repeated=True)
    facts = one.facts(exception=ask.exception)
    slot = one.slot(number) if opened and number >= opened.number else None
    if refused := no_skip(facts, number, slot.planned_on if slot else one.today):
        return refused
    if opened is None or slot is None:
        return _no_such(one, number)
    reason = ask.reason[:200] or CUSTOMER_SKIPPED
    if number == opened.number:
        opened.status, opened.due_on, opened.reason, opened.settled_at, opened.dirty = CycleStatus.SKIPPED, None, reason, at, True
        if one.plan_after(number, delivery=opened.delivery) is None:
            one.end(ContractStatus.CANCELLED, reason=one.end_reason, at=at)
    else:
        one.cycles[number] = HeldCycle(
            id=None, number=number, delivery=slot.delivery, planned_on=slot.planned_on, due_on=None, status=CycleStatus.SKIPPED,
            reason=reason, settled_at=at,
        )  # fmt: skip
    one.note(ChangeKind.SKIPPED, number=number, before=slot.planned_on, after=one.next_on or "", reason=ask.reason)
    one.events.append(CycleSkipped(**one.ids, number=number, next_on=one.next_on, reason=reason))
    return Changed(contract_id=one.id, number=number, next_on=one.next_on)


def _no_such(one: Held, number: int) -> Refusal:
    return Refusal(
        "subscription.no_such_delivery",
        _("Contract %(number)s has no delivery %(delivery)s to come."),
        {"number": one.number, "delivery": number},
    )


@operation
def unskip_cycles(asks: Sequence[CycleAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """A delivery that was left out comes after all, on its own date. The number must be given.

    Announces SubscriptionChanged. Refuses "subscription.not_skipped", "subscription.too_late", "subscription.paused",
    "subscription.ended", "subscription.not_found".
    """
    return each(asks, _unskip, actor=actor, at=at)


def _unskip(one: Held, ask: CycleAsk) -> Answer:
    number = ask.number or max((n for n in one.skipped if one.open is None or n < one.open.number), default=0)
    opened = one.open
    if number not in one.skipped and opened is not None and number >= opened.number:
        return Changed(contract_id=one.id, number=number, next_on=one.next_on, repeated=True)
    planned_on = one.planned_date(number) if number in one.skipped else one.today
    if refused := no_unskip(one.facts(exception=ask.exception), number, planned_on):
        return refused
    cycle = one.cycles[number]
    if opened is not None and number < opened.number:
        if opened.status is CycleStatus.FAILED or number < one.last_generated:
            return _no_such(one, number)
        delivery = opened.delivery
        one.drop(opened)
        cycle.status, cycle.reason, cycle.settled_at, cycle.delivery = CycleStatus.PLANNED, "", None, delivery
        cycle.due_on, cycle.dirty = one.plan.ahead().order_on(cycle.planned_on), True
    else:
        one.drop(cycle)
    one.note(ChangeKind.UNSKIPPED, number=number, after=planned_on, reason=ask.reason)
    one.events.append(SubscriptionChanged(**one.ids, kinds=(ChangeKind.UNSKIPPED,)))
    return Changed(contract_id=one.id, number=number, next_on=one.next_on)


@operation
def pause_contracts(asks: Sequence[PauseAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """Nothing comes until the day named, or until the contract is resumed. Pausing again changes the day.

    Announces SubscriptionPaused. Refuses "subscription.no_pausing", "subscription.too_late", "subscription.pause_in_past",
    "subscription.ended", "subscription.not_found".
    """
    return each(asks, lambda one, ask: _pause(one, ask, at=at), actor=actor, at=at)


def _pause(one: Held, ask: PauseAsk, *, at: datetime) -> Answer:
    if ask.until_on is not None and ask.until_on <= one.today:
        return Refusal("subscription.pause_in_past", _("Name a day to come until which to pause."), {}, "/until_on")
    if one.status is ContractStatus.PAUSED:
        same = one.paused_until_on == ask.until_on
        if not same:
            one.note(ChangeKind.PAUSED, before=one.paused_until_on or "", after=ask.until_on or "", reason=ask.reason)
            one.paused_until_on, one.dirty = ask.until_on, True
        return Changed(contract_id=one.id, repeated=same)
    if refused := no_pause(one.facts(exception=ask.exception)):
        return refused
    opened = one.open
    if opened is not None:
        opened.due_on, opened.dirty = None, True
    one.status, one.paused_at, one.paused_until_on, one.pause_reason, one.dirty = (
        ContractStatus.PAUSED,
        at,
        ask.until_on,
        ask.reason[:200],
        True,
    )
    one.note(ChangeKind.PAUSED, after=ask.until_on or "", reason=ask.reason)
    one.events.append(SubscriptionPaused(**one.ids, until_on=ask.until_on, on=one.today))
    return Changed(contract_id=one.id)


@operation
def resume_contracts(asks: Sequence[ResumeAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """Deliveries go on: by the old schedule from its first date that can be met, or from the day named.

    A delivery that had failed is ordered at once. Announces SubscriptionResumed. Refuses "subscription.date_too_soon",
    "subscription.date_too_far", "subscription.ended", "subscription.not_found".
    """
    return each(asks, _resume, actor=actor, at=at)


def date_refused(one: Held, on: date) -> Refusal | None:
    """Why a delivery cannot be planned on a day; None where it can."""
    earliest = one.plan.ahead().earliest_from(one.today)
    if on < earliest:
        return Refusal(
            "subscription.date_too_soon",
            _("The earliest day we can deliver is %(earliest)s."),
            {"earliest": earliest.isoformat()},
            "/next_on",
        )
    if on > one.today + FARTHEST:
        return Refusal("subscription.date_too_far", _("Deliveries can be planned for at most a year ahead."), {}, "/next_on")
    return None


def _resume(one: Held, ask: ResumeAsk) -> Answer:
    if refused := ended(one.facts()):
        return refused
    if one.status is ContractStatus.ACTIVE:
        return Changed(contract_id=one.id, next_on=one.next_on, repeated=True)
    if ask.next_on is not None and (refused := date_refused(one, ask.next_on)):
        return refused
    one.status, one.paused_at, one.paused_until_on, one.pause_reason, one.dirty = ContractStatus.ACTIVE, None, None, "", True
    opened = one.open
    if opened is None:
        one.plan_after(one.last_generated, delivery=one.deliveries + 1)
    elif opened.status is CycleStatus.FAILED and ask.next_on is None:
        opened.due_on, opened.tries, opened.dirty = one.today, 0, True
        one.note(ChangeKind.RETRIED, number=opened.number, after=one.today)
    else:
        _plan_again(one, opened, ask.next_on)
    one.note(ChangeKind.RESUMED, after=one.next_on or "")
    one.events.append(SubscriptionResumed(**one.ids, next_on=one.next_on))
    return Changed(contract_id=one.id, next_on=one.next_on)


def _plan_again(one: Held, opened: HeldCycle, next_on: date | None) -> None:
    ahead = one.plan.ahead()
    if next_on is None:
        one.rhythm = one.rhythm.not_before(opened.number, ahead.earliest_from(one.today))
        next_on = one.rhythm.date_of(opened.number)
    else:
        one.rhythm = moved_to(one.rhythm, number=opened.number, on=next_on)
    opened.status, opened.reason, opened.tries, opened.dirty = CycleStatus.PLANNED, "", 0, True
    opened.planned_on, opened.due_on = next_on, ahead.order_on(next_on)


@operation
def cancel_contracts(asks: Sequence[CancelAsk], *, actor: Actor, at: datetime) -> list[Answer]:
    """Contracts end: at once, or after the coming delivery where it is too late to stop that one. Repeating it changes nothing.

    Announces SubscriptionCancelled. Refuses "subscription.minimum_not_reached", "subscription.ended",
    "subscription.not_found".
    """
    return each(asks, lambda one, ask: _cancel(one, ask, at=at), actor=actor, at=at)


def _cancel(one: Held, ask: CancelAsk, *, at: datetime) -> Answer:
    if one.status is ContractStatus.CANCELLED:
        return Changed(contract_id=one.id, repeated=True)
    facts = one.facts(exception=ask.exception)
    if refused := no_cancel(facts):
        return refused
    late = too_late_to_stop(facts)
    if one.last_number is not None and late:
        return Changed(contract_id=one.id, next_on=one.next_on, ends_after=one.last_number, repeated=True)
    reason = ask.reason[:200]
    opened = one.open
    if late and opened is not None:
        one.last_number, one.end_reason, one.dirty = opened.number, reason, True
    else:
        one.end(ContractStatus.CANCELLED, reason=reason, at=at)
    ends_after = one.last_number if late else None
    one.note(ChangeKind.CANCELLED, number=ends_after, reason=ask.reason)
    one.events.append(SubscriptionCancelled(**one.ids, ends_after=ends_after))
    return Changed(contract_id=one.id, next_on=one.next_on, ends_after=ends_after)
