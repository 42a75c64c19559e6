"""A company's days, one after the other: what is done at what hour, by the operations the counters use, on a moved clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import monotonic

from config.simulation import cards, cases, contracts, desk, money, parcels, relations, sends, stock
from config.simulation.ordering import Wish, place_wishes, wishes_of
from config.simulation.scene import Scene, set_scene
from core import clock
from core import operations as house
from core.actor import SYSTEM
from core.db import rows, run
from core.outbox import in_lane
from core.queries import CompanyContext
from orders.rules import Placed

_BEGUN = "SELECT 1 AS begun FROM orders_order WHERE company_id = %s AND placed_on = %s LIMIT 1"

Chore = Callable[[Scene, date, datetime], object]


class Undelivered(RuntimeError):
    """An event of the simulation could not be handled; the days after it would not be the company's."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be lived: so many days until (and with) a day, so many orders on a usual one, with a seed."""

    company: CompanyContext
    seed: int
    orders_per_day: int
    since_on: date
    until_on: date
    until_at: datetime


@dataclass(slots=True)
class Progress:
    """How far it is, and about how long it still takes."""

    day: date
    done: int
    total: int
    orders: int
    refused: Counter[str]
    broken: bool = False
    """The first day had been broken off: what of it was done already isn't done twice."""
    began: float = field(default_factory=monotonic)

    @property
    def seconds_left(self) -> float:
        spent = monotonic() - self.began
        return spent / self.done * (self.total - self.done) if self.done else 0.0

    def line(self) -> str:
        """A bar with the day reached, the orders so far and the time left."""
        share = self.done / self.total
        bar = "█" * int(share * 24) + "░" * (24 - int(share * 24))
        again = "  (went on with a day that had been broken off)" if self.broken else ""
        return f"{bar} {share:4.0%}  {self.day}  {self.orders:,} orders  about {self.seconds_left:.0f} s left{again}"


def live(
    asked: Asked, *, tell: Callable[[Progress], None], stop: Callable[[], bool] = lambda: False, finish: Callable[[], None] = lambda: None
) -> bool:
    """The company's days have been lived until the last one; False when told to stop before. A broken run goes on where it was.

    ``finish`` is what else happened, told after the last day; should bear being told twice.
    """
    history = house.begin_history(
        asked.company.id,
        seed=asked.seed,
        orders_per_day=asked.orders_per_day,
        since_on=asked.since_on,
        until_on=asked.until_on,
        until_at=asked.until_at,
        actor=SYSTEM,
    )
    if history.ended:
        return True
    scene = set_scene(
        asked.company,
        seed=asked.seed,
        orders_per_day=asked.orders_per_day,
        since_on=history.since_on,
        until_on=history.until_on,
        takes_cards=cards.on_offer(asked.company.id),
    )
    day = history.lived_on + timedelta(days=1) if history.lived_on else history.since_on
    progress = Progress(day, 0, (history.until_on - day).days + 1, 0, Counter())
    progress.broken = day < history.until_on and bool(rows(_BEGUN, (asked.company.id, day)))
    with in_lane(history.lane), _unhurried(), clock.travel(scene.moment(day, 0)) as travel:
        carry(history.lane, clock.now())  # what a broken run left
        while day <= history.until_on and not stop():
            live_day(scene, day, travel, progress, last_at=asked.until_at)
            house.note_lived(asked.company.id, lived_on=day, broken=progress.broken and progress.done == 0, actor=SYSTEM)
            day += timedelta(days=1)
            progress.day, progress.done = day, progress.done + 1
            tell(progress)
        if day <= history.until_on:
            return False
        travel.to(asked.until_at)
        finish()
        carry(history.lane, clock.now())
    house.end_history([asked.company.id], actor=SYSTEM)
    return True


@contextmanager
def _unhurried() -> Iterator[None]:
    """This connection's commits don't wait for the disk: a power cut may take the last moments, and the run goes on from before them."""
    run("SET synchronous_commit TO off")
    try:
        yield
    finally:
        run("RESET synchronous_commit")


def live_day(scene: Scene, day: date, travel: clock.Traveller, progress: Progress, *, last_at: datetime) -> None:
    """One day from midnight to midnight, but nothing after ``last_at``."""
    wishes = wishes_of(scene, day)
    placed: dict[int, Placed] = {}
    done = 0
    for at, chore in _hours(scene, day):
        at = min(at, last_at)
        due = [wish for wish in wishes[done:] if wish.at < at]
        done += len(due)
        _take(scene, due, placed, progress, travel)
        travel.to(at)
        for act in chore:
            act(scene, day, at)
        carry(f"history:{scene.company.id}", at)
        if cards.work(scene, day, at):
            carry(f"history:{scene.company.id}", at)
        if at == last_at:
            break


def _take(scene: Scene, due: list[Wish], placed: dict[int, Placed], progress: Progress, travel: clock.Traveller) -> None:
    """The orders of some hours, minute by minute; store goods are handed over at once."""
    for batch in _together(due):
        travel.to(batch[0].at)
        taken = place_wishes(scene, batch)
        progress.orders += len(taken.placed)
        progress.refused.update(taken.refused)
        placed.update(taken.placed)
        if batch[0].channel.kind == "store":
            parcels.hand_over(scene, list(taken.placed.values()), batch[0].at + timedelta(seconds=90))


def _together(due: list[Wish]) -> Iterator[list[Wish]]:
    batch: list[Wish] = []
    for wish in due:
        if batch and (wish.at, wish.channel.id) != (batch[0].at, batch[0].channel.id):
            yield batch
            batch = []
        batch.append(wish)
    if batch:
        yield batch


def _hours(scene: Scene, day: date) -> list[tuple[datetime, list[Chore]]]:
    """The company's timetable."""
    morning: list[Chore] = [desk.take_back, desk.let_go_on, desk.write_notes, relations.watch_out]
    books: list[Chore] = [money.collect, money.find_payers, money.give_back]
    night: list[Chore] = [relations.ask_consent]
    dawn: list[Chore] = [relations.end_points]
    if day.day == 1:
        dawn.append(relations.rank)
    goods: list[Chore] = [stock.restock] if day.weekday() in (0, 3) or day == scene.since_on else []
    if day.day == 20:
        goods.append(stock.count_breakage)
    if day.weekday() == 2:
        night += [relations.look_at_twins, relations.note_people]
    answers: list[Chore] = [cases.answer, cases.listen, contracts.change_minds]
    letters: list[Chore] = [sends.write_letters] if day.weekday() == 3 else []
    return [
        (scene.moment(day, 4), [contracts.renew]),
        (scene.moment(day, 6), dawn),
        (scene.moment(day, 8, 30), goods),
        (scene.moment(day, 9, 15), morning),
        (scene.moment(day, 9, 40), books),
        (scene.moment(day, 11), letters),
        (scene.moment(day, 13, 30), [parcels.arrive]),
        (scene.moment(day, 15, 30), [parcels.send_off]),
        (scene.moment(day, 16, 45), answers),
        (scene.moment(day, 23, 59, 30), night),
    ]


def carry(lane: str, at: datetime) -> None:
    """Everything announced so far has been heard, at the simulated time."""
    failed = 0
    while True:
        carried = house.carry(at=lambda: at, limit=2_000)
        failed = failed + carried.failed if carried.failed else 0
        if carried.idle:
            return
        if failed > 20:
            raise Undelivered(f"Events of lane {lane} fail again and again: see core_outboxdelivery.reason")
