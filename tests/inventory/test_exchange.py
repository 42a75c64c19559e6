"""Files through folders, snapshots against the books, and maps that are data."""

import os
from datetime import timedelta

import pytest

from core.actor import SYSTEM
from core.db import acting
from inventory.models import ColumnMap, ExchangeFile, ExchangeFolder, ExchangeRow, Movement
from inventory.operations import exchange_folder, folders, make_standard_maps, save_column_map, take_file
from inventory.rules import FileEncoding, FilePlace, MapColumn
from tests.factories.inventory import AT, a_location, a_stock_item, a_trading_company, stock_of

pytestmark = pytest.mark.django_db
HEAD = "商品コード,在庫数,JAN,ロット"


@pytest.fixture
def place():
    company = a_trading_company(code="acme")
    place = a_location(company, "east")
    stock_of(a_stock_item(company, "TEA"), place, 10)
    stock_of(a_stock_item(company, "MUG"), place, 4)
    stock_of(a_stock_item(company, "PEN"), place, 0)
    make_standard_maps(company.pk, actor=SYSTEM, at=AT)
    return place


def told(place, *rows, name="a.csv"):
    content = "\r\n".join([HEAD, *rows, ""]).encode("cp932")
    where = FilePlace(company_id=place.company_id, location_id=place.pk)
    return take_file("stock_snapshot", content, name=name, place=where, actor=SYSTEM, at=AT)


def found():
    return list(ExchangeRow.objects.order_by("number", "key").values_list("number", "key", "fate", "code"))


def test_a_snapshot_tells_what_differs_and_changes_nothing(place):
    before = Movement.objects.count()

    answer = told(place, "TEA,6,,L-1", "TEA,3,,L-2", "NOPE,1,,", "PEN,-1,,")

    assert (answer.done, answer.refused) == (0, 4)
    assert found() == [
        (0, "MUG", "differs", "inventory.snapshot_differs"),
        (3, "TEA", "differs", "inventory.snapshot_differs"),
        (4, "NOPE", "refused", "inventory.unknown_code"),
        (5, "PEN", "refused", "inventory.bad_count"),
    ]
    assert ExchangeRow.objects.get(key="TEA").params == {"item": "TEA", "theirs": 9, "ours": 10, "difference": "-1"}
    assert Movement.objects.count() == before


def test_a_snapshot_that_agrees_says_so_and_is_known_the_second_time(place):
    rows = ("TEA,10,,", "MUG,4,,")

    first, again = told(place, *rows), told(place, *rows, name="b.csv")

    assert (first.done, first.refused) == (2, 0)
    assert (again.code, again.params["name"]) == ("inventory.file_known", "a.csv")


def test_maps_are_versions_and_wrong_ones_are_refused(place):
    how = {
        "company_id": place.company_id,
        "location_id": None,
        "encoding": FileEncoding.CP932,
        "file_name": "ZAIKO",
        "actor": SYSTEM,
        "at": AT,
    }
    good = [MapColumn(heading="HIN", field="item", codes={}), MapColumn(heading="SU", field="quantity", codes={})]

    saved = save_column_map("stock_snapshot", good, **how)
    wrong = [
        save_column_map("stock_snapshot", good[:1], **how),
        save_column_map("stock_snapshot", [*good, good[0]], **how),
        save_column_map("stock_snapshot", [*good, MapColumn(heading="X", field="nope", codes={})], **how),
    ]

    assert saved.version == 2
    assert [answer.code for answer in wrong] == ["inventory.bad_map"] * 3
    assert save_column_map("nope", good, **how).code == "inventory.no_such_file_kind"
    assert make_standard_maps(place.company_id, actor=SYSTEM, at=AT) == 0
    assert ColumnMap.objects.filter(kind="stock_snapshot").count() == 2


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
    text = f"{HEAD}\r\nTEA,10,,\r\nMUG,4,,\r\n"
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
