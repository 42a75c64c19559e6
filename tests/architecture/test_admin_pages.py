"""Every registered page of the back office opens for the administrator, in both languages."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def administrator(client: Client) -> Client:
    account = get_user_model().objects.create(handle="administrator", kind="staff", is_staff=True, is_superuser=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_registered_list_opens(administrator: Client, model: type) -> None:
    page = administrator.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))

    assert page.status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_a_registered_add_page_opens_or_is_refused(administrator: Client, model: type) -> None:
    allowed = admin.site._registry[model].has_add_permission(_request_of(administrator))

    page = administrator.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))

    assert page.status_code == (200 if allowed else 403)


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("ja", "受注"), ("en", "Orders")])
def test_the_dashboard_speaks_the_chosen_language(administrator: Client, language: str, word: str) -> None:
    administrator.post(reverse("set_language"), {"language": language})

    page = administrator.get(reverse("admin:index"))

    assert page.status_code == 200
    assert word in page.content.decode()


def _request_of(client: Client) -> object:
    return client.get(reverse("admin:index")).wsgi_request
