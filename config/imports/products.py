"""The products file: one row per SKU; rows of one product code are its variants."""

import re
from itertools import pairwise
from typing import Final

from catalog.rules.searching import search_document
from config.imports.cells import (
    Fault,
    amount_reader,
    bare,
    choice_reader,
    code_reader,
    escaped,
    folded,
    jan_reader,
    long_text_reader,
    text_reader,
    too_long,
    whole_reader,
)
from config.imports.columns import Column, Derived, fixed
from config.imports.products_sql import NOTE, load, prepare
from config.imports.running import Kind
from core.text import clean_line, normalise_kana

_KIND: Final = {
    "goods": "goods",
    "商品": "goods",
    "物販": "goods",
    "service": "service",
    "サービス": "service",
    "reference": "reference",
    "参考": "reference",
}
_STATUS: Final = {
    "draft": "draft", "準備中": "draft", "active": "active", "販売中": "active", "ended": "ended", "販売終了": "ended", "終了": "ended", "廃番": "ended",
}  # fmt: skip
_ZONE: Final = {"ambient": "ambient", "常温": "ambient", "chilled": "chilled", "冷蔵": "chilled", "frozen": "frozen", "冷凍": "frozen"}
_TAX: Final = {
    "standard": "standard", "標準": "standard", "標準税率": "standard", "10%": "standard", "reduced": "reduced", "軽減": "reduced",
    "軽減税率": "reduced", "8%": "reduced", "zero": "zero", "免税": "zero", "exempt": "exempt", "非課税": "exempt",
    "out_of_scope": "out_of_scope", "不課税": "out_of_scope", "対象外": "out_of_scope",
}  # fmt: skip


def _kana(cell: str) -> str | Fault:
    text = normalise_kana(cell)
    return too_long(200) if len(text) > 200 else escaped(text)


def category_reader(cell: str) -> str | Fault:
    """A path of shelves, from the root on, divided by > (or ＞, ≫); a slash may stand in a name."""
    parts = [clean_line(part) for part in re.split("[>＞≫]", bare(cell)) if part.strip()]
    path = " > ".join(parts)
    return too_long(120) if any(len(part) > 120 for part in parts) else too_long(500) if len(path) > 500 else escaped(path)


COLUMNS: Final = (
    Column("sku", ("SKU", "品番", "item code", "商品番号"), fixed(code_reader(64)), needed=True),
    Column("code", ("商品コード", "product code", "親商品コード", "商品管理番号"), fixed(code_reader(64))),
    Column("name", ("商品名", "name", "product name"), fixed(text_reader(200))),
    Column("kana", ("商品名カナ", "kana", "カナ", "reading"), fixed(_kana)),
    Column("summary", ("キャッチコピー", "summary"), fixed(text_reader(400))),
    Column("description", ("商品説明", "description"), fixed(long_text_reader(20_000))),
    Column("keywords", ("検索キーワード", "keywords"), fixed(text_reader(400))),
    Column("category", ("カテゴリ", "category", "カテゴリー", "分類"), fixed(category_reader)),
    Column("brand", ("ブランド", "brand", "ブランドコード"), fixed(code_reader(40))),
    Column("kind", ("商品区分", "kind"), fixed(choice_reader(_KIND))),
    Column("status", ("販売状態", "status"), fixed(choice_reader(_STATUS))),
    Column("tax_class", ("税区分", "tax class"), fixed(choice_reader(_TAX))),
    Column("temperature_zone", ("温度帯", "temperature zone"), fixed(choice_reader(_ZONE))),
    Column("option", ("規格", "option", "バリエーション"), fixed(text_reader(120))),
    Column("jan", ("JANコード", "jan", "JAN", "バーコード", "upc", "ean"), fixed(jan_reader)),
    Column("weight_grams", ("重量g", "weight g", "重量"), fixed(whole_reader(least=0, most=10_000_000)), "integer"),
    Column("price", ("販売価格", "price", "価格", "売価"), lambda c: amount_reader(c.currency), "bigint"),
    Column("list_price", ("定価", "list price", "メーカー希望小売価格"), lambda c: amount_reader(c.currency), "bigint"),
)


def _found_by(name: str, kana: str, summary: str, keywords: str, code: str, sku: str, jan: str, option: str) -> str:
    """What the product is found by, as ``catalog.operations.search_keys`` writes it; Latin texts the quick way."""
    pieces = [
        bare(name),
        normalise_kana(kana) if kana else "",
        bare(summary),
        bare(keywords),
        folded(code) or folded(sku),
        folded(sku),
        folded(jan),
        bare(option),
    ]
    whole = "".join(pieces)
    if whole.isascii() and whole.isprintable():
        kept = list(dict.fromkeys(key for piece in pieces if (key := "".join(piece.split()).lower())))
        key, tokens = " ".join(kept), dict.fromkeys(token for k in kept for token in [*map("".join, pairwise(k)), k[-1]])
    else:
        document = search_document(pieces)
        key, tokens = document.key, dict.fromkeys(document.tokens)
    quoted = " ".join("'" + token.replace("\\", "\\\\").replace("'", "''") + "'" for token in tokens)
    return f"{escaped(key)}\t{escaped(quoted)}"


DERIVED: Final = (
    Derived(
        ("search_key", "bigrams"),
        "text NOT NULL, tsvector NOT NULL",
        ("name", "kana", "summary", "keywords", "code", "sku", "jan", "option"),
        _found_by,
    ),
)

PRODUCTS: Final = Kind(
    name="products",
    table="import_products",
    columns=lambda _header: list(COLUMNS),
    derived=DERIVED,
    together=("code",),
    prepare=prepare,
    load=load,
    note=NOTE,
)
