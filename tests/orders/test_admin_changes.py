"""The page on which staff change a placed order: the difference before, both values where two people want different things."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import Line, Order, OrderChange
from orders.operations import Confirming, confirm_change, open_change
from tests.factories.orders import AT, a_shop, an_order
from tests.orders.test_changes import OTHER, broken, quantity
from tests.orders.test_entry import a_desk

pytestmark = pytest.mark.django_db


def boxes(order: Order, **typed: str) -> dict[str, str]:
    """What the page sends when nothing but these was typed."""
    line: Line = order.lines.get(until_revision=None)
    ref = line.public_id
    sent = {
        f"quantity-{ref}": str(line.quantity),
        f"price-{ref}": str(line.unit_price),
        "to-1-street": "神田神保町1-1",
        "method": order.payment_method,
    }
    sent |= {f"was-{name}": value for name, value in sent.items()}
    return {**sent, f"reason-{ref}": "", "tells": "1", **{name.replace("REF", str(ref)): value for name, value in typed.items()}}


def url(order: Order) -> str:
    return reverse("admin:orders_order_changes", args=[order.pk])


def begun(desk, order: Order) -> None:
    assert desk.post(url(order), {"do": "open"}).status_code == 302


def looked_at(desk, order: Order, **typed: str) -> str:
    """The total that the page shows for what was typed."""
    response = desk.post(url(order), {**boxes(order, **typed), "do": "review"})
    assert response.context["money"] is not None, (response.context["notices"], response.context["faults"])
    return str(response.context["money"].total.after)


def test_the_difference_shows_before_anything_happens():
    shop, desk = a_shop(), a_desk()
    order = an_order(shop, (shop.variant(1_000, stock=[9]), 2))
    begun(desk, order)

    shown = desk.post(url(order), {**boxes(order, **{"quantity-REF": "５"}), "do": "review"})

    money = shown.context["money"]
    assert (money.goods.before, money.goods.after, money.total.before, money.total.after) == (2_000, 5_000, 2_000, 5_000)
    assert [(s.more, s.free) for s in shown.context["steps"]] == [(3, 7)]
    order.refresh_from_db()
    assert (order.revision, order.total) == (1, 2_000)


def test_confirming_changes_the_order_and_says_so():
    shop, desk = a_shop(), a_desk()
    order = an_order(shop, (shop.variant(1_000), 2))
    begun(desk, order)
    typed = {"quantity-REF": "3", "to-1-street": "別の町1-2"}

    response = desk.post(
        url(order), {**boxes(order, **typed), "expected_total": looked_at(desk, order, **typed), "do": "confirm"}, follow=True
    )

    order.refresh_from_db()
    assert (order.revision, order.total, order.destinations.get().street) == (2, 3_000, "別の町1-2")
    assert "第1版" in response.content.decode()
    assert broken() == []


def test_nothing_is_confirmed_that_was_not_looked_at():
    desk, order = a_desk(), an_order()
    begun(desk, order)

    response = desk.post(url(order), {**boxes(order, **{"quantity-REF": "3"}), "expected_total": "", "do": "confirm"})

    order.refresh_from_db()
    assert (response.status_code, order.revision) == (422, 1)


@pytest.mark.parametrize(
    ("box", "typed"), [("quantity-REF", "-1"), ("quantity-REF", "x"), ("price-REF", "1.5"), ("to-1-street", ""), ("method", "points")]
)
def test_what_is_wrong_stands_beside_its_box(box, typed):
    desk, order = a_desk(), an_order()
    begun(desk, order)

    shown = desk.post(url(order), {**boxes(order, **{box: typed}), "do": "review"})

    assert next(iter(shown.context["faults"])).split("-")[0] == box.split("-")[0]
    assert shown.context["money"] is None


def test_the_second_one_sees_who_is_at_it_and_may_take_over():
    desk, order = a_desk(), an_order()
    open_change(order.pk, actor=OTHER, at=AT)

    shown = desk.get(url(order)).content.decode()
    assert "受注 花子" in shown
    desk.post(url(order), {"do": "take"})

    assert list(OrderChange.objects.order_by("id").values_list("state", "closed_by")) == [("discarded", "佐々木 美咲"), ("open", "")]


def test_two_who_want_different_things_see_both_values():
    shop, desk = a_shop(), a_desk()
    order = an_order(shop, (shop.variant(1_000), 2))
    begun(desk, order)
    page = boxes(order, **{"quantity-REF": "5", "to-1-street": "新しい町1"})
    theirs = open_change(order.pk, items=[quantity(order.lines.get(), 3)], actor=OTHER, at=AT, take_over=True)
    confirm_change(Confirming(change_id=theirs.change_id), actor=OTHER, at=AT)  # type: ignore[union-attr]

    answer = desk.post(url(order), {**page, "expected_total": "5000", "do": "confirm"})

    assert answer.status_code == 409
    (row,) = answer.context["rows"]
    assert (row["was"], row["theirs"], row["mine"]) == ("2", "3", "5")
    order.refresh_from_db()
    assert (order.revision, order.total) == (2, 3_000)

    again = {**dict(answer.context["hidden"]), f"was-{row['name']}": "3", row["name"]: "5"}
    shown = desk.post(url(order), {**again, "do": "review"})
    done = desk.post(url(order), {**again, "expected_total": str(shown.context["money"].total.after), "do": "confirm"})

    order.refresh_from_db()
    assert (done.status_code, order.revision, order.total, order.destinations.get().street) == (302, 3, 5_000, "新しい町1")
    assert broken() == []


def test_an_article_is_found_and_added():
    shop, desk = a_shop(), a_desk()
    order, tea = an_order(shop, (shop.variant(1_000), 1)), shop.variant(400)
    begun(desk, order)

    found = desk.post(url(order), {**boxes(order), "article_q": tea.sku, "do": "article"})
    assert [one.sku for one in found.context["found"]] == [tea.sku]
    shown = desk.post(url(order), {**boxes(order), "do": f"add:{tea.sku}"})

    assert [(row.sku, row.quantity) for row in shown.context["added"]] == [(tea.sku, "1")]
    assert shown.context["money"].total.after == 1_400


def test_who_may_not_change_orders_is_turned_away():
    order = an_order()

    assert a_desk("orders.view_order").get(url(order)).status_code == 403


def test_an_order_of_another_company_is_not_there():
    order, other = an_order(), a_shop()

    assert a_desk("orders.view_order", "orders.change_placed_order", company=other.company).get(url(order)).status_code in (302, 404)


def test_the_page_takes_as_many_statements_however_long():
    shop, desk = a_shop(), a_desk()
    few, many = an_order(shop), an_order(shop, *[(shop.variant(), 1) for _n in range(30)])
    counts = []
    for order in (few, many):
        begun(desk, order)
        desk.get(url(order))
        with CaptureQueriesContext(connection) as spent:
            assert desk.get(url(order)).status_code == 200
        counts.append(len(spent))

    assert counts[0] == counts[1]
