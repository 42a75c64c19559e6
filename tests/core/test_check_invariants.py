"""The promises are proven over the whole database, and a broken one is named."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import queries
from core.hooks import INVARIANTS
from core.ports import Invariant
from tests.factories.core import a_company

BROKEN = Invariant(
    "tests.no_company", "There is no company.", "SELECT id, code FROM core_company WHERE %(company)s::bigint IS NULL OR id = %(company)s"
)
HELD = Invariant("tests.held", "Nothing is 100%% nothing.", "SELECT 1 AS one WHERE '1%%' = '2%%'")
WRONG = Invariant("tests.wrong", "This is no SQL.", "SELECT nothing FROM nowhere")

pytestmark = pytest.mark.django_db


def check(*promises: Invariant, **options: Any) -> str:
    out = io.StringIO()
    with INVARIANTS.only(SimpleNamespace(invariants=lambda: promises)):
        try:
            call_command("check_invariants", stdout=out, no_color=True, **options)
        except CommandError as error:
            out.write(f"exit: {error}")
    return out.getvalue()


def test_a_promise_that_holds_is_told_in_one_line() -> None:
    said = check(HELD)

    assert "ok     tests.held" in said
    assert "exit" not in said


def test_a_broken_promise_is_named_with_its_count_and_examples() -> None:
    a_company(code="one")
    a_company(code="two")

    said = check(HELD, BROKEN)

    assert "BROKEN tests.no_company" in said
    assert " 2 " in said
    assert "There is no company." in said
    assert "code=one" in said
    assert "exit: 1 of 2 promises are broken." in said


def test_one_company_can_be_looked_at_alone() -> None:
    a_company(code="one")
    a_company(code="two")

    said = check(BROKEN, company="two")

    assert "code=two" in said
    assert "code=one" not in said


def test_a_promise_whose_query_is_wrong_counts_as_broken_and_the_others_are_checked() -> None:
    said = check(WRONG, HELD)

    assert "ERROR  tests.wrong" in said
    assert "ok     tests.held" in said
    assert "exit: 1 of 2" in said


@pytest.mark.django_db(transaction=True)
def test_several_connections_prove_side_by_side_what_one_moment_shows() -> None:
    tells = [
        Invariant(f"tests.{n}", "Tells who asks and what is seen.", "SELECT pg_backend_pid() AS asks, pg_current_snapshot()::text AS seen")
        for n in range(3)
    ]

    said = [line.split("=") for line in check(*tells, jobs=2).splitlines() if "asks=" in line]

    assert len({pid for _asks, pid, _seen in said}) == 3
    assert len({seen for _asks, _pid, seen in said}) == 1


def test_without_promises_nothing_is_proven() -> None:
    assert "exit: There is no promise" in check()


def test_the_promises_of_core_hold_on_a_fresh_database() -> None:
    assert "exit" not in check(*queries.invariants())


def test_every_promise_of_the_house_can_be_asked() -> None:
    out = io.StringIO()
    if INVARIANTS.all():
        call_command("check_invariants", stdout=out, no_color=True)

        assert "promises hold" in out.getvalue()
