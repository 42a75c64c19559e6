"""What the database promises about destinations and gifts holds after every deed, and says so when it does not."""

from dataclasses import replace
from typing import Any

import pytest

from core.db import rows
from orders.models import Destination, Fee, Gift, Line, Order, Shipment
from orders.operations import Changed, Confirming, confirm_change, open_change
from orders.queries import invariants
from orders.rules import ChangeItem, ChangeKind, DraftLine
from tests.factories.gifts import a_gift_to, a_noshi, a_wrapping
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_shop, an_order, placed

pytestmark = pytest.mark.django_db


def broken() -> list[str]:
    return [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)]


def given(shop: Shop) -> Order:
    """One tea home, two as a gift with noshi and paper by the piece."""
    tea = shop.variant(1_000)
    wish: dict[str, Any] = {"noshi": a_noshi(shop, fee=110).code, "wrapping": a_wrapping(shop, 220, by_piece=True).code}
    draft = a_draft(shop, (tea, 1))
    lines = (draft.lines[0], DraftLine(variant_id=tea.pk, quantity=2, destination=2))
    return Order.objects.get(pk=placed(replace(draft, lines=lines, destinations=(*draft.destinations, a_gift_to(wished=wish))))[0].order_id)


def test_a_gift_that_was_agreed_and_changed_keeps_every_promise():
    order = given(a_shop())
    assert broken() == []

    line = str(order.lines.get(destination__position=2).public_id)
    opened = open_change(order.pk, actor=STAFF, at=AT, items=[ChangeItem(kind=ChangeKind.QUANTITY, target=line, after="3")])

    assert isinstance(confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=AT), Changed)
    assert sorted(Fee.objects.filter(until_revision=None).values_list("label", "amount")) == [("和紙包装 × 3", 660), ("御中元", 110)]
    assert broken() == []


def test_a_parcel_that_brings_a_line_elsewhere_is_found():
    order = given(a_shop())
    home, away = Destination.objects.filter(order=order).order_by("position")
    Shipment.objects.filter(destination=away).update(destination=home)

    assert broken() == ["orders.destinations_hold_their_lines"]


def test_a_destination_without_goods_is_found():
    order = an_order()
    Destination.objects.create(order=order, position=2, name="誰も")

    assert broken() == ["orders.destinations_hold_their_lines"]


def test_a_line_that_goes_to_somebody_elses_destination_is_found():
    shop = a_shop()
    order, other = an_order(shop), an_order(shop)
    Line.objects.filter(order=order).update(destination=other.destinations.get())

    assert "orders.destinations_hold_their_lines" in broken()


def test_a_gift_whose_note_would_show_prices_is_found():
    order = given(a_shop())
    Destination.objects.filter(order=order).update(is_gift=False)

    assert broken() == ["orders.gifts_are_told_as_gifts"]


def test_a_charge_for_what_nobody_agreed_to_is_found():
    given(a_shop())
    Gift.objects.update(wrapping=None, wrapping_name="")

    assert broken() == ["orders.gifts_are_charged_once"]


def test_a_charge_that_is_asked_twice_is_found():
    order = given(a_shop())
    fee = Fee.objects.get(order=order, label="御中元")
    Fee.objects.create(
        order=order, destination=fee.destination, kind=fee.kind, label=fee.label, amount=0, total=0, tax_class_id=fee.tax_class_id, tax_rate_bp=fee.tax_rate_bp,
    )  # fmt: skip

    assert broken() == ["orders.gifts_are_charged_once"]
