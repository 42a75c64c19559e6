"""Shipping instructions go to a warehouse and its actuals come back, as files: each once, each row told."""

from datetime import timedelta

import pytest

from billing.models import Invoice
from core.db import rows
from core.errors import Refusal
from inventory.models import ExchangeFile, ExchangeRow, Movement, StockItem
from inventory.operations import FileGiven, FileTaken, give_file, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from orders.models import Order, Shipment, ShipmentActual, ShipmentInstruction
from orders.operations import Leaving, blank_customers, cancel_orders, raise_holds, release_holds, ship_shipments, withdraw_instructions
from orders.queries import invariants
from orders.rules import DraftDestination
from tests.factories.inventory import lots_of, the_item
from tests.factories.orders import AT, STAFF, a_place, a_shop, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=3)
HEAD = "出荷指示番号,出荷日,配送会社,送り状番号,SKU,出荷数量,ロット"


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def order(shop):
    place = a_place(family_name="髙橋", given_name="𠮷男", family_kana="タカハシ", given_kana="ヨシオ", street="1-2-3", building="〜荘 🍵")
    return an_order(shop, (shop.variant(1_080, sku="TEA", stock=[10], name="煎茶"), 2), destinations=(DraftDestination(place=place),))


def place_of(shop):
    return FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)


def instructed(shop, at=AT):
    return give_file("shipping_instruction", place=place_of(shop), actor=STAFF, at=at)


def told(shop, *rows, kind="shipping_actual", head=HEAD, name="actual.csv", encoding="cp932", at=LATER):
    content = "\r\n".join([head, *rows, ""]).encode(encoding)
    return take_file(kind, content, name=name, place=place_of(shop), actor=STAFF, at=at)


def number():
    return ShipmentInstruction.objects.latest("id").number


def reasons():
    found = ExchangeRow.objects.filter(fate="refused").order_by("id")
    return list(found.values_list("number", "column", "code"))


def everything():
    models = (Order, Shipment, ShipmentActual, ShipmentInstruction, Invoice, Movement)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def is_sound():
    return [promise.name for promise in invariants() if rows(promise.sql, {"company": None}, prepare=False)] == []


def test_a_parcel_is_told_to_its_warehouse_once_and_what_the_encoding_cannot_hold_is_listed(shop, order):
    given = instructed(shop)
    again = instructed(shop)

    assert isinstance(given, FileGiven)
    assert again.code == "inventory.nothing_to_give"
    assert (given.rows, given.replaced) == (1, 2)
    listed = ExchangeRow.objects.filter(fate="replaced").order_by("id").values_list("number", "key", "column", "code", "params")
    assert list(listed) == [
        (2, f"{order.number}-1-1", "届け先氏名", "csv.sign_replaced", {"sign": "𠮷"}),
        (2, f"{order.number}-1-1", "建物", "csv.sign_lost", {"sign": "🍵"}),
    ]
    assert (Shipment.objects.get().status, ShipmentInstruction.objects.get().file_id) == ("instructed", given.file_id)
    assert ExchangeFile.objects.get().replaced_count == 2
    assert is_sound()


