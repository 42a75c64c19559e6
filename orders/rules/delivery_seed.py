"""Services, regions and lead times as Japan's carriers publish them: what a company begins with and edits. Fees are its own. Pure."""

from dataclasses import dataclass
from typing import Final

from orders.rules.parcel_sizes import ParcelSize

_YAMATO: Final = ("0812", "1416", "1618", "1820", "1921")
_SAGAWA: Final = ("0812", "1214", "1416", "1618", "1820", "1821", "1921")
_POST: Final = ("0812", "1214", "1416", "1618", "1820", "1921")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedService:
    """A carrier's service as it publishes it."""

    code: str
    carrier: str
    name: str
    position: int
    temperatures: tuple[str, ...] = ("ambient",)
    most_size: ParcelSize
    most_grams: int
    most_pieces: int = 99
    bands: tuple[str, ...] = ()
    takes_day: bool = True
    takes_cash: bool = True
    most_cash: int | None = 300_000
    label_kind: str = ""


def _packet(code: str, carrier: str, name: str, position: int, label_kind: str) -> SeedService:
    return SeedService(
        code=code, carrier=carrier, name=name, position=position, most_size=ParcelSize.PACKET, most_grams=1_000, most_pieces=1,
        takes_day=False, takes_cash=False, most_cash=None, label_kind=label_kind,
    )  # fmt: skip


SEED_SERVICES: Final = (
    SeedService(
        code="takkyubin", carrier="yamato", name="宅急便", position=10, most_size=ParcelSize.S200, most_grams=30_000, bands=_YAMATO,
    ),
    SeedService(
        code="cool-takkyubin", carrier="yamato", name="クール宅急便", position=11, temperatures=("chilled", "frozen"),
        most_size=ParcelSize.S120, most_grams=15_000, bands=_YAMATO,
    ),
    SeedService(
        code="compact", carrier="yamato", name="宅急便コンパクト", position=80, most_size=ParcelSize.COMPACT, most_grams=30_000, most_pieces=1,
        bands=_YAMATO, most_cash=30_000, label_kind="compact",
    ),
    _packet("nekopos", "yamato", "ネコポス", 90, "nekopos"),
    SeedService(
        code="hikyaku", carrier="sagawa", name="飛脚宅配便", position=20, most_size=ParcelSize.S160, most_grams=30_000, bands=_SAGAWA,
        most_cash=None,
    ),
    SeedService(
        code="hikyaku-cool", carrier="sagawa", name="飛脚クール便", position=21, temperatures=("chilled", "frozen"), most_size=ParcelSize.S140,
        most_grams=20_000, bands=_SAGAWA, most_cash=None,
    ),
    SeedService(
        code="yupack", carrier="japanpost", name="ゆうパック", position=30, most_size=ParcelSize.S170, most_grams=25_000, bands=_POST,
    ),
    SeedService(
        code="yupack-cool", carrier="japanpost", name="チルドゆうパック", position=31, temperatures=("chilled",), most_size=ParcelSize.S160,
        most_grams=25_000, bands=_POST,
    ),
    _packet("yupacket", "japanpost", "ゆうパケット", 91, "yu_packet"),
)  # fmt: skip
"""What holds for everybody; a company's contract may say otherwise. Packets stand last: they are for buyers who ask for them."""

SEED_ZONES: Final = (
    ("hokkaido", "北海道", ("北海道",)),
    ("north-tohoku", "北東北", ("青森県", "岩手県", "秋田県")),
    ("south-tohoku", "南東北", ("宮城県", "山形県", "福島県")),
    ("kanto", "関東", ("茨城県", "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "山梨県")),
    ("shinetsu", "信越", ("新潟県", "長野県")),
    ("hokuriku", "北陸", ("富山県", "石川県", "福井県")),
    ("chubu", "中部", ("岐阜県", "静岡県", "愛知県", "三重県")),
    ("kansai", "関西", ("滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県")),
    ("chugoku", "中国", ("鳥取県", "島根県", "岡山県", "広島県", "山口県")),
    ("shikoku", "四国", ("徳島県", "香川県", "愛媛県", "高知県")),
    ("kyushu", "九州", ("福岡県", "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県")),
    ("okinawa", "沖縄", ("沖縄県",)),
)
"""Twelve regions, from north to south: (code, name, prefectures)."""

SEED_ISLANDS: Final = (
    "04314", "04315", "09701", "09702", "09704", "09711", "09712",
    "10001", "10002", "10003", "10004", "10005", "10006", "10011", "10012", "10013", "10014", "10015", "10016", "10017", "10021", "10022",
    "68401", "68402", "68403", "68404", "685", "81151", "81152", "81153", "81154", "81155", "81157", "817", "853", "8574", "89009", "8913", "8914", "8915", "8916",
    "8917", "8919", "894", "90131", "90133", "90134", "90135", "90136", "90137", "90138", "90139", "90505", "90506", "90507", "906", "907", "952",
)  # fmt: skip
"""Beginnings of postal codes on islands without a bridge: a list to begin with, to be kept by the carrier's own."""

_OVER_THE_SEA: Final = ("hokkaido", "okinawa")
_NEXT_DAY, _TWO_DAYS = 3, 8


def seed_lead(origin: str, to: str) -> tuple[int, str]:
    """Days on the way between two regions, and the first band on that day: the next day to neighbours, two days across the country.

    >>> seed_lead("kanto", "kansai"), seed_lead("kanto", "hokkaido"), seed_lead("kanto", "okinawa")
    ((1, ''), (2, '1416'), (3, ''))
    """
    order = [code for code, _name, _prefectures in SEED_ZONES]
    apart = abs(order.index(origin) - order.index(to))
    if origin == to:
        return 1, ""
    if "okinawa" in (origin, to):
        return (2, "1416") if "kyushu" in (origin, to) else (3, "")
    if "hokkaido" in (origin, to):
        return (1, "1416") if "north-tohoku" in (origin, to) else (2, "1416") if apart <= _TWO_DAYS - 1 else (3, "")
    if apart <= _NEXT_DAY:
        return 1, ""
    if apart == _NEXT_DAY + 1:
        return (1, "") if {origin, to} == {"kanto", "kansai"} else (1, "1416")
    return 2, ""


ISLAND_DAYS: Final = 5
"""To islands: ships do not sail every day."""


def seed_region(prefecture: str) -> str:
    """The region of a prefecture; "" where it is none."""
    return next((code for code, _name, own in SEED_ZONES if prefecture in own), "")
