"""What a shop offers with gifts, and orders that are gifts."""

from itertools import count
from typing import Any

from core.actor import SYSTEM
from core.db import acting
from orders.models import MessageCard, NoshiKind, NoshiPairing, Wrapping
from orders.rules import DraftDestination, GiftWish, Knot
from tests.factories.orders import Shop, a_place

_next = count(1)


def _made(model: Any, shop: Shop, usual: dict[str, Any], given: dict[str, Any]) -> Any:
    with acting(SYSTEM):
        return model.objects.create(company=shop.company, tax_class_id="standard", **{**usual, **given})


def a_noshi(shop: Shop, **given: Any) -> NoshiKind:
    """A noshi for midsummer gifts."""
    made: NoshiKind = _made(NoshiKind, shop, {"code": f"noshi{next(_next)}", "name": "御中元", "knot": Knot.RED_WHITE_BOW}, given)
    return made


def a_wrapping(shop: Shop, fee: int = 220, **given: Any) -> Wrapping:
    """Paper, charged once for an address."""
    made: Wrapping = _made(Wrapping, shop, {"code": f"paper{next(_next)}", "name": "和紙包装", "fee": fee}, given)
    return made


def a_message_card(shop: Shop, fee: int = 0, **given: Any) -> MessageCard:
    """A card of a hundred characters."""
    made: MessageCard = _made(MessageCard, shop, {"code": f"card{next(_next)}", "name": "メッセージカード", "fee": fee}, given)
    return made


def an_unlucky_pair(shop: Shop, **given: Any) -> NoshiPairing:
    """御中元 does not go with a tight knot."""
    usual = {"title": "御中元", "knot": Knot.RED_WHITE_TIE, "is_refused": True, "why": "結び切りは一度きりの水引です。"}
    with acting(SYSTEM):
        return NoshiPairing.objects.create(company=shop.company, **{**usual, **given})


def a_gift_to(name: str = "佐藤", *, message: str = "", wished: dict[str, Any] | None = None, **place: Any) -> DraftDestination:
    """A gift for somebody else."""
    to = a_place(family_name=name, given_name="一郎", **place)
    return DraftDestination(place=to, gift_message=message, gift=GiftWish(**(wished or {})))
