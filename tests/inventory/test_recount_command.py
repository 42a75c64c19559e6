"""`manage.py recount_stock` and the dashboard's card."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.db import run
from inventory.hooks import dashboard_cards
from inventory.models import Stock
from tests.factories.inventory import AT, a_location, a_stock_item, a_trading_company, stock_of

pytestmark = pytest.mark.django_db


def recount(*arguments):
    out = StringIO()
    try:
        call_command("recount_stock", *arguments, stdout=out, no_color=True)
    except CommandError as error:
        return out.getvalue() + str(error)
    return out.getvalue()


def test_the_command_first_tells_and_then_repairs():
    company = a_trading_company()
    wrong = stock_of(a_stock_item(company, "TEA"), a_location(company, name="東倉庫"), 5)
    stock_of(a_stock_item(company), a_location(company), 5)
    run("UPDATE inventory_stock SET on_hand = 9, damaged = 4, reserved = 2 WHERE id = %s", (wrong.pk,))

    told = recount()
    after_telling = Stock.objects.get(pk=wrong.pk).on_hand
    repaired = recount("--repair", "--company", company.code)

    assert "TEA @ 東倉庫: on_hand 9 → 5, reserved 2 → 0, damaged 4 → 0" in told
    assert "1 shelves differ" in told
    assert after_telling == 9
    assert "Every counter equals its rows." in repaired
    assert Stock.objects.get(pk=wrong.pk).on_hand == 5
    assert recount() == "Every counter equals its rows.\n"


def test_what_a_person_must_look_at_is_told_and_left():
    company = a_trading_company()
    stock = stock_of(a_stock_item(company, "TEA"), a_location(company), 5)
    run(
        "INSERT INTO inventory_allocation (demand_id, stock_id, stock_item_id, location_id, quantity, allocated_at)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 6, now())",
        (stock.pk, stock.stock_item_id, stock.location_id),
    )

    told = recount("--repair")

    assert "1 shelves differ" in told
    assert Stock.objects.get().allocated == 0


def test_the_first_page_shows_what_runs_low():
    company = a_trading_company()
    place = a_location(company, name="東倉庫")
    low = stock_of(a_stock_item(company, name="煎茶", low_at=5), place, 3)
    stock_of(a_stock_item(company, low_at=5), place, 30)

    (card,) = dashboard_cards(may=lambda _name: True, at=AT)

    assert [(row.label, row.value, row.tone) for row in card.rows] == [("煎茶（東倉庫）", "3", "warn")]
    assert str(low.pk) in card.rows[0].link
    assert dashboard_cards(may=lambda _name: False, at=AT) == ()
