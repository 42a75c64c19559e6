"""Products come in ready to be sold: texts, variants, shelves, prices, stock items without stock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.queries import offers
from catalog.rules import PriceAsk
from catalog.rules.searching import search_document
from config.imports.products import _found_by
from core.db import rows
from core.queries import channel_context
from tests.imports.conftest import NOON, Past, reasons

HEADER = "SKU,商品コード,商品名,カテゴリ,販売価格,定価,税区分,規格,JANコード\n"
NOODLES = "N-S,N,手延べそうめん,食品 > 麺,1080,1296,軽減税率,小,4901234567894\nN-L,N,手延べそうめん,食品 > 麺,2160,,軽減税率,大,\n"


def _offer(past: Past, sku: str):  # type: ignore[no-untyped-def]
    channel = channel_context("phone", company_id=past.company.pk)
    return offers(
        [PriceAsk(variant_id=None, sku=sku, quantity=1, purchase_type="normal")],
        company_id=past.company.pk,
        channel_id=channel.id,
        language="ja",
        at=NOON,
    )[0]


def test_a_product_comes_in_ready_to_be_sold(past: Past) -> None:
    said = past.bring("products", HEADER + NOODLES, encoding="cp932")

    assert (said.created, said.rejected) == (2, 0), reasons(said)
    offer = _offer(past, "N-L")
    assert (offer.name, offer.option, offer.unit_price, offer.category_path, offer.tax_class) == (
        "手延べそうめん",
        "大",
        2160,
        "食品 > 麺",
        "reduced",
    )
    assert len(rows("SELECT 1 FROM catalog_product")) == 1
    assert [s.code for s in rows("SELECT code FROM inventory_stockitem ORDER BY id")] == ["N-S", "N-L"]
    assert rows("SELECT 1 FROM inventory_stock") == []


def test_both_variants_and_the_jan_are_found_by_search(past: Past) -> None:
    past.bring("products", HEADER + NOODLES)

    keys = rows("SELECT search_key FROM catalog_producttext")[0].search_key
    for word in ("手延ベソウメン", "n-s", "n-l", "4901234567894"):
        assert word in keys


def test_the_same_file_twice_changes_nothing(past: Past) -> None:
    past.bring("products", HEADER + NOODLES)
    trail = len(rows("SELECT 1 FROM core_auditentry"))

    again = past.bring("products", HEADER + NOODLES)

    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 2, 0)
    assert len(rows("SELECT 1 FROM core_auditentry")) == trail
    assert len(rows("SELECT 1 FROM catalog_price")) == 3


def test_a_new_price_ends_the_old_one_and_a_new_name_is_found(past: Past) -> None:
    past.bring("products", HEADER + NOODLES)

    said = past.bring("products", "SKU,商品コード,商品名,販売価格\nN-S,N,極細そうめん,1180\n")

    assert (said.created, said.updated) == (0, 1), reasons(said)
    assert _offer(past, "N-S").unit_price == 1180
    history = rows(
        "SELECT p.amount, p.until_at IS NULL AS holds FROM catalog_price p JOIN catalog_variant v ON v.id = p.variant_id JOIN catalog_pricelist l ON l.id = p.price_list_id WHERE v.sku = 'N-S' AND NOT l.is_list_price ORDER BY p.id"
    )
    assert [tuple(h) for h in history] == [(1080, False), (1180, True)]
    assert "極細" in rows("SELECT search_key FROM catalog_producttext")[0].search_key


def test_a_product_moves_to_another_shelf(past: Past) -> None:
    past.bring("products", HEADER + NOODLES)

    past.bring("products", "SKU,商品コード,カテゴリ\nN-S,N,ギフト\n")

    assert _offer(past, "N-S").category_path == "ギフト"
    assert len(rows("SELECT 1 FROM catalog_productcategory")) == 1


@pytest.mark.parametrize(
    ("_case", "row", "code"),
    [
        ("no name", "A,,,,100,,,,", "import.no_name_of_product"),
        ("price", "A,,羊羹,,百円,,,,", "import.not_an_amount"),
        ("negative price", "A,,羊羹,,-1,,,,", "import.negative_amount"),
        ("tax class", "A,,羊羹,,100,,贅沢税,,", "import.unknown_word"),
        ("JAN in scientific form", "A,,羊羹,,100,,,,4.9E+12", "import.mangled_number"),
        ("JAN too short", "A,,羊羹,,100,,,,49012", "import.bad_jan"),
        ("SKU of another product", "N-S,X,羊羹,,100,,,,", "import.sku_of_another_product"),
    ],
)
def test_a_row_that_cannot_be_taken_is_left_out(past: Past, _case: str, row: str, code: str) -> None:
    past.bring("products", HEADER + NOODLES)

    said = past.bring("products", f"{HEADER}{row}\n")

    assert (said.created, said.updated, reasons(said)) == (0, 0, {code: 1})


def test_an_unknown_brand_is_refused(past: Past) -> None:
    said = past.bring("products", "SKU,商品名,ブランド\nA,羊羹,nobody\n")

    assert reasons(said) == {"import.unknown_brand": 1}


def test_a_sku_that_differs_only_by_case_or_width_stands_twice(past: Past) -> None:
    said = past.bring("products", "SKU,商品名\nab1,甲\nAB1,乙\nＡｂ１,丙\n")

    assert (said.created, reasons(said)) == (1, {"import.duplicate_in_file": 2})


def test_a_dry_run_writes_nothing(past: Past) -> None:
    said = past.bring("products", HEADER + NOODLES, dry_run=True)

    assert said.created == 2
    for table in ("catalog_product", "catalog_variant", "catalog_price", "catalog_category", "catalog_pricelist", "inventory_stockitem"):
        assert rows(f"SELECT 1 FROM {table}") == [], table


@given(
    st.lists(
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="=+-@'"), max_size=10),
        min_size=8,
        max_size=8,
    )
)
def test_the_quick_way_to_search_keys_agrees_with_the_long_one(pieces: list[str]) -> None:
    name, kana, summary, keywords, code, sku, jan, option = (piece.strip() for piece in pieces)

    key, _tokens = _found_by(name, kana, summary, keywords, code, sku, jan, option).split("\t")

    assert key.replace("\\\\", "\\") == search_document([name, kana, summary, keywords, code or sku, sku, jan, option]).key
