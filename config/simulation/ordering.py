"""The orders of a day, hour by hour and channel by channel, placed as the counters place them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from billing.rules import PaymentMethod
from catalog.rules import PurchaseType
from config.simulation import cards
from config.simulation.buyers import MOST_RETURNING, Buyer, Returning, buyers_of, newcomer, returning
from config.simulation.scene import Channel, Scene, Ware
from config.simulation.season import channel_weights, hour_of, orders_of, wanted
from core.actor import Actor, ActorKind
from orders.operations import place_orders, take_payments
from orders.rules import Attribution, DraftDestination, DraftLine, OrderDraft, Placed, Refused, SubscriptionWish

M = PaymentMethod
WAYS_TO_PAY: Final[dict[str, dict[PaymentMethod, float]]] = {
    "web": {M.CASH_ON_DELIVERY: 0.3, M.DEFERRED: 0.3, M.CONVENIENCE_STORE: 0.22, M.BANK_TRANSFER: 0.18},
    "phone": {M.CASH_ON_DELIVERY: 0.55, M.DEFERRED: 0.3, M.BANK_TRANSFER: 0.15},
    "paper": {M.DEFERRED: 0.5, M.CASH_ON_DELIVERY: 0.35, M.CONVENIENCE_STORE: 0.15},
    "store": {M.CASH_AT_STORE: 1.0},
    "chat": {M.CONVENIENCE_STORE: 0.5, M.BANK_TRANSFER: 0.3, M.CASH_ON_DELIVERY: 0.2},
    "marketplace": {M.MARKETPLACE: 1.0},
    "b2b": {M.BANK_TRANSFER: 0.6, M.DEFERRED: 0.4},
}
REGULARLY: Final = {M.DEFERRED: 0.7, M.CASH_ON_DELIVERY: 0.3}
"""How contracts are paid: never by waiting for a transfer."""
CARDS: Final = 0.9
"""On the net nearly half of all orders are paid by card, where cards are taken."""
DESKS: Final = {"phone": "order_desk", "paper": "order_desk", "store": "store_staff", "chat": "concierge", "b2b": "order_desk"}
MEDIA: Final = {
    "phone": (("leaflet", "P-LEAF"), ("newspaper", "N-SHIZUOKA"), ("tv", "T-MORNING"), ("letter", "L-SEASON")),
    "web": (("search", ""), ("sns", "S-STORY"), ("mail", "M-WEEKLY"), ("direct", "")),
    "paper": (("postal_dm", "D-CARD"), ("leaflet", "P-LEAF")),
}
REMARKS: Final = (
    "留守が多いため、宅配ボックスに入れてください。",
    "のしをお願いします。表書きは「御礼」です。",
    "領収書を同封してください。",
    "できるだけ早くお願いします。",
    "袋を三枚付けてください。",
    "二つの住所に分けて送れますか。ご連絡ください。",
)
SUBSCRIBES: Final = {"web": 0.13, "phone": 0.09, "chat": 0.06}
TIME_BANDS: Final = ("", "", "0812", "1416", "1618", "1820", "1921")


@dataclass(slots=True)
class Taken:
    """What came of a batch."""

    placed: dict[int, Placed]
    """By the number of the wish."""
    refused: Counter[str] = field(default_factory=Counter)
    """Why the others weren't, by code: mostly goods that had just run out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An order somebody is about to place."""

    draft: OrderDraft
    at: datetime
    channel: Channel
    number: int


def wishes_of(scene: Scene, day: date) -> list[Wish]:
    """Everything that will be ordered on a day, in the order of the clock."""
    expected = orders_of(scene, day)
    weights = channel_weights(scene.channels)
    coming = returning(scene, day, most=int(expected * MOST_RETURNING))
    people = buyers_of(scene, coming)
    liking = {channel.id: wanted(scene, channel, day) for channel in scene.channels}
    wishes = []
    for number in range(expected):
        back = coming[number] if number < len(coming) else None
        buyer = people.get(back.customer_id) if back else None
        channel = _channel(scene, weights, day, number, back if buyer else None)
        buyer = buyer or newcomer(scene, channel, day, number)
        hour = hour_of(scene.chance, channel.kind, "hour", day, number)
        at = scene.moment(day, hour, scene.chance.between(0, 59, "minute", day, channel.id, hour))
        wishes.append(Wish(_draft(scene, channel, buyer, liking[channel.id], day, number, at), at, channel, number))
    return sorted(wishes, key=lambda wish: (wish.at, wish.channel.id, wish.number))


