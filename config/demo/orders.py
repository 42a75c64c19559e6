"""The orders somebody showing the demo wants to find, each with its fate."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from billing.rules import PaymentMethod
from config.demo.access import SHOPPERS
from config.demo.house import CARE, TEA
from config.demo.people import ORGANISATIONS
from core.actor import Actor, ActorKind
from customers.rules import Person, PlaceOfDelivery
from orders.rules import DraftDestination, DraftLine, OrderDraft

if TYPE_CHECKING:
    from config.demo.finding import Cast

TOKYO: Final = ZoneInfo("Asia/Tokyo")
COD, BANK = PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One order of the story: what is placed, by whom, when, and its fate."""

    name: str
    draft: OrderDraft
    actor: Actor
    at: datetime
    fate: str = "usual"
    """waiting, held, cancelled, paid: as the word says; the others go the usual way."""

    def with_key(self, key: UUID) -> OrderDraft:
        """The draft, to be placed once."""
        return replace(self.draft, cart_ref=key)


def notable(cast: "Cast", *, now: datetime) -> list[Told]:
    """Orders of the last days, in the order of their moments."""
    writer = _Writer(cast=cast, today=now.astimezone(TOKYO).date(), now=now)
    return sorted((one for one in writer.notable() if one.at < now), key=lambda one: one.at)


def fresh(cast: "Cast", *, now: datetime) -> list[Told]:
    """Three orders that came just before ``now``."""
    return _Writer(cast=cast, today=now.astimezone(TOKYO).date(), now=now).fresh()


def written(
    cast: "Cast",
    name: str,
    place: int,
    channel: str,
    lines: tuple[DraftLine, ...],
    at: datetime,
    *,
    method: PaymentMethod,
    fate: str,
    **more: Any,
) -> Told:
    """One more order of somebody of the demo."""
    writer = _Writer(cast=cast, today=at.astimezone(TOKYO).date(), now=at)
    return writer.told(name, place, channel, lines, at, method=method, fate=fate, **more)


