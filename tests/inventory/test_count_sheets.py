"""Count sheets go out and come back: whole or not at all, once, and every mistake told by its row."""

from datetime import timedelta

import pytest

from core.actor import Actor, ActorKind
from core.errors import Refusal
from inventory.models import ExchangeFile, ExchangeRow, Movement, Stock, StocktakeCount, StocktakeLine
from inventory.operations import SheetTaken, ask_second_count, open_stocktake, submit_stocktake, take_count_sheet
from inventory.queries import count_sheet
from inventory.rules import CountMode, StocktakeAsk, Uncounted
from tests.factories.inventory import AT, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of

pytestmark = pytest.mark.django_db
COUNTER = Actor(ActorKind.STAFF, "9000012", "棚田 数子")
LATER = AT + timedelta(hours=2)
HEAD = "棚卸番号,拠点コード,在庫品コード,実棚数"


@pytest.fixture
def place():
    company = a_trading_company()
    place = a_location(company, "east", name="東倉庫")
    stock_of(a_stocked_variant(company, sku="TEA", jan="4901234567894"), place, 10)
    stock_of(a_stock_item(company, "MUG", name="湯呑み 〜白〜"), place, 4)
    return place


@pytest.fixture
def take(place):
    answer = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=place.company_id, actor=COUNTER, at=AT)
    return answer.stocktake_id


def handed(take, content, mode=CountMode.FIRST, name="sheet.csv"):
    if isinstance(content, str):
        content = content.encode("cp932")
    return take_count_sheet(take, content, name=name, mode=mode, counted_at=AT, actor=COUNTER, at=LATER)


def rows_of(*cells, head=HEAD):
    return "\r\n".join([head, *cells]) + "\r\n"


def nothing_counted():
    return not StocktakeCount.objects.exists() and not StocktakeLine.objects.exclude(counted=None).exists()


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_a_sheet_goes_out_is_filled_in_and_comes_back(take, encoding):
    sheet = count_sheet(take, encoding=encoding)
    text = sheet.content.decode("utf-8-sig" if encoding == "utf-8" else "cp932")

    filled = text.replace(",10,\r\n", ",10,９\r\n").replace(",4,\r\n", ",4,4\r\n")
    answer = handed(take, filled.encode(encoding))

    assert text == (
        "棚卸番号,拠点コード,棚番,在庫品コード,SKU,JAN,品名,帳簿数,実棚数\r\n"
        f"ST-000001,east,,MUG,,,湯呑み {'〜白〜' if encoding == 'utf-8' else '～白～'},4,\r\n"
        "ST-000001,east,,TEA,TEA,4901234567894,TEA,10,\r\n"
    )
    assert (answer.counted, answer.refusals) == (2, ())
    assert dict(StocktakeLine.objects.values_list("stock_item__code", "counted")) == {"TEA": 9, "MUG": 4}
    kept = ExchangeFile.objects.get()
    assert (kept.status, kept.row_count, kept.refused_count, bytes(kept.content)) == ("done", 2, 0, filled.encode(encoding))


def test_a_blind_sheet_does_not_tell_the_books(place):
    ask = StocktakeAsk(location_id=place.pk, is_blind=True)
    blind = open_stocktake(ask, company_id=place.company_id, actor=COUNTER, at=AT).stocktake_id

    text = count_sheet(blind, encoding="utf-8").content.decode("utf-8-sig")

    assert text.splitlines()[0] == "棚卸番号,拠点コード,棚番,在庫品コード,SKU,JAN,品名,実棚数"
    assert ",10," not in text


def test_a_second_sheet_lists_only_what_differs(take):
    handed(take, rows_of("ST-000001,east,TEA,10", "ST-000001,east,MUG,3"))
    submit_stocktake(take, uncounted=Uncounted.REFUSE, actor=COUNTER, at=LATER)
    ask_second_count(take, reason="再確認", actor=COUNTER, at=LATER)

    sheet = count_sheet(take, encoding="utf-8")

    assert [line.split(",")[3] for line in sheet.content.decode("utf-8-sig").splitlines()[1:]] == ["MUG"]
    assert sheet.name == "ST-000001-2.csv"


