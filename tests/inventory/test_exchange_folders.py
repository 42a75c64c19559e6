"""The folders that warehouses reach, as the command and the clock empty and fill them."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from core.actor import SYSTEM
from core.db import acting
from inventory.models import ExchangeFile, ExchangeFolder, Movement
from inventory.operations import exchange_folder, folders
from inventory.tasks import exchange_files
from tests.factories.inventory import AT, a_location, a_stock_item, a_trading_company, stock_of

pytestmark = pytest.mark.django_db
HEAD = "商品コード,在庫数"
AGREES = f"{HEAD}\r\nTEA,10\r\n"


@pytest.fixture
def root(tmp_path, settings):
    settings.EXCHANGE_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def place(root):
    company = a_trading_company(code="acme")
    place = a_location(company, "east")
    stock_of(a_stock_item(company, "TEA"), place, 10)
    with acting(SYSTEM):
        ExchangeFolder.objects.create(location=place)
    return place


def dropped(root: Path, name: str, content: str | bytes, *, seconds_old: int | None = 600, folder: str = "acme/east") -> Path:
    path = root / folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("cp932"))
    if seconds_old is not None:
        moment = path.stat().st_mtime - seconds_old
        os.utime(path, (moment, moment))
    return path


def lying(root: Path, where: str, *, folder: str = "acme/east") -> list[str]:
    """What lies in a folder, without the moments before the names."""
    return sorted(path.name.split("_", 1)[1] if where in ("done", "failed") else path.name for path in (root / folder / where).iterdir())


def by_command() -> list[str]:
    out = StringIO()
    call_command("exchange_files", stdout=out)
    return out.getvalue().splitlines()


def by_the_clock() -> int:
    return exchange_files()


@pytest.mark.parametrize("run", [by_command, by_the_clock])
def test_what_lies_there_is_taken_in_and_what_is_to_go_out_is_put_there(place, root, run):
    with acting(SYSTEM):
        ExchangeFolder.objects.update(gives="stock_books")
    dropped(root, "stock_snapshot_1.csv", AGREES)

    told = run()

    assert told in (["acme/east done stock_snapshot_1.csv", f"acme/east out {lying(root, 'out')[0]}"], 2)
    assert (lying(root, "in"), lying(root, "done"), lying(root, "failed")) == ([], ["stock_snapshot_1.csv"], [])
    [given] = ExchangeFile.objects.filter(way="out")
    assert (root / "acme/east/out" / given.name).read_bytes() == bytes(given.content)
    assert ExchangeFile.objects.get(way="in").status == "done"


@pytest.mark.parametrize("run", [by_command, by_the_clock])
def test_a_file_that_is_still_being_written_is_left_until_it_is_whole(place, root, run):
    path = dropped(root, "stock_snapshot_1.csv", HEAD, seconds_old=3)

    early = run()
    untouched = (path.read_bytes(), ExchangeFile.objects.count())
    dropped(root, "stock_snapshot_1.csv", AGREES)
    whole = run()

    assert (early, untouched) in [(told, (HEAD.encode("cp932"), 0)) for told in ([], 0)]
    assert whole in (["acme/east done stock_snapshot_1.csv"], 1)


@pytest.mark.parametrize("run", [by_command, by_the_clock])
def test_the_same_file_twice_counts_once_and_both_are_put_away(place, root, run):
    dropped(root, "stock_snapshot_1.csv", AGREES)
    run()
    dropped(root, "stock_snapshot_2.csv", AGREES)

    run()

    assert (ExchangeFile.objects.count(), lying(root, "in")) == (1, [])
    assert lying(root, "done") == ["stock_snapshot_1.csv", "stock_snapshot_2.csv"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("stock_snapshot_1.csv", b"PK\x03\x04spreadsheet", "csv.spreadsheet"),
        ("stock_snapshot_1.csv", f"{HEAD}\r\nNOPE,1\r\n", "inventory.rows_refused"),
        ("letter.csv", "x", "inventory.no_such_file_kind"),
        ("stock_snapshot_" + "x" * 236 + ".csv", "x", "csv.header_missing"),
    ],
    ids=["a workbook", "a wrong row", "of no kind", "the longest of names"],
)
def test_a_file_that_cannot_be_read_is_set_aside_with_the_reason_beside_it(place, root, name, content, code):
    before = Movement.objects.count()
    dropped(root, name, content)

    exchange_files()

    assert (lying(root, "in"), lying(root, "done"), len(lying(root, "failed"))) == ([], [], 2)
    [reason] = (root / "acme/east/failed").glob("*.txt")
    assert reason.read_text(encoding="utf-8").splitlines()[0] == code
    assert Movement.objects.count() == before


def test_a_file_the_disk_does_not_give_out_stays_and_the_others_are_taken_in(place, root, monkeypatch):
    dropped(root, "stock_snapshot_1.csv", AGREES)
    dropped(root, "stock_snapshot_2.csv", f"{HEAD}\r\nTEA,9\r\n")
    opened = Path.open

    def refuses(path, *args, **kwargs):
        if path.name == "stock_snapshot_1.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuses)
    [folder] = folders()

    moved = [
        (one.where, one.name, one.refusal.code if one.refusal else "") for one in exchange_folder(folder, root=root, actor=SYSTEM, at=AT)
    ]

    assert moved == [
        ("failed", "stock_snapshot_1.csv", "inventory.file_unusable"), ("done", "stock_snapshot_2.csv", ""),
    ]  # fmt: skip
    assert lying(root, "in") == ["stock_snapshot_1.csv"]


def test_a_file_that_is_taken_away_while_its_folder_is_read_is_nobodys_fault(place, root, monkeypatch):
    path = dropped(root, "stock_snapshot_1.csv", AGREES)
    dropped(root, "stock_snapshot_2.csv", f"{HEAD}\r\nTEA,9\r\n")
    [folder] = folders()
    moved = exchange_folder(folder, root=root, actor=SYSTEM, at=AT)
    names = [next(moved).name]
    (root / "acme/east/in/stock_snapshot_2.csv").unlink()

    names += [one.name for one in moved]

    assert (names, path.exists()) == (["stock_snapshot_1.csv"], False)


def test_without_the_root_nothing_is_done_and_the_command_says_what_to_do(place, root, settings):
    settings.EXCHANGE_ROOT = str(root / "not" / "mounted")
    with acting(SYSTEM):
        ExchangeFolder.objects.update(gives="stock_books")

    [told] = by_command()

    assert "EXCHANGE_ROOT" in told
    assert str(root / "not" / "mounted") in told
    assert not (root / "not").exists()
    assert not ExchangeFile.objects.exists()


def test_a_folder_that_cannot_be_used_does_not_keep_the_others(place, root):
    west = a_location(place.company, "west")
    with acting(SYSTEM):
        ExchangeFolder.objects.create(location=west)
    dropped(root, "stock_snapshot_1.csv", AGREES, folder="acme/west")
    (root / "acme" / "east").write_text("a file where a folder should be")

    told = by_command()

    assert [line.split()[:2] for line in told] == [["acme/east", "failed"], ["acme/west", "done"]]


def test_files_left_of_a_location_that_has_ended_or_a_folder_out_of_use_stay(place, root):
    dropped(root, "stock_snapshot_1.csv", AGREES)
    with acting(SYSTEM):
        ExchangeFolder.objects.update(is_active=False)

    assert by_command() == []
    assert lying(root, "in") == ["stock_snapshot_1.csv"]


def test_what_was_put_there_and_not_noted_is_put_there_again_under_the_same_name(place, root):
    with acting(SYSTEM):
        ExchangeFolder.objects.update(gives="stock_books")
    exchange_files()
    before = lying(root, "out")
    ExchangeFile.objects.filter(way="out").update(handed_over_at=None)  # as after a run that died in between

    [folder] = folders()
    moved = [one.name for one in exchange_folder(folder, root=root, actor=SYSTEM, at=AT + timedelta(minutes=5))]

    assert (moved, lying(root, "out")) == (before, before)
