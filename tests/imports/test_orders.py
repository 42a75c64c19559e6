"""Past orders come in as they were agreed, line by line."""

from typing import Any

import pytest

from config.imports import Policy
from core.db import acting, rows, run
from core.queries import forget_kept
from inventory.operations import receive_stock
from inventory.rules import Receipt
from orders.queries import invariants
from tests.factories.inventory import a_location
from tests.imports.conftest import IMPORTER, NOON, Past, reasons


def _order(past: Past, number: str) -> Any:
    found = rows("SELECT * FROM orders_order WHERE company_id = %s AND outside_number = %s", (past.company.pk, number))
    assert len(found) == 1
    return found[0]


def _lines(past: Past, number: str) -> list[Any]:
    return rows("SELECT * FROM orders_line WHERE order_id = %s ORDER BY position", (_order(past, number).id,))


def _count(table: str) -> int:
    return int(rows(f"SELECT count(*) AS n FROM {table}")[0].n)


@pytest.fixture
def stocked(past: Past) -> Past:
    past.customers("K1", "K2")
    past.products("A", "B")
    return past


def test_an_order_comes_in_with_its_lines_and_totals(stocked: Past) -> None:
    said = stocked.orders(["1001,2020-03-04 10:20,K1,A,2,1080,2160", "1001,2020-03-04 10:20,K1,B,1,550,550"])

    assert (said.created, said.rejected) == (2, 0), reasons(said)
    order = _order(stocked, "1001")
    assert (order.total, order.goods_total, order.tax_total, order.paid_total) == (2710, 2710, 246, 2710)
    assert (order.status, order.payment_status, order.fulfilment_status, order.origin) == ("completed", "paid", "shipped", "imported")
    assert str(order.placed_on) == "2020-03-04"
    assert [(line.sku, line.name, line.quantity, line.shipped_quantity, line.amount) for line in _lines(stocked, "1001")] == [
        ("A", "商品A", 2, 2, 2160),
        ("B", "商品B", 1, 1, 550),
    ]


def test_nothing_is_booked_and_no_stock_moves(stocked: Past) -> None:
    stocked.orders(["1001,2020-03-04,K1,A,2,1080,2160"])

    for table in ("inventory_movement", "inventory_allocation", "inventory_stock", "billing_entry", "billing_invoice", "core_outboxevent"):
        assert _count(table) == 0, table


def test_the_same_file_twice_changes_nothing(stocked: Past) -> None:
    file = ["1001,2020-03-04 10:20,K1,A,2,1080,2160", "1002,2020-03-05,K2,B,1,,333"]
    stocked.orders(file)
    before = rows("SELECT o.*, xmin::text AS written FROM orders_order o ORDER BY id")

    again = stocked.orders(file)

    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 2, 0), reasons(again)
    assert rows("SELECT o.*, xmin::text AS written FROM orders_order o ORDER BY id") == before


def test_a_dry_run_says_the_same_and_writes_nothing(stocked: Past) -> None:
    file = ["1001,2020-03-04,K1,A,2,1080,2160", "1002,2020-03-04,K9,A,1,1080,1080"]

    tried = stocked.orders(file, dry_run=True)

    assert (tried.created, tried.rejected, reasons(tried)) == (1, 1, {"import.unknown_customer": 1})
    assert _count("orders_order") == 0
    assert _count("orders_purchasefacts") == 0


@pytest.mark.parametrize(
    ("_case", "row", "code", "column"),
    [
        ("quantity 0", "1,2020-03-04,K1,A,0,1080,0", "import.quantity_not_positive", "数量"),
        ("quantity of letters", "1,2020-03-04,K1,A,二,1080,0", "import.not_a_whole_number", "数量"),
        ("quantity with underscore", "1,2020-03-04,K1,A,1_0,1,10", "import.not_a_whole_number", "数量"),
        ("unknown product", "1,2020-03-04,K1,Z,1,1080,1080", "import.unknown_product", "SKU"),
        ("unknown customer", "1,2020-03-04,K7,A,1,1080,1080", "import.unknown_customer", "顧客番号"),
        ("no customer", "1,2020-03-04,,A,1,1080,1080", "import.blank", "顧客番号"),
        ("amount that doesn't add up", "1,2020-03-04,K1,A,2,1080,2000", "import.amount_does_not_add_up", "金額"),
        ("neither price nor amount", "1,2020-03-04,K1,A,2,,", "import.no_amount", "金額"),
        ("negative amount", "1,2020-03-04,K1,A,2,,-5", "import.negative_amount", "金額"),
        ("triangle amount", "1,2020-03-04,K1,A,2,,▲500", "import.negative_amount", "金額"),
        ("fraction of a yen", "1,2020-03-04,K1,A,2,,10.5", "import.not_an_amount", "金額"),
        ("amount in scientific form", "1,2020-03-04,K1,A,1,,1.2E+3", "import.not_an_amount", "金額"),
        ("serial date", "1,45000,K1,A,1,,100", "import.not_a_date", "注文日時"),
        ("no such day", "1,2020-02-30,K1,A,1,,100", "import.not_a_date", "注文日時"),
        ("two-digit year", "1,20/02/03,K1,A,1,,100", "import.not_a_date", "注文日時"),
        ("mangled number", "1.23E+11,2020-02-03,K1,A,1,,100", "import.mangled_number", "注文番号"),
        ("more money than there is", "1,2020-02-03,K1,A,1000000,999999999999999,", "import.number_too_large", "金額"),
        ("before any tax rate", "1,1980-02-03,K1,A,1,,100", "import.no_tax_rate", "SKU"),
    ],
)
def test_a_row_that_cannot_be_taken_is_left_out_with_its_reason(stocked: Past, _case: str, row: str, code: str, column: str) -> None:
    said = stocked.orders([row])

    assert (said.created, said.rejected, reasons(said)) == (0, 1, {code: 1})
    assert said.rejects is not None
    written = said.rejects.read_text("utf-8-sig").splitlines()
    assert written[1].startswith(f"2,{column},{code},")
    assert _count("orders_order") == 0


