"""The value of stock at the staff counter: for accounting, not for the warehouse."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from inventory.models import Movement, Stock
from inventory.operations import receive_stock
from inventory.rules import Receipt
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, SYSTEM, a_location, a_stock_item, a_trading_company

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:inventory_stock_worth")
MAY = {"since": "2026-05-01", "until": "2026-05-31"}


@pytest.fixture
def shelf():
    company = a_trading_company()
    _received(company, a_stock_item(company, "TEA", name="煎茶"), a_location(company, name="東倉庫"))
    return Stock.objects.get()


def _received(company, item, place):
    ask = Receipt(stock_item_id=item.pk, location_id=place.pk, quantity=3, value=1000, once_key=f"r{item.pk}", cause="仕入")
    receive_stock([ask], company_id=company.pk, actor=SYSTEM, at=AT)


def as_role(client, role):
    seed_roles()
    person = a_staff_account()
    person.groups.set([Group.objects.get(name=ROLES[role])])
    client.force_login(person)
    return client


def asked(shelf, **more):
    return {**MAY, "company": str(shelf.location.company_id), "by": "location", **more}


def test_accounting_reads_the_month_and_takes_it_as_a_file(client, shelf):
    counter = as_role(client, "accounting")

    page = counter.get(PAGE, asked(shelf)).content.decode()
    file = b"".join(counter.get(PAGE, asked(shelf, by="item", csv="1")).streaming_content).decode("utf-8-sig")

    assert "東倉庫" in page
    assert "1,000円" in page
    assert file.splitlines()[1].startswith("TEA,煎茶,0,0,0,0,3,1000,")
    assert file.splitlines()[1].endswith(",3,1000")
    assert len(file.splitlines()) == 3
    assert counter.get(PAGE).status_code == 200


@pytest.mark.parametrize("role", ["warehouse", "order_desk", "viewer"])
def test_others_never_see_what_stock_is_worth(client, shelf, role):
    counter = as_role(client, role)

    assert counter.get(PAGE, asked(shelf)).status_code == 403
    movement = Movement.objects.get()
    for address in (
        reverse("admin:inventory_stock_changelist"),
        reverse("admin:inventory_stock_change", args=[shelf.pk]),
        reverse("admin:inventory_movement_change", args=[movement.pk]),
    ):
        page = counter.get(address).content.decode()
        assert "1,000" not in page
        assert "在庫金額" not in page


def test_accounting_revalues_a_shelf_and_the_warehouse_may_not(client, shelf):
    address = reverse("admin:inventory_stock_change", args=[shelf.pk]).replace("/change/", "/verb-revalue/")
    asked = {"verb_confirmed": "1", "once": "x1", "reason": "評価損", "difference": "-100"}

    assert as_role(client, "warehouse").post(address, asked).status_code == 403
    as_role(client, "accounting").post(address, asked)

    shelf.refresh_from_db()
    assert shelf.value == 900


def test_a_period_that_ends_before_it_begins_is_told(client, shelf):
    page = as_role(client, "accounting").get(PAGE, asked(shelf, until="2026-04-01"))

    assert page.status_code == 200
    assert page.context_data["form"].errors["until"]


def test_the_page_asks_as_much_for_many_lines_as_for_one(client, shelf):
    counter = as_role(client, "accounting")
    counter.get(PAGE, asked(shelf, by="item"))

    with CaptureQueriesContext(connection) as one:
        counter.get(PAGE, asked(shelf, by="item"))
    company = shelf.location.company
    for _n in range(30):
        _received(company, a_stock_item(company), shelf.location)
    with CaptureQueriesContext(connection) as many:
        counter.get(PAGE, asked(shelf, by="item"))

    assert len(one) == len(many)
