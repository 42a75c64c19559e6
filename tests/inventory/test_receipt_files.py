"""What is to come is told to a warehouse, and what it received is received here: once, with lots, short and over."""

from datetime import timedelta

import pytest

from core.actor import SYSTEM
from inventory.models import ExchangeFile, ExchangeRow, GoodsReceipt, Lot, Movement, Stock, StockItem, TransferArrival
from inventory.operations import approve_purchase_orders, give_file, save_column_map, send_purchase_orders, send_transfers, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of
from tests.factories.purchasing import a_draft, a_supplier, a_transfer

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)
HEAD = "入荷予定番号,納品書番号,入荷日,商品コード,入荷数,うち不良数,ロット,賞味期限,超過受入"


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company, "east", name="東倉庫")


@pytest.fixture
def tea(company):
    return a_stock_item(company, "TEA", name="〜𠮷の煎茶")


@pytest.fixture
def order(company, place, tea):
    draft = a_draft(company, {tea: 10}, supplier=a_supplier(company, name="髙橋製茶"), location=place)
    approve_purchase_orders([draft.pk], actor=WAREHOUSE_STAFF, at=AT)
    send_purchase_orders([draft.pk], actor=WAREHOUSE_STAFF, at=AT)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def transfer(company, place):
    here, mug = a_location(company, "west", name="西倉庫"), a_stock_item(company, "MUG")
    stock_of(mug, here, 8)
    sent = a_transfer(here, place, {mug: 6})
    send_transfers([sent.pk], actor=WAREHOUSE_STAFF, at=AT)
    return sent


def where(place):
    return FilePlace(company_id=place.company_id, location_id=place.pk)


def planned(place, at=AT):
    return give_file("receipt_plan", place=where(place), actor=WAREHOUSE_STAFF, at=at)


def told(place, *rows, name="a.csv", encoding="cp932"):
    content = "\r\n".join([HEAD, *rows, ""]).encode(encoding)
    return take_file("receipt_actual", content, name=name, place=where(place), actor=WAREHOUSE_STAFF, at=LATER)


def reasons():
    return list(ExchangeRow.objects.filter(fate="refused").order_by("id").values_list("number", "column", "code"))


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (Stock, Movement, GoodsReceipt, TransferArrival, Lot)]


# Signs by hand: 髙 is EEE0, 〜 is 8160, 𠮷 became 吉 (8B67).
GOLDEN = {
    "cp932": "入荷予定番号,区分,仕入先・移動元,入荷予定日,商品コード,品名,ロット,予定数\r\n@,purchase,".encode("cp932")
    + b"\xee\xe0\x8b\xb4\x90\xbb\x92\x83,2026/05/14,TEA,\x81`\x8bg\x82\xcc\x90\xf7\x92\x83,,10\r\n",
    "utf-8": b"\xef\xbb\xbf"
    + "入荷予定番号,区分,仕入先・移動元,入荷予定日,商品コード,品名,ロット,予定数\r\n@,purchase,".encode()
    + b"\xe9\xab\x99\xe6\xa9\x8b\xe8\xa3\xbd\xe8\x8c\xb6,2026/05/14,TEA,"
    + b"\xe3\x80\x9c\xf0\xa0\xae\xb7\xe3\x81\xae\xe7\x85\x8e\xe8\x8c\xb6,,10\r\n",
}


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_what_is_to_come_is_this_file_to_the_byte(company, place, order, encoding):
    fields = ("plan", "source", "sender", "expected_on", "item", "name", "lot", "quantity")
    headings = GOLDEN[encoding].decode("utf-8-sig" if encoding == "utf-8" else "cp932").splitlines()[0].split(",")
    if encoding == "utf-8":
        columns = [MapColumn(heading=heading, field=field) for heading, field in zip(headings, fields, strict=True)]
        save_column_map(
            "receipt_plan", columns, company_id=company.pk, location_id=None, encoding=FileEncoding.UTF8, file_name="YOTEI",
            actor=SYSTEM, at=AT,
        )  # fmt: skip

    given = planned(place)

    assert given.content == GOLDEN[encoding].replace(b"@", order.number.encode())


def test_a_plan_goes_out_anew_only_when_it_has_changed(place, order, transfer):
    first, again = planned(place), planned(place, at=LATER)
    told(place, f"{order.number},N-1,2026/05/11,TEA,4,,,,")
    changed = planned(place, at=LATER)

    lines = [line.split(",") for line in first.content.decode("cp932").splitlines()[1:]]
    assert [(line[0], line[1], line[4], line[7]) for line in lines] == [
        (order.number, "purchase", "TEA", "10"), (transfer.number, "transfer", "MUG", "6"),
    ]  # fmt: skip
    assert (again.code, again.params["name"]) == ("inventory.nothing_to_give", first.name)
    assert changed.content.decode("cp932").splitlines()[1].endswith(",6")


def test_what_came_is_received_once_and_what_is_missing_stays_expected(place, order):
    row = f"{order.number},N-1,2026/05/11,TEA,7,1,,,"

    first = told(place, row)
    before = everything()
    again = told(place, row.replace(",7,", ",７,"), name="b.csv", encoding="utf-8-sig")
    same = told(place, row)
    otherwise = told(place, row.replace(",7,", ",8,"), name="c.csv")

    stock = Stock.objects.get(stock_item__code="TEA")
    order.refresh_from_db()
    assert (first.done, again.repeated, same.code) == (1, 1, "inventory.file_known")
    assert (stock.on_hand, stock.sellable, order.status) == (7, 6, "partly_received")
    assert (otherwise.refused, reasons()) == (1, [(2, "納品書番号", "purchase.note_received")])
    assert everything() == before


