"""What the demo company offers with gifts, how its store keeps what is fetched, and orders of both kinds to look at."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from billing.rules import PaymentMethod
from catalog.models import Product
from config.demo.finding import Cast
from config.demo.house import House
from config.demo.people import Somebody
from core.actor import SYSTEM
from core.db import acting
from core.ids import new_id
from orders.models import GiftExclusion, MessageCard, PickupTerms, Shipment, Wrapping
from orders.operations import place_orders, prepare_pickups, seed_noshi
from orders.rules import Attribution, DraftDestination, DraftLine, GiftWish, NoshiPlacement, OrderDraft, Placed

WRAPPINGS: Final = (
    ("washi", "和紙包装", 220, True, 80),
    ("box", "ギフト箱（まとめて）", 330, False, None),
    ("furoshiki", "風呂敷包み", 1_100, False, 60),
)


def offer_gifts(house: House) -> None:
    """The usual noshi, three wrappings, a card, one product that is not wrapped, and the terms of the store."""
    seed_noshi(house.company_id, actor=SYSTEM)
    with acting(SYSTEM, reason="demo"):
        for position, (code, name, fee, by_piece, size) in enumerate(WRAPPINGS, 1):
            Wrapping.objects.create(
                company_id=house.company_id, code=code, name=name, position=position, fee=fee, by_piece=by_piece, largest_size=size,
                tax_class_id="standard",
            )  # fmt: skip
        MessageCard.objects.create(
            company_id=house.company_id, code="card", name="メッセージカード", tax_class_id="standard", most_characters=80
        )
        chilled = Product.objects.filter(company_id=house.company_id, code="FOOD-YOKAN").first()
        if chilled is not None:
            GiftExclusion.objects.create(company_id=house.company_id, product=chilled)
        PickupTerms.objects.create(company_id=house.company_id, keep_days=7, remind_days=2)


def tell_gifts(cast: Cast, *, now: datetime) -> None:
    """A year-end gift to three houses, a parcel that the store is to prepare, and one that lies ready."""
    buyer, *others = cast.people[10:13]
    at = now - timedelta(hours=5)
    drafts = [_gift_to_three(cast, buyer, others), *(_fetched(cast, somebody) for somebody in cast.people[13:15])]
    results = place_orders(drafts, actor=cast.staff.actor("order_desk"), at=at)
    for answer in results:
        if not isinstance(answer, Placed):
            raise RuntimeError(f"The demo's own deed was refused: {answer.code} {answer.reasons[0].text()}")
    last = results[-1]
    parcel = Shipment.objects.filter(order_id=last.order_id).values_list("pk", flat=True) if isinstance(last, Placed) else []
    prepare_pickups(list(parcel), actor=cast.staff.actor("store_staff"), at=now - timedelta(hours=2))


def _gift_to_three(cast: Cast, buyer: Somebody, others: list[Somebody]) -> OrderDraft:
    wish = GiftWish(noshi="oseibo", names=(buyer.person.family_name,), wrapping="washi", placement=NoshiPlacement.INSIDE)
    card = replace(wish, card="card", sender_name=f"{buyer.person.family_name}家一同")
    places = (
        DraftDestination(place=buyer.place),
        DraftDestination(place=others[0].place, gift=wish),
        DraftDestination(place=others[1].place, gift=card, gift_message="本年もお世話になりました。\nよいお年をお迎えください。"),
    )
    came_by = Attribution(route_medium="phone", ad_code="")
    lines = tuple(DraftLine(sku="GIFT-TEA3-3", quantity=1, destination=number, attribution=came_by) for number in (1, 2, 3))
    return OrderDraft(
        company_id=cast.house.company_id, channel_id=cast.house.channels["phone"], customer_id=buyer.customer_id, person=buyer.person, lines=lines,
        destinations=places, payment_method=PaymentMethod.BANK_TRANSFER, cart_ref=new_id(),
    )  # fmt: skip


def _fetched(cast: Cast, somebody: Somebody) -> OrderDraft:
    place = replace(
        somebody.place, postal_code="101-0051", prefecture="東京都", city="", street="千代田区神田神保町0-0", building="神保町店"
    )
    return OrderDraft(
        company_id=cast.house.company_id, channel_id=cast.house.channels["phone"], customer_id=somebody.customer_id, person=somebody.person,
        lines=(DraftLine(sku="TEA-SENCHA-100", quantity=1, attribution=Attribution(route_medium="phone")),),
        destinations=(DraftDestination(place=place, pickup_at_id=cast.places.store),), payment_method=PaymentMethod.CASH_AT_STORE, cart_ref=new_id(),
    )  # fmt: skip
