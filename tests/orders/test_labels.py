"""Parcels go out as label data in the carriers' own files, and the numbers of printed labels come back: each once, each row told."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.rules import PaymentMethod
from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import ExchangeFile, ExchangeRow, Stock, StockItem
from inventory.operations import FileTaken, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from orders.hooks import people_in
from orders.models import Destination, Order, Shipment, ShipmentLabel, TrackingNumber
from orders.operations import (
    LabelsWritten,
    Leaving,
    blank_customers,
    cancel_orders,
    pack_shipments,
    raise_holds,
    ship_shipments,
    write_labels,
)
from orders.queries import numbers_of_shipment, parcels_to_label
from orders.rules import JAPANPOST, DraftDestination
from tests.factories.customers import an_address
from tests.factories.orders import AT, STAFF, a_contract, a_known_customer, a_place, a_shop, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=3)
ONE, TWO, THREE = "123456789013", "123456789024", "123456789035"
HOME = a_place(
    family_name="髙橋", given_name="𠮷男", family_kana="", given_kana="", postal_code="904-2142", prefecture="沖縄県", city="沖縄市",
    street="登川1234-5", building="〜荘201", phone="098-000-0000",
)  # fmt: skip


@pytest.fixture
def shop():
    return a_shop(locations=1)


@pytest.fixture
def order(shop):
    a_contract(shop)
    return placed(shop)


def placed(shop, *, place=HOME, quantity=2, **given):
    wished = {name: given.pop(name) for name in ("wished_on", "time_band") if name in given}
    tea = shop.variant(1_080, stock=[10], name="煎茶")
    return an_order(shop, (tea, quantity), destinations=(DraftDestination(place=place, **wished),), **given)


def parcels(*orders):
    return list(Shipment.objects.filter(order__in=orders).order_by("id").values_list("id", flat=True))


def written(*orders, at=AT, **given):
    answer = write_labels(parcels(*orders), actor=STAFF, at=at, **{"carrier": "yamato", **given})
    assert isinstance(answer, LabelsWritten), answer
    return answer


def content(answer, place=0):
    return bytes(ExchangeFile.objects.get(pk=answer.files[place].file_id).content)


def told(shop, *rows, kind="label_result_yamato", head="お客様管理番号,送り状種類,クール区分,伝票番号", name="b2.csv", at=LATER):
    lines = [head, *rows, ""] if head else [*rows, ""]
    place = FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)
    return take_file(kind, "\r\n".join(lines).encode("cp932"), name=name, place=place, actor=STAFF, at=at)


def counts(taken):
    assert isinstance(taken, FileTaken), taken
    return taken.done, taken.repeated, taken.differing, taken.refused


def reasons(fate="refused"):
    return list(ExchangeRow.objects.filter(fate=fate).order_by("id").values_list("number", "column", "code"))


def left_out(answer):
    return [(one.number, reason.code, reason.field) for one in answer.left_out for reason in one.reasons]


def everything():
    models = (Order, Shipment, ShipmentLabel, TrackingNumber, Stock, OutboxEvent)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


def line_of(cells, *, of):
    """A row written by hand: cells by the number of their column, every other one empty, all quoted."""
    return b",".join(b'"' + cells.get(place, b"") + b'"' for place in range(1, of + 1)) + b"\r\n"


# Signs by hand: 髙 EEE0, 橋 8BB4, 吉 (for 𠮷) 8B67, 男 926A, 〜 8160, 荘 9191.
NAME, BUILDING = b"\xee\xe0\x8b\xb4 \x8bg\x92j", b"\x81`\x91\x91201"
ADDRESS = "沖縄県沖縄市登川1234-5".encode("cp932")
SENDER, SENDER_AT, SENDER_IN = (text.encode("cp932") for text in ("こよみ堂", "静岡県静岡市葵区追手町0-0", "茶町ビル2階"))


def test_yamatos_file_is_this_to_the_byte(shop):
    a_contract(shop, handling_1="下積厳禁")
    order = placed(shop, wished_on=date(2026, 5, 14), time_band="1416")

    data = content(written(order)).split(b"\r\n", 1)[1]

    number = Shipment.objects.get().number.encode()
    assert data == line_of(
        {
            1: number, 2: b"2", 3: b"0", 5: b"2026/05/11", 6: b"2026/05/14", 7: b"1416", 9: b"098-000-0000", 11: b"904-2142", 12: ADDRESS,
            13: BUILDING, 16: NAME, 18: b"\x97l", 20: b"0120-000-540", 22: b"420-0853", 23: SENDER_AT, 24: SENDER_IN, 25: SENDER,
            28: b"\x90H\x95i", 31: "下積厳禁".encode("cp932"), 34: b"2160", 35: b"196", 36: b"0", 38: b"1", 39: b"1", 40: b"054000000001",
            42: b"01",
        },
        of=95,
    )  # fmt: skip


def test_sagawas_file_is_this_to_the_byte(shop):
    a_contract(shop, "sagawa")
    order = placed(shop, wished_on=date(2026, 5, 14), time_band="1416")
    pack_shipments(parcels(order), pieces=3, carrier="sagawa", actor=STAFF, at=AT)

    data = content(written(order)).split(b"\r\n", 1)[1]

    number = Shipment.objects.get().number.encode()
    assert data == line_of(
        {
            3: b"098-000-0000", 4: b"904-2142", 5: ADDRESS, 6: BUILDING, 8: NAME, 10: number, 11: b"054000000001", 15: b"0120-000-540",
            18: b"0120-000-540", 19: b"420-0853", 20: SENDER_AT, 21: SENDER_IN, 22: SENDER, 24: b"001", 25: b"\x90H\x95i", 42: b"3",
            43: b"000", 44: b"001", 45: b"20260514", 46: b"14", 48: b"2160", 49: b"196", 58: b"1",
        },
        of=74,
    )  # fmt: skip


def test_japan_posts_file_is_this_to_the_byte(shop):
    a_contract(shop, "japanpost")
    order = placed(shop, wished_on=date(2026, 5, 14), time_band="1921")

    data = content(written(order, carrier="japanpost")).split(b"\r\n", 1)[1]

    number = Shipment.objects.get().number.encode()
    assert data == line_of(
        {
            1: number, 2: b"20260511", 6: b"0", 7: b"0", 8: b"2", 10: b"1100780", 12: b"904-2142", 13: ADDRESS, 14: BUILDING, 16: NAME,
            18: b"0", 19: b"098-000-0000", 21: b"054000000001", 22: b"420-0853", 23: SENDER_AT, 24: SENDER_IN, 26: SENDER,
            28: b"0120-000-540", 29: order.number.encode(), 30: b"0", 31: b"0", 32: b"0", 33: b"0", 34: b"0", 38: b"20260514", 39: b"57",
            40: b"1", 43: b"2160", 44: b"196", 45: b"\x90H\x95i",
        },
        of=45,
    )  # fmt: skip


def test_a_sign_that_was_replaced_is_told_and_one_that_cannot_be_leaves_its_parcel_out(shop, order):
    lost = placed(shop, place=a_place(building="🍵ビル"))

    answer = written(order, lost)

    other = Shipment.objects.get(order=lost).number
    assert [(one.parcels, one.rows, one.replaced) for one in answer.files] == [(1, 1, 1)]
    assert left_out(answer) == [(other, "order.label_sign", "お届け先アパートマンション名")]
    assert list(ExchangeRow.objects.exclude(fate="done").order_by("id").values_list("number", "key", "column", "code", "params")) == [
        (
            0,
            other,
            "お届け先アパートマンション名",
            "order.label_sign",
            {"column": "お届け先アパートマンション名", "sign": "🍵", "code": "U+1F375"},
        ),
        (2, Shipment.objects.get(order=order).number, "お届け先名", "order.label_sign_replaced", {"sign": "𠮷", "instead": "吉"}),
    ]
    assert b"?" not in content(answer)
    assert list(ShipmentLabel.objects.values_list("shipment__order", "carrier")) == [(order.pk, "yamato")]


def test_label_data_is_made_once_and_again_only_when_asked(shop, order):
    written(order)
    before = everything()

    repeated = written(order)

    assert (repeated.files, left_out(repeated)[0][1]) == ((), "order.labelled_before")
    assert everything() == before
    assert parcels_to_label(shop.locations[0].pk, leaves_on=AT.date(), limit=10) == []
    assert len(written(order, again=True).files) == 1
    assert ShipmentLabel.objects.count() == 2


@pytest.mark.parametrize("_case", ["held", "cancelled", "unpaid", "shipped", "no contract", "no carrier", "past", "time band"])
def test_what_cannot_be_printed_is_told_and_nothing_changes(shop, _case):
    if _case != "no contract":
        a_contract(shop)
    given = {
        "unpaid": {"payment_method": PaymentMethod.BANK_TRANSFER},
        "past": {"wished_on": date(2026, 5, 10)},
        "time band": {"time_band": "2021"},
    }
    order = placed(shop, **given.get(_case, {}))
    if _case == "held":
        raise_holds([order.pk], reason="確認", actor=STAFF, at=AT)
    elif _case == "cancelled":
        cancel_orders([order.pk], reason="x", actor=STAFF, at=AT)
    elif _case == "shipped":
        ship_shipments([Leaving(shipment_id=i) for i in parcels(order)], actor=STAFF, at=AT)
    before = everything()

    answer = written(order, carrier="" if _case == "no carrier" else "yamato")

    assert answer.files == ()
    assert [code for _n, code, _f in left_out(answer)] == [
        {
            "held": "order.on_hold", "cancelled": "order.not_open", "unpaid": "order.awaiting_payment", "shipped": "order.not_open",
            "no contract": "order.no_contract", "no carrier": "order.no_carrier", "past": "order.label_wished_past",
            "time band": "order.label_no_code",
        }[_case]
    ]  # fmt: skip
    assert everything() == before
    assert not ExchangeFile.objects.exists()


def test_an_order_in_three_parcels_has_three_labels_and_is_paid_at_one_door_once(shop):
    shops = a_shop(locations=3)
    a_contract(shops)
    wanted = [(shops.variant(1_000, stock=[5 if place == n else 0 for n in range(3)]), 1) for place in range(3)]
    order = an_order(shops, *wanted)
    assert len(parcels(order)) == 3

    answer = written(order)

    cells = [row.split(b",") for file in range(3) for row in content(answer, file).split(b"\r\n")[1:-1]]
    assert sorted((row[1], row[33]) for row in cells) == [(b'"0"', b'""'), (b'"0"', b'""'), (b'"2"', b'"3000"')]
    assert len({row[0] for row in cells}) == 3


def test_three_pieces_carry_three_numbers(shop, order):
    Order.objects.update(payment_method="card")
    pack_shipments(parcels(order), pieces=3, actor=STAFF, at=AT)
    answer = written(order)
    number = Shipment.objects.get().number

    taken = told(shop, *(f"{number},6,0,{one}" for one in (ONE, TWO, THREE)))

    assert (answer.files[0].parcels, answer.files[0].rows) == (1, 3)
    assert counts(taken) == (3, 0, 0, 0)
    assert numbers_of_shipment(Shipment.objects.get().pk) == [ONE, TWO, THREE]
    assert Shipment.objects.get().tracking_number == ONE


def test_a_gift_comes_from_its_buyer(shop):
    a_contract(shop)
    buyer = a_known_customer(shop, family_name="贈", given_name="主")
    an_address(buyer, postal_code="100-0001", prefecture="東京都", city="千代田区", street="千代田1-1", building="", is_default=True)
    given, own = placed(shop, customer_id=buyer.pk), placed(shop)
    Destination.objects.filter(order=given).update(is_gift=True)
    Order.objects.filter(pk=given.pk).update(buyer_name="贈 主", buyer_phone="+81312345678")

    rows = [row.split(b",") for row in content(written(given, own)).split(b"\r\n")[1:-1]]

    assert [row[24].decode("cp932") for row in rows] == ['"贈 主"', '"こよみ堂"']
    assert [row[22].decode("cp932") for row in rows] == ['"東京都千代田区千代田1-1"', '"静岡県静岡市葵区追手町0-0"']
    assert [row[19] for row in rows] == [b'"03-1234-5678"', b'"0120-000-540"']


def test_cold_goods_go_cold(shop, order):
    StockItem.objects.update(temperature_zone="frozen")

    assert content(written(order)).split(b"\r\n")[1].split(b",")[2] == b'"1"'


def test_a_location_may_have_a_contract_of_its_own_and_each_parcel_goes_with_its_carrier(shop, order):
    a_contract(shop, location=shop.locations[0], customer_code="099", layout="yamato_b2_97")
    a_contract(shop, "sagawa")
    other = placed(shop)
    pack_shipments(parcels(other), pieces=1, carrier="sagawa", actor=STAFF, at=AT)

    answer = written(order, other)

    assert [(file.carrier, file.parcels) for file in answer.files] == [("yamato", 1), ("sagawa", 1)]
    cells = content(answer).split(b"\r\n")[1].split(b",")
    assert (len(cells), cells[39]) == (97, b'"099"')
    assert dict(Shipment.objects.values_list("order", "carrier")) == {order.pk: "yamato", other.pk: "sagawa"}


def test_a_company_changes_japan_posts_template_by_a_new_version(shop):
    a_contract(shop, "japanpost")
    order = placed(shop)
    needed = [MapColumn(heading=f.heading, field=f.code) for f in JAPANPOST.kind.fields if f.is_needed]
    columns = [MapColumn(heading="商品", constant="1"), *needed]
    saved = save_column_map(
        JAPANPOST.kind.code, columns, company_id=shop.company.pk, location_id=None, encoding=FileEncoding.CP932, file_name="yupuri",
        actor=STAFF, at=AT,
    )  # fmt: skip

    answer = written(order, carrier="japanpost")

    assert saved.version == 1
    assert answer.files[0].name.startswith("yupuri_")
    head, row, _end = content(answer).split(b"\r\n")
    assert head.startswith('"商品","お客様側管理番号"'.encode("cp932"))
    assert row.startswith(b'"1",')


def test_numbers_come_back_once_and_stay_when_the_parcel_leaves(shop, order):
    written(order)
    number = Shipment.objects.get().number

    first = told(shop, f"{number},2,0,1234-5678-9013")
    before = everything()
    again = told(shop, f'{number},2,0,="{ONE}"', name="again.csv")
    same = told(shop, f"{number},2,0,1234-5678-9013")

    assert (counts(first), counts(again), same.code) == ((1, 0, 0, 0), (0, 1, 0, 0), "inventory.file_known")
    assert everything() == before
    assert (Shipment.objects.get().tracking_number, Shipment.objects.get().status) == (ONE, "planned")
    ship_shipments([Leaving(shipment_id=Shipment.objects.get().pk)], actor=STAFF, at=LATER)
    assert (Shipment.objects.get().tracking_number, Shipment.objects.get().carrier) == (ONE, "yamato")
    [event] = OutboxEvent.objects.filter(name="orders.ShipmentShipped")
    assert (event.payload["carrier"], event.payload["tracking_number"]) == ("yamato", ONE)


def test_a_file_without_headings_is_read_by_the_places_of_its_columns(shop, order):
    cells = [""] * 95
    cells[0], cells[3] = Shipment.objects.get().number, ONE

    assert counts(told(shop, ",".join(cells), head="")) == (1, 0, 0, 0)
    assert TrackingNumber.objects.get().number == ONE


def test_the_other_carriers_numbers_come_back_too(shop, order):
    Shipment.objects.update(carrier="sagawa")
    number = Shipment.objects.get().number
    assert counts(told(shop, f"{number},{ONE}", kind="label_result_sagawa", head="お客様管理番号,お問い合せ送り状No.")) == (1, 0, 0, 0)

    post = placed(shop)
    number = Shipment.objects.get(order=post).number
    doubtful = told(shop, f"{number},123456789018", kind="label_result_japanpost", head="お客様側管理番号,お問い合わせ番号")

    assert counts(doubtful) == (0, 0, 1, 0)
    assert reasons("differs") == [(2, "お問い合わせ番号", "order.doubtful_tracking_number")]
    assert set(TrackingNumber.objects.values_list("carrier", "number")) == {("sagawa", ONE), ("japanpost", "123456789018")}


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("{n},2,0,123456789018", "伝票番号", "order.bad_tracking_number"),
        ("{n},2,0,1.23457E+11", "伝票番号", "order.bad_tracking_number"),
        ("{n},2,0,", "伝票番号", "order.no_tracking_number"),
        ("NOPE,2,0,123456789013", "お客様管理番号", "order.no_such_parcel"),
        ("' OR 1=1 --,2,0,123456789013", "お客様管理番号", "order.no_such_parcel"),
        ("{n},2,0", "", "csv.width"),
    ],
)
def test_a_row_that_cannot_be_true_is_told_and_nothing_changes(shop, order, row, column, code):
    before = everything()

    taken = told(shop, row.format(n=Shipment.objects.get().number))

    assert (counts(taken), reasons()) == ((0, 0, 0, 1), [(2, column, code)])
    assert everything() == before


def test_a_cancelled_parcel_gets_no_number(shop, order):
    cancel_orders([order.pk], reason="x", actor=STAFF, at=AT)
    before = everything()

    assert counts(told(shop, f"{Shipment.objects.get().number},2,0,{ONE}")) == (0, 0, 0, 1)
    assert reasons() == [(2, "お客様管理番号", "order.parcel_cancelled")]
    assert everything() == before


def test_a_parcel_that_has_left_keeps_its_number_and_takes_one_only_where_it_has_none(shop, order):
    parcel, number = Shipment.objects.get().pk, Shipment.objects.get().number
    ship_shipments([Leaving(shipment_id=parcel, carrier="yamato")], actor=STAFF, at=AT)

    assert counts(told(shop, f"{number},2,0,{ONE}")) == (1, 0, 0, 0)
    before = everything()
    assert counts(told(shop, f"{number},2,0,{TWO}")) == (0, 0, 0, 1)

    assert reasons() == [(2, "伝票番号", "order.other_number")]
    assert everything() == before


def test_a_label_printed_anew_takes_the_place_of_the_first_while_the_parcel_is_here(shop, order):
    number = Shipment.objects.get().number
    told(shop, f"{number},2,0,{ONE}")

    assert counts(told(shop, f"{number},2,0,{TWO}")) == (1, 0, 0, 0)

    assert (Shipment.objects.get().tracking_number, numbers_of_shipment(Shipment.objects.get().pk)) == (TWO, [TWO])


def test_a_number_is_one_parcels_until_the_carrier_gives_it_out_again(shop, order):
    other = placed(shop)
    mine, yours = Shipment.objects.order_by("id").values_list("number", flat=True)
    told(shop, f"{mine},2,0,{ONE}")

    assert counts(told(shop, f"{yours},2,0,{ONE}", f"{yours},2,0,{TWO}", f"{mine},2,0,{TWO}")) == (1, 0, 0, 2)
    assert reasons() == [(2, "伝票番号", "order.number_taken"), (4, "伝票番号", "order.number_taken")]
    assert counts(told(shop, f"{yours},2,0,{ONE}", at=LATER + timedelta(days=401))) == (1, 0, 0, 0)
    assert Shipment.objects.get(order=other).tracking_number == ONE


def test_more_numbers_than_pieces_are_for_a_person(shop, order):
    number = Shipment.objects.get().number

    assert counts(told(shop, f"{number},2,0,{ONE}", f"{number},2,0,{TWO}")) == (0, 0, 0, 2)
    assert {code for _n, _c, code in reasons()} == {"order.too_many_numbers"}
    assert not TrackingNumber.objects.exists()


def test_another_carriers_number_is_refused(shop, order):
    Shipment.objects.update(carrier="sagawa")

    assert counts(told(shop, f"{Shipment.objects.get().number},2,0,{ONE}")) == (0, 0, 0, 1)
    assert reasons() == [(2, "お客様管理番号", "order.other_carrier")]


def test_pieces_are_said_while_a_parcel_is_here(shop, order):
    [key] = parcels(order)

    first, again = (pack_shipments([key], pieces=2, carrier="sagawa", actor=STAFF, at=AT)[0] for _n in range(2))

    assert (first.repeated, again.repeated, Shipment.objects.get().pieces, Shipment.objects.get().carrier) == (False, True, 2, "sagawa")
    assert pack_shipments([key], pieces=0, actor=STAFF, at=AT)[0].code == "order.bad_pieces"
    assert pack_shipments([0], pieces=1, actor=STAFF, at=AT)[0].code == "order.not_found"
    ship_shipments([Leaving(shipment_id=key)], actor=STAFF, at=AT)
    assert pack_shipments([key], pieces=1, actor=STAFF, at=AT)[0].code == "order.not_open"


def test_a_file_with_addresses_names_its_people_and_is_thrown_away_when_one_is_erased(shop, order):
    answer = written(order)
    told(shop, f"{Shipment.objects.get().number},2,0,{ONE}")

    assert people_in(answer.files[0].file_id) == [f"customer:{order.customer.public_id}"]
    blank_customers([order.customer_id], actor=STAFF, at=LATER)

    assert list(ExchangeFile.objects.values_list("content_ended_at", flat=True)) == [LATER, LATER]
    assert not any(bytes(file.content) for file in ExchangeFile.objects.all())


def test_a_location_labels_what_is_wished_for_within_a_week(shop, order):
    soon, later = placed(shop, wished_on=date(2026, 5, 18)), placed(shop, wished_on=date(2026, 5, 19))
    held, here = placed(shop), shop.locations[0].pk
    raise_holds([held.pk], reason="確認", actor=STAFF, at=AT)

    assert parcels_to_label(here, leaves_on=date(2026, 5, 11), limit=10) == parcels(order, soon)
    assert parcels_to_label(here, leaves_on=date(2026, 5, 12), limit=10) == parcels(order, soon, later)
    assert content(written(soon, leaves_on=date(2026, 5, 12))).split(b"\r\n")[1].split(b",")[4] == b'"2026/05/12"'


def test_nothing_and_too_much_are_refused(shop, order):
    assert isinstance(write_labels([], actor=STAFF, at=AT), Refusal)
    assert write_labels(list(range(2_001)), actor=STAFF, at=AT).code == "order.too_many_parcels"


@pytest.mark.parametrize("orders", [1, 25])
def test_labels_and_numbers_take_as_many_statements_however_many_there_are(shop, orders):
    a_contract(shop)
    tea = shop.variant(1_080, stock=[100])
    keys = parcels(*(an_order(shop, (tea, 1)) for _n in range(orders)))

    with CaptureQueriesContext(connection) as out:
        write_labels(keys, carrier="yamato", actor=STAFF, at=AT)
    rows = [
        f"{number},2,0,{body}{body % 7}" for body, number in enumerate(Shipment.objects.values_list("number", flat=True), start=12345678901)
    ]
    with CaptureQueriesContext(connection) as back:
        assert counts(told(shop, *rows)) == (orders, 0, 0, 0)

    assert len(out) <= 14, "\n".join(q["sql"][:90] for q in out)
    assert len(back) <= 22, "\n".join(q["sql"][:90] for q in back)
