"""Shipping instructions go to a warehouse and its actuals come back, as files: each once, each row told."""

from datetime import timedelta

import pytest

from billing.models import Invoice
from core.errors import Refusal
from inventory.models import ExchangeFile, ExchangeRow
from inventory.operations import FileGiven, FileTaken, give_file, make_standard_maps, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from orders.models import Order, Shipment, ShipmentActual, ShipmentInstruction
from orders.operations import blank_customers, cancel_orders, raise_holds, withdraw_instructions
from tests.factories.orders import AT, STAFF, a_place, a_shop, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=3)
HEAD = "出荷指示番号,出荷日,配送会社,送り状番号,SKU,出荷数量"


@pytest.fixture
def shop():
    shop = a_shop(locations=1)
    make_standard_maps(shop.company.pk, actor=STAFF, at=AT)
    return shop


@pytest.fixture
def order(shop):
    return an_order(shop, (shop.variant(1_080, sku="TEA", stock=[10]), 2), places=(a_place(family_name="𠮷野", street="1-2-3 🍵"),))


def place_of(shop):
    return FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk)


def instructed(shop, at=AT):
    return give_file("shipping_instruction", place=place_of(shop), actor=STAFF, at=at)


def told(shop, *rows, kind="shipping_actual", head=HEAD, name="actual.csv"):
    content = "\r\n".join([head, *rows, ""]).encode("cp932")
    return take_file(kind, content, name=name, place=place_of(shop), actor=STAFF, at=LATER)


def number():
    return ShipmentInstruction.objects.latest("id").number


def reasons():
    return list(ExchangeRow.objects.exclude(code="").exclude(fate="replaced").order_by("id").values_list("number", "code"))


def everything():
    return {model: list(model.objects.order_by("pk").values()) for model in (Order, Shipment, ShipmentActual, ShipmentInstruction, Invoice)}


def test_a_parcel_is_told_to_its_warehouse_once_in_cp932_and_what_it_cannot_hold_is_listed(shop, order):
    given = instructed(shop)
    again = instructed(shop)

    assert isinstance(given, FileGiven)
    lines = given.content.decode("cp932").splitlines()
    cells = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert (len(lines), cells["区分"], cells["出荷指示番号"], cells["SKU"], cells["数量"]) == (2, "new", f"{order.number}-1-1", "TEA", "2")
    assert "吉" in cells["届け先氏名"] or "吉" in lines[1]
    assert "〓" in lines[1]
    assert sorted(ExchangeRow.objects.values_list("fate", flat=True).distinct()) == ["replaced"]
    assert (Shipment.objects.get().status, ShipmentInstruction.objects.get().file_id) == ("instructed", given.file_id)
    assert again.code == "inventory.nothing_to_give"


def test_what_may_not_leave_yet_is_not_told(shop, order):
    raise_holds([order.pk], reason="確認", actor=STAFF, at=AT)

    assert instructed(shop).code == "inventory.nothing_to_give"
    assert Shipment.objects.get().status == "planned"


def test_what_the_warehouse_shipped_leaves_here_once(shop, order):
    instructed(shop)

    first = told(shop, f"{number()},2026/05/11,yamato,1234-5678-9012,TEA,2")
    again = told(shop, f"{number()},2026/05/11,yamato,123456789012,TEA,２", name="again.csv")
    same = told(shop, f"{number()},2026/05/11,yamato,1234-5678-9012,TEA,2")

    shipment = Shipment.objects.get()
    assert isinstance(first, FileTaken)
    assert (first.done, first.refused, again.done, again.repeated, same.code) == (1, 0, 0, 1, "inventory.file_known")
    assert (shipment.status, shipment.carrier, shipment.tracking_number) == ("shipped", "yamato", "123456789012")
    assert Invoice.objects.count() == 1
    assert ShipmentInstruction.objects.get().status == "shipped"


def test_a_second_box_is_a_second_actual_of_a_parcel_that_left(shop, order):
    instructed(shop)
    told(shop, f"{number()},2026/05/11,yamato,111,TEA,2")

    second = told(shop, f"{number()},2026/05/11,yamato,222,,")

    assert second.done == 1
    assert list(ShipmentActual.objects.order_by("id").values_list("tracking_number", flat=True)) == ["111", "222"]
    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{n},2026/05/11,yamato,111,TEA,1", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,111,MUG,2", "order.not_as_instructed"),
        ("{n},2026/05/11,yamato,1.23E+11,TEA,2", "order.bad_tracking_number"),
        ("{n},2026/05/11,yamato,,TEA,2", "order.bad_tracking_number"),
        ("{n},45000,yamato,111,TEA,2", "inventory.bad_date"),
        ("{n},2026/05/12,yamato,111,TEA,2", "order.shipped_in_future"),
        ("{n},2026/05/11,yamato,111,TEA,-2", "inventory.bad_count"),
        ("{n},2026/05/11,yamato,111,TEA,1e308", "inventory.bad_count"),
        ("NOPE,2026/05/11,yamato,111,TEA,2", "order.no_such_instruction"),
        ("{n},2026/05/11", "csv.width"),
    ],
)
def test_a_row_that_cannot_be_true_is_told_and_nothing_leaves(shop, order, row, code):
    instructed(shop)
    before = everything()

    answer = told(shop, row.format(n=number()))

    assert (answer.done, answer.refused) == (0, 1)
    assert reasons() == [(2, code)]
    assert everything() == before
    assert ExchangeFile.objects.get(way="in").status == "failed"


