"""A shop at a marketplace: one file of this morning taken in, of which an order stands, one waits for its article and one for its payment."""

import json
from datetime import datetime
from typing import Any, Final

from config.demo.finding import Cast
from config.demo.orders import TOKYO
from core.actor import SYSTEM
from core.db import acting
from core.errors import Refusal
from orders.models import OutsideShop
from orders.operations import take_in
from orders.rules import NoticeWay

CODE: Final = "rakuten"
NAME: Final = "こよみ茶舗 楽天市場店"


def open_outside_shop(cast: Cast, *, now: datetime) -> None:
    """The shop is open and its file stands in the list; told twice, it changes nothing."""
    company, channel = cast.house.company_id, cast.house.channels["market"]
    with acting(SYSTEM, reason="demo"):
        shop, _made = OutsideShop.objects.get_or_create(
            company_id=company, code=CODE,
            defaults={"channel_id": channel, "name": NAME, "adapter": "rakuten", "tells_by": NoticeWay.FILE},
        )  # fmt: skip
    day = now.astimezone(TOKYO)
    orders = [
        _order(day, 1, 300, ("TEA-SENCHA-100", "煎茶", 1_080, 2)),
        _order(day, 2, 300, ("koyomi-tea-3set", "お茶 3 種セット", 3_240, 1)),
        _order(day, 3, 100, ("TEA-SENCHA-100", "煎茶", 1_080, 1)),
    ]
    raw = json.dumps({"OrderModelList": orders}, ensure_ascii=False, indent=1).encode()
    answer = take_in(
        raw, shop_id=shop.pk, name=f"getOrder_{day:%Y%m%d}.json", source="upload", actor=cast.staff.actor("order_desk"), at=now
    )
    if isinstance(answer, Refusal):
        raise RuntimeError(f"The demo's own deed was refused: {answer.code} {answer.text()}")


def _order(day: datetime, number: int, progress: int, item: tuple[str, str, int, int]) -> dict[str, Any]:
    code, name, price, units = item
    person = {
        "zipCode1": "420", "zipCode2": "0853", "prefecture": "静岡県", "city": "静岡市葵区", "subAddress": f"追手町0-{number}",
        "familyName": "髙橋", "firstName": ("結衣", "陽翔", "美桜")[number - 1], "familyNameKana": "タカハシ",
        "firstNameKana": ("ユイ", "ハルト", "ミオ")[number - 1], "phoneNumber1": "090", "phoneNumber2": "0000", "phoneNumber3": f"77{number:02}",
    }  # fmt: skip
    return {
        "orderNumber": f"000540-{day:%Y%m%d}-{number:08}", "orderProgress": progress, "orderDatetime": f"{day:%Y-%m-%dT08:%M:%S+0900}",
        "remarks": "[配送日時指定:]\n午前中\n[備考:]\n玄関先にお願いします〜", "postagePrice": 600, "totalPrice": price * units + 600,
        "couponAllTotalPrice": 0, "couponShopPrice": 0, "OrdererModel": {**person, "emailAddress": f"demo{number}@pc.fw.rakuten.ne.jp"},
        "SettlementModel": {"settlementMethodCode": 1}, "PointModel": {"usedPoint": 100},
        "PackageModelList": [
            {
                "basketId": 540_000 + number, "noshi": "御歳暮" if number == 2 else None, "SenderModel": person,
                "ItemModelList": [
                    {
                        "itemDetailId": number, "itemName": name, "itemNumber": code, "price": price, "units": units, "includeTaxFlag": 1,
                        "SkuModelList": [{"merchantDefinedSkuId": code}],
                    }
                ],
            }
        ],
    }  # fmt: skip
