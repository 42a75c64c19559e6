"""The company a simulation plays in, as its masters stand: channels, goods, places, staff."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from config.simulation.chance import Chance
from config.staff_roles import ROLES
from core.actor import SYSTEM, Actor, ActorKind
from core.db import rows
from core.queries import CompanyContext


class CannotPlay(Exception):
    """The company lacks what a day of business needs; the message says what."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where something is bought, with what is sold there."""

    id: int
    code: str
    kind: str
    site_id: int | None
    brand_id: int | None


@dataclass(frozen=True, slots=True)
class Ware:
    """A SKU on sale in a channel. ``category`` and ``brand`` are codes, ``price`` the usual one."""

    variant_id: int
    sku: str
    kind: str
    category: str
    brand: str
    price: int
    most: int | None
    use_days: int | None
    subscribable: bool
    intervals: tuple[str, ...] = ()
    """How often a course brings it; without a course nobody subscribes to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location: a warehouse, or a store that sells over its counter."""

    id: int
    code: str
    kind: str


@dataclass(frozen=True)
class Scene:
    """Everything a day needs to know that does not change from day to day."""

    company: CompanyContext
    chance: Chance
    orders_per_day: int
    since_on: date
    until_on: date
    channels: tuple[Channel, ...]
    wares: dict[int, tuple[Ware, ...]]
    places: tuple[Place, ...]
    staff: dict[str, Actor] = field(default_factory=dict)
    takes_cards: bool = False

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.company.timezone)

    def moment(self, day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
        """A time of the company's day."""
        return datetime.combine(day, time(hour, minute, second), self.zone)

    def person(self, role: str) -> Actor:
        """The member of staff of a role; the house itself where the company has none."""
        return self.staff.get(role, SYSTEM)

    def channel(self, channel_id: int) -> Channel:
        return self._channels_by_id[channel_id]

    @cached_property
    def _channels_by_id(self) -> dict[int, Channel]:
        return {channel.id: channel for channel in self.channels}

    @cached_property
    def store(self) -> Place | None:
        """Where goods are handed over the counter."""
        return next((place for place in self.places if place.kind == "store"), None)

    @cached_property
    def wares_by_sku(self) -> dict[int, dict[str, Ware]]:
        return {channel_id: {ware.sku: ware for ware in wares} for channel_id, wares in self.wares.items()}


_CHANNELS = """
SELECT ch.id, ch.code, ch.kind, ch.site_id, coalesce(ch.brand_id, s.brand_id) AS brand_id
FROM core_saleschannel ch LEFT JOIN core_site s ON s.id = ch.site_id
WHERE ch.company_id = %s AND ch.ended_at IS NULL ORDER BY ch.id
"""
_WARES = """
SELECT DISTINCT ON (ch.id, v.id) ch.id AS channel_id, v.id AS variant_id, v.sku, p.kind, coalesce(c.code, '') AS category,
    coalesce(b.code, '') AS brand, pr.amount AS price, v.max_quantity AS most, p.use_days,
    'subscription' = ANY (string_to_array(replace(v.purchase_types, ' ', ''), ',')) AS subscribable
FROM catalog_listing l JOIN catalog_variant v ON v.id = l.variant_id JOIN catalog_product p ON p.id = v.product_id
JOIN core_saleschannel ch ON ch.company_id = v.company_id AND ch.ended_at IS NULL
    AND (l.channel_id = ch.id OR l.channel_id IS NULL) AND (l.site_id = ch.site_id OR l.site_id IS NULL)
JOIN catalog_pricelist pl ON pl.company_id = v.company_id AND pl.channel_id IS NULL AND pl.rank_code = '' AND pl.purchase_type IS NULL
    AND NOT pl.is_list_price AND pl.from_at IS NULL AND pl.until_at IS NULL
JOIN catalog_price pr ON pr.price_list_id = pl.id AND pr.variant_id = v.id AND pr.min_quantity = 1 AND pr.until_at IS NULL
LEFT JOIN core_brand b ON b.id = p.brand_id
LEFT JOIN catalog_productcategory pc ON pc.product_id = p.id AND pc.is_main LEFT JOIN catalog_category c ON c.id = pc.category_id
WHERE v.company_id = %s AND v.ended_at IS NULL AND p.status = 'active' AND l.rank_code = '' AND l.until_at IS NULL AND pr.amount > 0
ORDER BY ch.id, v.id, c.id
"""
_COURSES = """
SELECT pv.variant_id, p.intervals FROM subscriptions_planvariant pv JOIN subscriptions_plan p ON p.id = pv.plan_id
WHERE p.company_id = %s AND p.ended_at IS NULL ORDER BY p.id DESC
"""
_PLACES = "SELECT id, code, kind FROM inventory_location WHERE company_id = %s AND ended_at IS NULL ORDER BY priority, id"
_STAFF = """
SELECT DISTINCT ON (g.name) a.id, a.display_name, g.name AS role FROM customers_account a
JOIN customers_account_groups ag ON ag.account_id = a.id JOIN auth_group g ON g.id = ag.group_id
WHERE a.is_staff AND a.is_active AND a.company_id = %s ORDER BY g.name, a.id
"""


def set_scene(
    company: CompanyContext, *, seed: int, orders_per_day: int, since_on: date, until_on: date, takes_cards: bool = False
) -> Scene:
    """The scene as the company's masters stand now. Raises ``CannotPlay`` where nothing could be sold."""
    channels = tuple(Channel(*row) for row in rows(_CHANNELS, (company.id,)))
    wares: dict[int, list[Ware]] = {}
    courses = {row.variant_id: tuple(row.intervals.split(",")) for row in rows(_COURSES, (company.id,))}
    for row in rows(_WARES, (company.id,), prepare=False):
        told = {name: getattr(row, name) for name in Ware.__slots__ if name != "intervals"}
        wares.setdefault(row.channel_id, []).append(Ware(**told, intervals=courses.get(row.variant_id, ())))
    places = tuple(Place(*row) for row in rows(_PLACES, (company.id,)))
    roles = {str(name): code for code, name in ROLES.items()}
    selling = tuple(channel for channel in channels if wares.get(channel.id))
    if not selling or not places:
        raise CannotPlay(f"Company {company.code} has nothing listed and priced in any channel, or no location to send it from.")
    return Scene(
        company=company,
        chance=Chance(seed),
        takes_cards=takes_cards,
        orders_per_day=orders_per_day,
        since_on=since_on,
        until_on=until_on,
        channels=selling,
        wares={channel_id: tuple(found) for channel_id, found in wares.items()},
        places=places,
        staff={
            roles[row.role]: Actor(ActorKind.STAFF, str(row.id), row.display_name)
            for row in rows(_STAFF, (company.id,))
            if row.role in roles
        },
    )
