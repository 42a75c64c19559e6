"""Invented people of Japan: names with their readings, and towns that exist, with streets that need not."""

from datetime import date, timedelta
from typing import Final

from config.simulation.chance import Chance
from customers.rules import Person, PlaceOfDelivery

FAMILIES: Final = tuple(
    pair.split()
    for pair in [
        "佐藤 サトウ",
        "鈴木 スズキ",
        "高橋 タカハシ",
        "田中 タナカ",
        "伊藤 イトウ",
        "渡邊 ワタナベ",
        "山本 ヤマモト",
        "中村 ナカムラ",
        "小林 コバヤシ",
        "加藤 カトウ",
        "吉田 ヨシダ",
        "山田 ヤマダ",
        "佐々木 ササキ",
        "山口 ヤマグチ",
        "松本 マツモト",
        "井上 イノウエ",
        "木村 キムラ",
        "林 ハヤシ",
        "斎藤 サイトウ",
        "清水 シミズ",
        "山﨑 ヤマザキ",
        "森 モリ",
        "池田 イケダ",
        "橋本 ハシモト",
        "阿部 アベ",
        "石川 イシカワ",
        "前田 マエダ",
        "藤田 フジタ",
        "小川 オガワ",
        "後藤 ゴトウ",
        "岡田 オカダ",
        "長谷川 ハセガワ",
        "村上 ムラカミ",
        "近藤 コンドウ",
        "石井 イシイ",
        "坂本 サカモト",
        "遠藤 エンドウ",
        "青木 アオキ",
        "藤井 フジイ",
        "西村 ニシムラ",
        "福田 フクダ",
        "太田 オオタ",
        "三浦 ミウラ",
        "岡本 オカモト",
        "松田 マツダ",
        "中島 ナカジマ",
        "原田 ハラダ",
        "中川 ナカガワ",
        "竹内 タケウチ",
        "金子 カネコ",
        "和田 ワダ",
        "中山 ナカヤマ",
        "石田 イシダ",
        "上田 ウエダ",
        "森田 モリタ",
        "柴田 シバタ",
        "酒井 サカイ",
        "工藤 クドウ",
        "横山 ヨコヤマ",
        "宮崎 ミヤザキ",
        "宮本 ミヤモト",
        "内田 ウチダ",
        "高木 タカギ",
        "谷口 タニグチ",
        "安藤 アンドウ",
        "丸山 マルヤマ",
        "今井 イマイ",
        "大野 オオノ",
        "武田 タケダ",
        "上野 ウエノ",
        "杉山 スギヤマ",
        "千葉 チバ",
        "村田 ムラタ",
        "増田 マスダ",
        "河野 コウノ",
        "菅原 スガワラ",
        "平野 ヒラノ",
        "小島 コジマ",
        "久保 クボ",
        "渡部 ワタナベ",
        "野口 ノグチ",
        "菊地 キクチ",
        "松井 マツイ",
        "野村 ノムラ",
    ]
)
GIVEN: Final = tuple(
    pair.split()
    for pair in [
        "陽子 ヨウコ",
        "美咲 ミサキ",
        "健一 ケンイチ",
        "久美子 クミコ",
        "翔太 ショウタ",
        "和子 カズコ",
        "さくら サクラ",
        "誠 マコト",
        "恵 メグミ",
        "直樹 ナオキ",
        "結衣 ユイ",
        "幸子 サチコ",
        "大輔 ダイスケ",
        "真由美 マユミ",
        "拓也 タクヤ",
        "千尋 チヒロ",
        "由紀 ユキ",
        "浩 ヒロシ",
        "葵 アオイ",
        "節子 セツコ",
        "亮 リョウ",
        "明日香 アスカ",
        "智子 トモコ",
        "修 オサム",
        "凛 リン",
        "典子 ノリコ",
        "悠人 ユウト",
        "奈々 ナナ",
        "文子 フミコ",
        "隆 タカシ",
        "裕子 ユウコ",
        "麻衣 マイ",
        "洋子 ヨウコ",
        "彩 アヤ",
        "恭子 キョウコ",
        "香織 カオリ",
        "桃子 モモコ",
        "愛 アイ",
        "優子 ユウコ",
        "京子 キョウコ",
        "里美 サトミ",
        "美穂 ミホ",
        "純子 ジュンコ",
        "早苗 サナエ",
        "みどり ミドリ",
        "弘子 ヒロコ",
        "綾乃 アヤノ",
        "舞 マイ",
        "千代 チヨ",
        "絵里 エリ",
        "薫 カオル",
        "栞 シオリ",
        "小百合 サユリ",
        "茜 アカネ",
        "瞳 ヒトミ",
        "孝 タカシ",
        "博 ヒロシ",
        "康弘 ヤスヒロ",
        "剛 ツヨシ",
        "淳 ジュン",
        "茂 シゲル",
        "健太 ケンタ",
        "正樹 マサキ",
        "和也 カズヤ",
        "雅子 マサコ",
        "静江 シズエ",
        "ひかり ヒカリ",
        "遥 ハルカ",
        "紗季 サキ",
    ]
)
TOWNS: Final = tuple(
    line.split(" ", 3)
    for line in [
        "100-0005 東京都 千代田区 丸の内",
        "101-0051 東京都 千代田区 神田神保町",
        "150-0001 東京都 渋谷区 神宮前",
        "160-0022 東京都 新宿区 新宿",
        "166-0003 東京都 杉並区 高円寺南",
        "180-0004 東京都 武蔵野市 吉祥寺本町",
        "231-0023 神奈川県 横浜市中区 山下町",
        "248-0006 神奈川県 鎌倉市 小町",
        "330-0802 埼玉県 さいたま市大宮区 宮町",
        "260-0013 千葉県 千葉市中央区 中央",
        "060-0061 北海道 札幌市中央区 南一条西",
        "980-0021 宮城県 仙台市青葉区 中央",
        "920-0981 石川県 金沢市 片町",
        "420-0853 静岡県 静岡市葵区 追手町",
        "460-0008 愛知県 名古屋市中区 栄",
        "611-0021 京都府 宇治市 宇治",
        "530-0001 大阪府 大阪市北区 梅田",
        "542-0076 大阪府 大阪市中央区 難波",
        "650-0021 兵庫県 神戸市中央区 三宮町",
        "730-0035 広島県 広島市中区 本通",
        "790-0004 愛媛県 松山市 大街道",
        "810-0001 福岡県 福岡市中央区 天神",
        "892-0842 鹿児島県 鹿児島市 東千石町",
        "900-0013 沖縄県 那覇市 牧志",
    ]
)
HOUSES: Final = ("メゾン", "コーポ", "グラン", "サンハイツ", "パークハイム", "レジデンス")
MAIL_HOSTS: Final = ("example.com", "example.jp", "mail.example.com", "home.example.jp")


