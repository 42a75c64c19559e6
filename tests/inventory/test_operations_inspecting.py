"""Goods that could not be sold are looked at: sold again, sold as B-grade, repaired, scrapped; all of it or nothing, once."""

from datetime import timedelta

import pytest

from core.errors import Refusal
from core.models import OutboxEvent
from inventory.models import Movement, Stock, StockItem, StockLot
from inventory.operations import inspect_stock, receive_stock, turn_stock
from inventory.rules import Inspection, Receipt, StockState, Turn
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stock_item, a_trading_company

pytestmark = pytest.mark.django_db
HOW = {"actor": WAREHOUSE_STAFF, "at": AT, "reason": "返品検品"}
SOON = AT.date() + timedelta(30)


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def place(company):
    return a_location(company)


@pytest.fixture
def jar(company):
    return a_stock_item(company, "JAR", b_grade_item=a_stock_item(company, "JAR-B"))


def came(company, place, item, quantity, *, unsellable, state=StockState.QUALITY_CHECK, value=None, **lot):
    ask = Receipt(
        stock_item_id=item.pk, location_id=place.pk, quantity=quantity, sellable_quantity=quantity - unsellable, state=state, value=value,
        once_key=f"came:{item.code}:{lot.get('lot_number', '')}", cause="return", **lot,
    )  # fmt: skip
    (result,) = receive_stock([ask], company_id=company.pk, actor=WAREHOUSE_STAFF, at=AT)
    assert not isinstance(result, Refusal), result
    return Stock.objects.get(stock_item=item, location=place)


def looked_at(company, place, item, *, key="look", **found):
    ask = Inspection(**{"stock_item_id": item.pk, "location_id": place.pk, "once_key": key, **found})
    return inspect_stock([ask], company_id=company.pk, **HOW)[0]


def states(item, place):
    return Stock.objects.values_list("on_hand", "sellable", "quality_check", "in_repair").get(stock_item=item, location=place)


def test_each_piece_becomes_what_the_inspection_says_and_its_value_goes_along(company, place, jar, broken_promises):
    came(company, place, jar, 12, unsellable=10, value=1_200)

    result = looked_at(company, place, jar, restock=4, b_grade=3, repair=2, scrap=1)

    assert not isinstance(result, Refusal), result
    assert states(jar, place) == (8, 6, 0, 2)
    assert states(jar.b_grade_item, place) == (3, 3, 0, 0)
    assert list(Stock.objects.order_by("stock_item__code").values_list("stock_item__code", "value")) == [("JAR", 800), ("JAR-B", 300)]
    assert sorted(Movement.objects.exclude(kind="receipt").values_list("kind", "quantity", "sellable_quantity")) == [
        ("made_sellable", 0, 4), ("regraded_in", 3, 3), ("regraded_out", -3, 0), ("scrapped", -1, 0), ("state_entered", 2, 0), ("state_left", -2, 0),
    ]  # fmt: skip
    assert {m.reason for m in Movement.objects.exclude(kind="receipt")} == {"返品検品"}
    assert broken_promises() == []


def test_an_inspection_sent_twice_happens_once(company, place, jar, ledger):
    came(company, place, jar, 5, unsellable=5)
    looked_at(company, place, jar, restock=2, scrap=1)
    before = ledger()

    again = looked_at(company, place, jar, restock=2, scrap=1)

    assert again.is_new is False
    assert ledger() == before


def test_what_comes_back_from_repair_is_sold_again(company, place, jar, broken_promises):
    came(company, place, jar, 3, unsellable=3, state=StockState.IN_REPAIR)

    looked_at(company, place, jar, restock=2, scrap=1, from_state=StockState.IN_REPAIR)

    assert states(jar, place) == (2, 2, 0, 0)
    assert broken_promises() == []


