"""Forecasts of shelves from their days, with what is planned on top, and the orders proposed from them."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core import clock
from core.db import acting, run
from customers.models import Account
from inventory.adapters import statsforecast
from inventory.models import Forecast, LocationStaff, PurchaseOrder, PurchaseOrderLine
from inventory.operations import Chosen, draft_proposals, make_forecasts, predictions
from inventory.ports import FORECAST_LIBRARY, PLANNED_DEMAND, PlannedPieces, TakenPieces
from inventory.queries import demand_histories, moving_shelves, order_proposals, short_shelves
from inventory.tasks import make_forecasts as task
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, SYSTEM, a_location, a_stocked_variant, a_trading_company, stock_of, the_item
from tests.factories.purchasing import a_supplier, supplied

pytestmark = pytest.mark.django_db
TODAY = date(2026, 5, 11)
WEEK = (3, 0, 0, 1, 0, 5, 2)


class Agreed:
    """Demand that is agreed beforehand."""

    def __init__(self, planned=(), taken=()):
        self.planned, self.taken = planned, taken

    def planned_demand(self, company_id, *, today, until):
        return [PlannedPieces(variant_id=v, day=day, quantity=q) for v, day, q in self.planned if day < until]

    def taken_demand(self, company_id, *, since):
        return [TakenPieces(stock_item_id=i, location_id=p, day=day, quantity=q) for i, p, day, q in self.taken]


@pytest.fixture
def company():
    return a_trading_company()


@pytest.fixture(autouse=True)
def nobody_plans():
    with PLANNED_DEMAND.only(), FORECAST_LIBRARY.only():
        yield


def a_sold_shelf(company, *, weeks=20, free=10, week=WEEK, **fields):
    """A shelf from which the same went every week up to yesterday."""
    variant = a_stocked_variant(company, **fields)
    stock = stock_of(variant, a_location(company), free)
    days = [TODAY - timedelta(days=7 * weeks - n) for n in range(7 * weeks)]
    sold = [(day, week[n % 7]) for n, day in enumerate(days) if week[n % 7]]
    run(
        "INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)"
        " SELECT %s, %s, %s, q.day, 'shipment', -q.n, 0 FROM unnest(%s::date[], %s::int[]) AS q (day, n)",
        (stock.pk, stock.stock_item_id, stock.location_id, [day for day, _n in sold], [n for _day, n in sold]),
    )
    return variant, stock


def forecast(company, *stocks):
    return make_forecasts([stock.pk for stock in stocks], company_id=company.pk, actor=SYSTEM, at=AT)


def test_what_went_every_week_is_expected_to_go_on(company):
    _variant, stock = a_sold_shelf(company)

    assert moving_shelves(company.pk, today=TODAY) == [stock.pk]
    assert demand_histories([stock.pk], today=TODAY)[0].counts == WEEK * 20
    assert forecast(company, stock) == 1

    kept = Forecast.objects.get()
    assert (kept.first_on, kept.history_days, kept.month_quantity, kept.error_bp, kept.naive_error_bp) == (TODAY, 140, 44, 0, 0)
    assert kept.means[:8] == [3000, 0, 0, 1000, 0, 5000, 2000, 3000]
    assert len(kept.means) == len(kept.lows) == len(kept.highs) == len(kept.planned) == 180


def test_making_them_again_replaces_them(company):
    _variant, stock = a_sold_shelf(company)

    assert forecast(company, stock) == forecast(company, stock) == 1

    assert Forecast.objects.count() == 1


def test_planned_demand_is_taken_out_of_the_past_and_put_on_top(company):
    variant, stock = a_sold_shelf(company)
    first = TODAY - timedelta(days=140)
    taken = [(stock.stock_item_id, stock.location_id, first + timedelta(days=7 * n), 3) for n in range(20)]
    agreed = Agreed(planned=[(variant.pk, TODAY + timedelta(days=2), 40)], taken=taken)

    with PLANNED_DEMAND.temporarily(agreed):
        forecast(company, stock)

    kept = Forecast.objects.get()
    assert kept.means[:8] == [0, 0, 40_000, 1000, 0, 5000, 2000, 0]
    assert (kept.planned[2], sum(kept.planned)) == (40_000, 40_000)


def test_what_is_planned_is_shared_out_as_it_was_shipped_and_by_components(company):
    variant, stock = a_sold_shelf(company, week=(0, 0, 0, 0, 0, 0, 3))
    other = stock_of(variant, a_location(company), 0)
    run("UPDATE inventory_component SET quantity = 2")
    run(
        "INSERT INTO inventory_stockday (stock_id, stock_item_id, location_id, day, kind, quantity, value)"
        " VALUES (%s, %s, %s, %s, 'shipment', -13, 0)",
        (other.pk, other.stock_item_id, other.location_id, TODAY - timedelta(days=1)),
    )

    with PLANNED_DEMAND.temporarily(Agreed(planned=[(variant.pk, TODAY, 26)])):
        forecast(company, stock, other)

    shares = {kept.stock_id: kept.planned[0] for kept in Forecast.objects.all()}
    assert shares == {stock.pk: 39_000, other.pk: 13_000}  # 39 and 13 pieces went in the last quarter


def proposed(company, *, free=10, **terms):
    variant, stock = a_sold_shelf(company, free=free)
    supplied(a_supplier(company, name="茶問屋", lead_time_days=3), the_item(variant), minimum_quantity=6, order_multiple=6, **terms)
    forecast(company, stock)
    return stock, order_proposals(company.pk, today=TODAY)


def test_an_order_is_proposed_with_its_reasons(company):
    stock, (proposal,) = proposed(company)

    assert (proposal.stock_id, proposal.supplier, proposal.arrives_on, proposal.cost) == (stock.pk, "茶問屋", date(2026, 5, 14), 600)
    why = proposal.why
    assert (why.lead_days, why.review_days, why.expected, why.safety, why.free, why.missing, why.quantity) == (3, 7, 14, 0, 10, 4, 6)


def test_enough_stock_proposes_nothing(company):
    assert proposed(company, free=15)[1] == []


def test_a_proposal_becomes_a_draft_once(company):
    stock, _found = proposed(company)
    how = {"company_id": company.pk, "actor": SYSTEM, "at": AT}

    (drafted,) = draft_proposals([Chosen(stock_id=stock.pk)], **how)
    again = draft_proposals([Chosen(stock_id=stock.pk)], **how)

    assert again == []
    assert PurchaseOrder.objects.get().number == drafted.number
    assert list(PurchaseOrderLine.objects.values_list("stock_item_id", "quantity", "unit_cost")) == [(stock.stock_item_id, 6, 100)]


def test_a_shelf_that_does_not_last_a_week_is_told(company):
    stock, _found = proposed(company, free=10)

    assert [(row.stock_id, row.free, row.week_quantity) for row in short_shelves(limit=8)] == [(stock.pk, 10, 11)]


def test_the_task_forecasts_every_company(company):
    a_sold_shelf(company)
    a_sold_shelf(a_trading_company())

    with clock.travel(AT):
        assert task() == 2


def test_proposals_take_as_many_statements_for_many_as_for_one(company):
    proposed(company)
    with CaptureQueriesContext(connection) as one:
        order_proposals(company.pk, today=TODAY)
    for _n in range(4):
        proposed(company)

    with CaptureQueriesContext(connection) as many:
        assert len(order_proposals(company.pk, today=TODAY)) == 5

    assert len(one) == len(many)


def as_role(client, role):
    seed_roles()
    person = a_staff_account()
    person.groups.set([Group.objects.get(name=ROLES[role])])
    client.force_login(person)
    return client


def test_staff_see_why_and_draft_in_one_click(client, company):
    stock, _found = proposed(company)
    counter = as_role(client, "warehouse")
    address = f"{reverse('admin:inventory_forecast_proposals')}?company={company.pk}"

    with clock.travel(AT):
        page = counter.get(address).content.decode()
        answer = counter.post(address, {"stock": [str(stock.pk)]}, follow=True)
        again = counter.post(address, {"stock": [str(stock.pk)]}, follow=True)
        nothing = counter.post(address, {"stock": ["x"]}, follow=True)

    assert "今後10日間（入荷まで3日＋次の発注まで7日）に14点の出荷を見込みます。" in page
    assert "茶問屋" in page
    assert "金額（税抜）" in page
    number = PurchaseOrder.objects.get().number
    said = [[str(m) for m in each.context["messages"]] for each in (answer, again, nothing)]
    assert said == [
        [f"1件の発注書を下書きしました：{number}"],
        ["選んだ行はもう不足していないため、発注書は作られませんでした。"],
        ["1行以上選んでください。"],
    ]


def test_who_may_not_order_only_looks(client, company):
    stock, _found = proposed(company)
    counter = as_role(client, "viewer")
    address = f"{reverse('admin:inventory_forecast_proposals')}?company={company.pk}"

    with clock.travel(AT):
        page = counter.get(address)
        refused = counter.post(address, {"stock": [str(stock.pk)]})

    assert (page.status_code, refused.status_code, PurchaseOrder.objects.count()) == (200, 403, 0)
    assert 'type="checkbox" name="stock"' not in page.content.decode()
    assert "金額（税抜）" not in page.content.decode()


def test_nobody_drafts_for_a_location_that_is_not_theirs(client, company):
    stock, _found = proposed(company)
    counter = as_role(client, "warehouse")
    with acting(SYSTEM):
        LocationStaff.objects.create(location=a_location(company), account=Account.objects.get())
    address = f"{reverse('admin:inventory_forecast_proposals')}?company={company.pk}"

    with clock.travel(AT):
        answer = counter.post(address, {"stock": [str(stock.pk)]}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["1行以上選んでください。"]
    assert PurchaseOrder.objects.count() == 0


def test_the_page_of_a_forecast_draws_it_and_tells_its_error(client, company):
    stock, _found = proposed(company)
    counter = as_role(client, "warehouse")

    page = counter.get(reverse("admin:inventory_forecast_change", args=[stock.pk])).content.decode()
    listed = counter.get(reverse("admin:inventory_forecast_changelist")).content.decode()

    assert '<polyline class="history"' in page
    assert '<polygon class="band"' in page
    assert "0% (0%)" in page
    assert "requirements/forecast.txt" in listed  # nobody answers the hook here


def test_the_library_forecasts_seasonal_and_intermittent_series():
    pytest.importorskip("statsforecast", reason="an extra: requirements/forecast.txt")
    with FORECAST_LIBRARY.temporarily(statsforecast):
        weekly, rare, short = predictions([WEEK * 30, (0, 0, 0, 0, 0, 0, 0, 0, 0, 6) * 20, (1, 2)], days=14)

    assert [round(value) for value in weekly.mean[:7]] == list(WEEK)
    assert 5 < sum(rare.mean) < 12
    assert len(short.mean) == 14
