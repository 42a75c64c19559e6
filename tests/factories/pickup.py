"""A store where orders are fetched, and orders that are fetched there."""

from typing import Any

from core.actor import SYSTEM
from core.db import acting
from inventory.models import Location
from orders.models import PickupTerms
from orders.rules import DraftDestination, OrderDraft
from tests.factories.inventory import a_location
from tests.factories.orders import Shop, a_draft, a_place


def a_store(shop: Shop, code: str = "jimbocho", **given: Any) -> Location:
    """A store that does not ship, but hands over."""
    usual = {
        "kind": "store",
        "name": "神保町店",
        "can_ship": False,
        "can_pick_up": True,
        "prefecture": "東京都",
        "address": "千代田区神田神保町1-1",
    }
    return a_location(shop.company, code, **{**usual, **given})


def some_terms(shop: Shop, **given: Any) -> PickupTerms:
    """How the shop's stores keep what is fetched."""
    with acting(SYSTEM):
        return PickupTerms.objects.create(company=shop.company, **given)


def a_fetched_draft(shop: Shop, store: Location, *wanted: Any, **given: Any) -> OrderDraft:
    """A guest's order that is fetched in a store and paid there."""
    destination = DraftDestination(place=a_place(), pickup_at_id=store.pk)
    return a_draft(shop, *wanted, **{"payment_method": "cash_at_store", "destinations": (destination,), **given})
