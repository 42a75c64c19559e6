"""What the demo customers ordered lately: which lines, by which channel, how paid, and what became of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from billing.rules import PaymentMethod
from config.demo.access import SHOPPERS, Staff
from config.demo.house import CARE, TEA, House
from config.demo.people import Somebody
from config.demo.stock import Places
from core.actor import Actor, ActorKind
from customers.rules import Person, PlaceOfDelivery
from orders.rules import Attribution, DraftDestination, DraftLine, OrderDraft

TOKYO: Final = ZoneInfo("Asia/Tokyo")
DAYS_BACK: Final = 34
COD, BANK = PaymentMethod.CASH_ON_DELIVERY, PaymentMethod.BANK_TRANSFER

BASKETS: Final = {
    TEA: ["TEA-SENCHA-100 2", "TEA-HOJI-100 1,FOOD-SENBEI-12 1", "TEA-SENCHA-200 1", "FOOD-AOJIRU-30 1", "TEA-HOJI-TB-20 2", "FOOD-DASHI-12 2,FOOD-UME-300 1", "GIFT-TEA3-3 1", "TEA-GENMAI-200 1,TEA-HOJI-100 2", "FOOD-KUROZU-500 2", "FOOD-SHOGA-240 1,TEA-WAKOCHA-60 1", "TEA-KUROMAME-15 2,TEA-SOBA-150 1", "FOOD-CASTELLA-1 1,TEA-GYOKURO-50 1", "GIFT-SWEET-1 3", "TEA-MATCHA-30 1", "FOOD-GOMA-200 2,FOOD-KOUSO-180 1", "TEA-YUZU-70 1,TEA-SENCHA-100 1", "TEA-HOJI-300 1", "FOOD-AOJIRU-90 1"],
    CARE: ["CARE-LOTION-120 1,CARE-CREAM-40 1", "CARE-SOAP-90 2", "CARE-HAND-50 1", "CARE-SERUM-30 1", "CARE-OIL-150 1,CARE-MASK-5 2", "CARE-TRIAL-7 1", "CARE-BATH-10 1,CARE-HAND-50 2", "GIFT-CARE-1 1", "CARE-LOTION-R 2", "CARE-SUN-40 1"],
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One order of the story: what is placed, by whom, when, and its fate."""

    draft: OrderDraft
    actor: Actor
    at: datetime
    fate: str = "usual"
    """usual: shipped, delivered and paid as its age allows. waiting, held, cancelled, unpaid: as the word says."""


def story(
    house: House, people: list[Somebody], accounts: dict[int, int], staff: Staff, places: Places, *, today: date, now: datetime
) -> list[Told]:
    """Some sixty orders of the last weeks on every channel, in the order of their moments; the same at every load of one day."""
    writer = _Writer(house=house, people=people, accounts=accounts, staff=staff, places=places, today=today, now=now, dice=Random(20260401))
    told = [writer.ordinary(number) for number in range(48)]
    told += writer.notable()
    return sorted((one for one in told if one.at <= now), key=lambda one: one.at)