@dataclass(kw_only=True)
class _Writer:
    cast: "Cast"
    today: date
    now: datetime

    def moment(self, days_ago: int, hour: int, minute: int) -> datetime:
        return datetime.combine(self.today - timedelta(days=days_ago), time(hour, minute), TOKYO)

    def told(
        self, name: str, place: int, channel: str, lines: tuple[DraftLine, ...], at: datetime, *, number: int = 0, method: PaymentMethod | None = None,
        role: str = "", fate: str = "usual", **more: object,
    ) -> Told:  # fmt: skip
        somebody = self.cast.people[place]
        account = self.cast.accounts.get(place) if channel in ("web", "web-suhada") else None
        method = method or {"store": PaymentMethod.CASH_AT_STORE, "market": PaymentMethod.MARKETPLACE}.get(
            channel, COD if number % 3 else BANK
        )
        role = role or {"phone": "order_desk", "paper": "order_desk", "store": "store_staff", "chat": "concierge"}.get(channel, "")
        more.setdefault("destinations", (DraftDestination(place=somebody.place, time_band=("", "0812", "1416", "1921")[number % 4]),))
        draft = OrderDraft(
            company_id=self.cast.house.company_id,
            channel_id=self.cast.house.channels[channel],
            site_id={"web": self.cast.house.sites["koyomi"], "web-suhada": self.cast.house.sites["suhada"]}.get(channel),
            brand_id=self.cast.house.brands[CARE if channel == "web-suhada" else TEA],
            customer_id=somebody.customer_id,
            person=somebody.person,
            account_id=account,
            lines=lines,
            payment_method=method,
            taken_by_id=self.cast.staff.accounts[role] if role else None,
            taken_at_id=self.cast.places.store if channel == "store" else None,
            **more,  # type: ignore[arg-type]
        )
        if role:
            actor = self.cast.staff.actor(role)
        elif channel == "market":
            actor = Actor(ActorKind.PARTNER, "mall", "モール受注取込")
        else:
            actor = Actor(ActorKind.CUSTOMER, str(account or "guest"), f"{somebody.person.family_name} {somebody.person.given_name}")
        return Told(name=name, draft=draft, actor=actor, at=at, fate=fate)

    def notable(self) -> list[Told]:
        """The orders somebody showing the demo wants to find."""
        told, moment = self.told, self.moment
        remark = "23日は留守のため、24日以降にお願いします。"
        return [
            self.gift_to_two(),
            self.guest(),
            self.in_english(),
            told("waiting", 23, "web", _lines("TEA-SENCHA-100 3,TEA-HOJI-100 2"), moment(1, 21, 14), method=BANK, fate="waiting"),
            told("waiting by phone", 17, "phone", _lines("FOOD-AOJIRU-90 1"), moment(3, 10, 5), method=BANK, fate="waiting"),
            told("attention", 22, "web", _lines("CARE-SERUM-30 2"), moment(2, 9, 31), method=COD, fate="held"),
            told("remark", 30, "web", _lines("TEA-GYOKURO-50 2"), self.now - timedelta(hours=4), method=COD, remark=remark, fate="held"),
            told("taken back", 12, "web", _lines("CARE-CREAM-40 1"), moment(6, 12, 44), method=COD, fate="cancelled"),
            told("taken back by phone", 15, "phone", _lines("FOOD-YOKAN-6 2"), moment(12, 15, 20), method=BANK, fate="cancelled"),
            told("b-grade", 41, "web", _lines("TEA-SENCHA-BOX-B 1,TEA-SENCHA-200 1"), moment(4, 19, 8), method=COD),
            told("lesson", 35, "store", _lines("SERVICE-LESSON-90 2,FOOD-CASTELLA-1 1"), moment(5, 11, 30)),
            *self.wholesale(),
        ]

    def wholesale(self) -> list[Told]:
        """What shops ordered this morning; it leaves from Osaka, by the rule of routing of their channel."""
        baskets = ("TEA-SENCHA-100 12,TEA-HOJI-100 12", "TEA-SENCHA-200 6", "TEA-HOJI-100 20,CARE-HAND-50 6")
        orders = []
        for number, (customer_id, basket) in enumerate(zip(self.cast.organisations, baskets, strict=False)):
            name, _sep, kana = ORGANISATIONS[number].partition("|")
            place = PlaceOfDelivery(
                organisation_name=name, family_name="仕入担当", given_name="様", family_kana=kana, postal_code="530-0001", prefecture="大阪府",
                city="大阪市北区", street=f"梅田{number + 1}-2-3", phone=f"06-0000-10{number:02}",
            )  # fmt: skip
            at = self.now - timedelta(hours=3 - number, minutes=7 * number)
            told = self.told(f"wholesale {number + 1}", 0, "b2b", _lines(basket), at, method=PaymentMethod.DEFERRED, role="order_desk")
            orders.append(_with(told, customer_id=customer_id, person=None, destinations=(DraftDestination(place=place),)))
        return orders

    def fresh(self) -> list[Told]:
        """What has just come in."""
        told, now = self.told, self.now
        return [
            told("fresh tea", 47, "web", _lines("TEA-SENCHA-100 1,FOOD-UME-300 1"), now - timedelta(hours=2, minutes=17), method=COD),
            told("fresh care", 2, "web", _lines("TEA-SENCHA-200 2,CARE-HAND-50 1"), now - timedelta(minutes=49), method=COD),
            told("fresh chat", 20, "chat", _lines("CARE-TRIAL-7 1"), now - timedelta(minutes=12), method=COD),
        ]

    def gift_to_two(self) -> Told:
        """A year-end gift to two houses, with cards."""
        home = self.cast.people[SHOPPERS[2]]
        parents = PlaceOfDelivery(
            family_name=home.person.family_name,
            given_name="義雄",
            postal_code="920-0981",
            prefecture="石川県",
            city="金沢市",
            street="片町1-4-8",
            phone="076-000-0000",
        )
        teacher = PlaceOfDelivery(
            family_name="長谷川",
            given_name="先生",
            postal_code="604-8001",
            prefecture="京都府",
            city="京都市中京区",
            street="木屋町通三条上る1-2",
            phone="075-000-0000",
        )
        lines = (
            DraftLine(sku="GIFT-TEA3-3", quantity=1, destination=1),
            DraftLine(sku="GIFT-TEA3-3", quantity=1, destination=2),
            DraftLine(sku="FOOD-CASTELLA-1", quantity=1, destination=2),
        )
        destinations = (
            DraftDestination(place=parents, is_gift=True, gift_message="いつまでもお元気で。"),
            DraftDestination(
                place=teacher, is_gift=True, gift_message="一年間ありがとうございました。", wished_on=self.today + timedelta(days=6)
            ),
        )
        return self.told(
            "two houses", SHOPPERS[2], "web", lines, self.moment(1, 13, 10), method=BANK, fate="paid", destinations=destinations
        )

    def guest(self) -> Told:
        """Somebody new who opened no account."""
        person = Person(
            family_name="西園寺",
            given_name="茜",
            family_kana="サイオンジ",
            given_kana="アカネ",
            email="akane@example.com",
            phone="090-0000-7788",
        )
        place = PlaceOfDelivery(
            family_name="西園寺",
            given_name="茜",
            postal_code="900-0013",
            prefecture="沖縄県",
            city="那覇市",
            street="牧志1-2-3",
            phone="090-0000-7788",
        )
        told = self.told("guest", 0, "web", _lines("TEA-YUZU-70 2,FOOD-SENBEI-12 1"), self.moment(8, 22, 47), method=COD)
        destinations = (DraftDestination(place=place),)
        return _with(told, customer_id=None, account_id=None, person=person, destinations=destinations)

    def in_english(self) -> Told:
        """A buyer who reads the shop in English."""
        person = Person(family_name="Martin", given_name="Claire", email="claire@example.com", phone="080-0000-6611", language="en")
        place = PlaceOfDelivery(
            family_name="Martin", given_name="Claire", postal_code="150-0001", prefecture="東京都", city="渋谷区", street="神宮前3-4-5", building="Garden Court 302",
            phone="080-0000-6611",
        )  # fmt: skip
        told = self.told("in English", 0, "web", _lines("TEA-MATCHA-30 2,TEA-GYOKURO-50 1"), self.moment(10, 18, 3), method=COD)
        return _with(told, customer_id=None, account_id=None, person=person, language="en", destinations=(DraftDestination(place=place),))


def _with(told: Told, **changes: object) -> Told:
    return replace(told, draft=replace(told.draft, **changes))  # type: ignore[arg-type]


def _lines(basket: str) -> tuple[DraftLine, ...]:
    """The lines of "SKU quantity,SKU quantity"."""
    pairs = [entry.split() for entry in basket.split(",")]
    return tuple(DraftLine(sku=sku, quantity=int(quantity)) for sku, quantity in pairs)
