"""Importing against PostgreSQL's own COPY of the same accepted rows into the same final tables, constraints and indexes on.

The rows are read out of the tables after an import, given new keys, and copied back in one transaction; then the file is imported
anew under new numbers, in turns, on one server. The file for orders is the beginning of the public retail data; customers and
products are Japanese, because reading Japanese text is what costs most.
"""

import csv
import gc
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from django.db import connection, transaction

from benchmarks.figures import Figure
from benchmarks.journey import bring, set_up
from benchmarks.journey_files import convert_apart
from config.imports import KINDS, Asked, Summary, import_file
from core import clock
from core.actor import SYSTEM
from core.db import rows
from core.operations import NewCompany, open_company
from core.queries import CompanyContext

TARGET = 0.20
MEMORY_TARGET_MB = 200.0
ROUNDS = 3
ORDER_LINES, CUSTOMERS, PRODUCTS = 60_000, 10_000, 10_000
FAR = 10**9


@dataclass(frozen=True)
class Table:
    """A final table: which of its rows came from the file, and what must differ in a second copy of them."""

    name: str
    where: str
    instead: Mapping[str, str]


def _again(*names: str) -> dict[str, str]:
    return {name: f"{name} || '~' || %(round)s" for name in names}


_OWN = {"id": "id + %(far)s"}
_PUBLIC = {**_OWN, "public_id": "gen_random_uuid()"}
_ORDERS = "SELECT id FROM orders_order WHERE company_id = %(company)s AND outside_number LIKE '%%-' || %(set)s"
_LINES = f"SELECT id FROM orders_line WHERE order_id IN ({_ORDERS})"
_PEOPLE = "SELECT id FROM customers_customer WHERE company_id = %(company)s AND outside_number LIKE '%%-' || %(set)s"
_GOODS = "SELECT id FROM catalog_product WHERE company_id = %(company)s AND code LIKE '%%-' || %(set)s"
_VARIANTS = f"SELECT id FROM catalog_variant WHERE product_id IN ({_GOODS})"
_STOCKED = "SELECT id FROM inventory_stockitem WHERE company_id = %(company)s AND code LIKE '%%-' || %(set)s"


def _child(of: str) -> dict[str, str]:
    return {**_OWN, of: f"{of} + %(far)s"}


TABLES = {
    "orders": (
        Table("orders_order", f"id IN ({_ORDERS})", {**_PUBLIC, **_again("number", "outside_number")}),
        Table("orders_ordertax", f"order_id IN ({_ORDERS})", _child("order_id")),
        Table("orders_line", f"order_id IN ({_ORDERS})", {**_PUBLIC, **_child("order_id")}),
        Table("orders_linediscount", f"line_id IN ({_LINES})", _child("line_id")),
    ),
    "customers": (
        Table("customers_customer", f"id IN ({_PEOPLE})", {**_PUBLIC, **_again("number", "outside_number")}),
        Table("customers_contactpoint", f"customer_id IN ({_PEOPLE})", _child("customer_id")),
        Table("customers_address", f"customer_id IN ({_PEOPLE})", _child("customer_id")),
        Table("customers_consent", f"customer_id IN ({_PEOPLE})", _child("customer_id")),
    ),
    "products": (
        Table("catalog_product", f"id IN ({_GOODS})", {**_PUBLIC, **_again("code")}),
        Table("catalog_producttext", f"product_id IN ({_GOODS})", _child("product_id")),
        Table("catalog_variant", f"product_id IN ({_GOODS})", {**_PUBLIC, **_child("product_id"), **_again("sku")}),
        Table("inventory_stockitem", f"id IN ({_STOCKED})", {**_PUBLIC, **_again("code")}),
        Table("inventory_component", f"variant_id IN ({_VARIANTS})", {**_child("variant_id"), "stock_item_id": "stock_item_id + %(far)s"}),
        Table("catalog_listing", f"variant_id IN ({_VARIANTS})", _child("variant_id")),
        Table("catalog_productcategory", f"product_id IN ({_GOODS})", _child("product_id")),
        Table("catalog_price", f"variant_id IN ({_VARIANTS})", _child("variant_id")),
    ),
}