def test_one_wrong_parcel_does_not_keep_the_others(shop, order):
    other = an_order(shop, (shop.variant(500, sku="MUG", stock=[5]), 1))
    instructed(shop)
    by_order = dict(ShipmentInstruction.objects.values_list("shipment__order_id", "number"))
    raise_holds([order.pk], reason="確認", actor=STAFF, at=AT)

    answer = told(shop, f"{by_order[order.pk]},2026/05/11,yamato,111,,", f"{by_order[other.pk]},2026/05/11,yamato,222,,")

    assert (answer.done, answer.refused) == (1, 1)
    assert reasons() == [(2, "order.on_hold")]
    assert dict(Shipment.objects.values_list("order_id", "status")) == {order.pk: "instructed", other.pk: "shipped"}


def test_an_order_is_cancelled_and_the_warehouse_told_while_it_has_not_accepted(shop, order):
    instructed(shop)

    cancelled = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=LATER)
    told_back = instructed(shop, at=LATER)
    late = told(shop, f"{number()},2026/05/11,yamato,111,TEA,2")

    assert not isinstance(cancelled[0], Refusal)
    assert told_back.content.decode("cp932").splitlines()[1].startswith(f"withdrawal,{order.number}-1-1,1")
    assert instructed(shop, at=LATER + timedelta(minutes=1)).code == "inventory.nothing_to_give"
    assert (late.refused, reasons()) == (1, [(2, "order.instruction_withdrawn")])


def test_what_the_warehouse_has_accepted_cannot_be_taken_back(shop, order):
    instructed(shop)
    accepted = told(shop, number(), kind="shipping_acceptance", head="出荷指示番号")
    before = everything()

    cancelled = cancel_orders([order.pk], reason="お客様都合", actor=STAFF, at=LATER)
    withdrawn = withdraw_instructions([Shipment.objects.get().pk], reason="x", actor=STAFF, at=LATER)

    assert accepted.done == 1
    assert [cancelled[0].code, withdrawn[0].code] == ["order.instruction_accepted"] * 2
    assert everything() == before


def test_a_withdrawn_parcel_is_told_anew_as_the_next_version(shop, order):
    instructed(shop)
    withdraw_instructions([Shipment.objects.get().pk], reason="住所変更", actor=STAFF, at=LATER)

    again = instructed(shop, at=LATER)

    lines = again.content.decode("cp932").splitlines()
    assert [line.split(",")[:3] for line in lines[1:]] == [
        ["withdrawal", f"{order.number}-1-1", "1"], ["new", f"{order.number}-1-2", "2"],
    ]  # fmt: skip
    assert dict(ShipmentInstruction.objects.values_list("version", "status")) == {1: "withdrawn", 2: "sent"}


def test_a_map_of_another_warehouse_is_data(shop, order):
    columns = [
        MapColumn(heading="KBN", field="action", codes={"new": "1", "withdrawal": "9"}),
        MapColumn(heading="NUSHI", constant="0042", codes={}),
        MapColumn(heading="NO", field="instruction", codes={}),
        MapColumn(heading="NAME", field="name", most_bytes=6, codes={}),
        MapColumn(heading="HIN", field="sku", codes={}),
        MapColumn(heading="SU", field="quantity", codes={}),
    ]
    saved = save_column_map(
        "shipping_instruction", columns, company_id=shop.company.pk, location_id=shop.locations[0].pk, encoding=FileEncoding.UTF8,
        file_name="SHIJI", actor=STAFF, at=AT,
    )  # fmt: skip

    given = instructed(shop)

    text = given.content.decode("utf-8-sig").splitlines()
    assert saved.version == 1
    assert given.name.startswith("SHIJI_")
    assert text[0] == "KBN,NUSHI,NO,NAME,HIN,SU"
    assert text[1].startswith(f"1,0042,{order.number}-1-1,")
    assert text[1].endswith(",TEA,2")


def test_forgetting_a_customer_forgets_the_files_that_told_where_they_live(shop, order):
    given = instructed(shop)

    blank_customers([order.customer_id], actor=STAFF, at=LATER)

    kept = ExchangeFile.objects.get(pk=given.file_id)
    assert (bytes(kept.content), kept.content_ended_at, kept.name) == (b"", LATER, given.name)
