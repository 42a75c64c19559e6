"""Files through folders, snapshots against the books, and maps that are data."""

import os
from datetime import timedelta

import pytest

from core.actor import SYSTEM
from core.db import acting
from inventory.models import ColumnMap, ExchangeFile, ExchangeFolder, ExchangeRow, Movement, Stock
from inventory.operations import exchange_folder, folders, give_file, receive_stock, save_column_map, take_file
from inventory.queries import kind_of, map_in_force
from inventory.rules import FileEncoding, FilePlace, MapColumn, Receipt
from tests.factories.inventory import AT, a_location, a_stock_item, a_trading_company, stock_of

pytestmark = pytest.mark.django_db
HEAD = "商品コード,在庫数,JAN,ロット,在庫日時"


@pytest.fixture
def place():
    company = a_trading_company(code="acme")
    place = a_location(company, "east")
    stock_of(a_stock_item(company, "TEA"), place, 10)
    stock_of(a_stock_item(company, "MUG"), place, 4)
    stock_of(a_stock_item(company, "PEN"), place, 0)
    return place


def told(place, *rows, name="a.csv", at=AT, encoding="cp932"):
    content = "\r\n".join([HEAD, *rows, ""]).encode(encoding)
    where = FilePlace(company_id=place.company_id, location_id=place.pk)
    return take_file("stock_snapshot", content, name=name, place=where, actor=SYSTEM, at=at)


def found():
    return list(ExchangeRow.objects.order_by("number", "key").values_list("number", "key", "fate", "code"))


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_a_snapshot_tells_what_differs_and_changes_nothing(place, encoding):
    before = Movement.objects.count()

    answer = told(place, "TEA,6,,L-1,", "TEA,3,,L-2,", "NOPE,1,,,", "PEN,-1,,,", encoding=encoding)

    assert (answer.done, answer.differing, answer.refused) == (0, 2, 2)
    assert found() == [
        (0, "MUG", "differs", "inventory.snapshot_differs"),
        (3, "TEA", "differs", "inventory.snapshot_differs"),
        (4, "NOPE", "refused", "inventory.unknown_code"),
        (5, "PEN", "refused", "inventory.bad_count"),
    ]
    assert ExchangeRow.objects.get(key="TEA").params == {"item": "TEA", "theirs": 9, "ours": 10, "difference": "-1", "value": 0}
    assert Movement.objects.count() == before


def test_a_snapshot_in_utf_8_names_items_that_shift_jis_cannot_write(place):
    stock_of(a_stock_item(place.company, "茶𠮷🍵"), place, 3)

    answer = told(place, "茶𠮷🍵,2,,,", "TEA,10,,,", "MUG,4,,,", encoding="utf-8")

    assert (answer.done, answer.differing, answer.refused) == (2, 1, 0)
    assert ExchangeRow.objects.get(fate="differs").key == "茶𠮷🍵"
    assert ExchangeFile.objects.get().encoding.startswith("utf-8")


def test_a_snapshot_that_agrees_says_so_and_is_known_the_second_time(place):
    rows = ("TEA,10,,,", "MUG,4,,,")

    first, again = told(place, *rows), told(place, *rows, name="b.csv")

    assert (first.done, first.refused) == (2, 0)
    assert (again.code, again.params["name"]) == ("inventory.file_known", "a.csv")


def test_a_snapshot_is_compared_with_the_books_of_its_moment_and_differences_have_their_value(place):
    tea = Stock.objects.get(stock_item__code="TEA")
    coming = Receipt(
        stock_item_id=tea.stock_item_id, location_id=place.pk, quantity=10, sellable_quantity=10, once_key="late", cause="test", value=5_000
    )
    receive_stock([coming], company_id=place.company_id, actor=SYSTEM, at=AT + timedelta(hours=1))
    late = {"at": AT + timedelta(hours=2)}

    before = told(place, "TEA,10,,,2026/05/11 12:30", "MUG,4,,,2026/05/11 12:30", name="before.csv", **late)
    after = told(place, "TEA,18,,,2026-05-11 13:00:00", "MUG,4,,,", name="after.csv", **late)
    wrong = told(place, "TEA,18,,,2026/05/11 25:00", "MUG,4,,,2026/05/12", name="wrong.csv", **late)

    assert (before.done, before.differing, after.done, after.differing) == (2, 0, 1, 1)
    differs = ExchangeRow.objects.get(fate="differs").params
    assert (differs["difference"], differs["value"]) == ("-2", -500)
    assert (wrong.status, wrong.refused) == ("failed", 2)
    assert set(ExchangeRow.objects.filter(fate="refused").values_list("column", "code")) == {("在庫日時", "inventory.bad_moment")}


def test_our_books_go_out_as_they_are(place):
    where = FilePlace(company_id=place.company_id, location_id=place.pk)

    given = give_file("stock_books", place=where, actor=SYSTEM, at=AT)

    assert given.content == (
        "商品コード,品名,在庫数,良品数,引当数,在庫日時\r\nMUG,MUG,4,4,0,2026/05/11 12:00\r\nPEN,PEN,0,0,0,2026/05/11 12:00\r\n"
        "TEA,TEA,10,10,0,2026/05/11 12:00\r\n"
    ).encode("cp932")


