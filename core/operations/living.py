"""The past of a company is filled in, day by day; what the clock starts passes it by until that is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Conflict
from core.words import gettext_noop as _


class AnotherHistory(Conflict):
    """The company has been lived through with another seed, pace or first day."""

    code = "history.another"
    message = _(
        "This company already has a simulated history (seed %(seed)s, %(orders)s orders a day, since %(since)s); go on with the same."
    )


@dataclass(frozen=True, slots=True)
class History:
    """Where a company's simulation stands. ``lived_on`` is None before its first day is over."""

    company_id: int
    seed: int
    orders_per_day: int
    since_on: date
    until_on: date
    lived_on: date | None
    broken_days: int
    ended: bool

    @property
    def lane(self) -> str:
        """The lane of the outbox in which the simulation announces and carries."""
        return f"history:{self.company_id}"


_BEGIN = """
INSERT INTO core_historyrun (company_id, seed, orders_per_day, since_on, until_on, told_at)
VALUES (%(company)s, %(seed)s, %(orders)s, %(since)s, %(until)s, clock_timestamp())
ON CONFLICT (company_id) DO UPDATE SET until_on = greatest(core_historyrun.until_on, excluded.until_on), told_at = clock_timestamp(),
    ended_at = CASE WHEN core_historyrun.until_on >= excluded.until_on THEN core_historyrun.ended_at END
"""
_SHOWN = """
SELECT company_id, seed, orders_per_day, since_on, until_on, lived_on, broken_days, ended_at IS NOT NULL AS ended
FROM core_historyrun WHERE company_id = %s
"""


@operation
def begin_history(
    company_id: int, *, seed: int, orders_per_day: int, since_on: date, until_on: date, until_at: datetime, actor: Actor
) -> History:
    """The company's past is being filled in from now on; a run that was broken off, or wants more days, goes on.

    Until ``end_history`` the clock's tasks pass the company by. Refuses with "history.another" when what is there was lived
    with another seed, pace or first day: the figures would be nobody's.
    """
    known = rows(_SHOWN, (company_id,))
    if known and (known[0].seed, known[0].orders_per_day, known[0].since_on) != (seed, orders_per_day, since_on):
        raise AnotherHistory(params={"seed": known[0].seed, "orders": known[0].orders_per_day, "since": str(known[0].since_on)})
    run(_BEGIN, {"company": company_id, "seed": seed, "orders": orders_per_day, "since": since_on, "until": until_on})
    history = History(*rows(_SHOWN, (company_id,))[0])
    if not history.ended:
        run("UPDATE core_company SET history_until_at = %s WHERE id = %s", (until_at, company_id))
    return history


@operation
def note_lived(company_id: int, *, lived_on: date, broken: bool = False, actor: Actor) -> None:
    """A day of the past is over; the next start goes on with the one after it."""
    run(
        "UPDATE core_historyrun SET lived_on = %s, broken_days = broken_days + %s, told_at = clock_timestamp() WHERE company_id = %s",
        (lived_on, int(broken), company_id),
    )


@operation
def end_history(company_ids: Sequence[int], *, actor: Actor) -> int:
    """The past is filled in: from now on the clock's tasks care for these companies."""
    run("UPDATE core_historyrun SET ended_at = clock_timestamp() WHERE company_id = ANY (%s::bigint[])", (list(company_ids),))
    return run(
        "UPDATE core_company SET history_until_at = NULL WHERE id = ANY (%s::bigint[]) AND history_until_at IS NOT NULL",
        (list(company_ids),),
    )
