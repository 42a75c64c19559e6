"""Count sheets of goods counted by lot: the lots go out with their expiry and come back; every slip is told by row and field."""

from datetime import date

import pytest

from core.actor import Actor, ActorKind
from core.errors import Refusal
from inventory.models import ExchangeRow, Lot, StocktakeCount, StocktakeLine
from inventory.operations import open_stocktake, take_count_sheet
from inventory.queries import count_sheet
from inventory.rules import CountMode, StocktakeAsk
from tests.factories.inventory import AT, a_location, a_stock_item, a_stocked_variant, a_trading_company, lots_of, stock_of, the_item
from tests.inventory.test_count_sheets import COUNTER, LATER

pytestmark = pytest.mark.django_db
SOON, LONG = date(2026, 8, 1), date(2027, 8, 1)
HEAD = "棚卸番号,拠点コード,在庫品コード,ロット番号,有効期限,実棚数"


@pytest.fixture
def place():
    company = a_trading_company()
    place = a_location(company, "east", name="東倉庫")
    tea = a_stocked_variant(company, sku="TEA", jan="4901234567894")
    type(the_item(tea)).objects.filter(pk=the_item(tea).pk).update(is_lot_tracked=True, name="煎茶 〜新〜")
    stock_of(tea, place, 2)
    lots_of(tea, place, B=(4, LONG), **{"0012": (6, SOON)})
    miso = a_stock_item(company, "MISO", is_lot_tracked=True)
    lots_of(miso, place, **{"M-1": (1, None)})
    stock_of(a_stock_item(company, "MUG"), place, 4)
    stock_of(a_stock_item(company, "SOY", is_lot_tracked=True), place)
    return place


def opened(place, **ask):
    return open_stocktake(StocktakeAsk(location_id=place.pk, **ask), company_id=place.company_id, actor=COUNTER, at=AT).stocktake_id


@pytest.fixture
def take(place):
    return opened(place)


def handed(take, content, mode=CountMode.FIRST):
    content = content.encode("cp932") if isinstance(content, str) else content
    return take_count_sheet(take, content, name="sheet.csv", mode=mode, counted_at=AT, actor=COUNTER, at=LATER)


def rows_of(*cells, head=HEAD):
    return "\r\n".join([head, *cells]) + "\r\n"


def counted():
    found = StocktakeLine.objects.exclude(counted=None).values_list("stock_item__code", "lot__number", "counted")
    return sorted((item, lot or "", quantity) for item, lot, quantity in found)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_lots_go_out_with_their_expiry_are_filled_in_and_come_back(take, encoding):
    sheet = count_sheet(take, encoding=encoding)
    text = sheet.content.decode("utf-8-sig" if encoding == "utf-8" else "cp932")
    wave = "〜新〜" if encoding == "utf-8" else "～新～"

    assert text == (
        "棚卸番号,拠点コード,棚番,在庫品コード,SKU,JAN,品名,ロット番号,有効期限,帳簿数,実棚数\r\n"
        "ST-000001,east,,MISO,,,MISO,M-1,,1,\r\n"
        "ST-000001,east,,MUG,,,MUG,,,4,\r\n"
        "ST-000001,east,,SOY,,,SOY,,,0,\r\n"
        f"ST-000001,east,,TEA,TEA,4901234567894,煎茶 {wave},0012,2026/08/01,6,\r\n"
        f"ST-000001,east,,TEA,TEA,4901234567894,煎茶 {wave},B,2027/08/01,4,\r\n"
        f"ST-000001,east,,TEA,TEA,4901234567894,煎茶 {wave},'-,,2,\r\n"
    )
    filled = (
        text.replace(",6,\r\n", ",6,５\r\n")
        .replace(",4,\r\n", ",4,4\r\n")
        .replace(",0,\r\n", ",0,0\r\n")
        .replace("-,,2,\r\n", "-,,2,1\r\n")
    )
    answer = handed(take, filled.encode(encoding))
    assert (answer.counted, answer.refusals) == (5, ())
    assert counted() == [("MUG", "", 4), ("SOY", "", 0), ("TEA", "", 1), ("TEA", "0012", 5), ("TEA", "B", 4)]


def test_a_lot_that_nobody_expected_is_written_under_the_others(take):
    answer = handed(take, rows_of("ST-000001,east,SOY,N-9,2026/12/31,3", "ST-000001,east,MISO,M-1,,1"))

    assert (answer.counted, answer.refusals) == (2, ())
    assert counted() == [("MISO", "M-1", 1), ("SOY", "N-9", 3)]
    assert Lot.objects.get(number="N-9").expires_on == date(2026, 12, 31)


