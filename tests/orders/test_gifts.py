"""Gifts from the order to what a packer reads: agreed, charged, changed, told, and forgotten."""

import csv
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.actor import SYSTEM
from core.db import acting
from core.models import OutboxEvent
from inventory.models import Stock
from inventory.operations import give_file
from inventory.rules import FilePlace
from orders.models import Destination, Fee, Gift, NoshiKind, NoshiPairing, Order, Shipment
from orders.operations import blank_customers, place_orders, quote_orders, seed_noshi
from orders.queries import gift_facts, order_view, parcels_as_labels
from orders.rules import ChangeItem, ChangeKind, DraftFee, DraftLine, FeeKind, GiftFacts, GiftWish, Knot, NoshiPlacement, Refused
from tests.factories.gifts import a_gift_to, a_message_card, a_noshi, a_wrapping, an_unlucky_pair
from tests.factories.orders import AT, STAFF, Shop, a_draft, a_fee, a_shop, placed
from tests.orders.test_api import an_order_said, caller, pointers, post
from tests.orders.test_changes import broken, changed, refused

pytestmark = pytest.mark.django_db


def gift(field: str, after: str, **given: Any) -> ChangeItem:
    return ChangeItem(kind=ChangeKind.GIFT, target="2", field=field, after=after, **given)


@pytest.fixture
def shop() -> Shop:
    return a_shop()


@pytest.fixture
def masters(shop: Shop) -> dict[str, Any]:
    return {"noshi": a_noshi(shop), "paper": a_wrapping(shop, 220, by_piece=True), "card": a_message_card(shop, 55)}


def two_destinations(shop: Shop, masters: dict[str, Any], *, quantity: int = 3, **wished: Any) -> Order:
    """One tea home, and some as a gift to 佐藤."""
    tea = shop.variant(1_000)
    wish = {
        "noshi": masters["noshi"].code,
        "names": ("山田", "花子"),
        "wrapping": masters["paper"].code,
        "card": masters["card"].code,
        **wished,
    }
    draft = a_draft(shop, (tea, 1), (tea, quantity))
    draft = replace(
        draft,
        destinations=(*draft.destinations, a_gift_to(message="いつもありがとう\nお元気で", wished=wish)),
        lines=(draft.lines[0], DraftLine(variant_id=tea.pk, quantity=quantity, destination=2)),
    )
    return Order.objects.get(pk=placed(draft)[0].order_id)


def fees_of(order: Order) -> list[tuple[str, int, int | None]]:
    found = Fee.objects.filter(order=order, until_revision=None).order_by("id")
    return [(fee.label, fee.amount, fee.destination.position if fee.destination else None) for fee in found]


def test_a_gift_is_kept_as_agreed_with_its_fees_and_told_to_whoever_packs(shop, masters):
    order = two_destinations(shop, masters)

    view, parcels = order_view(order.pk), Shipment.objects.filter(order=order).order_by("destination__position")
    assert view is not None
    home, there = view.destinations
    facts = gift_facts([p.pk for p in parcels])
    assert fees_of(order) == [("和紙包装 × 3", 660, 2), ("メッセージカード", 55, 2)]
    assert (order.total, order.fee_total) == (4_715, 715)
    assert (home.is_gift, home.gift, there.is_gift) == (False, None, True)
    assert there.gift is not None
    assert (there.gift.title, there.gift.names, there.gift.hides_prices) == ("御中元", ("山田", "花子"), True)
    assert facts[parcels[0].pk] == GiftFacts(shipment_id=parcels[0].pk)
    assert facts[parcels[1].pk] == GiftFacts(
        shipment_id=parcels[1].pk, is_gift=True, hides_prices=True, noshi_name="御中元", title="御中元", knot=Knot.RED_WHITE_BOW,
        placement=NoshiPlacement.INSIDE, names=("山田", "花子"), wrapping_name="和紙包装", wraps_each=True, card_name="メッセージカード",
        message="いつもありがとう\nお元気で",
    )  # fmt: skip
    assert broken() == []


def test_what_a_master_becomes_later_changes_nothing_of_what_was_agreed(shop, masters):
    order = two_destinations(shop, masters)

    with acting(SYSTEM):
        NoshiKind.objects.update(name="お中元", knot=Knot.NONE, fee=500)

    view = order_view(order.pk)
    assert view is not None
    assert view.destinations[1].gift is not None
    assert (view.destinations[1].gift.title, view.destinations[1].gift.knot) == ("御中元", Knot.RED_WHITE_BOW)


