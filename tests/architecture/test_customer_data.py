"""Timeline, merge, erasure and export reach every row about a customer: each app answers for its own tables."""

from django.apps import apps
from django.conf import settings

from customers.ports import CUSTOMER_DATA


def test_every_foreign_key_to_a_customer_is_answered_for() -> None:
    customer = apps.get_model("customers", "Customer")
    pointing = {
        f"{model._meta.db_table}.{field.column}"
        for app in settings.APPS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is customer
    }

    answered = {column for source in CUSTOMER_DATA.all() for column in source.tables}

    assert sorted(pointing - answered) == []