def _channel(scene: Scene, weights: Sequence[float], day: date, number: int, back: Returning | None) -> Channel:
    """Most people stay where they began; wholesale is for organisations, and everything else for the others."""
    if back is not None and back.is_organisation:
        trade = next((channel for channel in scene.channels if channel.kind == "b2b"), None)
        if trade is not None:
            return trade
    known = next((channel for channel in scene.channels if back and channel.id == back.entry_channel_id), None)
    if known is not None and known.kind != "b2b" and scene.chance.happens(0.8, "stays", day, number):
        return known
    retail = [0.0 if channel.kind == "b2b" else weight for channel, weight in zip(scene.channels, weights, strict=True)]
    return scene.chance.weighted(scene.channels, retail, "channel", day, number)


def _draft(scene: Scene, channel: Channel, buyer: Buyer, liking: Sequence[float], day: date, number: int, at: datetime) -> OrderDraft:
    chance = scene.chance
    lines = _basket(scene, channel, buyer, liking, day, number, at)
    ways = WAYS_TO_PAY[channel.kind if channel.kind in WAYS_TO_PAY else "web"]
    regularly = any(line.subscription for line in lines)
    if regularly:
        ways = REGULARLY
    if scene.takes_cards and channel.kind == "web" and (buyer.customer_id or not regularly):
        ways = {M.CARD: CARDS * sum(ways.values()), **ways}
    desk = DESKS.get(channel.kind, "")
    actor = scene.person(desk) if desk else None
    remark = chance.pick(REMARKS, "remark", day, number) if chance.happens(0.02, "remarks", day, number) else ""
    wished = day + timedelta(days=chance.between(6, 12, "wished on", day, number)) if chance.happens(0.18, "wishes", day, number) else None
    method = chance.weighted(tuple(ways), tuple(ways.values()), "pays by", day, number)
    signs_in = channel.kind != "web" or buyer.account_id or (regularly and method is M.CARD)
    known_here = buyer.customer_id if signs_in or chance.happens(0.4, "signed in", day, number) else None
    return OrderDraft(
        company_id=scene.company.id,
        channel_id=channel.id,
        site_id=channel.site_id,
        brand_id=channel.brand_id,
        customer_id=known_here,
        account_id=buyer.account_id if channel.kind == "web" and known_here else None,
        person=buyer.person,
        lines=lines,
        destinations=(DraftDestination(place=buyer.place, wished_on=wished, time_band=chance.pick(TIME_BANDS, "band", day, number)),),
        payment_method=method,
        language=buyer.person.language,
        outside_number=f"M{day:%y%m%d}-{number:05d}" if channel.kind == "marketplace" else "",
        cart_ref=once(scene, day, number),
        remark=remark if channel.kind == "web" else "",
        taken_by_id=int(actor.id) if actor is not None and actor.id.isdigit() else None,
        taken_at_id=scene.store.id if channel.kind == "store" and scene.store else None,
    )


def once(scene: Scene, day: date, number: int) -> UUID:
    """The key by which a day that was broken off does not place its orders twice."""
    return uuid5(scene.company.public_id, f"simulated|{scene.chance.seed}|{day}|{number}")


def _basket(
    scene: Scene, channel: Channel, buyer: Buyer, liking: Sequence[float], day: date, number: int, at: datetime
) -> tuple[DraftLine, ...]:
    chance, wares = scene.chance, scene.wares[channel.id]
    how_many = chance.weighted((1, 2, 3, 4), (0.52, 0.3, 0.13, 0.05), "lines", day, number)
    chosen: dict[int, Ware] = {}
    again = scene.wares_by_sku[channel.id].get(buyer.entry_sku)
    if again is not None and chance.happens(0.6, "again", day, number):
        chosen[again.variant_id] = again
    for throw in range(how_many - len(chosen)):
        ware = chance.weighted(wares, liking, "ware", day, number, throw)
        chosen[ware.variant_id] = ware
    attribution = _attribution(scene, channel, buyer, day, number, at)
    regular = _subscribed(scene, channel, buyer, list(chosen.values()), day, number)
    return tuple(
        DraftLine(
            variant_id=ware.variant_id,
            quantity=1,
            purchase_type=PurchaseType.SUBSCRIPTION,
            cycle=1,
            subscription=SubscriptionWish(interval=chance.pick(ware.intervals, "interval", day, number)),
            attribution=attribution,
        )
        if ware is regular
        else DraftLine(variant_id=ware.variant_id, quantity=_quantity(scene, channel, ware, day, number, place), attribution=attribution)
        for place, ware in enumerate(chosen.values())
    )


