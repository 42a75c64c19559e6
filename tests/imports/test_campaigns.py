"""Campaigns come in with the customers they were aimed at."""

import pytest

from core.db import rows
from tests.imports.conftest import Past, reasons

HEADER = "企画コード,企画名,種別,目的,開始日,終了日,顧客番号\n"
SPRING = "SPRING,春の便り,DM,継続,2026-03-01,2026-03-31,"


def test_a_campaign_and_its_targets_come_in(past: Past) -> None:
    past.customers("K1", "K2")

    said = past.bring("campaigns", f"{HEADER}{SPRING}K1\n{SPRING}K2\n")

    assert (said.created, said.rejected) == (2, 0), reasons(said)
    one = rows("SELECT code, name, kind, aim, starts_on::text, ends_on::text FROM campaigns_campaign")
    assert [tuple(c) for c in one] == [("SPRING", "春の便り", "DM", "keep", "2026-03-01", "2026-04-01")]
    assert len(rows("SELECT 1 FROM campaigns_campaigntarget")) == 2


def test_the_same_file_twice_changes_nothing(past: Past) -> None:
    past.customers("K1")
    past.bring("campaigns", f"{HEADER}{SPRING}K1\n")

    again = past.bring("campaigns", f"{HEADER}{SPRING}K1\n")

    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_a_campaign_alone_and_a_changed_name(past: Past) -> None:
    assert past.bring("campaigns", f"{HEADER}{SPRING}\n").created == 1

    said = past.bring("campaigns", HEADER + SPRING.replace("春の便り", "早春の便り") + "\n")

    assert (said.created, said.updated) == (0, 1), reasons(said)
    assert rows("SELECT name FROM campaigns_campaign")[0].name == "早春の便り"


@pytest.mark.parametrize(
    ("_case", "row", "code"),
    [
        ("unknown customer", f"{SPRING}K9", "import.unknown_customer"),
        ("no code", ",春,DM,継続,2026-03-01,2026-03-31,", "import.blank"),
        ("date", "A,春,DM,継続,46000,2026-03-31,", "import.not_a_date"),
        ("ends before it begins", "A,春,DM,継続,2026-03-31,2026-03-01,", "import.bad_period"),
        ("aim", "A,春,DM,爆発,2026-03-01,2026-03-31,", "import.unknown_word"),
    ],
)
def test_a_row_that_cannot_be_taken_is_left_out(past: Past, _case: str, row: str, code: str) -> None:
    said = past.bring("campaigns", f"{HEADER}{row}\n")

    assert (said.created, reasons(said)) == (0, {code: 1})
    assert rows("SELECT 1 FROM campaigns_campaigntarget") == []


@pytest.mark.parametrize("chunk_rows", [1, 100])
def test_a_target_twice_and_differing_columns_are_told(past: Past, chunk_rows: int) -> None:
    past.customers("K1", "K2")

    said = past.bring("campaigns", f"{HEADER}{SPRING}K1\n{SPRING}K1\n{SPRING.replace('春', '夏')}K2\n", chunk_rows=chunk_rows)

    assert (said.created, reasons(said)) == (1, {"import.duplicate_in_file": 1, "import.campaign_columns_differ": 1})


def test_a_dry_run_writes_nothing(past: Past) -> None:
    assert past.bring("campaigns", f"{HEADER}{SPRING}\n", dry_run=True).created == 1

    assert rows("SELECT 1 FROM campaigns_campaign") == []
