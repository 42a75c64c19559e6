"""Lots at the counting screen, with and without scripts, and on the page of what differs."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Lot, Stocktake, StocktakeCount, StocktakeLine
from inventory.operations import open_stocktake, record_counts, submit_stocktake
from inventory.rules import CountEntry, StocktakeAsk, StocktakeScope, Uncounted
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, a_location, a_stock_item, a_stocked_variant, a_trading_company, lots_of, stock_of, the_item
from tests.inventory.test_admin_stocktakes import COUNTER, JSON, LATER, address, text, told

pytestmark = pytest.mark.django_db
SOON, LONG = date(2026, 8, 1), date(2027, 8, 1)
LABEL = "(01)04901234567894(17)270801(10)"


@pytest.fixture
def place():
    company = a_trading_company()
    place = a_location(company, "east", name="東倉庫")
    tea = a_stocked_variant(company, sku="TEA", jan="4901234567894")
    type(the_item(tea)).objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True)
    lots_of(tea, place, A=(6, SOON), B=(4, LONG))
    return place


def opened(place, **ask):
    answer = open_stocktake(StocktakeAsk(location_id=place.pk, **ask), company_id=place.company_id, actor=COUNTER, at=AT)
    return Stocktake.objects.get(pk=answer.stocktake_id)


@pytest.fixture
def take(place):
    return opened(place)


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True, display_name="棚卸 担当"))
    return client


@pytest.fixture
def scan(counter, take):
    keys = iter(range(99))

    def scanned(code, **more):
        return counter.post(address("count", take.pk), {"code": code, "once": f"k{next(keys)}", **more}, **JSON).json()

    return scanned


def test_the_scanner_is_asked_for_the_lot_then_counts_it(scan):
    asked = scan("4901234567894")
    counted = scan("4901234567894", lot="B", quantity="3")
    dozen = scan("12*TEA", lot="B")

    assert (asked["ok"], asked["asks"], asked["item"], asked["name"]) == (False, "lot", "TEA", "TEA")
    assert asked["lots"] == [
        {"number": "A", "expires_on": "2026-08-01", "counted": None}, {"number": "B", "expires_on": "2027-08-01", "counted": None},
    ]  # fmt: skip
    assert (counted["ok"], counted["lot"], counted["quantity"], counted["counted"], counted["lines"]) == (True, "B", 3, 1, 2)
    assert dozen["quantity"] == 15


def test_a_new_lot_is_asked_for_its_day_until_one_is_told(scan):
    asked = [scan("TEA", lot="N"), scan("TEA", lot="N", expires_on="soon")]
    counted = [scan("TEA", lot="N", expires_on="261231"), scan("TEA", lot="N2", expires_on="2027/1/31"), scan("TEA", lot="N")]

    assert [(one["asks"], one["code"]) for one in asked] == [("expires_on", "inventory.unknown_lot"), ("expires_on", "inventory.bad_date")]
    assert [(one["lot"], one["quantity"]) for one in counted] == [("N", 1), ("N2", 1), ("N", 2)]
    assert list(Lot.objects.filter(number__startswith="N").order_by("number").values_list("expires_on", flat=True)) == [
        date(2026, 12, 31), date(2027, 1, 31),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "sent"),
    [
        ("one barcode", {"code": f"{LABEL}B"}),
        ("as a scanner sends it", {"code": "]C1010490123456789410B\x1d17270801"}),
        ("of so many", {"code": f"1*{LABEL}B"}),
        ("read where the lot was asked", {"code": "TEA", "lot": f"{LABEL}B"}),
        ("a label of the lot alone", {"code": "TEA", "lot": "(10)B(17)270801"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_gs1_barcode_tells_its_lot(scan, _case, sent):
    answer = scan(sent.pop("code"), **sent)

    assert (answer["ok"], answer["item"], answer["lot"], answer["quantity"]) == (True, "TEA", "B", 1)


def test_what_is_wrong_with_a_lot_is_told_and_asks_nothing(scan, place):
    lots_of(a_stock_item(place.company, "MISO", is_lot_tracked=True), place, **{"M-1": (1, SOON)})

    answers = [scan("TEA", lot="M-1"), scan("TEA", lot="A", expires_on="270801"), scan(f"{LABEL}A")]

    assert [(one["ok"], one["code"], "asks" in one) for one in answers] == [
        (False, "inventory.lot_of_another", False),
        (False, "inventory.lot_expires_otherwise", False),
        (False, "inventory.lot_expires_otherwise", False),
    ]
    assert not StocktakeCount.objects.exists()


def test_without_scripts_the_page_asks_for_what_is_missing(counter, take):
    where = address("count", take.pk)

    lot = counter.post(where, {"code": "4901234567894", "quantity": "2", "once": "a"})
    day = counter.post(where, {"code": "4901234567894", "quantity": "2", "lot": "N<1>", "once": "b"})
    done = counter.post(where, {"code": "4901234567894", "quantity": "2", "lot": "N<1>", "expires_on": "261231", "once": "c"}, follow=True)

    assert 'name="code" value="4901234567894"' in text(lot)
    assert 'name="lot" value="A"' in text(lot)
    assert 'name="quantity" inputmode="numeric" value="2"' in text(lot)
    assert ('name="lot" value="N&lt;1&gt;"' in text(day), 'name="expires_on"' in text(day)) == (True, True)
    assert told(done) == ["TEA TEA N<1>: 2"]
    assert StocktakeLine.objects.get(lot__number="N<1>").counted == 2
    assert "N&lt;1&gt;" in text(counter.get(where))


def test_a_blind_screen_tells_lots_but_no_books(counter, place):
    take = opened(place, is_blind=True)

    asked = counter.post(address("count", take.pk), {"code": "TEA", "once": "a"}, **JSON).json()
    pages = [counter.get(address("change", take.pk)), counter.get(address("changelist", model="stocktakeline"))]

    assert [set(lot) for lot in asked["lots"]] == [{"number", "expires_on", "counted"}] * 2
    assert all(">6<" not in text(page) and ">4<" not in text(page) for page in pages)


def test_what_differs_is_shown_lot_by_lot_under_the_sum_of_the_shelf(counter, take):
    counts = [CountEntry(code="TEA", quantity=quantity, once_key=lot, lot_number=lot) for lot, quantity in (("A", 9), ("B", 0))]
    record_counts(take.pk, counts, actor=COUNTER, at=LATER)
    submit_stocktake(take.pk, uncounted=Uncounted.REFUSE, actor=COUNTER, at=LATER)

    page = text(counter.get(address("change", take.pk)))

    assert page.index("take-shelf") < page.index("take-lot")
    assert ("2026-08-01まで" in page, "+3" in page, ">-4<" in page, ">-1<" in page) == (True, True, True, True)


def test_a_stocktake_of_whole_shelves_is_begun_by_taking_the_tick_away(counter, place):
    form = counter.get(address("open"))
    counter.post(address("open"), {"location": place.pk, "scope": "whole", "counts_lots": "on"}, follow=True)
    by_lot = Stocktake.objects.get()
    Stocktake.objects.filter(pk=by_lot.pk).update(status="cancelled")
    StocktakeLine.objects.update(is_open=False)
    begun = counter.post(address("open"), {"location": place.pk, "scope": "whole"}, follow=True)

    assert 'name="counts_lots"' in text(form)
    assert "checked" in text(form).split('name="counts_lots"')[1].split(">")[0]
    assert "ST-000002：1品目を数えます。" in told(begun)
    assert [take.lines.count() for take in Stocktake.objects.order_by("pk")] == [2, 1]
    answer = counter.post(address("count", Stocktake.objects.get(number="ST-000002").pk), {"code": "TEA", "once": "a"}, **JSON).json()
    assert (answer["ok"], answer["lot"]) == (True, "")


def test_the_page_of_a_stocktake_takes_as_many_statements_for_fifty_lots_as_for_two(counter, place):
    lots_of(place.stocks.get().stock_item, place, **{f"L{number:02}": (number, LONG) for number in range(2, 50)})
    stock_of(a_stock_item(place.company, "MUG"), place, 1)
    made = []
    for codes in (("MUG",), ("TEA",)):
        take = opened(place, scope=StocktakeScope.LIST, codes=codes)
        submit_stocktake(take.pk, uncounted=Uncounted.NOTHING, actor=COUNTER, at=LATER)
        with CaptureQueriesContext(connection) as seen:
            assert counter.get(address("change", take.pk)).status_code == 200
        made.append(len(seen))

    assert made[0] == made[1]


def test_lines_are_listed_with_their_lots(counter, take):
    where = reverse("admin:inventory_stocktakeline_changelist") + f"?stocktake__id__exact={take.pk}"

    found = [
        [line.lot.number for line in counter.get(where + asked).context["cl"].result_list] for asked in ("", "&q=B", "&q=TEA", "&q=A%20B")
    ]

    assert found == [["A", "B"], ["B"], ["A", "B"], []]
