"""The demo customers: one for every interesting state, and enough ordinary ones for a list to look like a list."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from config.demo.house import TEA, House
from config.simulation.names import FAMILIES, GIVEN, TOWNS
from core.actor import SYSTEM, Actor
from core.db import acting
from core.errors import Refusal
from customers.models import CustomerRank, PointProgramme, PointRate, Tag
from customers.operations import (
    AssignRank,
    add_addresses,
    add_notes,
    assign_ranks,
    close_customers,
    erase_customers,
    find_duplicates,
    grant_points,
    merge_customers,
    record_consents,
    register_customers,
    set_attention,
    tag_customers,
)
from customers.rules import (
    ConsentPurpose,
    ConsentSaid,
    ConsentStatus,
    ContactChannel,
    CustomerKind,
    CustomerStatus,
    Grant,
    MergeAsk,
    NewAddress,
    NewCustomer,
    NewNote,
    Person,
    PlaceOfDelivery,
)

ORGANISATIONS: Final = (
    "喫茶 ひだまり|キッサ ヒダマリ",
    "有限会社 野分商店|ノワキショウテン",
    "旅館 うぐいす|リョカン ウグイス",
    "株式会社 はなれ|ハナレ",
)
HOW_MANY: Final = 56
TAGS: Final = ("贈答が多い", "電話希望", "レビュー協力")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A demo customer, as told to every operation."""

    customer_id: int
    person: Person
    place: PlaceOfDelivery