# Written by hand, sign by sign, as the warehouse gets them: 〜 is 8160 in Shift_JIS, 髙 EEE0 (of its two places, FBFC is the other),
# 𠮷 became 吉 (8B67), 🍵 is 〓 (81AC).
_HEADER = (
    "区分,出荷指示番号,版,受注番号,出荷予定日,倉庫コード,お届け希望日,時間帯コード,代引額,届け先氏名,届け先カナ,届け先会社,郵便番号,"
    "都道府県,市区町村,番地,建物,電話番号,金額非表示,行番号,SKU,品名,数量\r\n"
)
GOLDEN_CP932 = (
    _HEADER.replace(
        "数量\r", "数量,同梱番号,同梱物区分,依頼主,のし表書き,のし種類,水引,のし掛け,のし名入れ,包装,カード,メッセージ\r"
    ).encode("cp932")
    + b"new,@-1-1,1,@,#,%,,,2160,\xee\xe0\x8b\xb4 \x8bg\x92j,"
    + "タカハシ ヨシオ,,101-0051,東京都,千代田区,1-2-3,".encode("cp932")
    + b"\x81`\x91\x91 \x81\xac,03-1234-5678,,1,TEA,\x90\xf7\x92\x83,2,,,,,,,,,,,\r\n"
)
GOLDEN_UTF8 = (
    b"\xef\xbb\xbf"
    + _HEADER.encode()
    + b"new,@-1-1,1,@,#,%,,,2160,\xe9\xab\x99\xe6\xa9\x8b \xf0\xa0\xae\xb7\xe7\x94\xb7,"
    + "タカハシ ヨシオ,,101-0051,東京都,千代田区,1-2-3,".encode()
    + b"\xe3\x80\x9c\xe8\x8d\x98 \xf0\x9f\x8d\xb5,03-1234-5678,,1,TEA,\xe7\x85\x8e\xe8\x8c\xb6,2\r\n"
)


@pytest.mark.parametrize(("encoding", "golden"), [("cp932", GOLDEN_CP932), ("utf-8", GOLDEN_UTF8)])
def test_an_instruction_is_this_file_to_the_byte(shop, order, encoding, golden):
    if encoding == "utf-8":
        columns = [MapColumn(heading=name, field=code) for name, code in zip(_HEADER.strip().split(","), FIELDS, strict=True)]
        saved = save_column_map(
            "shipping_instruction", columns, company_id=shop.company.pk, location_id=None, encoding=FileEncoding.UTF8,
            file_name="SHIJI", actor=STAFF, at=AT,
        )  # fmt: skip
        assert saved.version == 1

    given = instructed(shop)

    planned = Shipment.objects.get().planned_on
    told_by_hand = golden.replace(b"@", order.number.encode())
    day = f"{planned:%Y/%m/%d}".encode() if planned else b""
    assert given.content == told_by_hand.replace(b"#", day).replace(b"%", shop.locations[0].code.encode())


FIELDS = (
    "action", "instruction", "version", "order", "planned_on", "location", "wished_on", "time_band", "collect", "name", "kana", "organisation",
    "postal_code", "prefecture", "city", "street", "building", "phone", "hide_prices", "line", "sku", "product", "quantity",
)  # fmt: skip


def test_what_may_not_leave_yet_is_not_told(shop, order):
    raise_holds([order.pk], reason="確認", actor=STAFF, at=AT)

    assert instructed(shop).code == "inventory.nothing_to_give"
    assert Shipment.objects.get().status == "planned"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_what_the_warehouse_shipped_leaves_here_once(shop, order, encoding):
    instructed(shop)

    first = told(shop, f"{number()},2026/05/11,ヤマト運輸,1234-5678-9012,TEA,2,", encoding=encoding)
    before = everything()
    again = told(shop, f"{number()},2026/05/11,ヤマト運輸,123456789012,TEA,２,", name="again.csv")
    same = told(shop, f"{number()},2026/05/11,ヤマト運輸,1234-5678-9012,TEA,2,", encoding=encoding)

    shipment = Shipment.objects.get()
    assert isinstance(first, FileTaken)
    assert (first.done, first.refused, again.done, again.repeated, same.code) == (1, 0, 0, 1, "inventory.file_known")
    assert (shipment.status, shipment.carrier, shipment.tracking_number) == ("shipped", "yamato", "123456789012")
    assert everything() == before
    assert Invoice.objects.count() == 1
    assert ShipmentInstruction.objects.get().status == "shipped"
    assert is_sound()


def test_a_second_box_is_a_second_actual_of_a_parcel_that_left(shop, order):
    instructed(shop)
    told(shop, f"{number()},2026/05/11,yamato,111,TEA,2,")

    second = told(shop, f"{number()},2026/05/11,yamato,222,,,")

    assert second.done == 1
    assert list(ShipmentActual.objects.order_by("id").values_list("tracking_number", flat=True)) == ["111", "222"]
    assert (Shipment.objects.get().tracking_number, Invoice.objects.count()) == ("111", 1)