WRONG = [
    ("no lot", "TEA,,,1", "inventory.lot_missing", "lot"),
    ("a lot of goods without lots", "MUG,B,,1", "inventory.lot_not_tracked", "lot"),
    ("unknown, without a day", "TEA,X,,1", "inventory.unknown_lot", "expires_on"),
    ("another item's", "TEA,M-1,,1", "inventory.lot_of_another", "lot"),
    ("another day than its own", "TEA,B,2027/08/02,1", "inventory.lot_expires_otherwise", "expires_on"),
    ("zeros taken off by a spreadsheet", "TEA,12,2026/08/01,1", "inventory.unknown_lot", "lot"),
    ("rounded by a spreadsheet", "TEA,2.6E+11,2026/08/01,1", "inventory.unknown_lot", "lot"),
    ("no day", "TEA,X,Dec-26,1", "inventory.bad_date", "expires_on"),
    ("a day that is none", "TEA,X,2026/02/30,1", "inventory.bad_date", "expires_on"),
    ("too long", f"TEA,{'L' * 65},2026/08/01,1", "inventory.lot_too_long", "lot"),
    ("twice", "MISO,Ｍ-1,,2", "inventory.doubled_in_sheet", "code"),
    ("negative", "TEA,B,,-1", "inventory.bad_count", "counted"),
]


@pytest.mark.parametrize(("_case", "row", "code", "field"), WRONG, ids=[case for case, *_rest in WRONG])
def test_one_wrong_lot_is_told_by_row_and_field_and_nothing_counts(take, _case, row, code, field):
    answer = handed(take, rows_of("ST-000001,east,MISO,M-1,,1", f"ST-000001,east,{row}"))

    assert [(refusal.code, refusal.field) for refusal in answer.refusals] == [(code, field)]
    told = ExchangeRow.objects.get()
    assert (told.number, told.fate, told.code, told.column) == (3, "refused", code, field)
    assert not StocktakeCount.objects.exists()
    assert Lot.objects.count() == 3


def test_a_new_lot_before_a_wrong_row_is_not_kept(take):
    answer = handed(take, rows_of("ST-000001,east,TEA,NEW,2026/12/31,1", "ST-000001,east,TEA,,,1"))

    assert [refusal.code for refusal in answer.refusals] == ["inventory.lot_missing"]
    assert Lot.objects.count() == 3
    assert StocktakeLine.objects.count() == 6


def test_the_same_sheet_twice_counts_once_and_lots_are_added_to_or_replaced(take):
    content = rows_of("ST-000001,east,TEA,B,,3")
    handed(take, content)

    again = handed(take, content, mode=CountMode.ADD)
    added = handed(take, rows_of("ST-000001,east,TEA,B,2027-08-01,2"), mode=CountMode.ADD)
    first = handed(take, rows_of("ST-000001,east,TEA,B,,1"))
    replaced = handed(take, rows_of("ST-000001,east,TEA,B,20270801,4"), mode=CountMode.REPLACE)

    assert isinstance(again, Refusal)
    assert (again.code, added.counted, replaced.counted) == ("inventory.file_known", 1, 1)
    assert [refusal.params["item"] for refusal in first.refusals] == ["TEA B"]
    assert counted() == [("TEA", "B", 4)]


def test_a_blind_sheet_tells_lots_but_no_books(place):
    take = opened(place, is_blind=True)

    text = count_sheet(take, encoding="utf-8").content.decode("utf-8-sig")

    assert text.splitlines()[0].endswith("品名,ロット番号,有効期限,実棚数")
    assert "0012,2026/08/01,\r\n" in text


def test_a_sheet_of_whole_shelves_has_no_lots_and_passes_over_those_told(place):
    take = opened(place, counts_lots=False)

    text = count_sheet(take, encoding="utf-8").content.decode("utf-8-sig")
    answer = handed(take, rows_of("ST-000001,east,TEA,whatever,,11"))

    assert text.splitlines()[0].endswith("品名,帳簿数,実棚数")
    assert (answer.counted, counted()) == (1, [("TEA", "", 11)])


def test_somebody_else_is_told_who_took_the_sheet_in(take):
    content = rows_of("ST-000001,east,TEA,B,,3").encode()
    handed(take, content)

    known = take_count_sheet(
        take, content, name="b.csv", mode=CountMode.ADD, counted_at=AT, actor=Actor(ActorKind.STAFF, "9000099", "別人"), at=LATER
    )

    assert (known.code, known.params["by"]) == ("inventory.file_known", "棚田 数子")
