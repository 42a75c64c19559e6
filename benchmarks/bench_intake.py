"""Five thousand orders in a marketplace's CSV taken in, and the same file once more: seconds and statements."""

import csv
import io
import random
import time
from collections.abc import Iterator
from typing import Any

from benchmarks.figures import Figure
from benchmarks.shop import AT, PRODUCTS, BenchShop, bench_shop

ORDERS = 5_000
HEADER = (
    "注文番号", "ステータス", "注文日時", "支払方法名", "送料合計", "代引料合計", "合計金額", "ポイント利用額", "店舗発行クーポン利用額",
    "注文者郵便番号1", "注文者郵便番号2", "注文者住所都道府県", "注文者住所郡市区", "注文者住所それ以降の住所", "注文者姓", "注文者名", "注文者姓カナ", "注文者名カナ",
    "注文者電話番号1", "注文者電話番号2", "注文者電話番号3", "送付先ID", "送付先郵便番号1", "送付先郵便番号2", "送付先住所都道府県", "送付先住所郡市区",
    "送付先住所それ以降の住所", "送付先姓", "送付先名", "送付先電話番号1", "送付先電話番号2", "送付先電話番号3", "商品明細ID", "商品名", "商品番号", "単価", "個数",
    "お届け時間帯", "コメント",
)  # fmt: skip


def figures() -> Iterator[Figure]:
    """The first time every order is placed for a buyer nobody knew; the second time nothing is done."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    shop = bench_shop()
    outside, raw = _outside(shop), _file()
    began = time.monotonic()
    with CaptureQueriesContext(connection) as spent:
        answer = _taken(raw, outside)
    yield Figure(f"intake: {ORDERS:,d} orders of a CSV, placed", time.monotonic() - began, "s", target=60, at_most=True)
    yield Figure("intake: statements", len(spent), "")
    assert answer.states == {"placed": ORDERS}, answer
    began = time.monotonic()
    again = _taken(raw, outside)
    yield Figure("intake: the same file again", time.monotonic() - began, "s", target=5, at_most=True)
    assert again.repeated


def _outside(shop: BenchShop) -> int:
    from core.actor import SYSTEM
    from core.db import acting
    from core.models import SalesChannel
    from orders.models import OutsideShop

    with acting(SYSTEM):
        channel, _made = SalesChannel.objects.get_or_create(
            company_id=shop.company_id, code="mall", defaults={"name": "モール", "kind": "marketplace"}
        )
        outside, _made = OutsideShop.objects.get_or_create(
            company_id=shop.company_id, code="rakuten", defaults={"channel": channel, "name": "楽天市場店", "adapter": "rakuten"}
        )
    return int(outside.pk)


def _file() -> bytes:
    """Orders of one to three lines, every buyer somebody else, numbers of this run alone."""
    chance, run = random.Random(1), random.Random().randrange(10**8)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for n in range(ORDERS):
        items = [
            (chance.randrange(1, PRODUCTS), chance.randrange(500, 3_000), chance.randrange(1, 4)) for _line in range(chance.randrange(1, 4))
        ]
        total = 600 + sum(price * quantity for _sku, price, quantity in items)
        place = ("101", "0051", "東京都", "千代田区", f"神田神保町{n % 30 + 1}-{n % 20 + 1}")
        phone = ("090", f"{run % 10_000:04}", f"{n:04}") if n < 10_000 else ("090", "0000", "0000")
        for line, (sku, price, quantity) in enumerate(items):
            writer.writerow(
                (
                    f"{run:08}-20261101-{n:08}", "300", "2026/11/01 10:00:00", "クレジットカード", 600, 0, total, 0, 0, *place, "髙橋", f"花子{n}",
                    "タカハシ", "ハナコ", *phone, n, *place, "髙橋", f"花子{n}", *phone, f"{n}-{line}", "品物", f"S{sku}", price, quantity, "1416",
                    "[備考:]\n不在時は宅配ボックスへ",
                )
            )  # fmt: skip
    return out.getvalue().encode("cp932")


def _taken(raw: bytes, outside: int) -> Any:
    from core.actor import SYSTEM
    from orders.operations import take_in

    return take_in(raw, shop_id=outside, name="rakuten.csv", source="bench", actor=SYSTEM, at=AT)