def somebody(chance: Chance, serial: object, *, born_about: date, with_mail: bool) -> tuple[Person, PlaceOfDelivery]:
    """The same serial is the same person, with a telephone number of their own."""
    dice = chance.dice("somebody", serial)
    family, family_kana = dice.choice(FAMILIES)
    given, given_kana = dice.choice(GIVEN)
    postal, prefecture, city, town = dice.choice(TOWNS)
    number = dice.randrange(10**8)
    phone = f"0{dice.choice('789')}0-{number // 10_000:04d}-{number % 10_000:04d}"
    building = f"{dice.choice(HOUSES)}{town[:2]}{dice.randint(1, 9)}{dice.randint(1, 12):02d}" if dice.random() < 0.42 else ""
    street = f"{town}{dice.randint(1, 5)}-{dice.randint(1, 24)}-{dice.randint(1, 18)}"
    mail = f"{_latin(family_kana)}.{number:08d}@{dice.choice(MAIL_HOSTS)}" if with_mail else ""
    born = born_about - timedelta(days=dice.randint(26 * 365, 78 * 365)) if dice.random() < 0.55 else None
    person = Person(
        family_name=family, given_name=given, family_kana=family_kana, given_kana=given_kana, phone=phone, email=mail, birth_on=born
    )
    return person, place_of(person, postal=postal, prefecture=prefecture, city=city, street=street, building=building)


def place_of(person: Person, *, postal: str, prefecture: str, city: str, street: str, building: str = "") -> PlaceOfDelivery:
    """The person's own door."""
    return PlaceOfDelivery(
        family_name=person.family_name,
        given_name=person.given_name,
        family_kana=person.family_kana,
        given_kana=person.given_kana,
        organisation_name=person.organisation_name,
        postal_code=postal,
        prefecture=prefecture,
        city=city,
        street=street,
        building=building,
        phone=person.phone,
    )


def _latin(kana: str) -> str:
    """Enough of a reading for a mail address; which letters does not matter, only that they stay the same."""
    return "".join(chr(ord("a") + ord(letter) * 7 % 26) for letter in kana)
