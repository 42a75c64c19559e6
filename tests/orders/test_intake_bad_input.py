"""What counters must never write, and somebody always does: each is refused by field, rule and next step, and nothing is half-written."""

import json
from typing import Any

import pytest

from orders.adapters.house_orders import HouseOrders
from orders.models import IntakeDocument, IntakeOrder, IntakeRow, Order
from orders.operations import receive_document, save_intake_map, work_received
from orders.queries import intake_sources
from orders.rules import GENERIC, ReadOrder, Unreadable, UnreadableDocument, moment_in, text_of_columns
from tests.factories.intake import an_outside_shop, golden, house_document, house_order, taken
from tests.factories.orders import AT, STAFF, a_shop

XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><ResultSet><Result>&x;</Result></ResultSet>'
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "'
    + b"ha" * 50
    + b'">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><ResultSet><Result>&j;</Result></ResultSet>"
)
HEADER = "注文番号,SKU,数量,単価,合計,届け先氏名,届け先電話,届け先郵便番号,届け先都道府県,届け先市区町村,届け先番地,配達希望日"
ROW = "G-1,TEA-100,1,990,990,髙橋 花子,03-1234-5678,101-0051,東京都,千代田区,神田神保町1-1,"


def read(adapter: str, raw: bytes) -> Any:
    source = intake_sources()[adapter]
    return source.read_orders(raw, columns=source.columns, statuses={}).found


def whole_refusal(adapter: str, raw: bytes) -> tuple[str, dict[str, Any]]:
    with pytest.raises(UnreadableDocument) as error:
        read(adapter, raw)
    return error.value.refusal.code, dict(error.value.refusal.params)


def faults(adapter: str, raw: bytes) -> list[tuple[str, str]]:
    [found] = [one for one in read(adapter, raw) if isinstance(one, Unreadable)]
    return [(fault.code, fault.field) for fault in found.faults]


