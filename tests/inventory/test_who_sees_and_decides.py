"""Who sees costs and places, and that whoever decides has seen what they decide on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting
from core.models import Company
from inventory.admin.purchase_paper import _content
from inventory.models import LocationStaff, PurchaseOrder
from inventory.operations import (
    approve_purchase_orders,
    cancel_purchase_orders,
    open_stocktake,
    rewrite_purchase_order,
    send_purchase_orders,
    send_transfers,
)
from inventory.queries import goods_by_day, levels_by_place, may_count
from inventory.rules import StocktakeAsk
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, WAREHOUSE_STAFF, a_location, a_stock_item, a_trading_company, stock_of
from tests.factories.purchasing import a_draft, a_purchase_ask, a_supplier, a_transfer, supplied

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture
def store(company):
    return a_location(company, "ginza", name="銀座店", kind="store")


@pytest.fixture
def tea(company):
    return a_stock_item(company, "TEA", name="煎茶")


@pytest.fixture
def draft(company, tea, store):
    return a_draft(company, {tea: 7}, supplier=supplier_at(company, tea, 1_234), location=store, actor=WAREHOUSE_STAFF)


def supplier_at(company, item, cost):
    supplier = a_supplier(company)
    supplied(supplier, item, unit_cost=cost)
    return supplier


def staff(client, role, *named, company=None):
    seed_roles()
    account = a_staff_account(company=company)
    account.groups.add(Group.objects.get(name=ROLES[role]))
    with acting(SYSTEM):
        for place in named:
            LocationStaff.objects.create(location=place, account=account)
    client.force_login(account)
    return account


def page(name, *args):
    return reverse(f"admin:inventory_{name}", args=args)


def verb(order, name):
    return page("purchaseorder_change", order.pk).replace("/change/", f"/verb-{name}/")


def test_store_staff_named_for_no_store_see_and_count_no_stocktake(client, company, store, tea):
    stock_of(tea, store, 3)
    open_stocktake(StocktakeAsk(location_id=store.pk), company_id=company.pk, actor=SYSTEM, at=AT)
    clerk = staff(client, "store_staff", company=company)

    listed = client.get(page("stocktake_changelist"))
    form = client.get(page("stocktake_open"))

    assert list(listed.context_data["cl"].result_list) == []
    assert list(form.context_data["form"].fields["location"].queryset) == []
    assert not may_count(Actor(ActorKind.STAFF, str(clerk.pk)), store.pk)


@pytest.mark.parametrize(
    ("role", "named", "counts"), [("warehouse", False, True), ("store_staff", True, True), ("store_staff", False, False)]
)
def test_who_counts_where_is_a_matter_of_role_and_naming(client, store, role, named, counts):
    clerk = staff(client, role, *([store] if named else []))

    assert may_count(Actor(ActorKind.STAFF, str(clerk.pk)), store.pk) is counts


@pytest.mark.parametrize(("role", "sees"), [("warehouse", True), ("accounting", True), ("store_staff", False), ("viewer", False)])
def test_what_goods_cost_is_shown_to_those_who_order_or_reckon(client, store, draft, role, sees):
    staff(client, role, store)

    listed = client.get(page("purchaseorder_changelist")).content.decode()
    shown = client.get(page("purchaseorder_change", draft.pk)).content.decode()

    assert draft.number in listed
    assert "TEA" in shown
    assert [text in shown for text in ("1,234", "8,638")] == [sees, sees]
    assert ("8,638" in listed) is sees
    assert client.get(page("purchaseorder_paper", draft.pk)).status_code == (200 if sees else 403)


def test_an_order_is_drafted_for_a_location_of_ones_own(client, company, store, tea):
    elsewhere = a_location(company, "umeda", name="梅田店", kind="store")
    supplier = supplier_at(company, tea, 60)
    staff(client, "warehouse", store, company=company)
    said = {"supplier": supplier.pk, "do": "save", "line_item": "TEA", "line_quantity": "2", "line_cost": ""}

    refused = client.post(page("purchaseorder_new"), {**said, "location": elsewhere.pk, "once": "a"})
    taken = client.post(page("purchaseorder_new"), {**said, "location": store.pk, "once": "b"})

    assert (refused.status_code, list(refused.context["sheet"].faults)) == (422, ["location"])
    assert "梅田店" not in refused.content.decode()
    assert taken.status_code == 302
    assert PurchaseOrder.objects.get().location_id == store.pk


def test_a_paper_that_is_no_order_says_so(company, draft, tea):
    words = [_content(draft)["stamp"]]
    approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    draft.refresh_from_db()
    words.append(_content(draft)["stamp"])
    cancel_purchase_orders([draft.pk], reason="x", actor=SYSTEM, at=AT)
    draft.refresh_from_db()
    words.append(_content(draft)["stamp"])

    assert [bool(text) for text in words] == [True, False, True]


def test_an_order_is_dated_by_the_companys_clock(company, draft):
    with acting(SYSTEM):
        Company.objects.filter(pk=company.pk).update(timezone="America/New_York")
    approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT)
    send_purchase_orders([draft.pk], actor=SYSTEM, at=datetime(2026, 5, 12, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo")))
    order = PurchaseOrder.objects.select_related("company", "supplier", "location").get()

    assert "11" in _content(order)["facts"][1][1]


def test_a_draft_rewritten_meanwhile_is_neither_approved_nor_overwritten(company, draft, tea):
    ask = a_purchase_ask(draft.supplier, draft.location, {tea: 700})
    how = {"company_id": company.pk, "actor": WAREHOUSE_STAFF, "at": AT}
    rewrite_purchase_order(draft.pk, ask, version=1, **how)

    [refused] = approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT, versions={draft.pk: 1})
    late = rewrite_purchase_order(draft.pk, ask, version=1, **how)
    [approved] = approve_purchase_orders([draft.pk], actor=SYSTEM, at=AT, versions={draft.pk: 2})

    assert (refused.code, refused.params["seen"], refused.params["version"], late.code) == (
        "purchase.rewritten",
        1,
        2,
        "purchase.rewritten",
    )
    assert str(approved.status) == "approved"


def test_the_approver_approves_what_stood_on_their_screen(client, company, draft, tea):
    staff(client, "accounting")
    form = client.get(verb(draft, "approve")).context_data["form"]
    rewrite_purchase_order(
        draft.pk, a_purchase_ask(draft.supplier, draft.location, {tea: 700}), company_id=company.pk, actor=WAREHOUSE_STAFF, at=AT
    )

    client.post(verb(draft, "approve"), {"verb_confirmed": "1", "version": form.initial["version"]})
    draft.refresh_from_db()
    before = draft.status
    client.post(verb(draft, "approve"), {"verb_confirmed": "1", "version": 2})
    draft.refresh_from_db()

    assert "8,638" in form.initial["told"]
    assert (before, draft.status) == ("draft", "approved")


def test_goods_on_the_road_are_not_free_and_a_transfer_is_no_coming_and_going(company, store, tea):
    east = a_location(company, "east", name="東倉庫")
    stock_of(tea, east, 10)
    transfer = a_transfer(east, store, {tea: 4})
    send_transfers([transfer.pk], actor=SYSTEM, at=AT)
    when = {"today": AT.date(), "since": AT - timedelta(days=1), "until": AT + timedelta(days=1), "zone": "UTC"}

    levels = {place.name: (place.on_hand, place.free, place.empty_shelves) for place in levels_by_place(None)}
    whole = goods_by_day(None, with_transfers=False, **when)
    east_alone = goods_by_day([east.pk], with_transfers=True, **when)

    assert levels == {"東倉庫": (10 - 4, 6, 0), "移動中": (4, 0, 0)}
    assert [sum(day.went for day in days) for days in (whole, east_alone)] == [0, 4]


def test_the_road_of_an_english_company_has_an_english_name():
    company = a_trading_company(language="en")
    east, west, tea = a_location(company, "east"), a_location(company, "west"), a_stock_item(company)
    stock_of(tea, east, 10)
    send_transfers([a_transfer(east, west, {tea: 4}).pk], actor=SYSTEM, at=AT)

    assert "In transit" in [place.name for place in levels_by_place(None)]