def test_more_than_was_ordered_is_taken_in_only_on_purpose(place, order):
    refused = told(place, f"{order.number},N-1,2026/05/11,TEA,12,,,,")
    taken = told(place, f"{order.number},N-1,2026/05/11,TEA,12,,,,1")

    order.refresh_from_db()
    assert (refused.refused, reasons()) == (1, [(2, "入荷数", "purchase.over_delivery")])
    assert (taken.done, Stock.objects.get(stock_item__code="TEA").on_hand, order.status) == (1, 12, "closed")


def test_lots_come_with_their_expiry_and_a_case_counts_its_pieces(company, place, tea, order):
    StockItem.objects.filter(pk=tea.pk).update(is_lot_tracked=True)
    a_stocked_variant(company, parts={tea: 2}, sku="TEA-PAIR", jan="4901234567894")

    told(place, f"{order.number},N-1,2026/05/11,TEA,4,,,,")
    taken = told(
        place, f"{order.number},N-1,2026/05/11,TEA,4,,L-1,20270131,", f"{order.number},N-1,2026/05/11,4901234567894,3,,L-2,2027-02-28,"
    )

    assert reasons() == [(2, "ロット", "purchase.no_lot")]
    assert taken.done == 2
    lots = Lot.objects.order_by("number").values_list("number", "expires_on")
    assert [(number, f"{day}") for number, day in lots] == [("L-1", "2027-01-31"), ("L-2", "2027-02-28")]
    assert Stock.objects.get(stock_item=tea).on_hand == 10


def test_a_transfer_arrives_once_and_other_figures_of_the_same_note_are_refused(place, transfer):
    row = f"{transfer.number},T-1,2026/05/11,MUG,4,,,,"

    first = told(place, row)
    before = everything()
    again = told(place, row, row.replace("T-1", "T-9").replace(",4,", ",3,"), name="b.csv")
    otherwise = told(place, row.replace(",4,", ",2,"), name="c.csv")

    assert (first.done, again.repeated, again.refused, otherwise.refused) == (1, 1, 1, 1)
    assert reasons() == [(3, "入荷数", "transfer.more_than_sent"), (2, "納品書番号", "inventory.receipt_differs")]
    assert everything() == before
    assert Stock.objects.get(stock_item__code="MUG", location=place).on_hand == 4


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("NOPE,N-1,2026/05/11,TEA,4,,,,", "入荷予定番号", "inventory.not_expected"),
        ("{n},,2026/05/11,TEA,4,,,,", "納品書番号", "purchase.no_note"),
        ("{n},N-1,45000,TEA,4,,,,", "入荷日", "inventory.bad_date"),
        ("{n},N-1,2026/05/12,TEA,4,,,,", "入荷日", "inventory.received_in_future"),
        ("{n},N-1,2026/05/11,NOPE,4,,,,", "商品コード", "inventory.unknown_code"),
        ("{n},N-1,2026/05/11,4.90123E+12,4,,,,", "商品コード", "inventory.unknown_code"),
        ("{n},N-1,2026/05/11,TEA,-4,,,,", "入荷数", "inventory.bad_count"),
        ("{n},N-1,2026/05/11,TEA,1_0,,,,", "入荷数", "inventory.bad_count"),
        ("{n},N-1,2026/05/11,TEA,0,,,,", "入荷数", "inventory.nothing_received"),
        ("{n},N-1,2026/05/11,TEA,4,x,,,", "うち不良数", "inventory.bad_count"),
        ("{n},N-1,2026/05/11,TEA,4,5,,,", "入荷数", "inventory.bad_quantity"),
        ("{n},N-1,2026/05/11,TEA,4,,L,2027/02/30,", "賞味期限", "inventory.bad_date"),
        ("{n},N-1,2026/05/11,MUG,4,,,,", "商品コード", "purchase.not_ordered"),
        ("{t},N-1,2026/05/11,MUG,4,1,,,", "うち不良数", "inventory.broken_on_the_road"),
        ("{t},N-1,2026/05/11,TEA,4,,,,", "商品コード", "transfer.not_sent"),
        ("{n},N-1", "", "csv.width"),
    ],
)
def test_a_row_that_cannot_be_true_is_told_and_nothing_is_received(place, order, transfer, row, column, code):
    before = everything()

    answer = told(place, row.format(n=order.number, t=transfer.number))

    assert (answer.done, answer.refused, answer.status) == (0, 1, "failed")
    assert reasons() == [(2, column, code)]
    assert everything() == before


def test_rows_of_one_note_stand_or_fall_together_and_others_count(place, order, transfer):
    answer = told(
        place, f"{order.number},N-1,2026/05/11,TEA,4,,,,", f"{order.number},N-1,2026/05/11,TEA,one,,,,",
        f"{transfer.number},T-1,2026/05/11,MUG,6,,,,",
    )  # fmt: skip

    assert (answer.done, answer.refused, answer.status) == (1, 2, "partly")
    assert reasons() == [(2, "", "inventory.stands_with_others"), (3, "入荷数", "inventory.bad_count")]


def test_papers_of_another_location_are_not_received_here(company, place, order):
    other = a_location(company, "north")

    answer = told(other, f"{order.number},N-1,2026/05/11,TEA,4,,,,")

    assert (answer.refused, reasons()) == (1, [(2, "入荷予定番号", "inventory.not_expected")])
    assert ExchangeFile.objects.count() == 1
