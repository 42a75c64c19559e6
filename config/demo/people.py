"""The demo customers: one for every interesting state, and enough ordinary ones for a list to look like a list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from config.demo.house import TEA, House
from core.actor import SYSTEM, Actor
from core.db import acting
from core.errors import Refusal
from customers.models import CustomerRank, Tag
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

FAMILIES: Final = (
    "佐藤 サトウ|鈴木 スズキ|高橋 タカハシ|田中 タナカ|伊藤 イトウ|渡邊 ワタナベ|山本 ヤマモト|中村 ナカムラ|小林 コバヤシ|加藤 カトウ|吉田 ヨシダ|山田 ヤマダ|"
    "佐々木 ササキ|山口 ヤマグチ|松本 マツモト|井上 イノウエ|木村 キムラ|林 ハヤシ|斎藤 サイトウ|清水 シミズ|山﨑 ヤマザキ|森 モリ|池田 イケダ|橋本 ハシモト|"
    "阿部 アベ|石川 イシカワ|前田 マエダ|藤田 フジタ|小川 オガワ|後藤 ゴトウ"
)
GIVEN: Final = (
    "陽子 ヨウコ|美咲 ミサキ|健一 ケンイチ|久美子 クミコ|翔太 ショウタ|和子 カズコ|さくら サクラ|誠 マコト|恵 メグミ|直樹 ナオキ|結衣 ユイ|幸子 サチコ|大輔 ダイスケ|"
    "真由美 マユミ|拓也 タクヤ|千尋 チヒロ|由紀 ユキ|浩 ヒロシ|葵 アオイ|節子 セツコ|亮 リョウ|明日香 アスカ|智子 トモコ|修 オサム|凛 リン|典子 ノリコ|悠人 ユウト|"
    "奈々 ナナ|文子 フミコ|隆 タカシ"
)
TOWNS: Final = (
    "100-0005 東京都 千代田区 丸の内|101-0051 東京都 千代田区 神田神保町|150-0001 東京都 渋谷区 神宮前|160-0022 東京都 新宿区 新宿|166-0003 東京都 杉並区 高円寺南|"
    "180-0004 東京都 武蔵野市 吉祥寺本町|231-0023 神奈川県 横浜市中区 山下町|248-0006 神奈川県 鎌倉市 小町|330-0802 埼玉県 さいたま市大宮区 宮町|260-0013 千葉県 千葉市中央区 中央|"
    "060-0061 北海道 札幌市中央区 南一条西|980-0021 宮城県 仙台市青葉区 中央|920-0981 石川県 金沢市 片町|420-0853 静岡県 静岡市葵区 追手町|460-0008 愛知県 名古屋市中区 栄|"
    "611-0021 京都府 宇治市 宇治|530-0001 大阪府 大阪市北区 梅田|542-0076 大阪府 大阪市中央区 難波|650-0021 兵庫県 神戸市中央区 三宮町|730-0035 広島県 広島市中区 本通|"
    "790-0004 愛媛県 松山市 大街道|810-0001 福岡県 福岡市中央区 天神|892-0842 鹿児島県 鹿児島市 東千石町|900-0013 沖縄県 那覇市 牧志"
)
ORGANISATIONS: Final = (
    "喫茶 ひだまり|キッサ ヒダマリ",
    "有限会社 野分商店|ノワキショウテン",
    "旅館 うぐいす|リョカン ウグイス",
    "株式会社 はなれ|ハナレ",
)
HOW_MANY: Final = 56


@dataclass(frozen=True, slots=True)
class Somebody:
    """A demo customer, as told to every operation."""

    customer_id: int
    person: Person
    place: PlaceOfDelivery


def people_of_the_demo() -> list[tuple[Person, PlaceOfDelivery]]:
    """The same people at every load."""
    dice = Random(540)
    families = [pair.split() for pair in FAMILIES.split("|")]
    given = [pair.split() for pair in GIVEN.split("|")]
    towns = [line.split(" ", 3) for line in TOWNS.split("|")]
    found = []
    for number in range(HOW_MANY):
        family, family_kana = families[number % len(families)]
        name, name_kana = given[(number * 7 + number // 30) % len(given)]
        phone = f"0{dice.choice('789')}0-0000-{1001 + number * 37:04d}"
        has_mail = number % 5 != 3  # the others order by phone and paper, and have none
        postal, prefecture, city, town = towns[(number * 5) % len(towns)]
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


def register_people(house: House, *, staff: Actor, since: datetime, at: datetime) -> list[Somebody]:
    """Sixty customers are in the ledger: persons, organisations, prospects, closed, noted, tagged, ranked and doubtful ones."""
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
        postal, prefecture, city, _town = TOWNS.split("|")[number * 4].split(" ", 3)
        place = _place(person, postal, prefecture, city, "本町1-2-3", "")
        asks.append(
            NewCustomer(
                company_id=house.company_id, person=person, address=place, kind=CustomerKind.ORGANISATION, channel_id=house.channels["b2b"]
            )
        )
    registered = register_customers(asks, actor=staff, at=since)
    people = [
        Somebody(_key(result), ask.person, ask.address) for ask, result in zip(asks, registered, strict=True) if ask.address is not None
    ]
    _give_states(house, people, staff=staff, at=at)
    return people


def _key(result: object) -> int:
    if isinstance(result, Refusal):
        raise RuntimeError(f"A demo customer was refused: {result.code} {result.text()} {result.field}")
    return int(result.customer_id)  # type: ignore[attr-defined]


def _give_states(house: House, people: list[Somebody], *, staff: Actor, at: datetime) -> None:
    ids = [one.customer_id for one in people]
    with acting(SYSTEM, reason="demo"):
        gold = CustomerRank.objects.create(company_id=house.company_id, code="gold", name="ゴールド", level=2)
        silver = CustomerRank.objects.create(company_id=house.company_id, code="silver", name="シルバー", level=1)
        tags = {name: Tag.objects.create(company_id=house.company_id, name=name).pk for name in ("贈答が多い", "電話希望", "レビュー協力")}
    month_ago = at - timedelta(days=30)
    assign_ranks([AssignRank(customer_id=i, rank_id=gold.pk) for i in ids[:5]], actor=SYSTEM, at=month_ago, reason="昨年の実績")
    assign_ranks([AssignRank(customer_id=i, rank_id=silver.pk) for i in ids[5:14]], actor=SYSTEM, at=month_ago, reason="昨年の実績")
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