def test_full_width_digits_and_marks_are_read(stocked: Past) -> None:
    said = stocked.orders(["１００１,２０２０年３月４日,Ｋ１,A,２,¥1080,２１６０"])

    assert said.created == 1, reasons(said)
    assert _order(stocked, "1001").total == 2160


def test_an_unknown_channel_refuses_the_row(stocked: Past) -> None:
    said = stocked.bring("orders", "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額\n1,2020-01-02,fax,K1,A,1,100\n")

    assert reasons(said) == {"import.unknown_channel": 1}


def test_a_row_left_out_doesnt_count_in_its_orders_total(stocked: Past) -> None:
    said = stocked.orders(["1001,2020-03-04,K1,A,2,1080,2160", "1001,2020-03-04,K1,Z,1,999,999", "1001,2020-03-04,K1,B,1,550,550"])

    assert (said.created, said.rejected) == (2, 1)
    assert _order(stocked, "1001").total == 2710
    assert [line.position for line in _lines(stocked, "1001")] == [1, 2]


def test_an_order_already_here_takes_no_further_row_and_no_other_story(stocked: Past) -> None:
    stocked.orders(["1001,2020-03-04,K1,A,2,1080,2160"])

    said = stocked.orders(["1001,2020-03-04,K1,A,3,1080,3240", "1001,2020-03-04,K1,B,1,550,550"])

    assert reasons(said) == {"import.order_differs": 1, "import.order_taken": 1}
    assert _order(stocked, "1001").total == 2160


def test_rows_of_an_order_must_tell_the_same_of_it(stocked: Past) -> None:
    said = stocked.orders(["1001,2020-03-04,K1,A,2,1080,2160", "1001,2020-03-04,K2,B,1,550,550"])

    assert (said.created, reasons(said)) == (1, {"import.order_columns_differ": 1})


def test_discounts_keep_their_source_and_a_price_of_no_whole_unit_says_rounding(stocked: Past) -> None:
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,値引:クーポン,discount:member\n"
    said = stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,3,1000,100,50\n")

    assert said.created == 1, reasons(said)
    line = _lines(stocked, "1001")[0]
    assert (line.unit_price, line.quantity, line.discount, line.amount) == (384, 3, 152, 1000)
    found = rows("SELECT source, amount FROM orders_linediscount WHERE line_id = %s ORDER BY id", (line.id,))
    assert sorted((d.source, d.amount) for d in found) == [("member", 50), ("rounding", 2), ("クーポン", 100)]
    assert (_order(stocked, "1001").goods_total, _order(stocked, "1001").discount_total) == (1152, 152)


def test_tax_on_top_is_rounded_once_per_rate_and_shared_over_lines_and_fees(stocked: Past) -> None:
    with acting(IMPORTER):
        run("UPDATE core_company SET tax_basis = 'excluded' WHERE id = %s", (stocked.company.pk,))
    forget_kept()
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,送料\n"
    said = stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,1,333,505\n1001,2020-03-04,phone,K1,B,1,334,505\n")

    assert said.created == 2, reasons(said)
    order = _order(stocked, "1001")
    assert (order.tax_total, order.total, order.fee_total) == (117, 1289, 505)
    fee = rows("SELECT total FROM orders_fee WHERE order_id = %s", (order.id,))[0].total
    assert sum(line.total for line in _lines(stocked, "1001")) + fee == 1289


def test_attribution_and_campaign_name_stand_on_the_line(stocked: Past) -> None:
    stocked.bring("campaigns", "企画コード,企画名,開始日,終了日\nSPRING,春の便り,2020-03-01,2020-03-31\n")
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,企画コード,広告コード,流入媒体\n"

    stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,1,333,SPRING,AD7,新聞折込\n")

    line = _lines(stocked, "1001")[0]
    assert (line.campaign_ref, line.campaign_name, line.ad_code, line.route_medium) == ("SPRING", "春の便り", "AD7", "新聞折込")