@pytest.mark.parametrize(
    ("wished", "message", "expected"),
    [
        ({"noshi": "nothing"}, "", ("gift.not_offered", "/destinations/0/gift/noshi")),
        ({"card": "card"}, "", ("gift.message_missing", "/destinations/0/gift_message")),
        ({"noshi": "noshi", "knot": Knot.RED_WHITE_TIE}, "", ("gift.unlucky", "/destinations/0/gift/knot")),
    ],
)
def test_a_gift_that_cannot_be_is_refused_and_nothing_is_written(shop, wished, message, expected):
    a_noshi(shop, code="noshi")
    a_message_card(shop, code="card")
    an_unlucky_pair(shop)
    tea = shop.variant()

    (answer,) = place_orders([a_draft(shop, (tea, 1), destinations=(a_gift_to(message=message, wished=wished),))], actor=SYSTEM, at=AT)

    assert isinstance(answer, Refused)
    assert [(reason.code, reason.field) for reason in answer.reasons] == [expected]
    assert not (Order.objects.exists())
    assert not (OutboxEvent.objects.exists())
    assert not (Stock.objects.exclude(allocated=0).exists())


def test_what_is_out_of_season_or_another_companys_is_not_offered(shop):
    a_noshi(shop, code="summer", from_on=date(2026, 6, 15))
    a_noshi(a_shop(), code="theirs")
    tea = shop.variant()

    for code in ("summer", "theirs"):
        (answer,) = place_orders([a_draft(shop, (tea, 1), destinations=(a_gift_to(wished={"noshi": code}),))], actor=SYSTEM, at=AT)
        assert isinstance(answer, Refused), code
        assert answer.code == "gift.not_offered"


def test_prices_are_shown_to_a_buyer_who_has_it_wrapped_for_themselves(shop, masters):
    tea = shop.variant()
    draft = a_draft(shop, (tea, 1))
    own = replace(draft.destinations[0], gift=GiftWish(wrapping=masters["paper"].code))

    placed(replace(draft, destinations=(own,)))

    assert Gift.objects.get().hides_prices is False


def test_a_gift_costs_one_statement_and_an_order_without_one_none(shop, masters):
    tea = shop.variant()
    plain = a_draft(shop, (tea, 1))
    given = replace(plain, destinations=(a_gift_to(wished={"wrapping": masters["paper"].code}),))
    placed(plain, given)  # whatever is kept for some seconds is kept now

    with CaptureQueriesContext(connection) as without:
        placed(plain)
    with CaptureQueriesContext(connection) as with_gift:
        placed(given)
    with CaptureQueriesContext(connection) as with_many:
        placed(*[given] * 10)

    assert len(with_gift) == len(without) + 1
    assert sum("orders_noshikind" in q["sql"] for q in with_many) == 1


def test_a_counter_that_charges_for_the_wrapping_itself_is_not_charged_twice(shop, masters):
    tea = shop.variant(1_000)
    told = DraftFee(kind=FeeKind.GIFT, label="ラッピング料", amount=300)

    draft = a_draft(shop, (tea, 1), destinations=(a_gift_to(wished={"wrapping": masters["paper"].code}),), fees=(told,))
    (quote,) = quote_orders([draft], at=AT)

    assert not isinstance(quote, Refused)
    assert quote.sums.total == 1_300


def test_a_partner_places_a_gift_and_reads_it(client: Client, shop, masters):
    headers = caller(shop.company)
    said = an_order_said(shop, (shop.variant(1_000), 2))
    said["destinations"][0] |= {
        "gift_message": "御礼まで",
        "gift": {"noshi": masters["noshi"].code, "names": ["山田"], "placement": "outside", "wrapping": masters["paper"].code,
                 "card": masters["card"].code, "sender_name": "山田商店", "hides_prices": True},
    }  # fmt: skip

    made = post(client, headers, said)
    told = client.get(made["Location"], headers=headers).json()

    assert made.status_code == 201
    (place,) = told["destinations"]
    assert (place["is_gift"], place["gift"]["names"], place["gift"]["placement"]) == (True, ["山田"], "outside")
    assert (place["gift"]["sender_name"], place["gift"]["hides_prices"]) == ("山田商店", True)
    assert [(fee["label"], fee["total"], fee["destination"]) for fee in told["fees"]] == [
        ("和紙包装 × 2", 440, 1),
        ("メッセージカード", 55, 1),
    ]


def test_a_partner_is_told_beside_the_field_what_is_not_offered(client: Client, shop):
    said = an_order_said(shop, (shop.variant(), 1))
    said["destinations"][0]["gift"] = {"noshi": "none"}

    answer = post(client, caller(shop.company), said)

    assert (answer.status_code, pointers(answer)) == (422, {"/destinations/0/gift/noshi"})


def test_changing_a_gift_changes_what_it_costs_and_says_so(shop, masters):
    a_fee(shop, 600)
    order = two_destinations(shop, masters)
    box = a_wrapping(shop, 500, name="ギフト箱")

    answer = changed(order, gift("wrapping", box.code), gift("names", "山田商店"), gift("card", ""), gift("message", ""))

    row, place = Gift.objects.get(), Destination.objects.get(order=order, position=2)
    assert (answer.revision, order.total) == (2, 4_000 + 1_200 + 500)
    assert (row.wrapping_name, row.names, row.card_id, place.gift_message) == ("ギフト箱", "山田商店", None, "")
    assert fees_of(order) == [("送料", 600, 1), ("送料", 600, 2), ("ギフト箱", 500, 2)]
    assert Fee.objects.filter(order=order, until_revision=2).count() == 2
    assert broken() == []


