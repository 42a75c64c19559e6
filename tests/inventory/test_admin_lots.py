"""Lots at the staff counter: what expires when, who may still sell it, taking it off sale, and how long goods must keep."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core import clock
from core.actor import SYSTEM
from core.db import acting
from core.models import AuditEntry
from inventory.models import LocationStaff, ShelfLife, Stock, StockItem, StockLot
from inventory.operations import receive_stock
from inventory.rules import Receipt
from tests.factories.customers import a_staff_account
from tests.factories.inventory import (
    AT,
    a_channel,
    a_location,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    lots_of,
    the_item,
)

pytestmark = pytest.mark.django_db
LOTS = reverse("admin:inventory_stocklot_changelist")
TODAY = AT.date()


def days(number):
    return TODAY + timedelta(number)


@pytest.fixture(autouse=True)
def _on_that_day():
    with clock.travel(AT):
        yield


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def tea(company):
    variant = a_stocked_variant(company, sku="TEA")
    StockItem.objects.filter(pk=the_item(variant).pk).update(is_lot_tracked=True)
    return variant


@pytest.fixture
def stores(company, tea):
    """Lots of tea in two stores; the second one's shop wants thirty days."""
    ginza, umeda = (a_location(company, name=name, kind="store") for name in ("銀座店", "梅田店"))
    lots_of(tea, ginza, OLD=(5, days(-1)), WEEK=(7, days(7)), MONTH=(3, days(29)), LATE=(9, days(200)), EVER=(2, None))
    lots_of(tea, umeda, OTHER=(4, days(3)))
    return ginza, umeda


def staff(client, role, *named):
    seed_roles()
    account = a_staff_account()
    account.groups.add(Group.objects.get(name=ROLES[role]))
    with acting(SYSTEM):
        for place in named:
            LocationStaff.objects.create(location=place, account=account)
    client.force_login(account)
    return client


def shown(client, **asked):
    page = client.get(LOTS, asked)
    return [row.lot.number for row in page.context_data["cl"].result_list]


def test_lots_are_listed_by_expiry_and_filtered_by_how_long_they_keep(client, stores):
    counter = staff(client, "warehouse")

    assert shown(counter) == ["OLD", "OTHER", "WEEK", "MONTH", "LATE"]
    assert [shown(counter, left=left) for left in ("expired", "7", "30", "90", "none")] == [
        ["OLD"], ["OTHER", "WEEK"], ["OTHER", "WEEK", "MONTH"], ["OTHER", "WEEK", "MONTH"], ["EVER"],
    ]  # fmt: skip
    assert shown(counter, q="WEEK") == ["WEEK"]
    assert shown(counter, q="tea") == ["OLD", "OTHER", "WEEK", "MONTH", "LATE"]


def test_the_head_of_the_page_sums_what_expires_and_draws_it_by_month(client, stores):
    above = staff(client, "warehouse").get(LOTS).context_data["above"]

    assert {figure.value for figure in above["figures"]} == {""}
    assert [figure.pieces for figure in above["figures"]] == [5, 11, 14, 14, 14]
    months = above["chart"].months
    assert [(month.first_on and month.first_on.isoformat(), month.pieces) for month in months if month.pieces] == [
        (None, 5), ("2026-05-01", 11), ("2026-06-01", 3), ("2026-11-01", 9),
    ]  # fmt: skip
    assert len(months) == 13


def test_store_staff_see_the_lots_of_their_own_store_only(client, stores):
    ginza, _umeda = stores
    counter = staff(client, "store_staff", ginza)
    foreign = StockLot.objects.get(lot__number="OTHER")

    assert "OTHER" not in shown(counter)
    assert [figure.pieces for figure in counter.get(LOTS).context_data["above"]["figures"]] == [5, 7, 10, 10, 10]
    assert counter.get(reverse("admin:inventory_stocklot_change", args=[foreign.pk])).status_code == 302
    assert "OTHER" not in counter.get(reverse("admin:inventory_stock_board")).content.decode()


def test_what_lots_are_worth_is_shown_to_those_who_may_know(client, company, tea):
    place = a_location(company)
    ask = Receipt(
        stock_item_id=the_item(tea).pk,
        location_id=place.pk,
        quantity=4,
        value=1_000,
        lot_number="A",
        expires_on=days(3),
        once_key="a",
        cause="po",
    )
    receive_stock([ask], company_id=company.pk, actor=SYSTEM, at=AT)

    accounting = staff(client, "accounting").get(LOTS)
    warehouse = staff(client, "warehouse").get(LOTS)

    assert "1,000" in accounting.content.decode()
    assert "1,000" not in warehouse.content.decode()


def test_lots_too_short_for_a_channel_are_told_and_found(client, company, stores):
    channel = a_channel(company)
    with acting(SYSTEM):
        ShelfLife.objects.create(channel=channel, least_days=30)
    counter = staff(client, "warehouse")

    page = counter.get(LOTS)

    assert [(one.channel_id, one.pieces) for one in page.context_data["above"]["channels"]] == [(channel.pk, 19)]
    assert shown(counter, short=channel.pk) == ["OLD", "OTHER", "WEEK", "MONTH"]
    assert {row.lot.number: row.closed_to for row in page.context_data["cl"].result_list}["LATE"] == []
    assert {row.lot.number: row.closed_to for row in page.context_data["cl"].result_list}["MONTH"] == [channel.name]
    assert shown(counter, short="x; DROP") == ["OLD", "OTHER", "WEEK", "MONTH", "LATE"]


