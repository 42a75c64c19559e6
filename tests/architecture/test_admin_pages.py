"""Every registered page of the back office opens for the administrator, in both languages, and asks the database as often for fifty
rows as for one."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.rows import rows_of

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
LANGUAGES = ("en", "ja")
A_PAGE_MAY_ASK = 40
every_page = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)


@pytest.fixture
def administrator(client: Client) -> Client:
    account = get_user_model().objects.create(handle="administrator", kind="staff", is_staff=True, is_superuser=True)
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def where(model: type[models.Model], page: str, *arguments: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)


def opened(administrator: Client, address: str) -> int:
    """The page opens in both languages; how many statements its second showing took, when what is kept for some seconds is kept."""
    asked = 0
    for language in LANGUAGES:
        administrator.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        with CaptureQueriesContext(connection) as seen:
            page = administrator.get(address)
        assert page.status_code == 200, f"{address} answers {page.status_code} in {language}"
        assert f'lang="{language}"' in page.content.decode()
        asked = len(seen)
    return asked


@pytest.mark.django_db
@every_page
def test_a_list_asks_as_often_for_fifty_rows_as_for_one(administrator: Client, model: type[models.Model]) -> None:
    rows_of(model, 1)
    for_one = opened(administrator, where(model, "changelist"))
    rows_of(model, 49, after=1)

    for_fifty = opened(administrator, where(model, "changelist"))

    assert for_fifty <= for_one + 1
    assert for_fifty <= A_PAGE_MAY_ASK


@pytest.mark.django_db
@every_page
def test_a_change_page_asks_as_often_with_fifty_rows_below_it_as_with_one(administrator: Client, model: type[models.Model]) -> None:
    [row] = rows_of(model, 1)
    below = [(inline.model, key) for inline in admin.site._registry[model].inlines if (key := _key_to(model, inline))]
    for child, key in below:
        rows_of(child, 1, **{key: row})
    with_one = opened(administrator, where(model, "change", row.pk))
    for child, key in below:
        rows_of(child, 49, after=1, **{key: row})

    with_fifty = opened(administrator, where(model, "change", row.pk))

    assert with_fifty <= with_one + 1
    assert with_fifty <= A_PAGE_MAY_ASK


def _key_to(model: type[models.Model], inline: Any) -> str:
    """The column by which the inline's rows belong to the page's row."""
    keys = [f.name for f in inline.model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.related_model is model]
    return inline.fk_name or (keys[0] if keys else "")


@pytest.mark.django_db
@every_page
def test_an_add_page_opens_or_is_refused(administrator: Client, model: type[models.Model]) -> None:
    allowed = admin.site._registry[model].has_add_permission(administrator.get(reverse("admin:index")).wsgi_request)

    if allowed:
        assert opened(administrator, where(model, "add")) <= A_PAGE_MAY_ASK
    else:
        assert administrator.get(where(model, "add")).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "word"), [("ja", "受注"), ("en", "Orders")])
def test_the_dashboard_speaks_the_chosen_language(administrator: Client, language: str, word: str) -> None:
    administrator.post(reverse("set_language"), {"language": language})

    page = administrator.get(reverse("admin:index"))

    assert page.status_code == 200
    assert word in page.content.decode()
