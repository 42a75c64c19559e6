"""Whose stock a member of staff sees, and the stock board."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM
from core.db import acting
from core.models import SalesChannel
from inventory.models import LocationStaff, Movement, Stock
from tests.factories.customers import a_staff_account
from tests.factories.inventory import (
    a_channel,
    a_location,
    a_quota,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    stock_of,
)

pytestmark = pytest.mark.django_db
LISTS = ("stock", "movement", "allocation")
BOARD = "admin:inventory_stock_board"


@pytest.fixture
def chain():
    """Tea in two stores, three pieces promised."""
    company = a_trading_company()
    tea = a_stocked_variant(company, sku="TEA")
    ginza, umeda = (a_location(company, name=name, kind="store") for name in ("銀座店", "梅田店"))
    shelves = stock_of(tea, ginza, 7), stock_of(tea, umeda, 5)
    an_allocation(tea, a_channel(company), 3)
    return ginza, umeda, shelves


def staff(client, role, *named, company=None):
    seed_roles()
    account = a_staff_account(company=company)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    with acting(SYSTEM):
        for place in named:
            LocationStaff.objects.create(location=place, account=account)
    client.force_login(account)
    return client


def shown(client, model):
    page = client.get(reverse(f"admin:inventory_{model}_changelist"))
    return {row.location.name for row in page.context_data["cl"].result_list}


def test_store_staff_see_the_stock_of_their_own_store_only(client, chain):
    ginza, _umeda, (own, foreign) = chain
    counter = staff(client, "store_staff", ginza)

    assert [shown(counter, model) for model in LISTS] == [{"銀座店"}] * 3
    matrix = counter.get(reverse("admin:inventory_stockitem_changelist"))
    assert "銀座店" in str(matrix.content.decode())
    assert [str(column) for column in matrix.context_data["cl"].list_display].count("梅田店") == 0
    assert [stock.pk for row in matrix.context_data["cl"].result_list for stock in row.shown_stocks] == [own.pk]
    assert counter.get(reverse("admin:inventory_stock_change", args=[own.pk])).status_code == 200
    assert counter.get(reverse("admin:inventory_stock_change", args=[foreign.pk])).status_code == 302


def test_store_staff_cannot_move_what_lies_in_another_store(client, chain):
    ginza, _umeda, (_own, foreign) = chain
    counter = staff(client, "store_staff", ginza)
    address = reverse("admin:inventory_stock_change", args=[foreign.pk]).replace("/change/", "/verb-adjust/")
    before = Movement.objects.count()

    answer = counter.post(address, {"verb_confirmed": "1", "once": "1", "reason": "x", "quantity": "-1"}, follow=True)

    assert [str(message) for message in answer.context["messages"]]
    assert (Movement.objects.count(), Stock.objects.get(pk=foreign.pk).on_hand) == (before, 5)


def test_why_a_channel_sees_so_many_is_told_of_the_locations_one_sees(client, chain):
    ginza, _umeda, (own, foreign) = chain
    channel = SalesChannel.objects.get()
    for shelf in (own, foreign):
        a_quota(shelf, channel, 2)
    address = reverse("admin:inventory_stockitem_explain", args=[own.stock_item_id])

    named, all_of_them = (staff(client, *who).get(address) for who in (("store_staff", ginza), ("warehouse",)))

    told = [[shelf.location_name for shelf in page.context_data["told"][0]["told"].parts[0].shelves] for page in (named, all_of_them)]
    assert told == [["銀座店"], ["銀座店", "梅田店"]]
    assert [page.context_data["told"][0]["told"].units for page in (named, all_of_them)] == [4, 9]
    assert "梅田店" not in named.content.decode()
    assert shown(staff(client, "store_staff", ginza), "stockquota") == {"銀座店"}


def test_an_item_of_another_company_is_not_explained(client, chain):
    _ginza, _umeda, (own, _foreign) = chain
    counter = staff(client, "warehouse", company=a_trading_company())

    assert counter.get(reverse("admin:inventory_stockitem_explain", args=[own.stock_item_id])).status_code == 404


def test_goods_are_received_at_a_place_one_sees(client, chain):
    ginza, umeda, (own, _foreign) = chain
    counter = staff(client, "warehouse", ginza)
    address = reverse("admin:inventory_stockitem_change", args=[own.stock_item_id]).replace("/change/", "/verb-receive/")

    form = counter.get(address).context_data["form"]
    said = {"verb_confirmed": "1", "once": "1", "reason": "x", "kind": "receipt", "quantity": "1", "unsellable": "0", "location": umeda.pk}
    answer = counter.post(address, said)

    assert [place.name for place in form.fields["location"].queryset] == ["銀座店"]
    assert "location" in answer.context_data["form"].errors


def test_store_staff_who_are_named_for_no_store_see_nothing(client, chain):
    counter = staff(client, "store_staff")

    assert [shown(counter, model) for model in LISTS] == [set()] * 3
    assert counter.get(reverse(BOARD)).context_data["sees_nothing"]


@pytest.mark.parametrize("role", ["warehouse", "accounting", "order_desk", "viewer"])
def test_others_see_every_location(client, chain, role):
    assert shown(staff(client, role), "stock") == {"銀座店", "梅田店"}


def test_staff_of_one_company_see_the_stock_of_that_one(client, chain):
    ginza, _umeda, _shelves = chain
    other = a_trading_company()
    stock_of(a_stock_item(other), a_location(other, name="よその倉庫"), 4)
    counter = staff(client, "warehouse", company=ginza.company)

    assert shown(counter, "stock") == {"銀座店", "梅田店"}
    assert counter.get(reverse(BOARD)).context_data["figures"][0][1] == 12


def test_the_warehouse_moves_and_does_not_price(client, chain):
    account = staff(client, "warehouse").get(reverse("admin:index")).wsgi_request.user

    assert account.has_perm("inventory.adjust_stock")
    assert not any(account.has_perm(f"catalog.{deed}_price") for deed in ("view", "add", "change"))


def test_the_board_tells_what_lies_where_and_what_moves(client, chain):
    board = staff(client, "warehouse").get(reverse(BOARD)).context_data

    assert [number for _words, number, _tone in board["figures"]] == [12, 9, 3, 0, 0]
    assert [(place.name, place.on_hand, place.free, place.promised) for place, _parts in board["places"]] == [
        ("銀座店", 7, 4, 3),
        ("梅田店", 5, 5, 0),
    ]
    assert [row.quantity for row in board["oldest"]] == [3]
    assert len(board["days"]) == 14


@pytest.mark.parametrize("items", [1, 40])
def test_the_board_takes_as_many_statements_however_much_there_is(client, items):
    company = a_trading_company()
    for _n in range(items):
        stock_of(a_stock_item(company, low_at=5), a_location(company), 3)
    counter = staff(client, "warehouse")
    counter.get(reverse(BOARD))

    with CaptureQueriesContext(connection) as spent:
        counter.get(reverse(BOARD))

    assert len(spent) <= 14, "\n".join(q["sql"][:80] for q in spent)


def test_the_low_list_begins_with_the_emptiest_and_holds_what_is_sold_out(client):
    company = a_trading_company()
    place = a_location(company)
    for code, pieces in (("A", 4), ("B", 0), ("C", 30), ("D", 2)):
        stock_of(a_stock_item(company, code, low_at=5), place, pieces)
    stock_of(a_stock_item(company, "E"), place, 0)

    page = staff(client, "warehouse").get(reverse("admin:inventory_stock_changelist"), {"level": "low"})

    assert [row.stock_item.code for row in page.context_data["cl"].result_list] == ["B", "D", "A"]