def test_the_same_sheet_twice_counts_once(take):
    content = rows_of("ST-000001,east,TEA,9")
    handed(take, content)

    again = handed(take, content, mode=CountMode.ADD, name="copy.csv")

    assert (again.code, again.params["name"]) == ("inventory.file_known", "sheet.csv")
    assert StocktakeLine.objects.get(stock_item__code="TEA").counted == 9


@pytest.mark.parametrize(("mode", "counted"), [(CountMode.ADD, 14), (CountMode.REPLACE, 5), (CountMode.FIRST, 9)])
def test_another_sheet_with_the_same_item_does_what_was_said(take, mode, counted):
    handed(take, rows_of("ST-000001,east,TEA,9"))

    answer = handed(take, rows_of("ST-000001,east,TEA,5"), mode=mode)

    assert [refusal.code for refusal in answer.refusals] == (["inventory.counted_before"] if mode is CountMode.FIRST else [])
    assert StocktakeLine.objects.get(stock_item__code="TEA").counted == counted


WRONG_ROWS = [
    ("another location", "ST-000001,west,TEA,9", "inventory.sheet_of_another"),
    ("another stocktake", "ST-000009,east,TEA,9", "inventory.sheet_of_another"),
    ("negative", "ST-000001,east,TEA,-1", "inventory.bad_count"),
    ("full-width negative", "ST-000001,east,TEA,－１", "inventory.bad_count"),
    ("1e308", "ST-000001,east,TEA,1e308", "inventory.bad_count"),
    ("too many", "ST-000001,east,TEA,100000001", "inventory.bad_count"),
    ("a fraction", "ST-000001,east,TEA,1.5", "inventory.bad_count"),
    ("words", "ST-000001,east,TEA,十", "inventory.bad_count"),
    ("unknown SKU", "ST-000001,east,NOPE,1", "inventory.unknown_code"),
    ("lower case", "ST-000001,east,tea,1", "inventory.unknown_code"),
    ("a rounded JAN", "ST-000001,east,4.90123E+12,1", "inventory.unknown_code"),
    ("no code", "ST-000001,east,,1", "inventory.unknown_code"),
    ("twice in one sheet", "ST-000001,east,ＭＵＧ,1", "inventory.doubled_in_sheet"),
    ("a short row", "ST-000001,east", "csv.width"),
    ("a long row", "ST-000001,east,TEA,1,2,3", "csv.width"),
    ("a cell too long", f"ST-000001,east,{'T' * 32_768},1", "csv.cell_too_long"),
    ("a formula", "ST-000001,east,\"=cmd|' /C calc'!A0\",1", "inventory.unknown_code"),
]


@pytest.mark.parametrize(("_case", "row", "code"), WRONG_ROWS, ids=[case for case, _row, _code in WRONG_ROWS])
def test_one_wrong_row_and_nothing_of_the_sheet_counts(take, _case, row, code):
    answer = handed(take, rows_of("ST-000001,east,MUG,4", row))

    assert isinstance(answer, SheetTaken)
    assert (answer.counted, [refusal.code for refusal in answer.refusals]) == (0, [code])
    assert nothing_counted()
    told = ExchangeRow.objects.get()
    assert (told.number, told.fate, told.code, told.file.status) == (3, "refused", code, "failed")


WRONG_FILES = [
    ("empty", b"", "csv.empty"),
    ("a header only", rows_of().encode(), "inventory.nothing_counted"),
    ("counts left empty", rows_of("ST-000001,east,TEA,").encode(), "inventory.nothing_counted"),
    ("a column missing", "棚卸番号,在庫品コード,実棚数\r\nST-000001,TEA,1\r\n".encode(), "csv.header_missing"),
    ("a column twice", f"{HEAD},数量\r\nST-000001,east,TEA,1,2\r\n".encode(), "csv.header_doubled"),
    ("Excel", b"PK\x03\x04rest", "csv.spreadsheet"),
    ("UTF-16", rows_of("ST-000001,east,TEA,1").encode("utf-16"), "csv.utf16"),
    ("EUC-JP", rows_of("ST-000001,east,TEA,1").encode("euc_jp"), "csv.euc_jp"),
    ("NUL", rows_of("ST-000001,east,TEA,1").encode() + b"\x00", "csv.nul"),
    ("too large", b"a" * (20 * 2**20 + 1), "inventory.file_too_large"),
]