def test_names_alone_cost_nothing_and_keep_the_fees(shop, masters):
    order = two_destinations(shop, masters)
    before = list(Fee.objects.order_by("id").values_list("id", "until_revision"))

    changed(order, gift("names", "山田太郎"))

    assert list(Fee.objects.order_by("id").values_list("id", "until_revision")) == before
    assert Gift.objects.get().names == "山田太郎"


def test_more_pieces_are_wrapped_when_more_are_ordered(shop, masters):
    order = two_destinations(shop, masters)
    line = order.lines.get(destination__position=2)

    changed(order, ChangeItem(kind=ChangeKind.QUANTITY, target=str(line.public_id), after="5"))

    assert fees_of(order) == [("メッセージカード", 55, 2), ("和紙包装 × 5", 1_100, 2)]
    assert order.total == 6_000 + 1_100 + 55
    assert broken() == []


def test_a_gift_becomes_an_ordinary_parcel_and_its_fees_go(shop, masters):
    order = two_destinations(shop, masters)
    items = [gift(name, "") for name in ("noshi", "names", "wrapping", "card", "message", "hides_prices")]

    changed(order, *items)

    assert (Gift.objects.count(), fees_of(order), order.total) == (0, [], 4_000)
    assert Destination.objects.get(order=order, position=2).is_gift is False


def test_a_home_parcel_becomes_a_gift(shop, masters):
    order = two_destinations(shop, masters)

    changed(order, replace(gift("noshi", masters["noshi"].code), target="1"))

    assert Gift.objects.filter(destination__order=order).count() == 2


def test_what_a_change_of_a_gift_may_not_be_is_told_at_its_item(shop, masters):
    an_unlucky_pair(shop)
    order = two_destinations(shop, masters)

    assert refused(order, gift("knot", "red_white_tie")) == [("gift.unlucky", "/items/0/after")]
    assert refused(order, gift("noshi", "gone"), gift("names", "一\n二")) == [("gift.not_offered", "/items/0/after")]
    assert refused(order, gift("names", "一\n二\n三\n四")) == [("gift.too_many_names", "/items/0/after")]
    assert refused(order, replace(gift("noshi", "x"), target="9")) == [("order.unknown_destination", "/items/0/target")]
    assert refused(order, gift("nothing", "x")) == [("order.unknown_destination", "/items/0/target")]


def test_a_warehouse_reads_how_it_is_given(shop, masters):
    two_destinations(shop, masters, sender_name="山田商店")

    given = give_file(
        "shipping_instruction", place=FilePlace(company_id=shop.company.pk, location_id=shop.locations[0].pk), actor=STAFF, at=AT
    )

    head, home, there = csv.reader(io.StringIO(given.content.decode("cp932")))
    columns = ("金額非表示", "依頼主", "のし表書き", "水引", "のし掛け", "のし名入れ", "包装", "カード")
    assert [home[head.index(name)] for name in columns] == [""] * 8
    assert [there[head.index(name)] for name in columns] == [
        "1", "山田商店", "御中元", "紅白 蝶結び", "内のし", "山田 / 花子", "和紙包装", "メッセージカード",
    ]  # fmt: skip


def test_the_label_of_a_gift_names_the_sender_shown(shop, masters):
    order = two_destinations(shop, masters, sender_name="山田商店")

    parcels = parcels_as_labels([s.pk for s in Shipment.objects.filter(order=order)])

    assert [parcel.buyer.name if parcel.buyer else None for parcel in parcels] == [None, "山田商店"]


def test_somebody_who_is_forgotten_stands_on_no_noshi(shop, masters):
    order = two_destinations(shop, masters, sender_name="山田商店")

    blank_customers([order.customer_id], actor=SYSTEM, at=AT)

    row = Gift.objects.get()
    assert (row.names, row.sender_name, row.title) == ("", "", "御中元")


def test_words_of_ones_own_on_a_noshi_are_forgotten_too(shop, masters):
    order = two_destinations(shop, masters)
    Gift.objects.update(title="山田家 金婚式")

    blank_customers([order.customer_id], actor=SYSTEM, at=AT)

    assert Gift.objects.get().title == ""


def test_the_usual_noshi_are_put_in_once_and_go_together(shop):
    new, again = seed_noshi(shop.company.pk, actor=SYSTEM), seed_noshi(shop.company.pk, actor=SYSTEM)

    kinds = list(NoshiKind.objects.filter(company=shop.company))
    assert (new, again) == (len(kinds), 0)
    assert len(kinds) == 24
    assert [kind.name for kind in kinds if kind.unlucky is not None] == []
    assert NoshiPairing.objects.filter(title="御中元", knot=Knot.RED_WHITE_TIE, is_refused=True).exists()
