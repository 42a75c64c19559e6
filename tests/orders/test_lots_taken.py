"""The picker says which lots were taken, by hand or scanner; those are the ones that leave."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core.clock import travel
from core.db import rows
from core.errors import Refusal
from inventory.models import Component, Movement, Pick, StockItem
from inventory.queries import invariants as stock_promises
from orders.models import Shipment
from orders.operations import Leaving, LotEntry, LotsRefused, ParcelPicked, enter_lots, lots_to_take, pick_shipments, ship_shipments
from tests.factories.catalog import a_sellable_variant
from tests.factories.inventory import lots_of, the_item
from tests.factories.orders import AT, STAFF, a_shop, an_order
from tests.orders.test_admin import said
from tests.orders.test_entry import a_desk

pytestmark = pytest.mark.django_db
SOON, LATE = AT.date() + timedelta(days=30), AT.date() + timedelta(days=90)


@pytest.fixture(autouse=True)
def promises_hold(db):
    yield
    assert [p.name for p in stock_promises() if rows(p.sql, {"company": None}, prepare=False)] == []


@pytest.fixture
def shop():
    return a_shop(locations=1)


def a_tea(shop, sku="TEA", **lots):
    tea = shop.variant(1_080, sku=sku, stock=[])
    StockItem.objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    lots_of(tea, shop.locations[0], **lots)
    return tea


@pytest.fixture
def parcel(shop):
    an_order(shop, (a_tea(shop, SOON=(3, SOON), LATE=(9, LATE)), 4))
    return Shipment.objects.get()


def entered(parcel, *lots):
    """Enter (item, lot, pieces)."""
    entries = [LotEntry(item=item, lot=lot, quantity=quantity) for item, lot, quantity in lots]
    return enter_lots(parcel.pk, entries, actor=STAFF, at=AT)


def picked():
    return list(Pick.objects.order_by("allocation_id", "lot__expires_on").values_list("lot__number", "quantity"))


def test_what_expires_first_is_expected_and_nothing_is_written_by_asking(parcel):
    expected = lots_to_take(parcel.pk, at=AT)

    assert [(one.item, one.lot, one.quantity, one.expires_on) for one in expected] == [("TEA", "SOON", 3, SOON), ("TEA", "LATE", 1, LATE)]
    assert picked() == []


def test_the_lots_that_were_taken_are_the_ones_that_leave(parcel):
    answer = entered(parcel, ("tea", "late", 3), ("", "SOON", 1))
    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)

    gone = Movement.objects.filter(kind="shipment").order_by("lot__number").values_list("lot__number", "quantity")
    assert (answer, list(gone)) == (ParcelPicked(shipment_id=parcel.pk), [("LATE", -3), ("SOON", -1)])


def test_scanned_lots_add_up_and_take_the_place_of_those_picked_before(parcel):
    pick_shipments([parcel.pk], actor=STAFF, at=AT)
    before = picked()

    entered(parcel, *[("", "LATE", 1)] * 4)

    assert (before, picked()) == ([("SOON", 3), ("LATE", 1)], [("LATE", 4)])
    assert [(one.lot, one.quantity) for one in lots_to_take(parcel.pk, at=AT)] == [("LATE", 4)]


def test_entering_the_same_lots_again_leaves_them(parcel):
    for _n in range(2):
        entered(parcel, ("TEA", "LATE", 4))

        assert picked() == [("LATE", 4)]


def test_an_item_that_no_entry_names_is_served_by_what_expires_first(shop):
    green, black = a_tea(shop, "GREEN", G1=(5, SOON), G2=(5, LATE)), a_tea(shop, "BLACK", B1=(5, SOON), B2=(5, LATE))
    an_order(shop, (green, 2), (black, 2))

    entered(Shipment.objects.get(), ("", "B2", 2))

    assert sorted(picked()) == [("B2", 2), ("G1", 2)]


def test_a_lot_serves_the_lines_of_its_item_one_after_another(shop):
    tea = a_tea(shop, A=(9, SOON), B=(9, LATE))
    pair = a_sellable_variant(shop.company, "PAIR")
    Component.objects.create(variant=pair, stock_item=the_item(tea), quantity=2)
    an_order(shop, (tea, 3), (pair, 1))

    entered(Shipment.objects.get(), ("TEA", "A", 4), ("TEA", "B", 1))

    assert picked() == [("A", 3), ("A", 1), ("B", 1)]


@pytest.mark.parametrize(
    ("lots", "code"),
    [
        ([("TEA", "LATE", 3)], "order.lots_do_not_add_up"),
        ([("TEA", "LATE", 5)], "order.lots_do_not_add_up"),
        ([("TEA", "LATE", 5), ("TEA", "SOON", -1)], "order.lots_do_not_add_up"),
        ([("TEA", "NOPE", 4)], "order.lot_not_there"),
        ([("", "' OR 1=1", 4)], "order.lot_not_there"),
        ([("MUG", "LATE", 4)], "order.not_in_parcel"),
        ([("CUP", "LATE", 1)], "order.not_by_lot"),
    ],
)
def test_lots_that_cannot_be_are_refused_and_nothing_is_picked(shop, lots, code):
    cup = shop.variant(500, sku="CUP", stock=[5])
    an_order(shop, (a_tea(shop, SOON=(3, SOON), LATE=(9, LATE)), 4), (cup, 1))

    answer = entered(Shipment.objects.get(), *lots)

    assert isinstance(answer, Refusal)
    assert (answer.code, picked()) == (code, [])


def test_a_lot_with_too_few_pieces_is_refused_as_a_whole(shop):
    green, black = a_tea(shop, "GREEN", G1=(5, SOON)), a_tea(shop, "BLACK", B1=(1, SOON), B2=(5, LATE))
    an_order(shop, (green, 2), (black, 2))

    with pytest.raises(LotsRefused) as refused:
        entered(Shipment.objects.get(), ("GREEN", "G1", 2), ("BLACK", "B1", 2))

    assert (refused.value.code, refused.value.params["lot"], picked()) == ("inventory.no_such_lot", "B1", [])


def test_a_number_that_two_items_use_wants_the_items_code(shop):
    green, black = a_tea(shop, "GREEN", X=(5, SOON)), a_tea(shop, "BLACK", X=(5, SOON))
    an_order(shop, (green, 1), (black, 1))
    parcel = Shipment.objects.get()

    unsure = entered(parcel, ("", "X", 1))
    sure = entered(parcel, ("BLACK", "X", 1))

    assert (unsure.code, sure.repeated) == ("order.lot_of_which_item", False)


def test_a_parcel_that_has_left_or_is_not_there_takes_no_lots(shop, parcel):
    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)

    assert [entered(parcel, ("TEA", "LATE", 4)).code, enter_lots(0, [], actor=STAFF, at=AT).code] == ["order.not_open", "order.not_found"]


def test_the_picker_finds_the_lots_that_expire_first_and_types_or_scans_others(parcel):
    desk, address = a_desk(), reverse("admin:orders_shipment_verb_lots", args=[parcel.pk])
    with travel(AT):
        first = desk.get(address)
        said(desk, parcel, "lots", lots="ＴＥＡ，ｌａｔｅ，2\n\nSOON\nsoon\n")

    assert first.context["form"].initial == {"lots": "TEA, SOON, 3\nTEA, LATE, 1"}
    assert picked() == [("SOON", 2), ("LATE", 2)]


@pytest.mark.parametrize("line", ["TEA, LATE, four", "TEA, , 4", "TEA, LATE, 4, 5", "TEA, LATE, -4", ","])
def test_a_line_that_is_no_lot_is_named_and_nothing_is_picked(parcel, line):
    address = reverse("admin:orders_shipment_verb_lots", args=[parcel.pk])

    shown = a_desk().post(address, {"verb_confirmed": "1", "lots": f"SOON\n{line}"})

    assert line in shown.context["form"].errors["lots"][0]
    assert "2" in shown.context["form"].errors["lots"][0]
    assert picked() == []


def test_the_desk_reads_why_lots_are_refused(parcel):
    (message,) = said(a_desk(), parcel, "lots", lots="TEA, LATE, 3")

    assert "TEA" in message
    assert "3" in message