def test_two_boxes_in_one_file_make_up_one_parcel(shop, order):
    instructed(shop)

    taken = told(shop, f"{number()},2026/05/11,yamato,111,TEA,1,", f"{number()},2026/05/11,yamato,222,TEA,1,")

    assert (taken.done, Invoice.objects.count(), ShipmentActual.objects.count()) == (2, 1, 2)


def test_a_parcel_that_had_left_by_hand_gets_the_number_it_lacked(shop, order):
    instructed(shop)
    ship_shipments([Leaving(shipment_id=Shipment.objects.get().pk)], actor=STAFF, at=LATER)

    taken = told(shop, f"{number()},2026/05/11,佐川急便,333,TEA,2,")

    shipment = Shipment.objects.get()
    assert (taken.done, shipment.tracking_number, shipment.carrier, Invoice.objects.count()) == (1, "333", "sagawa", 1)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("{n},2026/05/11,yamato,111,TEA,1,", "出荷数量", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,111,,1,", "出荷数量", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,,TEA,0,", "出荷数量", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,111,MUG,2,", "出荷数量", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,1.23E+11,TEA,2,", "送り状番号", "order.bad_tracking_number"),
        ("{n},2026/05/11,yamato,,TEA,2,", "送り状番号", "order.bad_tracking_number"),
        ("{n},45000,yamato,111,TEA,2,", "出荷日", "inventory.bad_date"),
        ("{n},2027/02/29,yamato,111,TEA,2,", "出荷日", "inventory.bad_date"),
        ("{n},令和8年5月11日,yamato,111,TEA,2,", "出荷日", "inventory.bad_date"),
        ("{n},0000-00-00,yamato,111,TEA,2,", "出荷日", "inventory.bad_date"),
        ("{n},2026/05/12,yamato,111,TEA,2,", "出荷日", "order.shipped_in_future"),
        ("{n},2025/05/11,yamato,111,TEA,2,", "出荷日", "order.shipped_before_instructed"),
        ("{n},2026/05/11,yamato,111,TEA,-2,", "出荷数量", "inventory.bad_count"),
        ("{n},2026/05/11,yamato,111,TEA,1e308,", "出荷数量", "inventory.bad_count"),
        ("{n},2026/05/11,yamato,111,TEA,1_000,", "出荷数量", "inventory.bad_count"),
        ("{n},2026/05/11,yamato,111,TEA,②,", "出荷数量", "inventory.bad_count"),
        ("{n},2026/05/11,yamato,111,TEA,,", "出荷数量", "inventory.bad_count"),
        ("NOPE,2026/05/11,yamato,111,TEA,2,", "出荷指示番号", "order.no_such_instruction"),
        ("' OR 1=1 --,2026/05/11,yamato,111,TEA,2,", "出荷指示番号", "order.no_such_instruction"),
        ("{n},2026/05/11", "", "csv.width"),
        ('{n},2026/05/11,"yam"ato,111,TEA,2,', "", "csv.quote_open"),
    ],
)
def test_a_row_that_cannot_be_true_is_told_and_nothing_leaves(shop, order, row, column, code):
    instructed(shop)
    before = everything()

    answer = told(shop, row.format(n=number()))

    assert (answer.done, answer.refused, answer.status) == (0, 1, "failed")
    assert reasons() == [(2, column, code)]
    assert everything() == before
    assert ExchangeFile.objects.get(way="in").status == "failed"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "csv.empty"),
        (b"PK\x03\x04spreadsheet", "csv.spreadsheet"),
        ("出荷指示番号,出荷日\r\n".encode("utf-16"), "csv.utf16"),
        ("出荷指示番号,出荷日,送り状番号\r\n表,2026/05/11,1\r\n".encode("euc_jp"), "csv.euc_jp"),
        (b"a,b\x00c\r\n", "csv.nul"),
        ("出荷指示番号,出荷日\r\n1,2026/05/11\r\n".encode("cp932"), "csv.header_missing"),
        ("出荷指示番号,出荷指示番号,出荷日,送り状番号\r\n".encode("cp932"), "csv.header_doubled"),
    ],
)
def test_a_file_that_is_no_such_table_stands_in_the_history_with_its_reason(shop, order, content, code):
    answer = take_file("shipping_actual", content, name="../x\u202e.csv", place=place_of(shop), actor=STAFF, at=LATER)

    assert (answer.unread.code, answer.status, answer.refused) == (code, "failed", 1)
    assert reasons() == [(0, "", code)]
    assert bytes(ExchangeFile.objects.get().content) == content


