"""Services, fees and days where orders are placed, quoted and changed. AT is a Monday at noon in Japan."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.rules import PaymentMethod
from catalog.rules import TemperatureZone
from core.actor import SYSTEM
from core.db import acting, rows
from inventory.models import Stock
from orders.models import DeliveryLeadTime, DeliveryService, DeliveryZone, Fee, Order, Shipment
from orders.operations import (
    Changed,
    Confirming,
    Quote,
    confirm_change,
    open_change,
    pack_shipments,
    place_orders,
    quote_orders,
    seed_delivery,
)
from orders.operations.replanning import plan_parcels_of
from orders.queries import invariants, parcels_as_labels, parcels_to_label
from orders.rules import ChangeItem, ChangeKind, DraftDestination, DraftFee, FeeKind, ParcelSize, Refused
from tests.factories.delivery import a_closure, a_delivery, a_service, a_zone, free_from
from tests.factories.inventory import may_be_back_ordered
from tests.factories.orders import AT, STAFF, a_contract, a_draft, a_fee, a_known_customer, a_place, a_shop, an_order, placed
from tests.orders.test_api import caller

pytestmark = pytest.mark.django_db
HOKKAIDO = {"prefecture": "北海道", "postal_code": "060-0001", "city": "札幌市中央区", "street": "北一条西1-1"}


def going(*, wished_on: date | None = None, band: str = "", service: str = "", **place: Any) -> tuple[DraftDestination, ...]:
    return (DraftDestination(place=a_place(**place), wished_on=wished_on, time_band=band, service=service),)


def plans(order: Order) -> list[tuple[Any, ...]]:
    rows = Shipment.objects.filter(order=order).order_by("id")
    return [(s.service and s.service.code, s.carrier, str(s.planned_on), str(s.expected_on), s.pieces) for s in rows]


def the_only(*drafts: Any) -> Any:
    (result,) = place_orders(drafts, actor=SYSTEM, at=AT)
    return result


def test_a_parcel_has_its_service_and_leaves_and_comes_as_soon_as_it_can():
    shop = a_shop()
    a_delivery(shop)

    order = an_order(shop, (shop.variant(), 1))

    assert plans(order) == [("parcel", "yamato", "2026-05-11", "2026-05-12", 1)]


def test_a_wished_day_is_kept_and_the_parcel_leaves_for_it_over_the_weekend():
    shop = a_shop()
    a_delivery(shop)

    order = an_order(shop, (shop.variant(), 1), destinations=going(wished_on=date(2026, 5, 18), band="0812"))

    assert plans(order) == [("parcel", "yamato", "2026-05-15", "2026-05-18", 1)]


@pytest.mark.parametrize(
    ("_case", "to", "code", "field", "params"),
    [
        ("too early", going(wished_on=date(2026, 5, 11)), "delivery.too_early", "/destinations/0/wished_on", {"earliest": "2026-05-12"}),
        ("on a closed day", going(wished_on=date(2026, 5, 20)), "delivery.closed_day", "/destinations/0/wished_on", {"day": "2026-05-20", "next": "2026-05-21"}),
        ("too far ahead", going(wished_on=date(2026, 9, 1)), "delivery.too_late", "/destinations/0/wished_on", {"last": "2026-07-10"}),
        ("a morning too early", going(wished_on=date(2026, 5, 13), band="0812", **HOKKAIDO), "delivery.band_too_early", "/destinations/0/time_band", {"day": "2026-05-13", "next": "2026-05-14"}),
        ("a band nobody offers", going(band="1214"), "delivery.no_band", "/destinations/0/time_band", {"bands": "8:00–12:00, 14:00–16:00, 16:00–18:00, 18:00–20:00, 19:00–21:00"}),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_refused_with_the_next_that_can(_case, to, code, field, params):
    shop = a_shop()
    a_delivery(shop)
    a_closure(shop, "delivery", "2026-05-20", "2026-05-21")

    result = the_only(a_draft(shop, (shop.variant(), 1), destinations=to))

    assert [(r.code, r.field, r.params) for r in result.reasons] == [(code, field, params)]
    assert not Order.objects.exists()
    assert not Stock.objects.exclude(allocated=0).exists()


def test_the_day_before_the_earliest_is_refused_and_the_earliest_is_placed():
    shop = a_shop()
    a_delivery(shop)
    variant = shop.variant()
    refused = the_only(a_draft(shop, (variant, 1), destinations=going(wished_on=date(2026, 5, 11))))

    done = the_only(a_draft(shop, (variant, 1), destinations=going(wished_on=date.fromisoformat(refused.reasons[0].params["earliest"]))))

    assert done.order_id


def test_after_the_cut_off_it_leaves_the_next_day():
    shop = a_shop(locations=1)
    a_delivery(shop)
    with acting(SYSTEM):
        shop.locations[0].cutoff_at = "12:00"
        shop.locations[0].save()

    order = an_order(shop, (shop.variant(), 1))

    assert plans(order) == [("parcel", "yamato", "2026-05-12", "2026-05-13", 1)]


def test_frozen_goods_travel_and_pay_by_themselves():
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)
    a_fee(shop, 330, kind=FeeKind.COOL, label="クール代")
    cold = shop.variant(2_000)
    with acting(SYSTEM):
        cold.product.temperature_zone = TemperatureZone.FROZEN
        cold.product.save()

    order = an_order(shop, (cold, 1), (shop.variant(), 1))

    assert sorted(p[0] for p in plans(order)) == ["cool", "parcel"]
    assert sorted(Fee.objects.filter(order=order).values_list("kind", "amount")) == [("cool", 330), ("shipping", 600), ("shipping", 600)]
    assert order.total == 3_000 + 1_530


def test_goods_from_two_places_pay_once():
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)

    order = an_order(shop, (shop.variant(stock=[1, 1]), 2))

    assert (len(plans(order)), order.fee_total) == (2, 600)


def test_a_fee_is_kept_with_its_rule_and_its_reason():
    shop = a_shop()
    delivery = a_delivery(shop)
    rule = a_fee(shop, 1_300, zone=delivery.zones["hokkaido"], up_to_size=ParcelSize.S80)
    a_fee(shop, 1_900, zone=delivery.zones["hokkaido"], up_to_size=ParcelSize.S160)

    order = an_order(shop, (shop.variant(parcel_size="60/2"), 3), destinations=going(**HOKKAIDO))

    fee = Fee.objects.get(order=order)
    assert (fee.amount, fee.rule_id, fee.explanation, fee.destination.position) == (1_300, rule.pk, "hokkaido · 80", 1)


def test_what_is_waived_is_told_and_not_asked():
    shop = a_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 600)
    free_from(shop, 5_000)
    free_from(shop, None, zone=delivery.zones["islands"])
    tea = shop.variant(5_000)
    island = going(prefecture="東京都", postal_code="100-0101", city="大島町")

    near, far = quote_orders([a_draft(shop, (tea, 1)), a_draft(shop, (tea, 1), destinations=island)], at=AT)

    assert (near.sums.fees, [(w.amount, w.waived) for w in near.sums.waived]) == ((), [(600, "5000円以上")])
    assert ([f.amount for f in far.sums.fees], far.sums.waived) == ([600], ())


def test_heavy_goods_go_in_several_pieces_each_at_its_price():
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)

    order = an_order(shop, (shop.variant(parcel_size="80", weight_grams=12_000), 5))

    assert (plans(order)[0][4], order.fee_total) == (3, 1_800)


def test_the_service_a_buyer_chose_is_taken_or_refused():
    shop = a_shop()
    a_delivery(shop)
    a_service(
        shop, "packet", position=90, most_size="packet", most_pieces=1, takes_day=False, bands="", takes_cash=False, label_kind="nekopos"
    )
    thin = shop.variant(parcel_size="packet/2")

    order = an_order(shop, (thin, 2), destinations=going(service="packet"), payment_method=PaymentMethod.BANK_TRANSFER)
    refused = the_only(a_draft(shop, (thin, 1), destinations=going(service="packet")))

    assert plans(order)[0][0] == "packet"
    assert [(r.code, r.field) for r in refused.reasons] == [("delivery.no_cash", "/payment_method")]
    assert parcels_as_labels([Shipment.objects.get(order=order).pk])[0].label_kind == "nekopos"


def test_an_order_that_agreed_elsewhere_keeps_its_day_and_its_fees():
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600)
    draft = a_draft(
        shop, (shop.variant(), 1), destinations=going(wished_on=date(2026, 5, 11), band="1214"), days_agreed=True,
        fees=(DraftFee(kind=FeeKind.SHIPPING, amount=250),),
    )  # fmt: skip

    result = the_only(draft)

    order = Order.objects.get(pk=result.order_id)
    assert (order.fee_total, order.destinations.get().wished_on) == (250, date(2026, 5, 11))
    assert plans(order) == [("parcel", "yamato", "2026-05-11", "2026-05-12", 1)]


def test_an_address_nobody_delivers_to_is_refused():
    shop = a_shop()
    delivery = a_delivery(shop)
    with acting(SYSTEM):
        for service in (delivery.parcel, delivery.cool):
            service.areas.create(postal_prefix="907")

    result = the_only(a_draft(shop, (shop.variant(), 1), destinations=going(prefecture="沖縄県", postal_code="907-0001")))

    assert [(r.code, r.field) for r in result.reasons] == [("delivery.not_served", "/destinations/0/place/postal_code")]


def test_placing_with_services_asks_no_more_than_without():
    shop = a_shop()
    a_fee(shop, 600)
    variant, customer = shop.variant(), a_known_customer(shop).pk
    draft = a_draft(shop, (variant, 1), customer_id=customer)
    placed(draft)
    with CaptureQueriesContext(connection) as without:
        placed(draft)
    a_delivery(shop)
    wishing = a_draft(shop, (variant, 1), customer_id=customer, destinations=going(wished_on=date(2026, 5, 18)))

    with CaptureQueriesContext(connection) as by_service:
        placed(wishing)

    assert len(by_service) <= len(without)


def test_a_page_of_carts_is_quoted_by_as_many_statements_as_one():
    shop = a_shop()
    a_delivery(shop)
    drafts = [a_draft(shop, (shop.variant(), n)) for n in range(1, 21)]
    quote_orders(drafts[:1], at=AT)
    with CaptureQueriesContext(connection) as one:
        quote_orders(drafts[:1], at=AT)

    with CaptureQueriesContext(connection) as twenty:
        answers = quote_orders(drafts, at=AT)

    assert len(twenty) == len(one)
    assert all(isinstance(a, Quote) and str(a.delivery[1].earliest_on) == "2026-05-12" for a in answers)


def test_quotes_do_not_take_from_each_other():
    shop = a_shop(locations=1)
    draft = a_draft(shop, (shop.variant(stock=[3]), 3))

    answers = quote_orders([draft, draft], at=AT)

    assert [a.short for a in answers] == [None, None]


def test_a_quote_offers_exactly_the_days_that_can_be_placed():
    shop = a_shop()
    a_delivery(shop)
    a_closure(shop, "shipping", "2026-05-14", "2026-05-22")
    variant = shop.variant()

    (quote,) = quote_orders([a_draft(shop, (variant, 1))], at=AT)

    offered = {day.on for day in quote.delivery[1].days}
    for n in range(20):
        day = AT.date() + timedelta(days=n)
        result = the_only(a_draft(shop, (variant, 1), destinations=going(wished_on=day)))
        assert (day in offered) == (not isinstance(result, Refused)), day


def test_goods_to_come_leave_when_they_came():
    shop = a_shop(locations=1)
    a_delivery(shop)
    variant = shop.variant(stock=[0])
    may_be_back_ordered(variant)
    draft = a_draft(shop, (variant, 1))
    willing = replace(draft, lines=(replace(draft.lines[0], waits_until=date.max),))

    (quote,) = quote_orders([willing], at=AT)

    promised = quote.waits[0].promised_on
    assert promised > date(2026, 5, 12)
    assert promised <= quote.delivery[1].ship_on < quote.delivery[1].earliest_on


def changed(order: Order, *items: ChangeItem) -> Any:
    opened = open_change(order.pk, actor=STAFF, at=AT, items=items)
    if isinstance(opened, Refused):
        return opened
    return confirm_change(Confirming(change_id=opened.change_id), actor=STAFF, at=AT)


def to(field: str, after: str) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.DESTINATION, target="1", field=field, after=after)


def test_a_new_address_asks_anew_for_fees_and_days():
    shop = a_shop()
    delivery = a_delivery(shop)
    a_fee(shop, 600)
    a_fee(shop, 1_300, zone=delivery.zones["hokkaido"])
    order = an_order(shop, (shop.variant(), 1), destinations=going(wished_on=date(2026, 5, 13)))

    done = changed(order, *(to(name, value) for name, value in HOKKAIDO.items()))

    assert isinstance(done, Changed)
    assert done.total == 2_300
    assert plans(order) == [("parcel", "yamato", "2026-05-11", "2026-05-13", 1)]
    assert [(f.amount, f.explanation) for f in Fee.objects.filter(order=order, until_revision=None)] == [(1_300, "hokkaido")]


def test_a_change_that_cannot_come_in_time_is_refused_beside_its_item():
    shop = a_shop()
    a_delivery(shop)
    order = an_order(shop, (shop.variant(), 1))

    early = changed(order, to("time_band", "1416"), to("wished_on", "2026-05-11"))

    assert [(r.code, r.field, r.params) for r in early.reasons] == [("delivery.too_early", "/items/1/after", {"earliest": "2026-05-12"})]
    assert plans(order) == [("parcel", "yamato", "2026-05-11", "2026-05-12", 1)]


def test_a_change_of_the_day_moves_the_parcel():
    shop = a_shop()
    a_delivery(shop)
    order = an_order(shop, (shop.variant(), 1))

    done = changed(order, to("wished_on", "2026-05-25"))

    assert isinstance(done, Changed)
    assert plans(order) == [("parcel", "yamato", "2026-05-22", "2026-05-25", 1)]


def test_labels_are_proposed_on_the_planned_day():
    shop = a_shop()
    a_delivery(shop)
    a_contract(shop)
    an_order(shop, (shop.variant(), 1), destinations=going(wished_on=date(2026, 5, 18)))
    place = shop.locations[0].pk

    early, due = (parcels_to_label(place, leaves_on=day, limit=9) for day in (date(2026, 5, 14), date(2026, 5, 15)))

    assert (len(early), len(due)) == (0, 1)


def test_who_chooses_another_carrier_takes_the_service_off():
    shop = a_shop()
    a_delivery(shop)
    order = an_order(shop, (shop.variant(), 1))

    pack_shipments([Shipment.objects.get(order=order).pk], pieces=2, carrier="sagawa", actor=STAFF, at=AT)

    assert [(p[0], p[1], p[4]) for p in plans(order)] == [(None, "sagawa", 2)]


def test_the_seed_brings_what_carriers_publish_once():
    shop = a_shop(locations=1)
    a_contract(shop)
    with acting(SYSTEM):
        shop.locations[0].prefecture = "静岡県"
        shop.locations[0].save()

    first = seed_delivery(shop.company.pk, actor=SYSTEM)
    again = seed_delivery(shop.company.pk, actor=SYSTEM)

    assert ((first.services, first.zones, first.lead_times), (again.services, again.zones, again.lead_times)) == ((4, 13, 13), (0, 0, 0))
    assert set(DeliveryService.objects.values_list("carrier", flat=True)) == {"yamato"}
    assert DeliveryZone.objects.get(code="kyushu").areas.count() == 7
    assert DeliveryLeadTime.objects.get(zone__code="islands").days == 5
    order = an_order(shop, (shop.variant(), 1), destinations=going(prefecture="沖縄県", postal_code="907-0001"))
    assert plans(order) == [("takkyubin", "yamato", "2026-05-11", "2026-05-16", 1)]


def broken() -> list[str]:
    return [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)]


def test_a_parcel_knows_a_service_of_its_own_company_only_and_promises_hold():
    shop = a_shop()
    a_delivery(shop)
    an_order(shop, (shop.variant(), 2))

    assert broken() == []
    Shipment.objects.update(service=a_service(a_shop(), "theirs"))
    assert broken() == ["orders.parcel_service"]


def test_a_service_is_never_deleted():
    service = a_service(a_shop(), "parcel")

    with acting(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        service.delete()


def test_goods_that_came_leave_in_a_parcel_with_a_plan():
    shop = a_shop(locations=1)
    a_delivery(shop)
    a_zone(shop, "nowhere")
    order = an_order(shop, (shop.variant(stock=[5]), 1))
    Shipment.objects.filter(order=order).update(planned_on=None, service=None, carrier="", expected_on=None)

    plan_parcels_of([order.pk], at=AT + timedelta(days=1))

    assert plans(order) == [("parcel", "yamato", "2026-05-12", "2026-05-13", 1)]


URL = "/api/v1/order-quotes"


def test_a_partner_quotes_a_page_of_carts(client: Client):
    shop = a_shop()
    a_delivery(shop)
    a_fee(shop, 600, label="送料")
    sku = shop.variant(1_000).sku
    one = {
        "channel": shop.channel.code, "lines": [{"sku": sku, "quantity": 2}], "payment_method": "bank_transfer",
        "destinations": [{"place": {"prefecture": "東京都", "postal_code": "101-0051"}, "wished_on": "2020-01-01"}],
    }  # fmt: skip
    body = {"quotes": [one, {**one, "channel": "nowhere"}]}

    answer = client.post(URL, body, content_type="application/json", headers=caller(shop.company, "orders:read"))
    refused = client.post(URL, body, content_type="application/json", headers=caller(shop.company, "shipments:read"))

    assert (answer.status_code, refused.status_code) == (200, 403)
    quote, unknown = answer.json()["results"]
    assert (quote["total"], [(f["label"], f["amount"], f["destination"]) for f in quote["fees"]]) == (2_600, [("送料", 600, 1)])
    assert [(e["code"], e["pointer"]) for e in quote["errors"]] == [("delivery.too_early", "/destinations/0/wished_on")]
    assert quote["delivery"][0]["days"][0]["on"] == quote["delivery"][0]["earliest_on"]
    assert [e["code"] for e in unknown["errors"]] == ["channel.not_found"]
    assert not Order.objects.exists()