def _subscribed(scene: Scene, channel: Channel, buyer: Buyer, chosen: Sequence[Ware], day: date, number: int) -> Ware | None:
    """The first thing in the basket is wanted regularly by some, more often by those who come back for it."""
    likely = SUBSCRIBES.get(channel.kind, 0.0) * (0.7 if buyer.customer_id else 1.0)
    if buyer.person.organisation_name or not scene.chance.happens(likely, "subscribes", day, number):
        return None
    return next((ware for ware in chosen if ware.subscribable and ware.intervals), None)


def _quantity(scene: Scene, channel: Channel, ware: Ware, day: date, number: int, place: int) -> int:
    usual, weights = ((12, 20, 24, 40), (4, 3, 2, 1)) if channel.kind == "b2b" else ((1, 2, 3, 5), (76, 18, 5, 1))
    quantity = scene.chance.weighted(usual, weights, "pieces", day, number, place)
    return min(quantity, ware.most) if ware.most else quantity


def _attribution(scene: Scene, channel: Channel, buyer: Buyer, day: date, number: int, at: datetime) -> Attribution:
    media = MEDIA.get(channel.kind)
    if media is None:
        return Attribution(route_medium=channel.kind)
    medium, code = scene.chance.pick(media, "medium", day, number)
    weeks = f"{day.isocalendar().year % 100:02d}{day.isocalendar().week:02d}"
    if medium == "mail" and buyer.customer_id is None:
        medium, code = "search", ""
    return Attribution(route_medium=medium, ad_code=f"{code}-{weeks}" if code else "")


def place_wishes(scene: Scene, wishes: Sequence[Wish]) -> Taken:
    """Place what is wished in the same minute and channel together, as one batch each."""
    taken = Taken({})
    batches: dict[tuple[datetime, int], list[Wish]] = defaultdict(list)
    for wish in wishes:
        batches[(wish.at, wish.channel.id)].append(wish)
    for (at, _channel_id), batch in batches.items():
        drafts = [_with_card(scene, wish) for wish in batch]
        results = place_orders(drafts, actor=_who(scene, batch), at=at)
        for wish, result in zip(batch, results, strict=True):
            if isinstance(result, Refused):
                taken.refused[result.code] += 1
            else:
                taken.placed[wish.number] = result
        charge = [
            result.order_id
            for draft, result in zip(drafts, results, strict=True)
            if isinstance(result, Placed) and draft.means_id is not None
        ]
        if charge:
            take_payments(charge, actor=_who(scene, batch), at=at)
    return taken


def _with_card(scene: Scene, wish: Wish) -> OrderDraft:
    """The draft with the card it is charged to; who has none the gateway keeps, pays at the door."""
    draft = wish.draft
    if draft.payment_method is not M.CARD:
        return draft
    regularly = any(line.subscription for line in draft.lines)
    words = (wish.at.date(), wish.number)
    means = cards.card_of(scene, draft.customer_id, regularly=regularly, words=words, at=wish.at)
    return replace(draft, means_id=means) if means is not None else replace(draft, payment_method=M.CASH_ON_DELIVERY)


def _who(scene: Scene, batch: Sequence[Wish]) -> Actor:
    """Who places it: the buyer on the net, staff at the desk, the marketplace's system."""
    channel, draft = batch[0].channel, batch[0].draft
    if channel.kind in DESKS:
        return scene.person(DESKS[channel.kind])
    if channel.kind == "marketplace":
        return Actor(ActorKind.PARTNER, channel.code, "モール受注取込")
    name = f"{draft.person.family_name} {draft.person.given_name}" if draft.person else ""
    return Actor(ActorKind.CUSTOMER, str(draft.account_id or "guest"), name if len(batch) == 1 else "")