@pytest.mark.parametrize(("_case", "content", "code"), WRONG_FILES, ids=[case for case, _content, _code in WRONG_FILES])
def test_a_file_that_is_no_sheet_is_refused_in_words(take, _case, content, code):
    answer = handed(take, content)

    assert isinstance(answer, Refusal)
    assert answer.code == code
    assert nothing_counted()
    assert not ExchangeFile.objects.filter(status="done").exists()


@pytest.mark.parametrize(
    ("_case", "content"),
    [
        ("CR only", rows_of("ST-000001,east,TEA,9").replace("\r\n", "\r")),
        ("mixed ends, no last one", "棚卸番号,拠点コード,在庫品コード,実棚数\nST-000001,east,TEA,9"),
        ("tabs", rows_of("ST-000001,east,TEA,9").replace(",", "\t")),
        ("semicolons", rows_of("ST-000001,east,TEA,9").replace(",", ";")),
        ("reordered and wide headings", "実棚数, ＳＫＵ ,拠点コード,棚卸番号\r\n9,TEA,east,ST-000001\r\n"),
        ("blank rows", rows_of("", "ST-000001,east,TEA,9", ",,,", "")),
        ("Excel's protected zeros", rows_of('ST-000001,east,"=""4901234567894""",9')),
        ("a mark against formulas", rows_of("'ST-000001,east,TEA,9").replace("'ST", "ST")),
        ("5C trail bytes before a comma", "棚卸番号,拠点コード,在庫品コード,品名,実棚数\r\nST-000001,east,TEA,表能ソ,9\r\n"),
    ],
)
def test_what_spreadsheets_make_of_a_sheet_is_read(take, _case, content):
    answer = handed(take, content)

    assert (answer.counted, answer.refusals) == (1, ())
    assert StocktakeLine.objects.get(stock_item__code="TEA").counted == 9


def test_what_is_unwritable_in_cp932_is_listed_and_no_row_is_dropped(place):
    the_item_named = Stock.objects.get(stock_item__code="MUG").stock_item
    type(the_item_named).objects.filter(pk=the_item_named.pk).update(name="𠮷野の器 🍵")
    answer = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=place.company_id, actor=COUNTER, at=AT)

    sheet = count_sheet(answer.stocktake_id, encoding="cp932")

    assert [(one.sign, one.lost) for one in sheet.replaced] == [("𠮷", False), ("🍵", True)]
    assert "吉野の器 〓" in sheet.content.decode("cp932")
    assert len(sheet.content.decode("cp932").splitlines()) == 3


def test_a_cell_that_looks_like_a_formula_is_harmless_outside_and_known_again_inside(place):
    item = a_stock_item(place.company, "-1+1")
    stock_of(item, place, 2)
    take = open_stocktake(StocktakeAsk(location_id=place.pk), company_id=place.company_id, actor=COUNTER, at=AT).stocktake_id

    text = count_sheet(take, encoding="utf-8").content.decode("utf-8-sig")
    answer = handed(take, text.replace(",2,\r\n", ",2,2\r\n").encode())

    assert ",'-1+1," in text
    assert answer.counted == 1
    assert StocktakeLine.objects.get(stock_item=item).counted == 2


def test_a_bad_row_at_the_end_of_a_long_sheet_undoes_all_before_it(take, place):
    items = [a_stock_item(place.company, f"I{number:04}") for number in range(999)]
    assert len(items) == 999
    content = rows_of(*(f"ST-000001,east,I{number:04},1" for number in range(999)), "ST-000001,east,I0998,x")

    answer = handed(take, content)

    assert [refusal.code for refusal in answer.refusals] == ["inventory.bad_count"]
    assert nothing_counted()
    assert StocktakeLine.objects.count() == 2
    assert Movement.objects.count() == 2


def test_the_item_of_a_variant_is_found_by_its_jan_column(take, place):
    content = "棚卸番号,拠点コード,JAN,実棚数\r\nST-000001,east,4901234567894,8\r\n"

    handed(take, content)

    tea = Stock.objects.exclude(stock_item__code="MUG").get().stock_item
    assert StocktakeLine.objects.get(stock_item=tea).counted == 8