def figures() -> Iterator[Figure]:
    """Accepted rows of the file per second, by import and by COPY; and what the longest import added to memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journey = convert_apart(folder / "journey")
        company = set_up(journey["orders"].path)
        for kind in ("customers", "products", "campaigns"):
            bring(kind, journey[kind].path, company)
        for kind, write in (("customers", _customers), ("products", _products), ("orders", _orders_of(journey["orders"].path))):
            yield from _compare(kind, company if kind == "orders" else _japanese(), folder, write)
        gc.collect()
        before = _resident_mb()
        highest = [before]
        path = folder / "long.csv"
        _orders_of(journey["orders"].path, lines=3 * ORDER_LINES)(path, "long")
        _bring("orders", path, company, lambda: highest.append(_resident_mb()))
        yield Figure("import orders, memory added by 180,000 rows", max(highest) - before, "MB", target=MEMORY_TARGET_MB, at_most=True)


def _japanese() -> CompanyContext:
    return open_company(NewCompany(code="bench-import", name="大福商店"), actor=SYSTEM)


def _compare(kind: str, company: CompanyContext, folder: Path, write: Callable[[Path, str], None]) -> Iterable[Figure]:
    """Import and COPY in turns; the medians."""
    imports, copies = [], []
    accepted = 0
    for turn in range(ROUNDS):
        path = folder / f"{kind}-{turn}.csv"
        write(path, str(turn))
        summary = _bring(kind, path, company)
        accepted = summary.created
        imports.append(summary.seconds)
        copies.append(_copied(kind, company, turn))
    yield Figure(f"import {kind}, rows", accepted / median(imports), "/s", floor=accepted / median(copies), target=TARGET)


def _bring(kind: str, path: Path, company: CompanyContext, look: Callable[[], None] = lambda: None) -> Summary:
    return import_file(path, KINDS[kind], asked=Asked(company=company, actor=SYSTEM, at=clock.now()), tell=lambda _progress: look())


def _copied(kind: str, company: CompanyContext, turn: int) -> float:
    """Seconds that COPY takes for the rows of this turn's import, from the first byte to the commit."""
    values = {"company": company.id, "set": str(turn), "round": str(turn), "far": FAR * (turn + 1)}
    told = []
    for table in TABLES[kind]:
        columns = [
            row.column_name
            for row in rows(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
                (table.name,),
            )
        ]
        chosen = ", ".join(table.instead.get(name, f'"{name}"') for name in columns)
        into = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY (SELECT {chosen} FROM {table.name} WHERE {table.where} ORDER BY id) TO STDOUT", values) as out,
        ):
            told.append((into, b"".join(bytes(block) for block in out)))
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for into, data in told:
            with cursor.copy(into) as copy:
                copy.write(data)
    return time.perf_counter() - started


def _orders_of(source: Path, *, lines: int = ORDER_LINES) -> Callable[[Path, str], None]:
    def write(path: Path, turn: str) -> None:
        with source.open(newline="", encoding="utf-8") as told, path.open("w", newline="", encoding="utf-8") as out:
            reader, writer = csv.reader(told), csv.writer(out)
            writer.writerow(next(reader))
            for _n, row in zip(range(lines), reader, strict=False):
                writer.writerow([f"{row[0]}-{turn}", *row[1:]])

    return write


def _customers(path: Path, turn: str) -> None:
    family = ("山田,ヤマダ", "髙橋,タカハシ", "佐々木,ササキ", "﨑山,サキヤマ", "渡邊,ワタナベ", "小林,コバヤシ")
    given = ("花子,ハナコ", "太郎,タロウ", "美咲,ミサキ", "健一,ケンイチ", "陽菜,ヒナ")
    header = (
        "顧客番号,姓,姓カナ,名,名カナ,電話番号,メールアドレス,郵便番号,都道府県,市区町村,番地,建物名,メール配信同意,同意日時,同意取得元"
    )
    with path.open("w", encoding="cp932", newline="") as out:
        out.write(header + "\r\n")
        for n in range(CUSTOMERS):
            who = f"{family[n % 6]},{given[n % 5]},090-{n // 10_000:04d}-{n % 10_000:04d},k{n}@example.jp"
            where = f"{100 + n % 80:03d}-{n % 9000:04d},東京都,港区,六本木{n // 900 + 1}-{n // 30 % 30 + 1}-{n % 30 + 1},第{n % 50}ビル{n % 900}号室"
            out.write(f"K{n}-{turn},{who},{where},{'希望する' if n % 2 else ''},2020-01-02 03:04,紙の申込書\r\n")


def _products(path: Path, turn: str) -> None:
    header = "SKU,商品名,商品名カナ,キャッチコピー,カテゴリ,販売価格,定価,税区分"
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(header + "\n")
        for n in range(PRODUCTS):
            out.write(
                f"S{n}-{turn},手延べそうめん 特選{n},テノベソウメン,小豆島の風が仕上げた{n}番,食品 > 麺{n % 40},{1000 + n},{1200 + n},軽減税率\n"
            )


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
