"""A run over a file: its command, its progress, a kill in the middle, two at once."""

import os
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from config.dev.places import ROOT
from config.imports import Progress
from core.db import rows
from tests.imports.conftest import Past, reasons


def _command(past: Past, kind: str, text: str, *options: str) -> str:
    path = past.folder / f"{kind}.csv"
    path.write_text(text)
    out = StringIO()
    call_command("import_csv", kind, str(path), "--company", past.company.code, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_says_what_it_did_in_japanese_and_in_english(past: Past) -> None:
    text = "SKU,商品名\nA,羊羹\nB,\n"

    japanese = _command(past, "products", text)
    english = _command(past, "products", text, "--language", "en")

    assert "2行" in japanese
    assert "2 rows: 0 created, 0 updated, 1 unchanged, 1 rejected" in english
    assert "import.no_name_of_product: 1" in english
    rejected = (past.folder / "products.csv.rejects.csv").read_text("utf-8-sig")
    assert "A product needs a name." in rejected


def test_the_command_refuses_a_file_or_company_it_cannot_take(past: Past) -> None:
    with pytest.raises(CommandError, match=r"import\.missing_header"):
        _command(past, "products", "商品名\nA\n")
    with pytest.raises(CommandError, match=r"company\.not_found"):
        call_command("import_csv", "products", __file__, "--company", "nobody")
    with pytest.raises(CommandError, match="no file"):
        call_command("import_csv", "products", "/nowhere.csv", "--company", past.company.code)


def test_a_folder_that_takes_no_rejects_is_told_of(past: Past) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        _command(past, "products", "SKU,商品名\nA,\n", "--rejects", "/nowhere/rejects.csv")


def test_a_dry_run_of_the_command_says_so(past: Past) -> None:
    said = _command(past, "products", "SKU,商品名\nA,羊羹\n", "--dry-run", "--language", "en")

    assert "Nothing was written: this was a dry run." in said
    assert rows("SELECT 1 FROM catalog_product") == []


def test_progress_tells_rate_and_time_left_chunk_by_chunk(past: Past) -> None:
    told: list[Progress] = []

    past.bring("products", "SKU,商品名\n" + "".join(f"S{n},羊羹{n}\n" for n in range(10)), chunk_rows=4, tell=told.append)

    assert [one.rows for one in told] == [4, 8, 10]
    assert told[-1].part == 1.0
    assert told[-1].seconds_left == 0


def test_row_9999_of_10000_being_bad_costs_one_row(past: Past) -> None:
    lines = [f"K{n},山田" for n in range(10_000)]
    lines[9_998] = "K9998,"

    said = past.bring("customers", "顧客番号,姓\n" + "\n".join(lines), chunk_rows=2_500)

    assert (said.created, said.rejected, said.rows) == (9_999, 1, 10_000), reasons(said)


@pytest.mark.django_db(transaction=True)
def test_a_kill_in_the_middle_leaves_whole_chunks_and_a_second_run_completes(tmp_path: Path) -> None:
    past = _committed(tmp_path)
    path = tmp_path / "many.csv"
    path.write_text("顧客番号,姓,名\n" + "".join(f"K{n},山田,花子{n}\n" for n in range(60_000)))
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"
    if not str(settings["HOST"]).startswith("/"):
        url = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT'] or 5432}/{settings['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    command = [sys.executable, "manage.py", "import_csv", "customers", str(path), "--company", past.company.code]

    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not _there() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGKILL)
    running.wait()

    left = _there()
    assert left in (25_000, 50_000), left
    said = past.bring("customers", path.read_bytes(), chunk_rows=25_000)
    assert (said.created, said.unchanged, said.rejected) == (60_000 - left, left, 0)
    assert _there() == 60_000


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_file_at_once_make_everything_once(tmp_path: Path) -> None:
    past = _committed(tmp_path)
    text = "顧客番号,姓,名\n" + "".join(f"K{n},山田,花子{n}\n" for n in range(2_000))
    made: list[int] = []

    def run() -> None:
        try:
            made.append(Past(tmp_path / threading.current_thread().name, past.company).bring("customers", text, chunk_rows=300).created)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, name=f"run{n}") for n in range(2)]
    for thread in threads:
        (tmp_path / thread.name).mkdir()
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(made) == 2_000
    assert _there() == 2_000


def _there() -> int:
    return int(rows("SELECT count(*) AS n FROM customers_customer")[0].n)


def _committed(folder: Path) -> Past:
    from tests.factories.customers import a_channel, a_company

    company = a_company()
    a_channel(company, code="phone")
    return Past(folder, company)