def test_rows_of_one_instruction_stand_or_fall_together(shop, order):
    instructed(shop)

    answer = told(shop, f"{number()},2026/05/11,yamato,111,TEA,1,", f"{number()},2026/05/11,yamato,222,TEA,one,")

    assert (answer.done, answer.refused) == (0, 2)
    assert reasons() == [(2, "", "order.stands_with_others"), (3, "出荷数量", "inventory.bad_count")]
    assert Shipment.objects.get().status == "instructed"


def test_one_wrong_parcel_does_not_keep_the_others_and_the_same_file_may_come_again_for_it(shop, order):
    other = an_order(shop, (shop.variant(500, sku="MUG", stock=[5]), 1))
    instructed(shop)
    by_order = dict(ShipmentInstruction.objects.values_list("shipment__order_id", "number"))
    raise_holds([order.pk], reason="確認", actor=STAFF, at=AT)
    lines = f"{by_order[order.pk]},2026/05/11,yamato,111,,,", f"{by_order[other.pk]},2026/05/11,yamato,222,,,"

    answer = told(shop, *lines)
    after = dict(Shipment.objects.values_list("order_id", "status"))
    release_holds([order.pk], reason="確認済", actor=STAFF, at=LATER)
    again = told(shop, *lines)
    third = told(shop, *lines)

    assert (answer.done, answer.refused, answer.status) == (1, 1, "partly")
    assert reasons() == [(2, "", "order.on_hold")]
    assert after == {order.pk: "instructed", other.pk: "shipped"}
    assert (again.done, again.repeated, again.status) == (1, 1, "done")
    assert third.code == "inventory.file_known"
    assert Invoice.objects.count() == 2


def test_lots_that_the_warehouse_names_leave_and_others_stay(shop):
    tea = shop.variant(1_080, sku="LOT-TEA", stock=[])
    StockItem.objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    lots_of(tea, shop.locations[0], SOON=(3, AT.date() + timedelta(30)), LATE=(9, AT.date() + timedelta(90)))
    an_order(shop, (tea, 4))
    instructed(shop)

    wrong = told(shop, f"{number()},2026/05/11,yamato,111,LOT-TEA,4,NOPE")
    right = told(shop, f"{number()},2026/05/11,yamato,111,LOT-TEA,3,LATE", f"{number()},2026/05/11,yamato,111,LOT-TEA,1,SOON")

    gone = Movement.objects.filter(kind="shipment").order_by("lot__number").values_list("lot__number", "quantity")
    assert (wrong.refused, reasons()) == (1, [(2, "", "inventory.no_such_lot")])
    assert (right.done, list(gone)) == (2, [("LATE", -3), ("SOON", -1)])
    assert is_sound()


def test_an_order_is_cancelled_and_the_warehouse_told_while_it_has_not_accepted(shop, order):
    instructed(shop)

    cancelled = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=LATER)
    told_back = instructed(shop, at=LATER)
    late = told(shop, f"{number()},2026/05/11,yamato,111,TEA,2,")

    assert not isinstance(cancelled[0], Refusal)
    assert told_back.content.decode("cp932").splitlines()[1].startswith(f"withdrawal,{order.number}-1-1,1,,")
    assert instructed(shop, at=LATER + timedelta(minutes=1)).code == "inventory.nothing_to_give"
    assert (late.refused, reasons()) == (1, [(2, "出荷指示番号", "order.instruction_withdrawn")])
    assert is_sound()


