"""Stock at the staff counter."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry
from inventory.models import Allocation, BackOrder, Location, Lot, Movement, Reservation, Stock, StockItem, StockPool
from tests.factories.customers import a_staff_account
from tests.factories.inventory import (
    AT,
    a_channel,
    a_location,
    a_pool,
    a_stock_item,
    a_stocked_variant,
    a_trading_company,
    an_allocation,
    stock_of,
)

pytestmark = pytest.mark.django_db
MODELS = ("stockitem", "stock", "movement", "allocation", "reservation", "backorder", "location", "stockpool", "lot")


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True))
    return client


@pytest.fixture
def shelf():
    company = a_trading_company()
    channel, place, tea = a_channel(company), a_location(company, name="東倉庫"), a_stocked_variant(company, sku="TEA")
    stock = stock_of(tea, place, 5)
    an_allocation(tea, channel, 1)
    a_pool(company, {place: 1})
    Lot.objects.create(stock_item=stock.stock_item, number="L-1")
    Reservation.objects.create(holder_id=uuid4(), stock=stock, stock_item=stock.stock_item, location=place, quantity=1, expires_at=AT)
    BackOrder.objects.create(demand_id=uuid4(), stock_item=stock.stock_item, variant=tea, quantity=1, units=1, promised_on=AT.date())
    return stock


def page(model, view="changelist", *args):
    return reverse(f"admin:inventory_{model}_{view}", args=args)


def press(counter, shelf, verb, **said):
    address = f"{page('stock', 'change', shelf.pk)}".replace("/change/", f"/verb-{verb}/")
    form = counter.get(address)
    once = form.context_data["form"].get_initial_for_field(form.context_data["form"].fields["once"], "once") if verb != "recount" else ""
    return counter.post(address, {"verb_confirmed": "1", "once": once, "reason": "棚卸", **said}, follow=True)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_page_opens(counter, shelf, model):
    row = {
        "stockitem": shelf.stock_item, "stock": shelf, "movement": Movement.objects.get(), "allocation": Allocation.objects.get(),
        "reservation": Reservation.objects.get(), "backorder": BackOrder.objects.get(), "location": Location.objects.get(),
        "stockpool": StockPool.objects.get(), "lot": Lot.objects.get(),
    }[model]  # fmt: skip

    assert counter.get(page(model)).status_code == 200
    assert counter.get(page(model), {"q": "TEA"}).status_code == 200
    assert counter.get(page(model, "change", row.pk)).status_code == 200
    assert counter.get(page(model, "add")).status_code == (200 if model in ("stockitem", "location", "stockpool", "lot") else 403)


def test_the_matrix_shows_what_is_free_at_each_location(counter, shelf):
    west = a_location(shelf.stock_item.company, name="西倉庫")
    stock_of(shelf.stock_item, west, 1_200)

    shown = counter.get(page("stockitem")).content.decode()

    assert "東倉庫" in shown
    assert "西倉庫" in shown
    assert ">1,200<span" in shown
    assert ">4<span" in shown


def test_the_matrix_takes_the_same_statements_for_1_and_50_items(counter, shelf):
    counter.get(page("stockitem"))
    with CaptureQueriesContext(connection) as one:
        counter.get(page("stockitem"))
    for _ in range(49):
        stock_of(a_stock_item(shelf.stock_item.company), shelf.location, 3)

    with CaptureQueriesContext(connection) as many:
        shown = counter.get(page("stockitem"))

    assert len(shown.context_data["cl"].result_list) == 50
    assert len(many) == len(one)


@pytest.mark.parametrize("model", ["stock", "movement"])
def test_a_ledger_takes_the_same_statements_for_1_and_50_rows(counter, shelf, model):
    counter.get(page(model))
    with CaptureQueriesContext(connection) as one:
        counter.get(page(model))
    for _ in range(49):
        stock_of(a_stock_item(shelf.stock_item.company), shelf.location, 3)

    with CaptureQueriesContext(connection) as many:
        shown = counter.get(page(model))

    assert len(shown.context_data["cl"].result_list) == 50
    assert len(many) == len(one)


def test_goods_are_received_corrected_moved_and_blocked_with_a_reason(counter, shelf):
    west = a_location(shelf.stock_item.company, name="西倉庫")

    press(counter, shelf, "receive", kind="receipt", quantity="10", unsellable="2", state="damaged")
    press(counter, shelf, "adjust", quantity="-1", state="damaged")
    press(counter, shelf, "turn", from_state="available", to_state="quarantine", quantity="2")
    press(counter, shelf, "transfer", to=west.pk, quantity="3")

    shelf.refresh_from_db()
    assert (shelf.on_hand, shelf.sellable, shelf.damaged, shelf.quarantine) == (11, 8, 1, 2)
    assert Stock.objects.get(location=west).on_hand == 3
    assert list(Movement.objects.order_by("id").values_list("kind", "quantity", "sellable_quantity", "reason"))[1:] == [
        ("receipt", 10, 8, "棚卸"),
        ("adjustment", -1, 0, "棚卸"),
        ("made_unsellable", 0, -2, "棚卸"),
        ("transfer_out", -3, -3, "棚卸"),
        ("transfer_in", 3, 3, "棚卸"),
    ]
    assert set(Movement.objects.exclude(kind="opening").values_list("actor_kind", flat=True)) == {"staff"}


def test_an_items_first_goods_open_their_shelf(counter, shelf):
    item, west = a_stock_item(shelf.stock_item.company), a_location(shelf.stock_item.company)
    address = page("stockitem", "change", item.pk).replace("/change/", "/verb-receive/")
    said = {
        "once": "abc",
        "reason": "初回入荷",
        "location": west.pk,
        "kind": "opening",
        "quantity": "4",
        "unsellable": "0",
        "state": "damaged",
    }

    counter.post(address, {"verb_confirmed": "1", **said})

    assert list(Stock.objects.filter(stock_item=item).values_list("location", "on_hand")) == [(west.pk, 4)]


def test_a_form_sent_twice_moves_goods_once(counter, shelf):
    address = page("stock", "change", shelf.pk).replace("/change/", "/verb-adjust/")
    said = {"verb_confirmed": "1", "once": "abc", "reason": "棚卸", "quantity": "2"}

    counter.post(address, said), counter.post(address, said)

    shelf.refresh_from_db()
    assert shelf.on_hand == 7


def test_what_is_promised_cannot_be_taken_away_and_the_reason_is_told(counter, shelf):
    answer = press(counter, shelf, "adjust", quantity="-5")

    assert any("TEA" in words and "4" in words for words in told(answer))
    shelf.refresh_from_db()
    assert (shelf.on_hand, shelf.allocated) == (5, 1)


@pytest.mark.parametrize("said", [{"quantity": "0.5"}, {"quantity": ""}, {"quantity": "1e9"}, {"quantity": "1", "reason": ""}])
def test_a_form_that_says_nonsense_comes_back(counter, shelf, said):
    answer = press(counter, shelf, "receive", kind="receipt", unsellable="0", **said)

    assert answer.context_data["form"].errors
    shelf.refresh_from_db()
    assert shelf.on_hand == 5


def test_a_recount_sets_counters_right(counter, shelf):
    Stock.objects.filter(pk=shelf.pk).update(on_hand=9, damaged=4)

    press(counter, shelf, "recount")

    shelf.refresh_from_db()
    assert (shelf.on_hand, shelf.reserved) == (5, 1)


def test_staff_without_the_right_see_no_verbs_and_move_nothing(client, shelf):
    from django.contrib.auth.models import Permission

    staff = a_staff_account()
    staff.user_permissions.add(*Permission.objects.filter(content_type__app_label="inventory", codename__startswith="view_"))
    client.force_login(staff)
    address = page("stock", "change", shelf.pk)

    shown = client.get(address)
    pressed = client.post(
        address.replace("/change/", "/verb-adjust/"), {"verb_confirmed": "1", "once": "x", "reason": "x", "quantity": "1"}
    )

    assert (shown.status_code, pressed.status_code) == (200, 403)
    assert "verb-adjust" not in shown.content.decode()
    shelf.refresh_from_db()
    assert shelf.on_hand == 5


def test_changing_a_location_leaves_a_trace(counter, shelf):
    place = shelf.location
    form = counter.get(page("location", "change", place.pk)).context_data["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items()}
    empty = {"staff-TOTAL_FORMS": 0, "staff-INITIAL_FORMS": 0}

    counter.post(page("location", "change", place.pk), {**values, "name": "新倉庫", "can_ship": "on", **empty})

    place.refresh_from_db()
    assert place.name == "新倉庫"
    assert AuditEntry.objects.get(table_name="inventory_location").changes["name"] == ["東倉庫", "新倉庫"]


@pytest.mark.parametrize("model", ["location", "stockitem", "stockpool"])
def test_a_master_is_added_with_what_is_usual_filled_in(counter, model):
    company = a_trading_company()
    form = counter.get(page(model, "add")).context_data["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    usual = {name: value for name, value in shown.items() if value is not None and value is not False}
    empty = {
        f"{prefix}-{word}": 0
        for prefix in ("components", "lots", "sources", "channels", "stocks", "staff")
        for word in ("TOTAL_FORMS", "INITIAL_FORMS")
    }

    answer = counter.post(page(model, "add"), {**usual, **empty, "company": company.pk, "code": "new", "name": "新しい品"})

    assert answer.status_code == 302
    row = {"location": Location, "stockitem": StockItem, "stockpool": StockPool}[model].objects.get(code="new")
    if model == "location":
        assert (row.kind, row.can_ship, row.can_pick_up, row.priority) == ("warehouse", True, False, 0)
    if model == "stockitem":
        assert (row.condition, row.owner_kind, row.low_at, row.is_lot_tracked) == ("new", "own", 0, False)


def test_goods_that_ever_lay_anywhere_stay_tracked_by_lot_or_not(counter, shelf):
    fresh = a_stock_item(shelf.stock_item.company)

    fields = {
        item.pk: counter.get(page("stockitem", "change", item.pk)).context_data["adminform"].form.fields
        for item in (shelf.stock_item, fresh)
    }

    assert "is_lot_tracked" not in fields[shelf.stock_item.pk]
    assert "is_lot_tracked" in fields[fresh.pk]