def a_csv(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join((header, *rows)).encode()


@pytest.mark.parametrize(
    ("_case", "adapter", "raw", "code", "params"),
    [
        ("JSON cut off", "rakuten", golden("rakuten.json")[:400], "intake.json", {"line": 13, "column": 4}),
        ("XML cut off", "yahoo", golden("yahoo.xml")[:300], "intake.xml", {"line": 6, "column": 129}),
        ("XXE", "yahoo", XXE, "intake.xml_doctype", {"line": 1}),
        ("entity bomb", "yahoo", BOMB, "intake.xml_doctype", {"line": 1}),
        ("deep XML", "yahoo", b"<a>" * 100 + b"</a>" * 100, "intake.too_deep", {"most": 40}),
        ("deep JSON", "rakuten", b'{"OrderModelList":' + b"[" * 100_000, "intake.json", {}),
        ("NaN", "rakuten", b'{"OrderModelList": [NaN]}', "intake.json_number", {"word": "NaN"}),
        ("a name twice", "rakuten", b'{"a": 1, "a": 2}', "intake.json_doubled", {"name": "a"}),
        ("a number of 5,000 digits", "rakuten", b'{"a": ' + b"9" * 5_000 + b"}", "intake.json", {}),
        ("no orders", "rakuten", b"{}", "intake.no_orders", {"name": "OrderModelList"}),
        ("not UTF-8", "rakuten", '{"a": "髙"}'.encode("cp932"), "intake.encoding", {"byte": 8}),
        ("EUC-JP", "table", f"{HEADER}\r\n{ROW.replace('髙', '高')}".encode("euc_jp"), "csv.euc_jp", {}),
        ("UTF-16", "table", a_csv(ROW).decode().encode("utf-16"), "csv.utf16", {}),
        ("spreadsheet", "table", b"PK\x03\x04rest", "csv.spreadsheet", {}),
        ("no quantity column", "table", a_csv("G-1", header="注文番号,SKU,単価,合計"), "csv.header_missing", {"columns": "数量 (c8)"}),
        ("no total column", "table", a_csv("G-1,T,1,1", header="注文番号,SKU,数量,単価"), "intake.columns_missing", {"columns": "合計"}),
        ("10,000 columns", "table", (",".join(f"列{n}" for n in range(10_000))).encode(), "csv.columns", {"most": 500}),
    ],
)
def test_a_document_that_is_none_is_refused_whole(_case: str, adapter: str, raw: bytes, code: str, params: dict[str, Any]):
    assert whole_refusal(adapter, raw) == (code, params)


@pytest.mark.parametrize(
    ("_case", "before", "after", "expected"),
    [
        ("negative", ",1,990,990", ",-1,990,990", [("intake.quantity", "/line 2/quantity")]),
        ("nothing", ",1,990,990", ",0,990,990", [("intake.quantity", "/line 2/quantity")]),
        ("1e308", ",1,990,990", ",1e308,990,990", [("intake.number", "/line 2/quantity")]),
        ("1_000", ",1,990,990", ",1_000,990,990", [("intake.number", "/line 2/quantity")]),
        ("half a yen", ",1,990,990", ",1,0.5,990", [("intake.number", "/line 2/unit_price")]),
        ("formula", ",1,990,990", ",1,=1+1,990", [("intake.number", "/line 2/unit_price")]),
        ("no such day", "神田神保町1-1,", "神田神保町1-1,2026/2/30", [("intake.day", "/wished_on")]),
        ("no number", "G-1,", " ,", [("intake.missing", "/number")]),
        ("no code", "TEA-100", "", [("intake.missing", "/line 2/sku")]),
    ],
)
def test_a_row_that_is_no_order_names_its_line_and_column(_case: str, before: str, after: str, expected: list[tuple[str, str]]):
    good = ROW.replace("G-1,", "G-2,")

    first, second = read("table", a_csv(ROW.replace(before, after, 1), good))

    assert [(fault.code, fault.field) for fault in first.faults] == expected
    assert isinstance(second, ReadOrder)


def test_full_width_digits_separators_and_formula_quotes_are_read_on_purpose():
    [found] = read("table", a_csv(ROW.replace(",1,990,990", ',１,"1,990","¥1,990"').replace("101-0051", '="101-0051"')))

    line = found.order.lines[0]
    assert (line.quantity, line.unit_price, found.order.total, found.order.destinations[0].place.postal_code) == (
        1,
        1_990,
        1_990,
        "101-0051",
    )


def test_rows_of_one_order_that_disagree_are_told_with_both_lines():
    raw = a_csv(ROW, ROW.replace(",990,990", ",990,1980"))

    assert faults("table", raw) == [("intake.rows_disagree", "/total")]


@pytest.mark.parametrize("value", [None, [], {}, True, "x", 1.5, "NaN"])
@pytest.mark.parametrize(
    "name", ["orderNumber", "PackageModelList", "OrdererModel", "SettlementModel", "totalPrice", "PointModel", "remarks"]
)
def test_another_kind_of_value_anywhere_is_a_refusal_or_an_order_and_never_an_error(name: str, value: Any):
    document = json.loads(golden("rakuten.json"))
    document["OrderModelList"][0][name] = value

    assert len(read("rakuten", json.dumps(document).encode())) == 1


@pytest.mark.django_db(transaction=True)
def test_characters_that_cannot_be_kept_spoil_their_own_order_only():
    shop = a_shop()
    sku = shop.variant().sku
    raw = house_document(house_order(sku=sku), house_order("C-2", sku=sku, remark="NUL")).replace(b'"NUL"', b'"a\\u0000b \\ud83d"')

    answer = taken(raw, an_outside_shop(shop))

    assert answer.counted.state == "partly"
    assert [(row.outside_number, row.code) for row in IntakeRow.objects.exclude(code="")] == [("C-2", "intake.unstorable")]
    assert list(Order.objects.values_list("outside_number", flat=True)) == ["C-1"]


@pytest.mark.parametrize("spoilt", ["NUL\x00", "half\ud83d"], ids=["NUL", "half a pair"])
@pytest.mark.parametrize(
    ("name", "adapter", "way", "field"),
    [
        ("house", "table", "payment", "/payment"),
        ("house", "table", "buyer/name", "/buyer/name"),
        ("house", "table", "lines/0/line", "/lines 1/line"),
        ("house", "table", "notes/0", "/notes"),
        ("amazon.json", "amazon", "PaymentMethod", "/PaymentMethod"),
        ("amazon.json", "amazon", "OrderItems/0/OrderItemId", "/OrderItems 1/OrderItemId"),
        ("rakuten.json", "rakuten", "SettlementModel/settlementMethodCode", "/SettlementModel/settlementMethodCode"),
        ("rakuten.json", "rakuten", "shippingTerm", "/shippingTerm"),
        ("rakuten.json", "rakuten", "PackageModelList/0/ItemModelList/0/itemDetailId", "/PackageModelList 1/ItemModelList 1/itemDetailId"),
        ("rakuten.json", "rakuten", "PackageModelList/0/ItemModelList/0/itemName", "/PackageModelList 1/ItemModelList 1/itemName"),
        ("shopify.json", "shopify", "payment_gateway_names/0", "/payment_gateway_names"),
        ("shopify.json", "shopify", "line_items/0/id", "/line_items 1/id"),
        ("shopify.json", "shopify", "note_attributes/0/name", "/notes"),
    ],
)
def test_characters_that_cannot_be_kept_are_told_wherever_they_stand(name: str, adapter: str, way: str, field: str, spoilt: str):
    document = json.loads(house_document(house_order(sku="T", notes=["?"])) if name == "house" else golden(name))
    place: Any = document.get("payload", document)
    place = next((place[key][0] for key in ("orders", "Orders", "OrderModelList") if key in place), place)
    *parents, last = [int(step) if step.isdigit() else step for step in way.split("/")]
    for step in parents:
        place = place[step]
    place[last] = spoilt

    assert faults(adapter, json.dumps(document).encode()) == [("intake.unstorable", field)]


@pytest.mark.django_db(transaction=True)
def test_a_document_that_breaks_the_reading_off_does_not_block_the_others(monkeypatch: pytest.MonkeyPatch):
    shop = a_shop()
    outside, sku = an_outside_shop(shop), shop.variant().sku
    reads = HouseOrders.read_orders

    def breaks_off(self: HouseOrders, raw: bytes, **given: Any) -> Any:
        return {}["髙橋"] if b"BREAKS" in raw else reads(self, raw, **given)

    monkeypatch.setattr(HouseOrders, "read_orders", breaks_off)
    for number in ("BREAKS", "C-2"):
        raw = house_document(house_order(number, sku=sku))
        receive_document(raw, shop_id=outside.pk, name="orders", source="test", actor=STAFF, at=AT)
    for _time in range(2):
        work_received(actor=STAFF, at=AT)
    before = list(IntakeDocument.objects.order_by("pk").values_list("state", "code"))
    monkeypatch.undo()
    again = taken(house_document(house_order("BREAKS", sku=sku)), outside)

    assert before == [("failed", "intake.broke_off"), ("done", "")]
    assert again.counted.state == "done"
    assert sorted(Order.objects.values_list("outside_number", flat=True)) == ["BREAKS", "C-2"]


@pytest.mark.django_db(transaction=True)
def test_a_file_that_cannot_be_read_is_kept_and_taken_in_once_its_map_is_right():
    shop = a_shop()
    shop.variant(sku="TEA-100", price=990)
    outside, raw = an_outside_shop(shop), a_csv(ROW, header=HEADER.replace("合計", "お支払い"))

    first = taken(raw, outside)
    before = IntakeDocument.objects.get().code, IntakeOrder.objects.count()
    version = save_intake_map(text_of_columns(GENERIC).replace("合計 =", "お支払い ="), shop_id=outside.pk, actor=STAFF, at=AT)
    second = taken(raw, outside)

    assert (first.counted.state, before) == ("failed", ("intake.columns_missing", 0))
    assert (version, second.counted.state, IntakeDocument.objects.get().map_version) == (1, "done", 1)
    assert Order.objects.get().outside_number == "G-1"


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-11-29T10:00:00Z", "2026-11-29T19:00:00+09:00"),
        ("2026-11-29T18:30:00-0500", "2026-11-30T08:30:00+09:00"),
        ("2026-11-29T10:00:00", "2026-11-29T10:00:00+09:00"),
        ("2026/11/29 10:00", "2026-11-29T10:00:00+09:00"),
        ("someday", ""),
    ],
)
def test_moments_of_all_zones_can_be_compared_as_texts(typed: str, moment: str):
    assert moment_in(typed) == moment
