"""A placed order is changed: lines, prices, destination, day and payment, with its stock and its money, as revisions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice, PaymentIntent
from billing.rules import PaymentMethod
from catalog.models import PriceList
from core.actor import SYSTEM, Actor, ActorKind
from core.db import acting, rows
from core.hooks import INVARIANTS
from core.models import OutboxEvent
from inventory.models import Allocation, Stock
from orders.models import Destination, Fee, Line, Order, OrderChange, OrderTax, Shipment
from orders.operations import (
    Changed,
    ChangeOpened,
    Confirming,
    Conflicted,
    Leaving,
    cancel_orders,
    confirm_change,
    discard_changes,
    open_change,
    ship_shipments,
)
from orders.queries import agreed_at, change_view, changes_of, order_story, order_view
from orders.queries.return_worth import WorthAsk, worth_of
from orders.rules import ChangeItem, ChangeKind, DraftDestination, DraftDiscount, DraftLine, FeeKind, Refused
from tests.factories.orders import AT, STAFF, a_draft, a_fee, a_place, a_shop, an_order, placed

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)
OTHER = Actor(ActorKind.STAFF, "8", "受注 花子")


def quantity(line: Line, after: int | str, **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after=str(after), **given)


def price(line: Line, after: int | str, reason: str = "お詫び", **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.PRICE, target=str(line.public_id), after=str(after), reason=reason, **given)


def added(variant: Any, units: int | str = 1, **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.ADDED, target=variant.sku, after=str(units), **given)


def to(field: str, after: str, **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.DESTINATION, target="1", field=field, after=after, **given)


def pays(method: PaymentMethod) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.PAYMENT, after=str(method))


def opened(order: Order, *items: ChangeItem, actor: Actor = STAFF, **given: Any) -> int:
    answer = open_change(order.pk, items=items, actor=actor, at=LATER, **given)
    assert isinstance(answer, ChangeOpened), answer
    return answer.change_id


def changed(order: Order, *items: ChangeItem, **given: Any) -> Changed:
    answer = confirm_change(Confirming(change_id=opened(order, *items), **given), actor=STAFF, at=LATER)
    assert isinstance(answer, Changed), answer
    order.refresh_from_db()
    return answer


def refused(order: Order, *items: ChangeItem, actor: Actor = STAFF) -> list[tuple[str, str]]:
    answer = open_change(order.pk, items=items, actor=actor, at=LATER)
    assert isinstance(answer, Refused), answer
    return [(reason.code, reason.field) for reason in answer.reasons]


def broken() -> list[str]:
    found = [invariant for source in INVARIANTS.all() for invariant in source.invariants()]
    return [one.name for one in found if rows(one.sql, {"company": None})]


def lines_of(order: Order) -> list[tuple[str, int, int, int]]:
    view = order_view(order.pk)
    assert view is not None
    return [(line.sku, line.quantity, line.unit_price, line.total) for line in view.lines]


def allocated(variant: Any) -> int:
    return sum(Stock.objects.filter(stock_item__code=variant.sku).values_list("allocated", flat=True))


def test_a_quantity_is_raised_with_its_stock_and_its_money():
    shop = a_shop()
    variant = shop.variant(1_000, stock=[10])
    order = an_order(shop, (variant, 2))
    before = order.lines.get()

    answer = changed(order, quantity(before, 5), expected_total=5_000)

    assert (answer.revision, answer.total, order.revision, order.total) == (2, 5_000, 2, 5_000)
    assert lines_of(order) == [(variant.sku, 5, 1_000, 5_000)]
    assert allocated(variant) == 5
    assert [(s.status, [n.quantity for n in s.lines.all()]) for s in order.shipments.all()] == [("planned", [5])]
    assert list(PaymentIntent.objects.order_by("attempt").values_list("status", "amount")) == [("voided", 2_000), ("requested", 5_000)]
    assert broken() == []


def test_what_was_agreed_stays_and_its_successor_takes_its_place():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000), 3))
    before = order.lines.get()

    changed(order, quantity(before, 1))

    old, new = Line.objects.filter(order=order).order_by("id")
    assert (old.quantity, old.cancelled_quantity, old.amount, old.until_revision) == (3, 3, 3_000, 2)
    assert (new.quantity, new.amount, new.from_revision, new.replaces_id) == (1, 1_000, 2, old.pk)
    assert (new.public_id, new.position) == (before.public_id, before.position)
    assert [[(n.quantity, n.total) for n in agreed_at(order.pk, revision=r)] for r in (1, 2)] == [[(3, 3_000)], [(1, 1_000)]]
    assert broken() == []


def test_less_gives_the_stock_back_and_the_parcel_holds_the_rest():
    shop = a_shop()
    variant = shop.variant(stock=[10])
    order = an_order(shop, (variant, 5))

    changed(order, quantity(order.lines.get(), 2))

    assert allocated(variant) == 2
    assert [(a.status, a.quantity) for a in Allocation.objects.all()] == [("open", 2)]
    assert [n.quantity for s in order.shipments.all() for n in s.lines.all()] == [2]
    assert OutboxEvent.objects.filter(name="inventory.StockReleased").count() == 1
    assert broken() == []


def test_a_removed_line_is_in_no_parcel_and_holds_nothing():
    shop = a_shop()
    going, staying = shop.variant(700, stock=[10]), shop.variant(500, stock=[10])
    order = an_order(shop, (going, 1), (staying, 2))

    changed(order, quantity(order.lines.get(sku=going.sku), 0))

    assert lines_of(order) == [(staying.sku, 2, 500, 1_000)]
    assert (allocated(going), allocated(staying), order.total) == (0, 2, 1_000)
    assert broken() == []


def test_an_added_article_comes_at_todays_price_and_joins_the_parcel():
    shop = a_shop()
    first, second = shop.variant(1_000, stock=[5]), shop.variant(300, stock=[5])
    order = an_order(shop, (first, 1))

    changed(order, added(second, 2), added(shop.variant(900), 1, price="1", reason="おまけ"))

    assert order.total == 1_000 + 600 + 1
    assert order.shipments.count() == 1
    assert broken() == []


def test_a_price_with_its_reason_touches_no_stock():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000), 2))
    before = list(Allocation.objects.values_list("id", "status", "quantity"))

    changed(order, price(order.lines.get(), 800, "値引きの約束"))

    line = order.lines.get(until_revision=None)
    assert (line.unit_price, line.price_reason, order.total) == (800, "値引きの約束", 1_600)
    assert list(Allocation.objects.values_list("id", "status", "quantity")) == before
    assert broken() == []


def test_a_discount_that_was_granted_stays_on_what_stays():
    shop = a_shop()
    variant = shop.variant(1_000)
    draft = a_draft(
        shop,
        discounts=(DraftDiscount(amount=300, source="coupon:X", reason="初回"),),
        lines=(DraftLine(variant_id=variant.pk, quantity=3),),
    )
    order = Order.objects.get(pk=placed(draft)[0].order_id)

    changed(order, quantity(order.lines.get(), 2))
    assert (order.discount_total, order.total) == (200, 1_800)
    changed(order, quantity(order.lines.get(until_revision=None), 9))

    assert (order.discount_total, order.total) == (200, 8_800)
    assert broken() == []


def test_fees_follow_their_rules():
    shop = a_shop()
    a_fee(shop, 600)
    a_fee(shop, 0, from_goods_total=5_000)
    a_fee(shop, 330, kind=FeeKind.CASH_ON_DELIVERY, label="代引手数料")
    order = an_order(shop, (shop.variant(1_000), 2))
    assert order.total == 2_000 + 600 + 330

    changed(order, quantity(order.lines.get(), 6))
    assert order.total == 6_000 + 330
    changed(order, pays(PaymentMethod.BANK_TRANSFER))

    assert (order.total, order.payment_method) == (6_000, "bank_transfer")
    assert list(Fee.objects.filter(until_revision=None)) == []
    assert broken() == []


def test_tax_is_rounded_once_per_rate_at_every_revision():
    shop = a_shop()
    order = an_order(shop, (shop.variant(333), 1), (shop.variant(108, tax_class="reduced"), 3))

    changed(order, quantity(order.lines.get(unit_price=108), 2))

    told = {(t.revision, t.tax_class_id, t.taxable, t.tax) for t in OrderTax.objects.filter(order=order)}
    assert told == {(1, "reduced", 300, 24), (1, "standard", 303, 30), (2, "reduced", 200, 16), (2, "standard", 303, 30)}
    assert broken() == []


def test_the_destination_and_the_day_are_others():
    shop = a_shop()
    order = an_order(shop)

    changed(order, to("street", "神保町2-2"), to("wished_on", "2026-06-01"), to("time_band", "1416"), to("phone", "03-9999-0000"))

    place = Destination.objects.get(order=order)
    assert (place.street, str(place.wished_on), place.time_band, place.phone) == ("神保町2-2", "2026-06-01", "1416", "03-9999-0000")
    assert [str(s.planned_on) for s in order.shipments.all()] == ["2026-06-01"]
    assert (order.revision, Line.objects.filter(order=order).count()) == (2, 1)
    assert broken() == []


def test_the_rest_of_a_line_of_which_a_part_has_left_is_changed():
    shop = a_shop()
    variant = shop.variant(333, stock=[2, 3])
    draft = a_draft(shop, (variant, 5), discounts=(DraftDiscount(amount=7, source="coupon:X"),))
    order = Order.objects.get(pk=placed(draft)[0].order_id)
    first = order.shipments.order_by("id").first()
    left = first.lines.get().quantity
    ship_shipments([Leaving(shipment_id=first.pk)], actor=STAFF, at=LATER)

    changed(order, quantity(order.lines.get(), left + 1), price(order.lines.get(), 300, "お詫び"))
    assert order.total == (333 * 5 - 7) * left // 5 + 300 - max(0, (7 - (333 * left - (333 * 5 - 7) * left // 5)) * 1 // (5 - left))
    ship_shipments([Leaving(shipment_id=s.pk) for s in order.shipments.filter(status="planned")], actor=STAFF, at=LATER)

    assert allocated(variant) == 0
    assert broken() == []


def test_what_comes_back_of_a_parcel_is_worth_what_it_was_though_another_line_of_it_was_changed():
    shop = a_shop()
    tea, cup = shop.variant(500, stock=[2, 3]), shop.variant(70, stock=[9, 0])
    order = Order.objects.get(pk=placed(a_draft(shop, (tea, 5), (cup, 1)))[0].order_id)
    first = order.shipments.order_by("id").first()
    ship_shipments([Leaving(shipment_id=first.pk)], actor=STAFF, at=LATER)
    line = order.lines.get(variant=tea)
    assert 0 < line.shipped_quantity < 5
    assert Shipment.objects.get(pk=first.pk).lines.count() == 2

    changed(order, quantity(line, line.shipped_quantity + 1))
    worth = {
        one.ask.line_id: one.amount
        for one in worth_of(
            [
                WorthAsk(key=n, line_id=row.line_id, shipment_id=first.pk, quantity=1)
                for n, row in enumerate(Shipment.objects.get(pk=first.pk).lines.all())
            ]
        ).worths
    }

    assert worth == {line.pk: 500, order.lines.get(variant=cup).pk: 70}
    assert broken() == []


@pytest.mark.parametrize("wanted", ["", "-1", "1.5", "abc", "１00000", "100000", "٣", "1e3", "\0", " "])
def test_a_bad_quantity_is_refused(wanted):
    shop = a_shop()
    order = an_order(shop)

    assert refused(order, quantity(order.lines.get(), wanted))[0][0] in ("order.quantity_out_of_range", "order.text_unreadable")
    assert OrderChange.objects.count() == 0


@pytest.mark.parametrize(
    ("wanted", "reason", "codes"),
    [
        ("-1", "x", ["order.negative_price"]), ("−5", "x", ["order.negative_price"]), ("12.5", "x", ["order.price_unreadable"]),
        ("", "x", ["order.price_unreadable"]), ("999999999999999999", "x", ["order.price_unreadable"]), ("900", "", ["order.reason_missing"]),
        ("900", "x" * 121, ["order.reason_too_long"]),
    ],
)  # fmt: skip
def test_a_bad_price_is_refused(wanted, reason, codes):
    order = an_order()

    assert [code for code, _field in refused(order, price(order.lines.get(), wanted, reason))] == codes


@pytest.mark.parametrize("day", ["2026-05-10", "2026-08-10", "tomorrow", "2026-02-30", "20260601", "2026-6-1", "9999-12-31", "2026-W22-1"])
def test_a_bad_day_is_refused(day):
    assert refused(an_order(), to("wished_on", day)) == [("order.wished_on", "/items/0/after")]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("postal_code", "12", "customers.postal_code_unreadable"), ("name", "", "order.field_missing"), ("city", "x" * 121, "order.too_long"),
        ("time_band", "0000", "order.time_band"), ("number", "1", "order.unknown_destination"),
    ],
)  # fmt: skip
def test_a_bad_destination_is_refused(field, value, code):
    assert refused(an_order(), to(field, value)) == [(code, "/items/0/after" if code != "order.unknown_destination" else "/items/0/target")]


def test_what_cannot_be_done_is_refused_and_nothing_is_kept():
    shop = a_shop()
    variant = shop.variant(stock=[3])
    order = an_order(shop, (variant, 2))
    line = order.lines.get()

    assert refused(order, quantity(line, 0)) == [("order.nothing_left", "/items")]
    assert refused(order, added(type("V", (), {"sku": "NO-SUCH"})()))[0][1] == "/items/0/target"
    assert refused(order, pays(PaymentMethod.POINTS)) == [("order.method_not_offered", "/items/0/after")]
    assert refused(order, quantity(line, 1), quantity(line, 3))[0] == ("order.change_twice", "/items/1")
    change = opened(order)
    nothing = confirm_change(Confirming(change_id=change), actor=STAFF, at=LATER)
    assert isinstance(nothing, Refused)
    assert nothing.code == "order.change_nothing"
    too_many = confirm_change(Confirming(change_id=change, items=(to("street", "別の町"), quantity(line, 4))), actor=STAFF, at=LATER)
    assert isinstance(too_many, Refused)
    assert [(r.code, r.field) for r in too_many.reasons] == [("inventory.out_of_stock", "/items/1/after")]
    order.refresh_from_db()
    assert (order.revision, allocated(variant), Destination.objects.get(order=order).street) == (1, 2, "神田神保町1-1")
    assert broken() == []


def test_an_order_that_left_or_was_cancelled_is_not_changed():
    shop = a_shop()
    gone, cancelled = an_order(shop), an_order(shop)
    ship_shipments([Leaving(shipment_id=gone.shipments.get().pk)], actor=STAFF, at=LATER)
    cancel_orders([cancelled.pk], reason="x", actor=STAFF, at=LATER)

    assert refused(gone, quantity(gone.lines.get(), 2)) == [("order.already_shipped", "")]
    assert refused(cancelled, quantity(cancelled.lines.get(), 2)) == [("order.cancelled_before", "")]


def test_an_instructed_parcel_is_called_back_first():
    order = an_order()
    Shipment.objects.filter(order=order).update(status="instructed")

    assert refused(order, quantity(order.lines.get(), 2)) == [("order.instructed", "")]


def test_confirming_twice_does_it_once():
    order = an_order()
    change = opened(order, to("street", "新しい町1"))

    answers = [confirm_change(Confirming(change_id=change), actor=STAFF, at=LATER) for _ in range(2)]

    assert [(a.revision, a.repeated) for a in answers if isinstance(a, Changed)] == [(2, False), (2, True)]
    assert OutboxEvent.objects.filter(name="orders.OrderChanged").count() == 1


def test_one_set_is_open_and_another_may_take_over():
    order = an_order()
    mine = opened(order, to("street", "新しい町1"))

    assert open_change(order.pk, actor=STAFF, at=LATER).repeated  # type: ignore[union-attr]
    assert refused(order, actor=OTHER) == [("order.change_open", "")]
    theirs = opened(order, to("street", "別の町"), actor=OTHER, take_over=True)

    assert theirs != mine
    lost = confirm_change(Confirming(change_id=mine), actor=STAFF, at=LATER)
    assert isinstance(lost, Refused)
    assert lost.code == "order.change_discarded"
    assert [(c.state, c.opened_by, c.closed_by) for c in changes_of(order.pk)] == [
        ("open", "受注 花子", ""),
        ("discarded", "受注 太郎", "受注 花子"),
    ]


def test_who_comes_second_sees_both_values_and_nothing_is_lost():
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 3))
    line = order.lines.get()
    mine = opened(order, quantity(line, 5), to("phone", "03-1111-1111"))
    theirs = opened(order, quantity(line, 2), actor=OTHER, take_over=True)
    confirm_change(Confirming(change_id=theirs), actor=OTHER, at=LATER)

    answer = confirm_change(Confirming(change_id=mine), actor=STAFF, at=LATER)

    assert isinstance(answer, Conflicted)
    assert [(d.item.kind, d.was, d.theirs, d.mine) for d in answer.fields] == [("quantity", "3", "2", "5")]
    order.refresh_from_db()
    assert (order.revision, lines_of(order)[0][1]) == (2, 2)


def test_a_total_that_moved_is_not_confirmed_unseen():
    shop = a_shop()
    order = an_order(shop, (shop.variant(1_000), 1))
    change = opened(order, quantity(order.lines.get(), 2))

    answer = confirm_change(Confirming(change_id=change, expected_total=1_999), actor=STAFF, at=LATER)

    assert isinstance(answer, Refused)
    assert (answer.code, answer.reasons[0].field) == ("order.total_changed", "/expected_total")


def test_discarding_leaves_everything_as_it_is():
    order = an_order()
    change = opened(order, to("street", "新しい町1"))

    assert discard_changes([change, change, 0], actor=STAFF, at=LATER)[:2] == [None, None]
    order.refresh_from_db()
    assert (order.revision, change_view(change).state) == (1, "discarded")  # type: ignore[union-attr]


def test_the_story_tells_who_changed_what_and_why():
    order = an_order()

    changed(order, quantity(order.lines.get(), 2), to("street", "新しい町1"), reason="お客様の電話")

    (before,) = [h.amount for h in order_story(order.pk, ref=order.public_id) if h.kind == "placed"]
    assert (before, order.total) == (1_000, 2_000)
    told = [h for h in order_story(order.pk, ref=order.public_id) if h.kind == "changed"]
    assert [(h.title, h.detail, h.state) for h in told] == [("お客様の電話", "受注 太郎", "2")]


def test_prices_without_tax_add_up_when_a_part_has_left():
    shop = a_shop()
    first, second = shop.variant(333, stock=[2, 3]), shop.variant(107, stock=[9])
    with acting(SYSTEM):
        PriceList.objects.update(tax_basis="excluded")
    order = Order.objects.get(pk=placed(a_draft(shop, (first, 5), (second, 3)))[0].order_id)
    assert (order.tax_basis, order.total) == ("excluded", 2_184)  # 1,986 and 198 tax on it
    parcel = order.shipments.order_by("id").first()
    invoiced = ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=LATER)
    assert invoiced

    for line in order.lines.filter(until_revision=None, shipped_quantity__lt=F("quantity")):
        changed(order, quantity(line, line.shipped_quantity + 1), price(line, 211))
        assert broken() == []
    ship_shipments([Leaving(shipment_id=s.pk) for s in order.shipments.filter(status="planned")], actor=STAFF, at=LATER)

    order.refresh_from_db()
    assert sum(Invoice.objects.values_list("total", flat=True)) == order.total
    assert broken() == []


def test_a_set_is_confirmed_and_discarded_only_by_whoever_opened_it():
    order = an_order()
    mine = opened(order, to("street", "神田神保町2-2-2"))

    confirmed = confirm_change(Confirming(change_id=mine), actor=OTHER, at=LATER)
    (discarded,) = discard_changes([mine], actor=OTHER, at=LATER)

    assert isinstance(confirmed, Refused)
    assert (confirmed.code, discarded and discarded.code) == ("order.change_of_another", "order.change_of_another")
    order.refresh_from_db()
    assert (order.revision, OrderChange.objects.get(pk=mine).state) == (1, "open")
    assert isinstance(confirm_change(Confirming(change_id=mine), actor=STAFF, at=LATER), Changed)
    assert discard_changes([mine], actor=OTHER, at=LATER)[0].code == "order.change_confirmed"


def test_several_destinations_are_changed_by_as_many_statements_as_one():
    def statements(*positions: int) -> int:
        shop = a_shop()
        draft = a_draft(shop, (shop.variant(stock=[9]), 1), (shop.variant(stock=[9]), 1))
        two = (DraftDestination(place=a_place()), DraftDestination(place=a_place(street="神田神保町8-8")))
        lines = tuple(replace(line, destination=n) for n, line in enumerate(draft.lines, 1))
        (done,) = placed(replace(draft, lines=lines, destinations=two))
        order = Order.objects.get(pk=done.order_id)
        items = [
            ChangeItem(kind=ChangeKind.DESTINATION, target=str(n), field=field, after=after)
            for n in positions
            for field, after in (("street", "北沢3-3"), ("wished_on", "2026-05-20"), ("building", ""))
        ]
        change = opened(order, *items)
        with CaptureQueriesContext(connection) as asked:
            assert isinstance(confirm_change(Confirming(change_id=change), actor=STAFF, at=LATER), Changed)
        assert list(order.destinations.filter(street="北沢3-3", wished_on="2026-05-20").values_list("position", flat=True)) == list(
            positions
        )
        return len(asked)

    assert statements(1, 2) == statements(1)
