"""How a shop of the tests delivers."""

from dataclasses import dataclass
from typing import Any

from core.actor import SYSTEM
from core.db import acting
from orders.models import DeliveryArea, DeliveryClosure, DeliveryLeadTime, DeliveryService, DeliveryZone, FreeDelivery
from tests.factories.orders import Shop


@dataclass(frozen=True)
class Delivery:
    """The shop's parcel service, its cool one, and its zones by code."""

    parcel: DeliveryService
    cool: DeliveryService
    zones: dict[str, DeliveryZone]


def a_service(shop: Shop, code: str, **given: Any) -> DeliveryService:
    """A service that takes anything ambient."""
    usual = {
        "carrier": "yamato",
        "name": code,
        "position": 10,
        "bands": "0812,1416,1618,1820,1921",
        "most_size": "160",
        "most_grams": 25_000,
    }
    with acting(SYSTEM):
        return DeliveryService.objects.create(company=shop.company, code=code, **{**usual, **given})


def a_zone(shop: Shop, code: str, *areas: str, **given: Any) -> DeliveryZone:
    """A zone of prefectures and of beginnings of postal codes."""
    with acting(SYSTEM):
        zone = DeliveryZone.objects.create(company=shop.company, code=code, name=code, **given)
        for area in areas:
            DeliveryArea.objects.create(zone=zone, **{"postal_prefix" if area.isdigit() else "prefecture": area})
    return zone


def a_lead_time(shop: Shop, days: int, **given: Any) -> DeliveryLeadTime:
    """So long is the way."""
    with acting(SYSTEM):
        return DeliveryLeadTime.objects.create(company=shop.company, days=days, **given)


def a_closure(shop: Shop, kind: str, from_on: str, until_on: str, **given: Any) -> DeliveryClosure:
    """Days left out."""
    with acting(SYSTEM):
        return DeliveryClosure.objects.create(company=shop.company, kind=kind, from_on=from_on, until_on=until_on, **given)


def free_from(shop: Shop, total: int | None, **given: Any) -> FreeDelivery:
    """From so much on it is free."""
    with acting(SYSTEM):
        return FreeDelivery.objects.create(company=shop.company, label=f"{total}円以上", from_goods_total=total, **given)


def a_delivery(shop: Shop) -> Delivery:
    """A day to Kanto, two to Hokkaido and there from 14:00 on, four to islands; Monday to Friday, by Yamato."""
    zones = {
        "kanto": a_zone(shop, "kanto", "東京都"), "hokkaido": a_zone(shop, "hokkaido", "北海道"), "okinawa": a_zone(shop, "okinawa", "沖縄県"),
        "islands": a_zone(shop, "islands", "10001", "907", is_remote=True),
    }  # fmt: skip
    a_lead_time(shop, 1)
    a_lead_time(shop, 2, zone=zones["hokkaido"], first_band="1416")
    a_lead_time(shop, 4, zone=zones["islands"])
    return Delivery(
        parcel=a_service(shop, "parcel"),
        cool=a_service(shop, "cool", position=11, takes_ambient=False, takes_chilled=True, takes_frozen=True, most_size="120"),
        zones=zones,
    )
