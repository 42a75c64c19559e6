"""The back office's sidebar: every list stands on exactly one shelf, and the long app is parted into what people do."""

from collections import Counter

import pytest
from django.contrib import admin
from django.test import RequestFactory

from config.admin_navigation import SHELVES, navigation
from tests.factories.customers import a_staff_account

pytestmark = pytest.mark.django_db
MOST_ON_A_SHELF = 16


def test_no_list_stands_on_two_shelves_and_none_of_orders_is_named_that_is_gone():
    named = Counter((shelf.app, name) for shelf in SHELVES for name in shelf.icons)
    registered = {(m._meta.app_label, m._meta.model_name) for m in admin.site._registry}

    assert [name for name, times in named.items() if times > 1] == []
    assert {name for name in named if name[0] == "orders"} <= registered


def test_the_shelves_of_orders_are_short_and_together_hold_every_list_once():
    request = RequestFactory().get("/admin/")
    request.user = a_staff_account(is_superuser=True)

    groups = [g for g in navigation(request) if any("/admin/orders/" in item["link"] for item in g["items"])]
    links = Counter(item["link"] for group in groups for item in group["items"])

    assert len(groups) == 7
    assert {len(group["items"]) <= MOST_ON_A_SHELF for group in groups} == {True}
    assert max(links.values()) == 1
    lists = {m for m in admin.site._registry if m._meta.app_label == "orders"}
    assert len([link for link in links if not link.endswith("/work/")]) == len(lists)
