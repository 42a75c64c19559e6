"""What an order costs and which statuses follow: no database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import PaymentMethod
from catalog.rules import Offer, ProductKind, TemperatureZone
from core.errors import Refusal
from core.tax import Rounding, TaxBasis
from customers.rules import PlaceOfDelivery
from orders.rules import (
    NO_MASTERS,
    DeliveryMasters,
    DraftDestination,
    DraftDiscount,
    DraftLine,
    FeeKind,
    FeeRow,
    FulfilmentStatus,
    OrderDraft,
    OrderPaymentStatus,
    OrderStatus,
    ShipmentStatus,
    Sums,
    check_shape,
    fulfilment_status,
    order_status,
    part_of_total,
    payment_status,
    sum_up,
)
from orders.rules.carriage import carriage
from orders.rules.delivery import Stop

RATES = {"standard": 1000, "reduced": 800, "exempt": 0}


def an_offer(price: int, *, tax_class: str = "standard", basis: TaxBasis = TaxBasis.INCLUDED) -> Offer:
    return Offer(
        variant_id=1, product_id=1, sku="A", name="煎茶", option="", category_path="", unit_price=price, list_price=None, currency="JPY",
        tax_basis=basis, tax_class=tax_class, price_reason="standard", kind=ProductKind.GOODS,
        temperature_zone=TemperatureZone.AMBIENT, max_quantity=None,
    )  # fmt: skip


def a_draft(*quantities: int, prefectures: tuple[str, ...] = ("東京都",), **given: object) -> OrderDraft:
    return OrderDraft(
        **{
            "company_id": 1,
            "channel_id": 1,
            "lines": tuple(DraftLine(sku="A", quantity=q) for q in quantities),
            "destinations": tuple(DraftDestination(place=PlaceOfDelivery(prefecture=p)) for p in prefectures),
            "payment_method": PaymentMethod.CASH_ON_DELIVERY,
            "customer_id": 1,
            **given,
        }
    )


def summed(draft: OrderDraft, offers: list[Offer], *, fees: tuple[FeeRow, ...] = (), discounts: tuple[DraftDiscount, ...] = ()) -> Sums:
    result = sum_up(draft, offers, order_discounts=discounts, masters=DeliveryMasters(fees=fees), rates_bp=RATES, rounding=Rounding.FLOOR)
    assert isinstance(result, Sums), result
    return result


prices = st.integers(0, 50_000)
lines = st.lists(st.tuples(prices, st.integers(1, 30), st.sampled_from(["standard", "reduced", "exempt"])), min_size=1, max_size=8)


@given(lines=lines, basis=st.sampled_from(list(TaxBasis)), data=st.data())
def test_every_share_adds_up_to_the_total(lines, basis, data):
    goods = sum(price * quantity for price, quantity, _class in lines)
    discount = data.draw(st.integers(0, goods))
    discounts = (DraftDiscount(amount=discount, source="coupon"),) if discount else ()

    sums = summed(a_draft(*[q for _p, q, _c in lines]), [an_offer(p, tax_class=c, basis=basis) for p, _q, c in lines], discounts=discounts)

    assert sum(n.total for n in sums.lines) + sum(f.total for f in sums.fees) == sums.total
    assert sum(t.taxable + t.tax for t in sums.taxes) == sums.total
    assert sums.discount_total == discount
    assert sums.goods_total == goods
    assert all(n.amount == n.unit_price * n.draft.quantity - n.discount and n.amount >= 0 for n in sums.lines)
    assert all(sum(d.amount for d in n.discounts) == n.discount for n in sums.lines)


@given(total=st.integers(0, 10**9), parts=st.lists(st.integers(1, 50), min_size=1, max_size=10))
def test_the_parts_of_a_line_that_ships_in_pieces_add_up(total, parts):
    quantity, before, amounts = sum(parts), 0, []
    for now in parts:
        amounts.append(part_of_total(total, quantity=quantity, before=before, now=now))
        before += now

    assert sum(amounts) == total
    assert all(a >= 0 for a in amounts)


def test_points_are_spread_over_the_rates_as_the_tax_office_example():
    sums = summed(
        a_draft(1, 1), [an_offer(3_980), an_offer(2_580, tax_class="reduced")], discounts=(DraftDiscount(amount=500, source="points"),)
    )

    assert [(t.tax_class, t.taxable + t.tax, t.tax) for t in sums.taxes] == [("standard", 3_677, 334), ("reduced", 2_383, 176)]
    assert sums.total == 6_060


def test_a_discount_larger_than_the_goods_is_refused():
    result = sum_up(
        a_draft(1),
        [an_offer(100)],
        order_discounts=(DraftDiscount(amount=101, source="x"),),
        masters=NO_MASTERS,
        rates_bp=RATES,
        rounding=Rounding.FLOOR,
    )

    assert isinstance(result, Refusal)
    assert result.code == "order.discount_too_large"


def a_fee(amount: int, **given: object) -> FeeRow:
    return FeeRow(
        **{
            "kind": FeeKind.SHIPPING, "label": "", "channel_id": None, "method": None, "prefecture": "", "from_goods_total": 0,
            "amount": amount, "tax_class": "standard", **given,
        }
    )  # fmt: skip


POSTAGE = (
    a_fee(600),
    a_fee(0, from_goods_total=5_400),
    a_fee(1_200, prefecture="沖縄県"),
    a_fee(500, prefecture="沖縄県", from_goods_total=5_400),
    a_fee(330, kind=FeeKind.CASH_ON_DELIVERY, method="cash_on_delivery"),
)


@pytest.mark.parametrize(
    ("_case", "prefectures", "goods", "method", "expected"),
    [
        ("usual postage", ["東京都"], 5_399, "bank_transfer", [600]),
        ("free from a total on", ["東京都"], 5_400, "bank_transfer", []),
        ("a far prefecture costs more", ["沖縄県"], 1_000, "bank_transfer", [1_200]),
        ("and isn't free", ["沖縄県"], 9_000, "bank_transfer", [500]),
        ("once per destination", ["東京都", "沖縄県"], 1_000, "bank_transfer", [600, 1_200]),
        ("cash on delivery adds its charge once", ["東京都", "沖縄県"], 1_000, "cash_on_delivery", [600, 1_200, 330]),
    ],
)
def test_fees_follow_the_most_specific_rule(_case, prefectures, goods, method, expected):
    stops = [Stop(place=n, prefecture=p, method=method) for n, p in enumerate(prefectures, 1)]

    found = carriage(stops, (), masters=DeliveryMasters(fees=POSTAGE), channel_id=1, goods_total=goods)

    assert [f.amount for f in found.fees] == expected


@pytest.mark.parametrize(
    ("_case", "draft", "code", "field"),
    [
        ("no lines", a_draft(), "order.no_lines", "/lines"),
        ("quantity zero", a_draft(0), "order.quantity_out_of_range", "/lines/0/quantity"),
        ("quantity negative", a_draft(1, -1), "order.quantity_out_of_range", "/lines/1/quantity"),
        ("quantity huge", a_draft(2**31), "order.quantity_out_of_range", "/lines/0/quantity"),
        ("no destination", a_draft(1, prefectures=()), "order.no_destination", "/destinations"),
        ("nobody orders", replace(a_draft(1), customer_id=None), "order.no_customer", "/customer"),
        ("negative price", a_draft(lines=(DraftLine(sku="A", unit_price=-1),)), "order.negative_price", "/lines/0/unit_price"),
        ("discount of nothing", a_draft(1, discounts=(DraftDiscount(amount=0, source="x"),)), "order.discount_not_positive", "/discounts"),
        (
            "destination nobody named",
            a_draft(lines=(DraftLine(sku="A", destination=2),)),
            "order.unknown_destination",
            "/lines/0/destination",
        ),
        ("an address without goods", a_draft(1, prefectures=("東京都", "大阪府")), "order.destination_empty", "/destinations/1"),
        ("too many lines", a_draft(*[1] * 501), "order.too_many_lines", "/lines"),
    ],
)
def test_a_malformed_draft_names_the_field(_case, draft, code, field):
    assert [(r.code, r.field) for r in check_shape(draft)] == [(code, field)]


@pytest.mark.parametrize(
    ("parcels", "expected"),
    [
        ([], FulfilmentStatus.NOTHING_TO_SHIP),
        (["planned"], FulfilmentStatus.PLANNED),
        (["planned", "shipped"], FulfilmentStatus.PARTLY_SHIPPED),
        (["shipped", "cancelled"], FulfilmentStatus.SHIPPED),
        (["shipped", "delivered"], FulfilmentStatus.SHIPPED),
        (["delivered", "delivered"], FulfilmentStatus.DELIVERED),
        (["cancelled"], FulfilmentStatus.CANCELLED),
    ],
)
def test_fulfilment_follows_from_the_parcels(parcels, expected):
    assert fulfilment_status([ShipmentStatus(p) for p in parcels]) is expected


@pytest.mark.parametrize(
    ("owed", "paid", "cancelled", "expected"),
    [
        (1_000, 0, False, OrderPaymentStatus.UNPAID),
        (1_000, 400, False, OrderPaymentStatus.PARTLY_PAID),
        (1_000, 1_000, False, OrderPaymentStatus.PAID),
        (1_000, 1_500, False, OrderPaymentStatus.PAID),
        (0, 0, False, OrderPaymentStatus.PAID),
        (1_000, 0, True, OrderPaymentStatus.VOIDED),
        (1_000, 1_000, True, OrderPaymentStatus.REFUNDED),
    ],
)
def test_payment_follows_from_what_came(owed, paid, cancelled, expected):
    assert payment_status(cancelled=cancelled, owed=owed, paid=paid) is expected


@pytest.mark.parametrize(
    ("_case", "given", "expected"),
    [
        ("waiting for a payment's answer", {"pending": True}, OrderStatus.PENDING),
        ("accepted", {}, OrderStatus.CONFIRMED),
        ("shipped but unpaid", {"fulfilment": FulfilmentStatus.SHIPPED}, OrderStatus.CONFIRMED),
        ("shipped and paid", {"fulfilment": FulfilmentStatus.SHIPPED, "paid": 100}, OrderStatus.COMPLETED),
        ("all lines cancelled", {"cancelled_lines": 2}, OrderStatus.CANCELLED),
        ("one of two cancelled", {"cancelled_lines": 1}, OrderStatus.CONFIRMED),
    ],
)
def test_the_order_follows_from_its_parts(_case, given, expected):
    usual = {"pending": False, "lines": 2, "cancelled_lines": 0, "fulfilment": FulfilmentStatus.PLANNED, "owed": 100, "paid": 0}

    assert order_status(**{**usual, **given}) is expected
