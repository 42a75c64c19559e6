"""Operations: one transaction, one actor, retried whole."""

from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, DataError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core import db
from core.actor import SYSTEM, Actor, ActorKind
from core.db import LockSpace, acting, current_actor, in_operation, lock_advisory, one_view, operation, rows, run, try_advisory
from core.errors import Busy
from core.models import TaxClass

STAFF = Actor(ActorKind.STAFF, "7", "山田", on_behalf_of="customer:9")


def a_tax_class(code: str) -> None:
    run("INSERT INTO core_taxclass (code, name) VALUES (%s, %s)", (code, code))


@pytest.mark.django_db
def test_rows_come_as_named_tuples_with_values_bound_on_the_server() -> None:
    found = rows(
        "SELECT %s::text AS word, %s AS number, %s::bigint[] AS list, %s::jsonb AS j, now() AS at, '100%%' AS percent",
        ("O'Hara", 3, [1, 2**40], {"a": [1]}),
    )

    assert (found[0].word, found[0].number, found[0].list, found[0].j) == ("O'Hara", 3, [1, 2**40], {"a": [1]})
    assert found[0].at.tzinfo is not None
    assert found[0].percent == "100%"


@pytest.mark.django_db
def test_rows_take_names_too() -> None:
    assert rows("SELECT %(b)s::int - %(a)s::int AS difference", {"a": 1, "b": 3})[0].difference == 2


@pytest.mark.django_db
def test_one_query_is_prepared_once_whatever_the_size_of_its_numbers() -> None:
    for number in (1, 2**20, 2**40):
        rows("SELECT %s AS prepared_once", (number,))

    prepared = rows("SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE '%%prepared_once%%'", prepare=False)

    assert prepared[0].n == 1


@pytest.mark.django_db
def test_hot_statements_are_counted_like_others() -> None:
    with CaptureQueriesContext(connection) as seen:
        rows("SELECT 1 AS one")
        run("SELECT 2")

    assert [query["sql"] for query in seen.captured_queries] == ["SELECT 1 AS one", "SELECT 2"]


@pytest.mark.django_db
def test_hot_statements_pass_through_execute_wrappers() -> None:
    seen = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert rows("SELECT %s::int AS n", (4,))[0].n == 4

    assert seen == [("SELECT %s::int AS n", (4,))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("_case", "sql", "kind"),
    [
        ("division", "SELECT 1/0", DataError),
        ("not null", "INSERT INTO core_taxclass (code) VALUES (NULL)", IntegrityError),
    ],
)
def test_database_errors_are_those_of_django(_case: str, sql: str, kind: type[DatabaseError]) -> None:
    with pytest.raises(kind), transaction.atomic():
        run(sql)


@pytest.mark.django_db(transaction=True)
def test_an_operation_commits_with_its_actor_and_reason_set_once() -> None:
    @operation
    def inner(*, actor: Actor) -> str:
        return str(rows("SELECT current_setting('daifuku.actor')::jsonb ->> 'reason' AS reason")[0].reason)

    @operation
    def outer(*, actor: Actor, reason: str) -> tuple[str, Actor | None]:
        a_tax_class("test")
        return inner(actor=SYSTEM), current_actor()

    with CaptureQueriesContext(connection) as seen:
        answer = outer(actor=STAFF, reason="because")

    assert answer == ("because", STAFF)
    assert TaxClass.objects.filter(code="test").exists()
    assert not in_operation()
    assert sum("set_config" in query["sql"] for query in seen.captured_queries) == 1
    assert not [query for query in seen.captured_queries if "SAVEPOINT" in query["sql"]]
    assert rows("SELECT coalesce(current_setting('daifuku.actor', true), '') AS who")[0].who == ""


@pytest.mark.django_db(transaction=True)
def test_an_operation_that_fails_leaves_nothing() -> None:
    @operation
    def fail(*, actor: Actor) -> None:
        a_tax_class("test")
        raise ValueError

    with pytest.raises(ValueError):
        fail(actor=SYSTEM)

    assert not TaxClass.objects.filter(code="test").exists()
    assert not in_operation()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failures", [1, 3])