def test_what_the_warehouse_has_accepted_is_taken_back_only_once_it_has_stopped(shop, order):
    instructed(shop)
    accepted = told(shop, number(), kind="shipping_acceptance", head="出荷指示番号")
    again = told(shop, number(), kind="shipping_acceptance", head="出荷指示番号", name="b.csv", encoding="utf-8-sig")
    before = everything()

    cancelled = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=LATER)
    withdrawn = withdraw_instructions([Shipment.objects.get().pk], actor=STAFF, at=LATER)
    unchanged = everything() == before
    stopped = withdraw_instructions([Shipment.objects.get().pk], actor=STAFF, at=LATER, has_stopped=True)
    cancelled_then = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=LATER)

    assert (accepted.done, again.repeated) == (1, 1)
    assert [cancelled[0].code, withdrawn[0].code] == ["order.instruction_accepted"] * 2
    assert unchanged
    assert not stopped[0].repeated
    assert not isinstance(cancelled_then[0], Refusal)
    assert is_sound()


def test_a_withdrawn_parcel_is_told_anew_as_the_next_version(shop, order):
    instructed(shop)
    withdraw_instructions([Shipment.objects.get().pk], actor=STAFF, at=LATER)

    again = instructed(shop, at=LATER)

    lines = again.content.decode("cp932").splitlines()
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["withdrawal", f"{order.number}-1-1", "1"], ["new", f"{order.number}-1-2", "2"],
    ]  # fmt: skip
    assert dict(ShipmentInstruction.objects.values_list("version", "status")) == {1: "withdrawn", 2: "sent"}
    assert is_sound()


def test_a_map_of_another_warehouse_is_data_and_what_has_no_room_is_listed(shop, order):
    columns = [
        MapColumn(heading="KBN", field="action", codes={"new": "1", "withdrawal": "9"}),
        MapColumn(heading="NUSHI", constant="0042"),
        MapColumn(heading="NO", field="instruction"),
        MapColumn(heading="NAME", field="name", most_bytes=6),
        MapColumn(heading="HIN", field="sku"),
        MapColumn(heading="SU", field="quantity"),
    ]
    saved = save_column_map(
        "shipping_instruction", columns, company_id=shop.company.pk, location_id=shop.locations[0].pk, encoding=FileEncoding.UTF8,
        file_name="SHIJI", actor=STAFF, at=AT,
    )  # fmt: skip

    given = instructed(shop)

    text = given.content.decode("utf-8-sig").splitlines()
    assert saved.version == 1
    assert given.name.startswith("SHIJI_")
    assert text == ["KBN,NUSHI,NO,NAME,HIN,SU", f"1,0042,{order.number}-1-1,髙橋 ,TEA,2"]
    listed = ExchangeRow.objects.filter(fate="replaced").values_list("number", "column", "code", "params")
    assert list(listed) == [(2, "NAME", "csv.cell_cut", {"most": 6, "count": 2})]


def test_forgetting_a_customer_forgets_the_files_that_told_where_they_live(shop, order):
    given = instructed(shop)
    told(shop, f"{number()},2026/05/11,yamato,111,,,")

    blank_customers([order.customer_id], actor=STAFF, at=LATER)

    assert [(bytes(kept.content), kept.content_ended_at) for kept in ExchangeFile.objects.all()] == [(b"", LATER)] * 2
    assert ExchangeFile.objects.get(way="out").name == given.name


def test_an_order_in_two_parcels_is_paid_at_the_door_once():
    shop = a_shop(locations=2)
    order = an_order(shop, (shop.variant(1_000, stock=[5, 0]), 1), (shop.variant(2_000, stock=[0, 5]), 1))

    given = [
        give_file("shipping_instruction", place=FilePlace(company_id=shop.company.pk, location_id=place.pk), actor=STAFF, at=AT)
        for place in shop.locations
    ]

    collected = sorted(file.content.decode("cp932").split("\r\n")[1].split(",")[8] for file in given)
    assert (order.total, collected) == (3_000, ["", "3000"])
