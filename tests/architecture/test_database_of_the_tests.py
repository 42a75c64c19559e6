"""The ground the other tests stand on."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from core.actor import SYSTEM
from core.operations import open_number_series
from tests.factories.core import a_company


@pytest.mark.django_db
def test_each_pytest_process_works_in_a_database_of_its_own() -> None:
    name = _asked("SELECT current_database()")

    assert name == connection.settings_dict["NAME"]
    assert str(name).startswith("test_")


@pytest.mark.django_db
def test_tests_connect_as_the_owner_and_not_as_a_superuser() -> None:
    assert _asked("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


@pytest.mark.django_db(transaction=True)
def test_a_flush_keeps_the_description_of_the_models() -> None:
    assert ContentType.objects.filter(app_label="customers", model="account").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_flush_takes_the_sequences_of_number_series_along() -> None:
    open_number_series(a_company().pk, kind="order", actor=SYSTEM)

    call_command("flush", verbosity=0, interactive=False)

    assert _asked("SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relname ~ '^core_number_[0-9]+$'") == 0


def _asked(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
