"""The demo company opens in seconds; the year behind it is lived through afterwards, while the shop already sells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from config.demo.access import logins, open_partner, open_shoppers, open_staff
from config.demo.ahead import offer_ahead
from config.demo.buying import buy_goods
from config.demo.carriers import open_contracts
from config.demo.courses import offer_courses
from config.demo.finding import find_cast
from config.demo.gifts import offer_gifts, tell_gifts
from config.demo.holds import write_hold_rules
from config.demo.house import CODE, open_house
from config.demo.letters import prepare_letters
from config.demo.lots import tell_lots
from config.demo.orders import TOKYO
from config.demo.outside import open_outside_shop
from config.demo.partners import open_webhooks
from config.demo.people import register_people
from config.demo.profiles import tell_profiles
from config.demo.returns import write_return_terms
from config.demo.shelves import fill_shelves
from config.demo.stock import fill_stock
from config.demo.story import tell_fresh, tell_story
from config.demo.warehouse import open_warehouse
from config.simulation.life import Asked, Progress, live
from contact.operations import seed_reasons
from core.actor import SYSTEM
from core.db import rows
from core.operations import begin_history
from core.queries import CompanyContext, company_coded, forget_kept
from inventory.operations import make_forecasts
from inventory.queries import moving_shelves

DAYS: Final = 365
ORDERS_PER_DAY: Final = 24
SEED: Final = 540
Say = Callable[[str], None]


class HalfLoaded(Exception):
    """A load was broken off before; the message says what to do."""


def is_loaded() -> bool:
    """Whether the demo company stands; its history may still be on its way."""
    found = rows(
        "SELECT c.id, EXISTS (SELECT 1 FROM core_historyrun h WHERE h.company_id = c.id) AS opened FROM core_company c WHERE c.code = %s",
        (CODE,),
    )
    if found and not found[0].opened:
        raise HalfLoaded("The demo company was loaded only in part. `make demo-reset` throws it away and loads it afresh.")
    return bool(found)


def load_base(*, now: datetime, say: Say, days: int = DAYS, orders_per_day: int = ORDERS_PER_DAY) -> list[str]:
    """The demo company is open for business: goods, prices, stock, staff, sixty customers; answers with its logins.

    It opened ``days`` ago. What happened since is lived by ``fill_history``; until then the clock's tasks pass it by.
    Only operations write, save for masters that have none yet.
    """
    until_on = now.astimezone(TOKYO).date()
    since_on = until_on - timedelta(days=days - 1)
    since = datetime(since_on.year, since_on.month, since_on.day, tzinfo=TOKYO)
    say("company, brands, shop fronts, channels")
    house = open_house(since=since)
    say("products, drawings, prices")
    variants = fill_shelves(house, since=since, at=now)
    offer_courses(house, variants, at=since)
    prepare_letters(house, since_on=since_on)
    seed_reasons(house.company_id, actor=SYSTEM)
    say("locations, stock, postage")
    places = fill_stock(house, variants, at=since)
    open_contracts(house)
    say("staff, partners, customers")
    staff = open_staff(house, at=since)
    write_hold_rules(house)
    write_return_terms(house)
    offer_gifts(house)
    buy_goods(house, places, staff=staff, at=now)
    open_partner(house)
    open_webhooks(house, at=now)
    people = register_people(house, staff=staff.actor("order_desk"), since=since)
    open_shoppers(people, at=since)
    begin_history(
        house.company_id, seed=SEED, orders_per_day=orders_per_day, since_on=since_on, until_on=until_on, until_at=now, actor=SYSTEM
    )
    return logins(people)


def fill_history(*, tell: Callable[[Progress], None], stop: Callable[[], bool] = lambda: False) -> bool:
    """The year behind the demo company has been lived; False when told to stop before. A broken run goes on where it was."""
    found = rows(
        "SELECT h.seed, h.orders_per_day, h.since_on, h.until_on, c.history_until_at FROM core_historyrun h"
        " JOIN core_company c ON c.id = h.company_id WHERE c.code = %s AND c.history_until_at IS NOT NULL",
        (CODE,),
    )
    if not found:
        return True
    [run] = found
    forget_kept()
    asked = Asked(
        company=company_coded(CODE),
        seed=run.seed,
        orders_per_day=run.orders_per_day,
        since_on=run.since_on,
        until_on=run.until_on,
        until_at=run.history_until_at,
    )

    def finish() -> None:
        tell_story(find_cast(), since_on=run.since_on, now=run.history_until_at)
        offer_ahead(find_cast(), now=run.history_until_at)

    whole = live(asked, tell=tell, stop=stop, finish=finish)
    if whole:
        tell_fresh(find_cast(), now=run.history_until_at)
        tell_lots(find_cast(), now=run.history_until_at)
        open_outside_shop(find_cast(), now=run.history_until_at)
        open_warehouse(find_cast(), now=run.history_until_at)
        tell_gifts(find_cast(), now=run.history_until_at)
        tell_profiles(find_cast(), now=run.history_until_at)
        _foresee(asked.company, at=run.history_until_at)
    return whole


def _foresee(company: CompanyContext, *, at: datetime) -> None:
    """The year's demand is forecast at once, not at the next turn of the clock."""
    make_forecasts(moving_shelves(company.id, today=company.business_date(at)), company_id=company.id, actor=SYSTEM, at=at)


__all__ = ["DAYS", "ORDERS_PER_DAY", "SEED", "HalfLoaded", "fill_history", "is_loaded", "load_base"]
