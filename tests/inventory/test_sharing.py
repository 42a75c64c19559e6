"""What another place can spare is taken from there instead of being bought."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core import clock
from core.db import acting, run
from inventory.models import LocationStaff, StockTransfer, StockTransferLine
from inventory.operations import make_forecasts, plan_proposed_transfers
from inventory.ports import FORECAST_LIBRARY, PLANNED_DEMAND
from inventory.queries import order_proposals, transfer_proposals
from inventory.rules.replenishing import Position
from inventory.rules.sharing import Surplus, giver, spare
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, SYSTEM, a_location, a_stocked_variant, a_trading_company, stock_of, the_item
from tests.factories.purchasing import a_supplier, supplied

TODAY = date(2026, 5, 11)
PROPOSALS = reverse("admin:inventory_forecast_proposals")


@pytest.fixture(autouse=True)
def nobody_plans():
    with PLANNED_DEMAND.only(), FORECAST_LIBRARY.only():
        yield


@pytest.mark.parametrize(
    ("_case", "free", "coming", "means", "answer"),
    [
        ("nothing_goes_there", 40, 0, (), 40),
        ("what_goes_there_stays", 40, 0, (2.0,) * 10, 20),
        ("what_comes_covers_its_own_need_first", 40, 15, (2.0,) * 10, 35),
        ("what_only_comes_is_not_given", 40, 90, (2.0,) * 10, 40),
        ("it_lacks_itself", 10, 0, (2.0,) * 10, 0),
        ("beyond_the_forecast_as_on_its_average_day", 40, 0, (2.0,) * 5, 20),
    ],
)
def test_a_place_spares_what_it_does_not_need(_case, free, coming, means, answer):
    position = Position(free=free, coming=coming, waiting=0, means=means, planned=(), deviation=0.0)

    assert spare(position, days=10, service_level_bp=9_500)[0] == answer


def a_surplus(key, quantity):
    return Surplus(stock_id=key, location_id=key, location="", quantity=quantity, free=quantity, coming=0, expected=0, safety=0, days=7)


@pytest.mark.parametrize(
    ("_case", "missing", "surpluses", "who", "how_many"),
    [
        ("the_one_that_just_covers_it", 10, {1: 50, 2: 12, 3: 4}, 2, 10),
        ("else_the_one_with_most", 60, {1: 50, 2: 12}, 1, 50),
    ],
)
def test_one_place_gives(_case, missing, surpluses, who, how_many):
    gift = giver(missing, [a_surplus(key, quantity) for key, quantity in surpluses.items()])

    assert (gift.source.stock_id, gift.quantity) == (who, how_many)


def test_nobody_gives_what_nobody_has():
    assert giver(5, [a_surplus(1, 0)]) is None
    assert giver(0, [a_surplus(1, 9)]) is None


def sold(stock, each=2, *, weeks=20):
    """So many went every day up to yesterday."""
    days = [TODAY - timedelta(days=n) for n in range(1, 7 * weeks + 1)]
    run(
        "INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)"
        " SELECT %s, %s, %s, d, 'shipment', %s, 0 FROM unnest(%s::date[]) d",
        (stock.pk, stock.stock_item_id, stock.location_id, -each, days),
    )


@pytest.fixture
def company(db):
    return a_trading_company()


@pytest.fixture
def chain(company):
    """Tea runs out in Ginza; Umeda has far more than it sells, and the depot has a pile that nobody wants."""
    tea = a_stocked_variant(company, sku="TEA")
    ginza, umeda, depot = (a_location(company, name=name) for name in ("銀座店", "梅田店", "倉庫"))
    shelves = stock_of(tea, ginza, 6), stock_of(tea, umeda, 60), stock_of(tea, depot, 9)
    for stock in shelves[:2]:
        sold(stock)
    supplied(a_supplier(company), the_item(tea))
    make_forecasts([stock.pk for stock in shelves[:2]], company_id=company.pk, actor=SYSTEM, at=AT)
    return shelves


def test_a_surplus_elsewhere_is_proposed_with_its_reasons(company, chain):
    ginza, umeda, _depot = chain
    (order,) = order_proposals(company.pk, today=TODAY)

    found = transfer_proposals(company.pk, today=TODAY)

    gift = found[ginza.pk].gift
    assert list(found) == [ginza.pk] == [order.stock_id]
    assert (gift.missing, gift.source.stock_id) == (order.why.missing, umeda.pk)
    assert gift.quantity == min(order.why.missing, gift.source.quantity)
    assert gift.source.quantity == 60 - gift.source.expected - gift.source.safety
    assert len(gift.words()) == 2


def test_a_transfer_is_planned_once_and_then_neither_proposed_nor_bought_again(company, chain):
    ginza, umeda, _depot = chain
    before = order_proposals(company.pk, today=TODAY)[0].why.missing

    (step,) = plan_proposed_transfers([ginza.pk], company_id=company.pk, actor=SYSTEM, at=AT)
    again = plan_proposed_transfers([ginza.pk], company_id=company.pk, actor=SYSTEM, at=AT)

    transfer = StockTransfer.objects.get()
    line = StockTransferLine.objects.get()
    assert (transfer.pk, transfer.status, transfer.from_location_id, transfer.to_location_id) == (
        step.transfer_id, "planned", umeda.location_id, ginza.location_id,
    )  # fmt: skip
    assert again == []
    assert sum(order.why.missing for order in order_proposals(company.pk, today=TODAY)) == before - line.quantity


def test_a_shelf_that_needs_nothing_is_given_nothing(company, chain):
    _ginza, umeda, _depot = chain

    assert plan_proposed_transfers([umeda.pk, 0], company_id=company.pk, actor=SYSTEM, at=AT) == []
    assert not StockTransfer.objects.exists()


def test_proposals_of_transfers_take_as_many_statements_for_many_as_for_one(company, chain):
    with CaptureQueriesContext(connection) as one:
        transfer_proposals(company.pk, today=TODAY)
    for _n in range(4):
        tea = a_stocked_variant(company)
        poor, rich = stock_of(tea, a_location(company), 4), stock_of(tea, a_location(company), 90)
        sold(poor)
        supplied(a_supplier(company), the_item(tea))
        make_forecasts([poor.pk], company_id=company.pk, actor=SYSTEM, at=AT)
        assert rich.on_hand == 90

    with CaptureQueriesContext(connection) as many:
        assert len(transfer_proposals(company.pk, today=TODAY)) == 5

    assert len(many) == len(one)


def as_role(client, role, *places):
    seed_roles()
    account = a_staff_account()
    account.groups.set([Group.objects.get(name=ROLES[role])])
    with acting(SYSTEM):
        for place in places:
            LocationStaff.objects.create(location=place, account=account)
    client.force_login(account)
    return client


def test_staff_plan_the_transfer_in_one_click(client, company, chain):
    ginza, _umeda, _depot = chain
    counter = as_role(client, "warehouse")

    with clock.travel(AT):
        page = counter.get(PROPOSALS)
        answer = counter.post(f"{PROPOSALS}?company={company.pk}", {"move": str(ginza.pk)})

    transfer = StockTransfer.objects.get()
    assert f'name="move" value="{ginza.pk}"' in page.content.decode()
    assert answer.headers["Location"] == reverse("admin:inventory_stocktransfer_change", args=[transfer.pk])


@pytest.mark.parametrize("where", ["ginza", "nowhere"])
def test_who_does_not_work_at_the_place_that_gives_plans_nothing(client, company, chain, where):
    ginza, _umeda, _depot = chain
    counter = as_role(client, "store_staff" if where == "ginza" else "viewer", *([ginza.location] if where == "ginza" else []))

    with clock.travel(AT):
        page = counter.get(PROPOSALS)
        answer = counter.post(f"{PROPOSALS}?company={company.pk}", {"move": str(ginza.pk)})

    assert 'name="move"' not in page.content.decode()
    assert answer.status_code == 403
    assert not StockTransfer.objects.exists()
