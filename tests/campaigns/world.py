"""A small world of customers and what they did, in the database and as plain values, and the segments' rules told a second time."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.models import Campaign, Recipient
from campaigns.rules import Condition, ConditionKind
from core.actor import SYSTEM
from core.db import acting, run
from core.models import Company
from customers.models import Customer, CustomerTag, RankAssignment, Tag
from orders.models import Destination, Line, Order, Shipment
from orders.operations.facts import refresh_facts
from tests.factories.campaigns import a_campaign, a_message, a_segment, a_send, a_sender, says
from tests.factories.catalog import a_category, a_product, a_variant
from tests.factories.core import a_channel
from tests.factories.customers import a_customer, a_rank, an_address

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
PREFECTURES = ("東京都", "大阪府", "沖縄県")


@dataclass
class Bought:
    on: date
    cancelled: bool
    channel: int
    lines: list[tuple[int, list[int], bool]]  # product, its categories with all above, whether the line was cancelled
    total: int
    arrived: date | None = None


@dataclass
class Person:
    """A ledger entry and all that hangs on it."""

    customer: Customer
    group: int
    company: int
    status: str
    prefecture: str = ""
    birth_month: int | None = None
    rank: int | None = None
    tag: int | None = None
    words: list[tuple[datetime, bool]] = field(default_factory=list)
    orders: list[Bought] = field(default_factory=list)
    written: list[tuple[int, datetime]] = field(default_factory=list)
    subscribes: bool = False


@dataclass
class World:
    company: Company
    people: list[Person]
    products: list[int]
    categories: list[int]
    channels: list[int]
    ranks: list[int]
    tags: list[int]
    campaigns: list[int]

    def meant(self, conditions: list[Condition]) -> set[int]:
        """Who is meant, told without SQL."""
        groups: dict[int, list[Person]] = {}
        for person in self.people:
            if person.company == self.company.pk:
                groups.setdefault(person.group, []).append(person)
        return {head for head, members in groups.items() if _serves(head, members) and _answers(conditions, head, members)}


def _serves(head: int, members: list[Person]) -> bool:
    return next(m for m in members if m.customer.pk == head).status in ("active", "prospect")


def _answers(conditions: list[Condition], head: int, members: list[Person]) -> bool:
    kinds = {c.kind for c in conditions if not c.excluded}
    wanted = all(any(_holds(c, head, members) for c in conditions if c.kind is kind and not c.excluded) for kind in kinds)
    return wanted and not any(_holds(c, head, members) for c in conditions if c.excluded)


def _holds(c: Condition, head: int, members: list[Person]) -> bool:  # noqa: C901  one line per kind
    orders = [o for m in members for o in m.orders if not o.cancelled]
    person = next(m for m in members if m.customer.pk == head)
    since = TODAY - timedelta(days=min(c.within_days, 500_000)) if c.within_days is not None else date.min
    recent = [o for o in orders if o.on >= since]
    match c.kind:
        case ConditionKind.RECENCY:
            return bool(orders) and _between(c, (TODAY - max(o.on for o in orders)).days)
        case ConditionKind.FIRST_PURCHASE:
            return bool(orders) and _between(c, (TODAY - min(o.on for o in orders)).days)
        case ConditionKind.DELIVERED:
            days = [(TODAY - o.arrived).days for m in members for o in m.orders if o.arrived]
            return bool(days) and _between(c, min(days))
        case ConditionKind.FREQUENCY:
            return _between(c, len({o.on for o in orders}))
        case ConditionKind.AMOUNT:
            return _between(c, sum(o.total for o in orders))
        case ConditionKind.BIRTH_MONTH:
            return person.birth_month is not None and _between(c, person.birth_month)
        case ConditionKind.PRODUCT:
            return any(product == c.product_id and not gone for o in recent for product, _c, gone in o.lines)
        case ConditionKind.CATEGORY:
            return any(c.category_id in above and not gone for o in recent for _p, above, gone in o.lines)
        case ConditionKind.SALES_CHANNEL:
            return any(o.channel == c.sales_channel_id for o in recent)
        case ConditionKind.PREFECTURE:
            return any(m.prefecture == c.prefecture for m in members)
        case ConditionKind.RANK:
            return any(m.rank == c.rank_id for m in members)
        case ConditionKind.TAG:
            return any(m.tag == c.tag_id for m in members)
        case ConditionKind.CONSENT:
            words = sorted(word for m in members for word in m.words)
            return bool(words) and words[-1][1]
        case ConditionKind.WRITTEN_TO:
            from_at = AT - timedelta(days=min(c.within_days, 500_000)) if c.within_days is not None else datetime.min.replace(tzinfo=UTC)
            return any(campaign == c.campaign_id and at >= from_at for m in members for campaign, at in m.written)
    return any(m.subscribes for m in members)


def _between(c: Condition, number: int) -> bool:
    return (c.at_least is None or number >= c.at_least) and (c.at_most is None or number <= c.at_most)


def a_world(seed: int = 20261120) -> World:
    """Forty entries of one company, some merged, some closed, and a few of another company that bought the same."""
    chance = random.Random(seed)
    company, stranger = a_sender(), a_sender()
    top = a_category(company, "お茶")
    shelves = [top, a_category(company, "煎茶", under=top), a_category(company, "お菓子")]
    products = [a_product(company, category=shelves[n % 3]) for n in range(4)]
    variants = [a_variant(product) for product in products]
    channels = [a_channel(company).pk for _ in range(3)]
    ranks = [a_rank(company, code=f"r{n}").pk for n in range(2)]
    with acting(SYSTEM):
        tags = [Tag.objects.create(company=company, name=f"t{n}").pk for n in range(2)]
    above = [[shelves[n % 3].pk, *([top.pk] if n % 3 == 1 else [])] for n in range(4)]
    campaigns = [a_campaign(company) for _ in range(2)]
    people: list[Person] = []
    for n in range(48):
        owner = company if n < 42 else stranger
        birth = date(1980, chance.randint(1, 12), 3) if chance.random() < 0.8 else None
        status = chance.choice(["active"] * 6 + ["prospect", "closed", "erased"])
        customer = a_customer(owner, status=status, birth_on=birth)
        heads = [p for p in people if p.group == p.customer.pk and p.company == owner.pk]
        group = chance.choice(heads).customer.pk if heads and chance.random() < 0.3 else customer.pk
        people.append(Person(customer, group, owner.pk, status, birth_month=birth.month if birth else None))
    for person in people:
        _lives(person, chance, ranks=ranks, tags=tags)
        for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
            _buys(person, chance, variants=list(zip(variants, products, above, strict=True)), channels=channels)
    _written(company, people, campaigns, chance)
    for person in people:
        if person.group != person.customer.pk:
            run("UPDATE customers_customer SET principal_id = %s WHERE id = %s", (person.group, person.customer.pk))
    refresh_facts([p.customer.pk for p in people], actor=SYSTEM, at=AT)
    return World(company, people, [p.pk for p in products], [s.pk for s in shelves], channels, ranks, tags, [c.pk for c in campaigns])


def _lives(person: Person, chance: random.Random, *, ranks: list[int], tags: list[int]) -> None:
    if chance.random() < 0.7:
        person.prefecture = chance.choice(PREFECTURES)
        an_address(person.customer, prefecture=person.prefecture, is_default=True)
        an_address(person.customer, prefecture=chance.choice(PREFECTURES), street="別の住所")
    if chance.random() < 0.4:
        person.rank = chance.choice(ranks)
        RankAssignment.objects.create(customer=person.customer, rank_id=person.rank, from_at=AT - timedelta(days=9))
    if chance.random() < 0.4:
        person.tag = chance.choice(tags)
        CustomerTag.objects.create(customer=person.customer, tag_id=person.tag)
    if person.status != "erased":
        for days in sorted(chance.sample(range(1, 300), chance.choice([0, 1, 1, 2])), reverse=True):
            said_at, given = AT - timedelta(days=days, seconds=person.customer.pk % 997), chance.random() < 0.7
            person.words.append((said_at, given))
            says(person.customer, "given" if given else "withdrawn", at=said_at)  # type: ignore[arg-type]


def _buys(person: Person, chance: random.Random, *, variants: list[Any], channels: list[int]) -> None:
    on = TODAY - timedelta(days=chance.choice([0, 1, 10, 29, 30, 31, 89, 90, 91, 200, 400, 800]))
    bought = Bought(on, chance.random() < 0.2, chance.choice(channels), [], 0)
    picked = [(*chance.choice(variants), chance.random() < 0.2, chance.choice([500, 1_000, 3_000])) for _ in range(chance.randint(1, 2))]
    bought.total = sum(price for *_rest, price in picked)
    bought.lines = [(product.pk, above, gone) for _variant, product, above, gone, _price in picked]
    person.orders.append(bought)
    order = Order.objects.create(
        company_id=person.company, number=f"N{person.customer.pk}-{len(person.orders)}", channel_id=bought.channel, customer=person.customer,
        status="cancelled" if bought.cancelled else "confirmed", placed_on=on, placed_at=datetime(on.year, on.month, on.day, 3, tzinfo=UTC),
        currency="JPY", tax_basis="included", payment_method="card", goods_total=bought.total, total=bought.total,
    )  # fmt: skip
    _arrives(order, bought, chance)
    for position, (variant, _product, _above, gone, price) in enumerate(picked, start=1):
        Line.objects.create(
            order=order, position=position, variant=variant, sku=variant.sku, name="茶", quantity=1, cancelled_quantity=int(gone),
            unit_price=price, amount=price, total=price, tax_class_id="standard", tax_rate_bp=1000,
        )  # fmt: skip


def _arrives(order: Order, bought: Bought, chance: random.Random) -> None:
    """Half of what was bought arrived, some of it late in the evening of Japan; a parcel that came back did not."""
    if bought.cancelled or chance.random() < 0.4:
        return
    bought.arrived = min(bought.on + timedelta(days=chance.choice([0, 1, 2, 30])), TODAY)
    at = datetime(bought.arrived.year, bought.arrived.month, bought.arrived.day, tzinfo=UTC) + timedelta(hours=chance.choice([-9, 0, 14]))
    came_back = chance.random() < 0.2
    Shipment.objects.create(
        order=order, destination=Destination.objects.create(order=order, prefecture="東京都"), company_id=order.company_id, location_id=1,
        number=f"{order.number}-1", status="returned" if came_back else "delivered", delivered_at=at,
    )  # fmt: skip
    bought.arrived = None if came_back else bought.arrived


def _written(company: Company, people: list[Person], campaigns: list[Campaign], chance: random.Random) -> None:
    segment, message = a_segment(company), a_message(company)
    sends = [a_send(company, campaign=campaign, segment=segment, message=message) for campaign in campaigns]
    for person in people:
        given = [word for word in person.words if word[1]]
        for send in sends:
            if person.company != company.pk or not given or chance.random() < 0.5:
                continue
            at, state = AT - timedelta(days=chance.choice([1, 20, 60])), chance.choice(["sent", "unknown", "suppressed"])
            Recipient.objects.create(
                send=send, customer=person.customer, state=state, reason="capped" if state == "suppressed" else "",
                **({} if state == "suppressed" else {"written_at": at, "consent_id": person.customer.consents.first().pk}),
            )  # fmt: skip
            if state != "suppressed":
                person.written.append((send.campaign_id, at))