@dataclass(kw_only=True)
class _Writer:
    house: House
    people: list[Somebody]
    accounts: dict[int, int]
    staff: Staff
    places: Places
    today: date
    now: datetime
    dice: Random

    def moment(self, days_ago: int, hour: int, minute: int) -> datetime:
        return datetime.combine(self.today - timedelta(days=days_ago), time(hour, minute), TOKYO)

    def ordinary(self, number: int) -> Told:
        """Most people buy one thing or two, over the net or by phone, and pay as usual."""
        days_ago = DAYS_BACK - number * DAYS_BACK // 48
        channel = ("web", "web", "phone", "web-suhada", "web", "paper", "store", "market", "chat", "web", "b2b", "web-suhada")[number % 12]
        at = self.moment(days_ago, self.dice.randint(9, 20), self.dice.randint(0, 59))
        brand = CARE if channel == "web-suhada" or (number % 5 == 0 and channel in ("phone", "chat")) else TEA
        if channel == "b2b":
            return self.wholesale(number, at)
        place = number if number < 48 and number != 22 else 23
        lines = _lines(self.dice.choice(BASKETS[brand]))
        if channel == "market":
            lines = _lines(("TEA-SENCHA-100 2", "FOOD-DASHI-12 1,TEA-GENMAI-200 1", "CARE-HAND-50 2", "GIFT-TEA3-3 1")[number % 4])
        if channel == "paper":
            dm = Attribution(
                campaign_ref="DM-AUTUMN",
                campaign_name="秋のお便り",
                route_medium="postal_dm",
                ad_code="A2611",
                outbound_at=at - timedelta(days=9),
            )
            lines = tuple(DraftLine(sku=line.sku, quantity=line.quantity, attribution=dm) for line in lines)
        return self.told(place, channel, lines, at, number=number)

    def wholesale(self, number: int, at: datetime) -> Told:
        place = len(self.people) - 4 + number % 4
        lines = _lines(
            ("TEA-SENCHA-200 24,TEA-HOJI-300 12", "TEA-HOJI-TB-20 40", "TEA-WAKOCHA-60 20,TEA-GENMAI-200 20", "CARE-HAND-50 24")[
                number // 12 % 4
            ]
        )
        return self.told(place, "b2b", lines, at, method=BANK, role="order_desk")

    def told(
        self, place: int, channel: str, lines: tuple[DraftLine, ...], at: datetime, *, number: int = 0, method: PaymentMethod | None = None,
        role: str = "", fate: str = "usual", **more: object,
    ) -> Told:  # fmt: skip
        somebody = self.people[place]
        account = self.accounts.get(place) if channel in ("web", "web-suhada") else None
        method = method or {"store": PaymentMethod.CASH_AT_STORE, "market": PaymentMethod.MARKETPLACE}.get(
            channel, COD if number % 3 else BANK
        )
        role = role or {"phone": "order_desk", "paper": "order_desk", "store": "store_staff", "chat": "concierge"}.get(channel, "")
        more.setdefault("destinations", (DraftDestination(place=somebody.place, time_band=("", "0812", "1416", "1921")[number % 4]),))
        draft = OrderDraft(
            company_id=self.house.company_id,
            channel_id=self.house.channels[channel],
            site_id={"web": self.house.sites["koyomi"], "web-suhada": self.house.sites["suhada"]}.get(channel),
            brand_id=self.house.brands[CARE if channel == "web-suhada" else TEA],
            customer_id=somebody.customer_id,
            person=somebody.person,
            account_id=account,
            lines=lines,
            payment_method=method,
            outside_number=f"M-2611-{5000 + number}" if channel == "market" else "",
            taken_by_id=self.staff.accounts[role] if role else None,
            taken_at_id=self.places.store if channel == "store" else None,
            **more,  # type: ignore[arg-type]
        )
        if role:
            actor = self.staff.actor(role)
        elif channel == "market":
            actor = Actor(ActorKind.PARTNER, "mall", "モール受注取込")
        else:
            actor = Actor(ActorKind.CUSTOMER, str(account or "guest"), f"{somebody.person.family_name} {somebody.person.given_name}")
        return Told(draft=draft, actor=actor, at=at, fate=fate)

    def notable(self) -> list[Told]:
        """The orders somebody showing the demo wants to find."""
        return [
            self.gift_to_two(),
            self.guest(),
            self.in_english(),
            self.told(23, "web", _lines("TEA-SENCHA-100 3,TEA-HOJI-100 2"), self.moment(1, 21, 14), method=BANK, fate="waiting"),
            self.told(17, "phone", _lines("FOOD-AOJIRU-90 1"), self.moment(3, 10, 5), method=BANK, fate="waiting"),
            self.told(22, "web", _lines("CARE-SERUM-30 2"), self.moment(2, 9, 31), method=COD, fate="held"),
            self.told(
                30,
                "web",
                _lines("TEA-GYOKURO-50 2"),
                self.now - timedelta(hours=4),
                method=COD,
                remark="23日は留守のため、24日以降にお願いします。",
                fate="held",
            ),
            self.told(12, "web", _lines("CARE-CREAM-40 1"), self.moment(6, 12, 44), method=COD, fate="cancelled"),
            self.told(15, "phone", _lines("FOOD-YOKAN-6 2"), self.moment(12, 15, 20), method=BANK, fate="cancelled"),
            self.told(41, "web", _lines("TEA-SENCHA-BOX-B 1,TEA-SENCHA-200 1"), self.moment(4, 19, 8), method=COD),
            self.told(35, "store", _lines("SERVICE-LESSON-90 2,FOOD-CASTELLA-1 1"), self.moment(5, 11, 30)),
            self.told(
                47, "web", _lines("TEA-SENCHA-100 1,FOOD-UME-300 1"), self.now - timedelta(hours=2, minutes=17), method=COD, fate="new"
            ),
            self.told(2, "web", _lines("TEA-SENCHA-200 2,CARE-HAND-50 1"), self.now - timedelta(minutes=49), method=COD, fate="new"),
            self.told(20, "chat", _lines("CARE-TRIAL-7 1"), self.now - timedelta(minutes=12), method=COD, fate="new"),
        ]

    def gift_to_two(self) -> Told:
        """A year-end gift to two houses, with cards."""
        home = self.people[SHOPPERS[2]]
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
        return self.told(SHOPPERS[2], "web", lines, self.moment(1, 13, 10), method=BANK, fate="paid", destinations=destinations)

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
        told = self.told(0, "web", _lines("TEA-YUZU-70 2,FOOD-SENBEI-12 1"), self.moment(8, 22, 47), method=COD)
        destinations = (DraftDestination(place=place),)
        return _with(told, customer_id=None, account_id=None, person=person, destinations=destinations)

    def in_english(self) -> Told:
        """A buyer who reads the shop in English."""
        person = Person(family_name="Martin", given_name="Claire", email="claire@example.com", phone="080-0000-6611", language="en")
        place = PlaceOfDelivery(
            family_name="Martin", given_name="Claire", postal_code="150-0001", prefecture="東京都", city="渋谷区", street="神宮前3-4-5", building="Garden Court 302",
            phone="080-0000-6611",
        )  # fmt: skip
        told = self.told(0, "web", _lines("TEA-MATCHA-30 2,TEA-GYOKURO-50 1"), self.moment(10, 18, 3), method=COD)
        return _with(told, customer_id=None, account_id=None, person=person, language="en", destinations=(DraftDestination(place=place),))


def _with(told: Told, **changes: object) -> Told:
    return replace(told, draft=replace(told.draft, **changes))  # type: ignore[arg-type]


def _lines(basket: str) -> tuple[DraftLine, ...]:
    """The lines of "SKU quantity,SKU quantity"."""
    pairs = [entry.split() for entry in basket.split(",")]
    return tuple(DraftLine(sku=sku, quantity=int(quantity)) for sku, quantity in pairs)