def test_chosen_lots_are_taken_off_sale_and_what_orders_need_is_said(client, company, tea, stores):
    an_allocation(tea, a_channel(company), 24)
    counter = staff(client, "warehouse")
    old = StockLot.objects.get(lot__number="OLD")
    address = reverse("admin:inventory_stocklot_change", args=[old.pk]).replace("/change/", "/verb-aside/")
    said = {"verb_confirmed": "1", "once": "1", "to_state": "expired", "reason": "期限切れ"}

    told = [str(message) for message in counter.post(address, said, follow=True).context["messages"]]
    again = [str(message) for message in counter.post(address, said, follow=True).context["messages"]]

    old.refresh_from_db()
    assert (old.sellable, old.expired, Stock.objects.get(pk=old.stock_id).expired) == (3, 2, 2)
    assert len(told) == len(again) == 1
    assert "OLD" in told[0]


def test_whoever_may_not_move_goods_takes_nothing_off_sale(client, stores):
    counter = staff(client, "order_desk")
    old = StockLot.objects.get(lot__number="OLD")
    address = reverse("admin:inventory_stocklot_change", args=[old.pk]).replace("/change/", "/verb-aside/")

    answer = counter.post(address, {"verb_confirmed": "1", "once": "1", "to_state": "expired", "reason": "x"})

    assert answer.status_code == 403
    assert StockLot.objects.get(pk=old.pk).expired == 0


def test_a_shelf_tells_its_lots_and_opens_all_of_them(client, stores):
    counter = staff(client, "warehouse")
    shelf = Stock.objects.get(location__name="銀座店")

    page = counter.get(reverse("admin:inventory_stock_change", args=[shelf.pk])).content.decode()

    assert [number for number in ("OLD", "WEEK", "MONTH", "LATE", "EVER", "OTHER") if f">{number}</a>" in page] == [
        "OLD", "WEEK", "MONTH", "LATE", "EVER",
    ]  # fmt: skip
    assert shown(counter, stock__id__exact=shelf.pk) == ["OLD", "WEEK", "MONTH", "LATE", "EVER"]


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_takes_as_many_statements_however_many_lots_there_are(client, company, tea, count):
    place = a_location(company)
    lots_of(tea, place, **{f"L{n}": (2, days(n)) for n in range(count)})
    counter = staff(client, "accounting")
    counter.get(LOTS)

    with CaptureQueriesContext(connection) as spent:
        page = counter.get(LOTS)

    assert len(page.context_data["cl"].result_list) == count
    assert len(spent) <= 16, "\n".join(q["sql"][:90] for q in spent)


ADD = reverse("admin:inventory_shelflife_add")


def test_the_days_goods_must_keep_for_a_channel_are_set_and_changed_by_hand(client, company, stores):
    channel = a_channel(company)
    counter = staff(client, "marketing")

    answer = counter.post(ADD, {"channel": channel.pk, "least_days": "30"}, follow=True)
    life = ShelfLife.objects.get()
    counter.post(reverse("admin:inventory_shelflife_change", args=[life.pk]), {"least_days": "60"})

    assert any("19" in str(message) for message in answer.context["messages"])
    life.refresh_from_db()
    assert (life.channel_id, life.least_days) == (channel.pk, 60)
    assert AuditEntry.objects.filter(table_name="inventory_shelflife", actor_kind="staff").count() == 2


@pytest.mark.parametrize(("_case", "typed"), [("negative", "-1"), ("a_slip", "36500"), ("words", "三十"), ("nothing", ""), ("half", "1.5")])
def test_days_that_make_no_sense_are_refused_beside_their_field(client, company, _case, typed):
    counter = staff(client, "marketing")

    page = counter.post(ADD, {"channel": a_channel(company).pk, "least_days": typed})

    assert page.context_data["adminform"].form.errors["least_days"]
    assert not ShelfLife.objects.exists()


def test_a_channel_has_one_minimum_and_keeps_it(client, company):
    one, other = a_channel(company), a_channel(company)
    with acting(SYSTEM):
        life = ShelfLife.objects.create(channel=one, least_days=30)
    counter = staff(client, "marketing")

    twice = counter.post(ADD, {"channel": one.pk, "least_days": "5"})
    counter.post(reverse("admin:inventory_shelflife_change", args=[life.pk]), {"channel": other.pk, "least_days": "40"})

    assert twice.context_data["adminform"].form.errors["channel"]
    life.refresh_from_db()
    assert (ShelfLife.objects.count(), life.channel_id, life.least_days) == (1, one.pk, 40)


def test_who_only_looks_changes_no_minimum(client, company):
    assert staff(client, "viewer").get(ADD).status_code == 403


def test_the_board_leads_to_the_lots_and_warns_of_promises_that_have_expired(client, company, tea):
    place = a_location(company)
    lots_of(tea, place, OLD=(5, days(-1)), SOON=(2, days(2)))
    an_allocation(tea, a_channel(company), 4)
    counter = staff(client, "warehouse")

    board = counter.get(reverse("admin:inventory_stock_board"))
    first = counter.get(reverse("admin:index")).content.decode()

    assert board.context_data["promised"] == 2
    assert [(name, pieces) for name, _words, pieces in board.context_data["expiring"]] == [("expired", 5), ("7", 2), ("30", 2), ("90", 2)]
    assert f"{LOTS}?left=expired" in board.content.decode()
    assert f"{LOTS}?left=expired" in first
