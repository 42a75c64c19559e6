"""Guards in the database: ledgers only grow, changes leave a trail, readings of personal data are written down."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from core import operations
from core.actor import Actor, ActorKind
from core.audit import append_only, audited
from core.db import acting, constraint_of, rows, run, sqlstate
from core.models import AuditEntry, AuditPersonal, PersonalDataRead

STAFF = Actor(ActorKind.STAFF, "7", "山田", on_behalf_of="customer:9")


@pytest.fixture
def person_table(db: None) -> None:
    """A table with guards, made and dropped inside the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE test_person (id bigint PRIMARY KEY, name text, mail text, colour text, seen_at timestamptz)")
        cursor.execute("CREATE TABLE test_ledger (id bigint PRIMARY KEY, amount bigint)")
        cursor.execute(str(audited("test_person", personal=["name", "mail"], ignore=["seen_at"], inserts=True).sql))
        cursor.execute(str(append_only("test_ledger").sql))


def trail() -> list[tuple[Any, ...]]:
    return list(AuditEntry.objects.order_by("id").values_list("table_name", "row_key", "verb", "changes", "personal_fields"))


@pytest.mark.usefixtures("person_table")
def test_changes_of_many_rows_leave_one_entry_each_and_personal_values_aside() -> None:
    with acting(STAFF, reason="asked by phone"):
        run("INSERT INTO test_person SELECT n, 'name' || n, NULL, 'red' FROM generate_series(1, 3) n")
        run("UPDATE test_person SET name = 'x', colour = 'blue' WHERE id <= 2")

    updates = AuditEntry.objects.filter(verb="update").order_by("row_key")
    assert [(e.table_name, e.row_key, e.changes, e.personal_fields) for e in updates] == [
        ("test_person", "1", {"colour": ["red", "blue"]}, ["name"]),
        ("test_person", "2", {"colour": ["red", "blue"]}, ["name"]),
    ]
    assert [e.personal.changes for e in updates] == [{"name": ["name1", "x"]}, {"name": ["name2", "x"]}]
    assert {(e.actor_kind, e.actor_id, e.actor_label, e.on_behalf_of, e.reason) for e in updates} == {
        ("staff", "7", "山田", "customer:9", "asked by phone")
    }
    inserts = AuditEntry.objects.filter(verb="insert").order_by("row_key")
    assert [(e.row_key, e.changes) for e in inserts] == [(str(n), {"id": [None, n], "colour": [None, "red"]}) for n in (1, 2, 3)]


@pytest.mark.usefixtures("person_table")
def test_a_deleted_row_leaves_what_it_was() -> None:
    with acting(STAFF):
        run("INSERT INTO test_person VALUES (1, 'n', 'm', 'red', now())")
        run("DELETE FROM test_person")

    entry = AuditEntry.objects.get(verb="delete")
    assert entry.changes == {"id": [1, None], "colour": ["red", None]}
    assert AuditPersonal.objects.get(entry=entry).changes == {"name": ["n", None], "mail": ["m", None]}


@pytest.mark.usefixtures("person_table")
@pytest.mark.parametrize(
    ("_case", "statement"),
    [
        ("same value", "UPDATE test_person SET colour = colour"),
        ("no row", "UPDATE test_person SET colour = 'x' WHERE id = 99"),
        ("ignored column", "UPDATE test_person SET seen_at = now()"),
    ],
)
def test_what_changes_nothing_leaves_nothing_and_needs_no_actor(_case: str, statement: str) -> None:
    with acting(STAFF):
        run("INSERT INTO test_person VALUES (1, 'n', 'm', 'red')")
    AuditPersonal.objects.all().delete()
    before = trail()
    _forget_actor()

    run(statement)

    assert trail() == before


@pytest.mark.usefixtures("person_table")
@pytest.mark.parametrize(
    "statement", ["INSERT INTO test_person VALUES (2)", "UPDATE test_person SET name = 'x'", "DELETE FROM test_person"]
)
def test_a_change_without_an_actor_is_refused(statement: str) -> None:
    with acting(STAFF):
        run("INSERT INTO test_person VALUES (1, 'n', 'm', 'red')")
    _forget_actor()
    before = trail()

    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        run(statement)

    assert sqlstate(refused.value) == "42501"
    assert trail() == before


@pytest.mark.usefixtures("person_table")
@pytest.mark.parametrize(
    ("_case", "statement"),
    [
        ("update", "UPDATE test_ledger SET amount = 2"),
        ("delete", "DELETE FROM test_ledger"),
        ("truncate", "TRUNCATE test_ledger"),
        ("upsert", "INSERT INTO test_ledger VALUES (1, 3) ON CONFLICT (id) DO UPDATE SET amount = 3"),
    ],
)
def test_an_append_only_table_only_grows(_case: str, statement: str) -> None:
    run("INSERT INTO test_ledger VALUES (1, 1)")

    with pytest.raises(DatabaseError) as refused, acting(STAFF):
        run(statement)

    assert constraint_of(refused.value) == "test_ledger_append_only"
    assert [row.amount for row in rows("SELECT amount FROM test_ledger")] == [1]


@pytest.mark.django_db
def test_guards_can_be_taken_off_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE test_ledger (id bigint PRIMARY KEY, amount bigint)")
        for guard in (append_only("test_ledger"), audited("test_ledger", inserts=True)):
            cursor.execute(str(guard.sql))
            cursor.execute(str(guard.reverse_sql))
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgrelid = 'test_ledger'::regclass")

        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditentry", "core_personaldataread"])
def test_the_trail_itself_cannot_be_changed(table: str) -> None:
    operations.record_personal_read(["customer:1"], actor=STAFF, screen="list", fields=["name"])
    with acting(STAFF):
        run("INSERT INTO core_taxclass (code, name) VALUES ('test', 'test')")
        run("UPDATE core_taxclass SET name = 'other' WHERE code = 'test'")

    with pytest.raises(DatabaseError), transaction.atomic():
        run(f"DELETE FROM {table}")


@pytest.mark.django_db
def test_personal_values_of_the_trail_can_be_erased_while_the_trail_stays(person_table: None) -> None:
    with acting(STAFF):
        run("INSERT INTO test_person VALUES (1, 'n', 'm', 'red')")

    assert AuditPersonal.objects.all().delete()[0] == 1

    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_reading_thirty_people_leaves_thirty_rows_by_one_statement(django_assert_num_queries: Any) -> None:
    people = [f"customer:{n}" for n in range(30)]

    with django_assert_num_queries(1):
        written = operations.record_personal_read([*people, people[0]], actor=STAFF, screen="customers", fields=["name", "phone"])

    found = PersonalDataRead.objects.order_by("id")
    assert written == 30
    assert [read.subject for read in found] == people
    assert {(r.actor_id, r.actor_label, r.screen, tuple(r.fields_read), r.people) for r in found} == {
        ("7", "山田", "customers", ("name", "phone"), 30)
    }
    assert operations.record_personal_read([], actor=STAFF, screen="customers", fields=["name"]) == 0


def _forget_actor() -> None:
    rows("SELECT set_config('daifuku.actor', '', true)")