def test_without_a_map_our_own_headings_hold_and_the_newest_of_the_place_comes_first(place):
    kind = kind_of("stock_snapshot")
    how = {"company_id": place.company_id, "file_name": "ZAIKO", "actor": SYSTEM, "at": AT}
    columns = [MapColumn(heading="HIN", field="item"), MapColumn(heading="SU", field="quantity")]
    seen = [map_in_force(kind, company_id=place.company_id, location_id=place.pk)]

    for location, encoding in ((None, FileEncoding.UTF8), (place.pk, FileEncoding.CP932), (place.pk, FileEncoding.UTF8)):
        save_column_map("stock_snapshot", columns, location_id=location, encoding=encoding, **how)
        seen.append(map_in_force(kind, company_id=place.company_id, location_id=place.pk))

    assert [(one.version, one.location_id, str(one.encoding)) for one in seen] == [
        (0, None, "cp932"), (1, None, "utf-8"), (1, place.pk, "cp932"), (2, place.pk, "utf-8"),
    ]  # fmt: skip
    assert ([c.heading for c in seen[0].columns[:2]], [c.heading for c in seen[3].columns]) == (["商品コード", "在庫数"], ["HIN", "SU"])


def test_a_map_that_makes_no_sense_is_refused_with_everything_that_is_wrong(place):
    how = {"company_id": place.company_id, "location_id": None, "encoding": FileEncoding.CP932, "actor": SYSTEM, "at": AT}
    item, quantity = MapColumn(heading="HIN", field="item"), MapColumn(heading="SU", field="quantity")

    wrong = [
        save_column_map("stock_snapshot", columns, file_name=name, **how)
        for columns, name in (
            ([item], "ZAIKO"),
            ([item, quantity, MapColumn(heading="ｈｉｎ", constant="1")], "ZAIKO"),
            ([item, quantity, MapColumn(heading="X", field="nope")], "ZAIKO"),
            ([item, quantity, MapColumn(heading="X", field="jan", constant="1")], "ZAIKO"),
            ([item, quantity, MapColumn(heading="X", field="jan", date_pattern="%s")], "ZAIKO"),
            ([item, quantity], "../etc"),
            ([MapColumn(heading="", field="jan")], ""),
        )
    ]

    assert [len(answer) for answer in wrong] == [1, 1, 1, 1, 1, 1, 3]
    assert {fault.code for answer in wrong for fault in answer} == {"inventory.bad_map"}
    assert save_column_map("nope", [item], file_name="x", **how)[0].code == "inventory.no_such_file_kind"
    assert not ColumnMap.objects.exists()


def dropped(root, name, text, *, old=True):
    path = root / "acme" / "east" / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("cp932"))
    if old:
        os.utime(path, (1, 1))
    return path


def test_files_in_a_folder_are_taken_in_once_and_moved(place, tmp_path):
    with acting(SYSTEM):
        ExchangeFolder.objects.create(location=place)
    text = f"{HEAD}\r\nTEA,10,,,\r\nMUG,4,,,\r\n"
    dropped(tmp_path, "stock_snapshot_1.csv", text)
    dropped(tmp_path, "stock_snapshot_2.csv", text)
    dropped(tmp_path, "letter.csv", "x")
    dropped(tmp_path, "stock_snapshot_3.csv", "half of", old=False)
    (tmp_path / "acme/east/in/stock_snapshot_link.csv").symlink_to("/etc/hostname")
    [folder] = folders()

    moved = [(one.where, one.name) for one in exchange_folder(folder, root=tmp_path, actor=SYSTEM, at=AT)]
    again = list(exchange_folder(folder, root=tmp_path, actor=SYSTEM, at=AT + timedelta(minutes=5)))

    assert moved == [("failed", "letter.csv"), ("done", "stock_snapshot_1.csv"), ("done", "stock_snapshot_2.csv")]
    assert again == []
    assert ExchangeFile.objects.count() == 1
    base = tmp_path / "acme/east"
    assert sorted(path.name for path in (base / "in").iterdir()) == ["stock_snapshot_3.csv", "stock_snapshot_link.csv"]
    assert sorted(path.name.split("_", 1)[1] for path in (base / "failed").iterdir()) == ["letter.csv", "letter.csv.txt"]
    assert sorted(path.name.split("_", 1)[1] for path in (base / "done").iterdir()) == ["stock_snapshot_1.csv", "stock_snapshot_2.csv"]


def test_what_goes_out_lies_in_the_folder_once_and_books_go_once_a_day(place, tmp_path):
    with acting(SYSTEM):
        ExchangeFolder.objects.create(location=place, gives="stock_books,receipt_plan")
    [folder] = folders()

    moments = [AT, AT + timedelta(minutes=5), AT + timedelta(days=1)]
    moved = [[one.where for one in exchange_folder(folder, root=tmp_path, actor=SYSTEM, at=moment)] for moment in moments]

    assert moved == [["out"], [], ["out"]]
    kept = ExchangeFile.objects.order_by("id")
    assert [(tmp_path / "acme/east/out" / file.name).read_bytes() for file in kept] == [bytes(file.content) for file in kept]
    assert all(file.handed_over_at for file in kept)