def test_a_cancelled_order_comes_in_cancelled_and_counts_nowhere(stocked: Past) -> None:
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,注文状態\n"
    stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,1,333,キャンセル\n1002,2020-03-05,phone,K1,A,1,333,完了\n")

    order = _order(stocked, "1001")
    assert (order.status, order.payment_status, order.fulfilment_status, order.paid_total) == ("cancelled", "voided", "cancelled", 0)
    assert _lines(stocked, "1001")[0].cancelled_quantity == 1
    fact = rows("SELECT order_count, amount_total, f_number, entry_sku FROM orders_purchasefacts WHERE order_count > 0")
    assert [tuple(f) for f in fact] == [(1, 333, 1, "A")]


def test_an_order_follows_the_former_system_until_somebody_ships_it_here(stocked: Past) -> None:
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,注文状態\n"
    stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,1,333,受付\n")
    assert _order(stocked, "1001").fulfilment_status == "planned"

    said = stocked.bring("orders", header + "1001,2020-03-04,phone,K1,A,1,333,完了\n")

    assert (said.updated, said.created, said.rejected) == (1, 0, 0), reasons(said)
    assert (_order(stocked, "1001").status, _lines(stocked, "1001")[0].shipped_quantity) == ("completed", 1)


def test_the_same_sku_twice_in_an_order_is_two_lines(stocked: Past) -> None:
    file = ["1001,2020-03-04,K1,A,2,1080,2160", "1001,2020-03-04,K1,A,2,1080,2160"]

    first, again = stocked.orders(file), stocked.orders(file)

    assert (first.created, again.unchanged) == (2, 2)


def test_an_order_is_never_divided_between_chunks(stocked: Past) -> None:
    file = [f"{n},2020-03-04,K1,{sku},1,,100" for n in range(10) for sku in ("A", "B", "A")]

    said = stocked.orders(file, chunk_rows=4)

    assert (said.created, said.rejected) == (30, 0), reasons(said)
    assert _count("orders_order") == 10


def test_every_promise_about_orders_holds_after_an_import(stocked: Past) -> None:
    stocked.orders(["1001,2020-03-04,K1,A,2,1080,2160", "1001,2020-03-04,K1,B,1,,551", "1002,2020-03-04,K2,B,3,,1000"])

    broken = {one.name: found for one in invariants() if (found := rows(one.sql, {"company": stocked.company.pk}))}
    assert broken == {}


def test_policy_allocate_claims_stock_and_plans_a_parcel(past: Past) -> None:
    past.bring(
        "customers", "顧客番号,姓,名,郵便番号,都道府県,市区町村,番地\nK1,山田,花子,106-0032,東京都,港区,六本木6-10-1\nK2,山田,太郎,,,,\n"
    )
    past.products("A")
    _receive(past, "A", 3)
    header = "注文番号,注文日,チャネル,顧客番号,SKU,数量,金額,注文状態\n"
    file = (
        header
        + "1,2026-11-20,phone,K1,A,2,200,受付\n2,2026-11-20,phone,K1,A,2,200,受付\n3,2026-11-20,phone,K2,A,1,100,受付\n4,2026-11-20,phone,K1,A,1,100,完了\n"
    )

    said = past.bring("orders", file, policy=Policy.ALLOCATE)

    assert said.created == 4, reasons(said)
    taken = rows(
        "SELECT o.outside_number, s.status, sl.quantity FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id JOIN orders_shipmentline sl ON sl.shipment_id = s.id"
    )
    assert [tuple(t) for t in taken] == [("1", "planned", 2)]
    assert rows("SELECT allocated, on_hand FROM inventory_stock")[0] == (2, 3)
    again = past.bring("orders", file, policy=Policy.ALLOCATE)
    assert (again.unchanged, _count("orders_shipment"), _count("inventory_allocation")) == (4, 1, 1)


def _receive(past: Past, sku: str, quantity: int) -> None:
    location = a_location(company=past.company)
    item = rows("SELECT id FROM inventory_stockitem WHERE company_id = %s AND code = %s", (past.company.pk, sku))[0].id
    receipt = Receipt(stock_item_id=item, location_id=location.pk, quantity=quantity, cause="test", once_key=f"test:{sku}")
    receive_stock([receipt], company_id=past.company.pk, actor=IMPORTER, at=NOON)


def test_a_dry_run_before_the_first_order_leaves_the_way_free_for_the_real_one(stocked: Past) -> None:
    file = ["1001,2020-03-04,K1,A,2,1080,2160"]

    stocked.orders(file, dry_run=True)

    assert stocked.orders(file).created == 1


def test_a_merged_customers_orders_count_for_its_principal(stocked: Past) -> None:
    with acting(IMPORTER):
        run(
            "UPDATE customers_customer SET principal_id = (SELECT id FROM customers_customer WHERE outside_number = 'K1') WHERE outside_number = 'K2'"
        )

    stocked.orders(["1001,2020-03-04,K1,A,1,,1000", "1002,2020-03-05,K2,B,1,,500"])

    facts = rows(
        "SELECT c.outside_number, f.f_number, f.order_count, f.amount_total, f.entry_sku FROM orders_purchasefacts f"
        " JOIN customers_customer c ON c.id = f.customer_id WHERE f.order_count > 0"
    )
    assert [tuple(fact) for fact in facts] == [("K1", 2, 2, 1500, "A")]