def test_goods_tracked_by_lot_stay_in_their_lot_also_as_b_grade(company, place, broken_promises):
    second = a_stock_item(company, "TEA-B", is_lot_tracked=True)
    tea = a_stock_item(company, "TEA", is_lot_tracked=True, b_grade_item=second)
    came(company, place, tea, 6, unsellable=6, lot_number="A", expires_on=SOON)

    looked_at(company, place, tea, restock=3, b_grade=2, scrap=1, lot_number="A")

    lots = StockLot.objects.select_related("lot__stock_item").order_by("lot__stock_item__code")
    assert [(row.lot.stock_item.code, row.lot.number, row.on_hand, row.sellable) for row in lots] == [
        ("TEA", "A", 3, 3), ("TEA-B", "A", 2, 2),
    ]  # fmt: skip
    assert broken_promises() == []


@pytest.mark.parametrize(
    ("_case", "found", "code"),
    [
        ("more_than_lies_there", {"restock": 6}, "inventory.not_that_many"),
        ("together_more_than_lies_there", {"restock": 3, "scrap": 3}, "inventory.not_that_many"),
        ("nothing_at_all", {}, "inventory.bad_quantity"),
        ("fewer_than_none", {"restock": 6, "scrap": -1}, "inventory.bad_quantity"),
        ("of_what_is_on_sale", {"scrap": 1, "from_state": StockState.AVAILABLE}, "inventory.bad_quantity"),
        ("repaired_into_repair", {"repair": 1, "from_state": StockState.IN_REPAIR}, "inventory.bad_quantity"),
        ("a_lot_of_goods_without", {"restock": 1, "lot_number": "A"}, "inventory.lot_not_tracked"),
    ],
)
def test_an_inspection_that_cannot_be_true_is_refused_whole_and_nothing_changes(company, place, jar, ledger, _case, found, code):
    came(company, place, jar, 7, unsellable=5)
    before, told = ledger(), OutboxEvent.objects.count()

    result = looked_at(company, place, jar, **found)

    assert isinstance(result, Refusal)
    assert result.code == code
    assert ledger() == before
    assert OutboxEvent.objects.count() == told


def test_without_a_b_grade_item_the_whole_inspection_is_refused_beside_its_field(company, place, ledger):
    plain = a_stock_item(company, "CUP")
    came(company, place, plain, 5, unsellable=5)
    before = ledger()

    result = looked_at(company, place, plain, restock=1, b_grade=1)

    assert (result.code, result.field, result.params["item"]) == ("inventory.no_b_grade", "/0/b_grade", "CUP")
    assert ledger() == before


def test_one_bad_inspection_does_not_stop_the_others(company, place, jar):
    came(company, place, jar, 4, unsellable=4)
    asks = [
        Inspection(stock_item_id=jar.pk, location_id=place.pk, once_key="good", restock=2),
        Inspection(stock_item_id=jar.pk, location_id=place.pk, once_key="bad", restock=-1),
        Inspection(stock_item_id=0, location_id=place.pk, once_key="nothing", restock=1),
    ]

    results = inspect_stock(asks, company_id=company.pk, **HOW)

    assert [result.code if isinstance(result, Refusal) else "ok" for result in results] == [
        "ok",
        "inventory.bad_quantity",
        "inventory.no_such_shelf",
    ]
    assert states(jar, place) == (4, 2, 2, 0)


def test_goods_of_another_company_are_not_inspected(company, place, jar, ledger):
    came(company, place, jar, 4, unsellable=4)
    before = ledger()

    result = looked_at(a_trading_company(), place, jar, restock=1)

    assert result.code == "inventory.no_such_shelf"
    assert ledger() == before


def test_pieces_on_sale_are_sent_to_be_checked_and_come_back(company, place, jar):
    came(company, place, jar, 4, unsellable=0)
    turn = Turn(stock_item_id=jar.pk, location_id=place.pk, quantity=3, to_state=StockState.QUALITY_CHECK, once_key="check")
    turn_stock([turn], company_id=company.pk, **HOW)

    looked_at(company, place, jar, restock=2, repair=1)

    assert states(jar, place) == (4, 3, 0, 1)
    assert not StockItem.objects.filter(code="JAR-B", stocks__on_hand__gt=0).exists()