def people_of_the_demo() -> list[tuple[Person, PlaceOfDelivery]]:
    """The same people at every load."""
    dice = Random(540)
    families = FAMILIES[:30]
    given = GIVEN[:30]
    found = []
    for number in range(HOW_MANY):
        family, family_kana = families[number % len(families)]
        name, name_kana = given[(number * 7 + number // 30) % len(given)]
        phone = f"0{dice.choice('789')}0-0000-{1001 + number * 37:04d}"
        has_mail = number % 5 != 3  # the others order by phone and paper, and have none
        postal, prefecture, city, town = TOWNS[(number * 5) % len(TOWNS)]
        street = f"{town}{dice.randint(1, 4)}-{dice.randint(1, 20)}-{dice.randint(1, 15)}"
        building = (
            f"{dice.choice(('メゾン', 'コーポ', 'グラン', 'サンハイツ'))}{town[:2]}{dice.randint(101, 805)}" if number % 3 == 0 else ""
        )
        person = Person(
            family_name=family, given_name=name, family_kana=family_kana, given_kana=name_kana, phone=phone,
            email=f"customer{number + 1:02d}@example.com" if has_mail else "",
            birth_on=date(dice.randint(1942, 2001), dice.randint(1, 12), dice.randint(1, 28)) if number % 2 else None,
        )  # fmt: skip
        found.append((person, _place(person, postal, prefecture, city, street, building)))
    return found


def _place(person: Person, postal: str, prefecture: str, city: str, street: str, building: str) -> PlaceOfDelivery:
    return PlaceOfDelivery(
        family_name=person.family_name, given_name=person.given_name, family_kana=person.family_kana, given_kana=person.given_kana,
        organisation_name=person.organisation_name, postal_code=postal, prefecture=prefecture, city=city, street=street, building=building,
        phone=person.phone,
    )  # fmt: skip


def register_people(house: House, *, staff: Actor, since: datetime) -> list[Somebody]:
    """Sixty customers are in the ledger, taken over from the former system: persons, organisations, prospects. The ranks, the tags and what orders earn in points stand."""
    told = people_of_the_demo()
    channels = list(house.channels.values())
    asks = [
        NewCustomer(
            company_id=house.company_id, person=person, address=place, channel_id=channels[number % 6],
            status=CustomerStatus.PROSPECT if number in (52, 53, 54) else CustomerStatus.ACTIVE,
            outside_number=f"OLD-{7000 + number}" if number % 4 == 0 else "",
        )
        for number, (person, place) in enumerate(told)
    ]  # fmt: skip
    for number, line in enumerate(ORGANISATIONS):
        name, kana = line.split("|")
        contact = told[number * 3][0]
        person = Person(
            organisation_name=name, family_name=contact.family_name, given_name="", family_kana=kana, phone=f"0{3 + number}-6000-10{number:02d}",
            email=f"order{number + 1}@b2b.example.com",
        )  # fmt: skip
        postal, prefecture, city, _town = TOWNS[number * 4]
        place = _place(person, postal, prefecture, city, "本町1-2-3", "")
        asks.append(
            NewCustomer(
                company_id=house.company_id, person=person, address=place, kind=CustomerKind.ORGANISATION, channel_id=house.channels["b2b"]
            )
        )
    ranks: dict[str, CustomerRank] = {}
    with acting(SYSTEM, reason="demo"):
        for code, name, level in (("gold", "ゴールド", 2), ("silver", "シルバー", 1)):
            ranks[code] = CustomerRank.objects.create(company_id=house.company_id, code=code, name=name, level=level)
        programme = PointProgramme.objects.create(
            company_id=house.company_id, name="お買いものポイント", rate_bp=100, expires_days=365, from_at=datetime(2015, 4, 1, tzinfo=UTC)
        )
        PointRate.objects.create(programme=programme, rank=ranks["gold"], rate_bp=200)
        for name in TAGS:
            Tag.objects.create(company_id=house.company_id, name=name)
    registered = register_customers(asks, actor=staff, at=since)
    return [
        Somebody(_key(result), ask.person, ask.address) for ask, result in zip(asks, registered, strict=True) if ask.address is not None
    ]


def _key(result: object) -> int:
    if isinstance(result, Refusal):
        raise RuntimeError(f"A demo customer was refused: {result.code} {result.text()} {result.field}")
    return int(result.customer_id)  # type: ignore[attr-defined]


def give_states(house: House, people: list[Somebody], *, staff: Actor, at: datetime) -> None:
    """Some of them are noted, tagged, ranked, doubtful, closed, erased: one for every interesting state."""
    ids = [one.customer_id for one in people]
    ranks = dict(CustomerRank.objects.filter(company_id=house.company_id).values_list("code", "pk"))
    tags = dict(Tag.objects.filter(company_id=house.company_id).values_list("name", "pk"))
    month_ago = at - timedelta(days=30)
    assign_ranks([AssignRank(customer_id=i, rank_id=ranks["gold"]) for i in ids[:5]], actor=SYSTEM, at=month_ago, reason="昨年の実績")
    assign_ranks([AssignRank(customer_id=i, rank_id=ranks["silver"]) for i in ids[5:14]], actor=SYSTEM, at=month_ago, reason="昨年の実績")
    tag_customers(ids[2:8], tag_id=tags["贈答が多い"], actor=staff, at=month_ago)
    tag_customers(ids[3:60:10], tag_id=tags["電話希望"], actor=staff, at=month_ago)
    grants = [
        Grant(customer_id=i, points=100 + n * 20, once_key=f"demo:points:{i}", reference="入会特典", brand_id=house.brands[TEA], expires_at=at + timedelta(days=180 - n))
        for n, i in enumerate(ids[:24])
    ]  # fmt: skip
    grant_points(grants, actor=SYSTEM, at=month_ago)
    notes = (
        (1, "ご不在が多いため、置き配はせず宅配ボックスへ。"),
        (4, "のし紙は「御礼」、お名前は旧姓の佐伯で。"),
        (9, "そばアレルギー。そば茶・試供品のそば菓子は同梱しないこと。"),
        (16, "お耳が遠いので、ゆっくり大きめの声で。"),
    )
    add_notes(
        [NewNote(customer_id=ids[n], body=body, show_until_at=at + timedelta(days=365)) for n, body in notes], actor=staff, at=month_ago
    )
    set_attention([ids[22]], attention=True, reason="受け取り拒否が二度続いたため、出荷前に確認する", actor=staff, at=month_ago)
    consents = [
        ConsentSaid(
            customer_id=i, channel=ContactChannel.MAIL if n % 3 else ContactChannel.PAPER, purpose=ConsentPurpose.ADVERTISING,
            status=ConsentStatus.GIVEN if n % 6 else ConsentStatus.WITHDRAWN, source="登録フォーム" if n % 3 else "注文ハガキ",
            wording="新商品とお得なご案内を受け取る",
        )
        for n, i in enumerate(ids[:40])
    ]  # fmt: skip
    record_consents(consents, actor=SYSTEM, at=month_ago)
    close_customers([ids[55]], reason="ご本人からのお申し出", actor=staff, at=month_ago)
    erase_customers([ids[54]], reason="ご本人からの削除のご請求", actor=staff, at=month_ago)
    parents = people[7]
    home = PlaceOfDelivery(
        family_name=parents.person.family_name, given_name="両親", postal_code="790-0004", prefecture="愛媛県", city="松山市", street="大街道2-5-1",
        phone="089-000-0000",
    )  # fmt: skip
    add_addresses([NewAddress(customer_id=parents.customer_id, place=home, label="実家")], actor=staff, at=month_ago)
    _double(house, people, staff=staff, at=month_ago)


def _double(house: House, people: list[Somebody], *, staff: Actor, at: datetime) -> None:
    """Two people came twice: one pair has been merged, one waits for somebody to look."""
    twice = []
    for number, spelling in ((10, {"email": "kiku10@example.com"}), (12, {"phone": ""})):
        known = people[number]
        told = {
            name: getattr(known.person, name) for name in ("family_name", "given_name", "family_kana", "given_kana", "phone", "birth_on")
        }
        twice.append(
            NewCustomer(
                company_id=house.company_id, person=Person(**{**told, **spelling}), address=known.place, channel_id=house.channels["paper"]
            )
        )
    made = [_key(result) for result in register_customers(twice, actor=staff, at=at)]
    find_duplicates(made, actor=SYSTEM, at=at)
    merge_customers([MergeAsk(principal_id=people[10].customer_id, merged_id=made[0])], reason="同じお電話番号とご住所", actor=staff, at=at)
