"""Whoever works for one company sees its rows at the counters of orders, and no form offers another company's."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.forms import ModelChoiceField
from django.test import RequestFactory

from core.admin_site import HouseAdmin
from core.models import Company
from tests.factories.orders import a_shop

pytestmark = pytest.mark.django_db
COUNTERS = [
    counter
    for model, counter in admin.site._registry.items()
    if model in set(apps.get_app_config("orders").get_models()) and isinstance(counter, HouseAdmin)
]


@pytest.mark.parametrize("counter", COUNTERS, ids=lambda counter: type(counter).__name__)
def test_a_counter_knows_the_way_to_the_company_and_offers_only_its_rows(counter: HouseAdmin):
    mine, other = a_shop(), a_shop()
    request = RequestFactory().get("/")
    request.user = get_user_model().objects.create(handle="root", kind="staff", is_staff=True, is_superuser=True, company=mine.company)

    assert counter.company_path
    assert "company" in str(counter.get_queryset(request).query.where)
    fields = counter.get_form(request, change=False).base_fields if counter.has_add_permission(request) else {}
    offered = [row for field in fields.values() if isinstance(field, ModelChoiceField) for row in field.queryset]
    assert not [
        row for row in offered if other.company.pk in (getattr(row, "company_id", None), row.pk if isinstance(row, Company) else None)
    ]
