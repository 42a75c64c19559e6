"""Loading the demo company, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from config.demo.access import logins, open_partner, open_shoppers, open_staff
from config.demo.house import CODE, open_house
from config.demo.life import carry_events, live
from config.demo.orders import DAYS_BACK, TOKYO, story
from config.demo.people import register_people
from config.demo.shelves import fill_shelves
from config.demo.stock import fill_stock
from core.db import rows

SINCE_DAYS: Final = 150
Say = Callable[[str], None]
Share = Callable[[int, int], None]


class HalfLoaded(Exception):
    """A load was broken off before; the message says what to do."""


def is_loaded() -> bool:
    """Whether the demo company has been loaded whole."""
    found = rows(
        "SELECT c.id, EXISTS (SELECT 1 FROM orders_order o WHERE o.company_id = c.id) AS traded FROM core_company c WHERE c.code = %s",
        (CODE,),
    )
    if found and not found[0].traded:
        raise HalfLoaded("The demo company was loaded only in part. `make demo-reset` throws it away and loads it afresh.")
    return bool(found)


def load_demo(*, now: datetime, say: Say, share: Share) -> list[str]:
    """The demo company stands as it would after five months of trade, ending now; answers with its logins.

    All dates count from now. Back-dated orders send no mails. Only operations write, save for masters that have none yet.
    """
    since = (now - timedelta(days=SINCE_DAYS)).astimezone(TOKYO).replace(hour=9, minute=0, second=0, microsecond=0)
    say("company, brands, shop fronts, channels")
    house = open_house(since=since)
    say("products, drawings, prices")
    variants = fill_shelves(house, since=since, at=now)
    say("locations, stock, postage")
    places = fill_stock(house, variants, at=now - timedelta(days=DAYS_BACK + 10))
    say("staff and partners")
    staff = open_staff(house, at=since)
    open_partner(house)
    say("customers")
    people = register_people(house, staff=staff.actor("order_desk"), since=now - timedelta(days=DAYS_BACK + 20), at=now)
    accounts = open_shoppers(people, at=now - timedelta(days=DAYS_BACK + 5))
    carry_events(now)
    say("orders")
    told = story(house, people, accounts, staff, places, today=now.astimezone(TOKYO).date(), now=now - timedelta(minutes=5))
    live(told, house, staff, now=now, said=share)
    return logins(people)


__all__ = ["HalfLoaded", "is_loaded", "load_demo"]
