"""The slots of a contract: which come, which are left out, when each is ordered. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from subscriptions.rules.schedule import FARTHEST, Ahead, Rhythm


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A delivery to come; `delivery` counts those that are made, so a skipped slot passes its count on."""

    number: int
    delivery: int
    planned_on: date
    order_on: date
    skipped: bool = False


def slots(
    rhythm: Rhythm,
    *,
    number: int,
    delivery: int,
    skipped: Collection[int],
    ahead: Ahead,
    until: date,
    last_number: int | None = None,
    maximum: int | None = None,
) -> list[Slot]:
    """The slots from a number on, up to a date (exclusive), the first one whatever its date; none after the contract's end."""
    found: list[Slot] = []
    for n, on in rhythm.dates(number):
        if (found and on >= until) or (last_number is not None and n > last_number) or (maximum is not None and delivery > maximum):
            break
        left_out = n in skipped
        found.append(Slot(number=n, delivery=delivery, planned_on=on, order_on=ahead.order_on(on), skipped=left_out))
        delivery += not left_out
    return found


def next_slot(
    rhythm: Rhythm, *, after: int, delivery: int, skipped: Collection[int], ahead: Ahead, today: date, earliest: date | None = None
) -> tuple[Slot, Rhythm]:
    """The slot that follows `after`, and the schedule it stands in.

    Slots that were left out are passed over; those whose date has gone by (nobody made orders for days) are not caught up
    with in a burst: the schedule goes on from the first date that is still to come.
    """
    number = after + 1
    for _step in range(FARTHEST):
        if number not in skipped:
            break
        number += 1
    rhythm = rhythm.not_before(number, max(today + timedelta(days=1), earliest or today))
    on = rhythm.date_of(number)
    return Slot(number=number, delivery=delivery, planned_on=on, order_on=ahead.order_on(on)), rhythm


def moved_to(rhythm: Rhythm, *, number: int, on: date) -> Rhythm:
    """The schedule counted from a new date of one of its slots."""
    return replace(rhythm, anchor_on=on, anchor_number=number)


def skips_in_a_row(number: int, *, skipped: Collection[int]) -> int:
    """How many slots in a row would be left out if this one were."""
    count = 1
    n = number - 1
    while n in skipped:
        count, n = count + 1, n - 1
    n = number + 1
    while n in skipped:
        count, n = count + 1, n + 1
    return count