@pytest.mark.parametrize("code", sorted(db.RETRYABLE))
def test_a_transient_failure_is_retried_whole(code: str, failures: int) -> None:
    tries = []

    @operation
    def sometimes(*, actor: Actor) -> str:
        tries.append(1)
        a_tax_class("test")
        if len(tries) <= failures:
            run(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")
        return "done"

    assert sometimes(actor=SYSTEM) == "done"
    assert len(tries) == failures + 1
    assert TaxClass.objects.filter(code="test").count() == 1


@pytest.mark.django_db(transaction=True)
def test_after_three_retries_the_caller_hears_busy() -> None:
    tries = []

    @operation
    def never(*, actor: Actor) -> None:
        tries.append(1)
        run("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")

    with pytest.raises(Busy) as refused:
        never(actor=SYSTEM)

    assert len(tries) == 4
    assert refused.value.code == "busy"


@pytest.mark.django_db(transaction=True)
def test_an_operation_without_retries_is_busy_at_once() -> None:
    tries = []

    @operation(retries=0)
    def once_only(*, actor: Actor) -> None:
        tries.append(1)
        run("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")

    with pytest.raises(Busy):
        once_only(actor=SYSTEM)

    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("code", ["23505", "57014", "P0001"])
def test_other_failures_are_not_retried(code: str) -> None:
    tries = []

    @operation
    def fail(*, actor: Actor) -> None:
        tries.append(1)
        run(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")

    with pytest.raises(DatabaseError):
        fail(actor=SYSTEM)

    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_an_inner_operation_is_never_retried_alone() -> None:
    tries = {"inner": 0, "outer": 0}

    @operation
    def inner(*, actor: Actor) -> None:
        tries["inner"] += 1
        if tries["inner"] == 1:
            run("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")

    @operation
    def outer(*, actor: Actor) -> None:
        tries["outer"] += 1
        inner(actor=actor)

    outer(actor=SYSTEM)

    assert tries == {"inner": 2, "outer": 2}


@pytest.mark.django_db(transaction=True)
def test_a_retry_that_would_see_an_emptied_iterator_is_refused() -> None:
    @operation
    def drain(codes: Iterator[str], *, actor: Actor) -> None:
        for code in codes:
            a_tax_class(code)
        run("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$")

    with pytest.raises(TypeError, match="sequences, not iterators"):
        drain(iter(["test"]), actor=SYSTEM)

    assert not TaxClass.objects.filter(code="test").exists()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_two_operations_in_a_real_deadlock_both_succeed() -> None:
    for code in ("left", "right"):
        a_tax_class(code)
    meet = Barrier(2)
    tries: list[str] = []
    raised: list[BaseException] = []

    @operation
    def touch(first: str, second: str, *, actor: Actor) -> None:
        tries.append(first)
        run("UPDATE core_taxclass SET name = name || '!' WHERE code = %s", (first,))
        if tries.count(first) == 1:
            meet.wait(timeout=10)
        run("UPDATE core_taxclass SET name = name || '!' WHERE code = %s", (second,))

    def work(first: str, second: str) -> None:
        try:
            touch(first, second, actor=SYSTEM)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=pair) for pair in (("left", "right"), ("right", "left"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert raised == []
    assert len(tries) == 3
    assert sorted(TaxClass.objects.filter(code__in=["left", "right"]).values_list("name", flat=True)) == ["left!!", "right!!"]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_a_real_serialization_failure_is_retried() -> None:
    a_tax_class("test")
    tries = []

    @operation
    def change(*, actor: Actor) -> None:
        tries.append(1)
        rows("SELECT name FROM core_taxclass WHERE code = 'test'")
        if len(tries) == 1:
            _in_another_connection("UPDATE core_taxclass SET name = name || '+' WHERE code = 'test'")
        run("UPDATE core_taxclass SET name = name || '!' WHERE code = 'test'")

    connection.ensure_connection()
    connection.connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    try:
        change(actor=SYSTEM)
    finally:
        connection.close()

    assert len(tries) == 2
    assert TaxClass.objects.get(code="test").name == "test+!"


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_not_given_up_makes_the_caller_busy() -> None:
    a_tax_class("test")
    tries = []

    @operation
    def change(*, actor: Actor) -> None:
        tries.append(1)
        run("SET LOCAL lock_timeout = '20ms'")
        run("UPDATE core_taxclass SET name = '!' WHERE code = 'test'")

    with psycopg.connect(**_parameters()) as rival:
        rival.execute("SELECT 1 FROM core_taxclass WHERE code = 'test' FOR UPDATE")
        with pytest.raises(Busy):
            change(actor=SYSTEM)
        rival.rollback()

    assert len(tries) == 4
    assert TaxClass.objects.get(code="test").name == "test"


@pytest.mark.django_db(transaction=True)
def test_an_operation_inside_a_foreign_transaction_is_refused() -> None:
    @operation
    def change(*, actor: Actor) -> None: ...

    with transaction.atomic(), pytest.raises(RuntimeError):
        change(actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_acting_gives_plain_writes_an_actor_and_operations_join_it() -> None:
    @operation
    def inner(*, actor: Actor) -> Actor | None:
        return current_actor()

    with acting(STAFF, reason="form"):
        assert inner(actor=SYSTEM) == STAFF
        assert in_operation()

    assert not in_operation()


def test_an_operation_takes_an_actor() -> None:
    with pytest.raises(TypeError, match="takes actor"):

        @operation
        def nobody() -> None: ...


def test_a_generator_cannot_be_an_operation() -> None:
    with pytest.raises(TypeError, match="generator"):

        @operation
        def later(*, actor: Actor) -> Iterator[int]:
            yield 1


@pytest.mark.django_db(transaction=True)
def test_an_advisory_lock_keeps_others_out_until_the_transaction_ends() -> None:
    @operation
    def hold(*, actor: Actor) -> bool:
        lock_advisory(LockSpace.CART, "a", "b")
        return _other_gets(LockSpace.CART, "a")

    assert hold(actor=SYSTEM) is False
    assert _other_gets(LockSpace.CART, "a") is True


@pytest.mark.django_db(transaction=True)
def test_trying_an_advisory_lock_never_waits() -> None:
    @operation
    def hold(*, actor: Actor) -> tuple[bool, bool]:
        with psycopg.connect(**_parameters()) as rival:
            rival.execute("SELECT pg_advisory_xact_lock(%s)", (db.lock_number(LockSpace.IMPORT, 1),))
            return try_advisory(LockSpace.IMPORT, 1), try_advisory(LockSpace.IMPORT, 2)

    assert hold(actor=SYSTEM) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_an_advisory_lock_needs_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        lock_advisory(LockSpace.CART, "a")


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_not_retried_because_its_outcome_is_unknown() -> None:
    tries = []

    @operation
    def cut(*, actor: Actor) -> None:
        tries.append(1)
        rows("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        cut(actor=SYSTEM)
    connection.close()

    assert len(tries) == 1
    assert rows("SELECT 1 AS one")[0].one == 1


def _parameters() -> dict[str, Any]:
    given = connection.get_connection_params()
    given.pop("cursor_factory", None)
    given.pop("context", None)
    return given


def _in_another_connection(sql: str) -> None:
    with psycopg.connect(**_parameters()) as other:
        other.execute('SELECT set_config(\'daifuku.actor\', \'{"kind": "system", "id": "rival"}\', true)')
        other.execute(sql)


def _other_gets(space: LockSpace, key: str) -> bool:
    with psycopg.connect(**_parameters()) as rival:
        found = rival.execute("SELECT pg_try_advisory_xact_lock(%s)", (db.lock_number(space, key),)).fetchone()
    return bool(found and found[0])


@pytest.mark.django_db(transaction=True)
def test_one_view_shows_one_moment_and_writes_nothing() -> None:
    with one_view():
        before = rows("SELECT count(*) AS n FROM core_taxclass")[0].n
        _in_another_connection("INSERT INTO core_taxclass (code, name) VALUES ('test', 'test')")
        after = rows("SELECT count(*) AS n FROM core_taxclass")[0].n
        with pytest.raises(DatabaseError), one_view():
            a_tax_class("other")
        assert rows("SELECT count(*) AS n FROM core_taxclass")[0].n == before

    assert before == after
    assert TaxClass.objects.filter(code="test").exists()


@pytest.mark.django_db
@given(
    words=st.lists(st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))),
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
)
def test_lists_arrive_as_they_were_sent(words, numbers):
    (row,) = rows("SELECT %s::text[] AS words, %s::bigint[] AS numbers", (words, numbers))

    assert (row.words, row.numbers) == (words, numbers)
