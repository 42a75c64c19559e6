"""Barcodes, walks, inspection and inserts as rules: with no database."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orders.rules import (
    Expected,
    Given,
    InsertFacts,
    InsertTerms,
    PickedPiece,
    ScanRead,
    WhenShort,
    barcode_svg,
    choose,
    code128,
    contents_mark,
    pick_lines,
    reasons_for,
    scan_fault,
    seconds_left,
)
from orders.rules.barcodes import _WIDTHS
from orders.rules.inserts import scopes_of

TODAY = date(2026, 5, 11)


def decoded(widths) -> str:
    """What a scanner reads of a Code 128, its check sign included."""
    signs = ["".join(map(str, widths[n : n + 6])) for n in range(0, len(widths) - 7, 6)]
    values = [_WIDTHS.index(sign) for sign in signs]
    assert "".join(map(str, widths[-7:])) == "2331112"
    assert (values[0] + sum(n * value for n, value in enumerate(values[1:-1], start=1))) % 103 == values[-1]
    told, pairs = "", values[0] == 105
    for value in values[1:-1]:
        if value == (100 if pairs else 99):  # among pairs 99 is a pair
            pairs = not pairs
        else:
            told += f"{value:02d}" if pairs else chr(value + 32)
    return told


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40))
@example("0099")
def test_a_barcode_says_what_was_written(text):
    assert decoded(code128(text)) == text


def test_a_shipment_number_is_a_barcode_of_known_widths():
    assert len(code128("4901234567894")) == 10 * 6 + 7  # start, one sign, switch, six pairs, check: and the stop
    assert code128("髙橋") == ()
    assert barcode_svg("") == ""
    assert barcode_svg("A").startswith("<svg ")


@pytest.mark.parametrize(
    ("_case", "parcels", "done", "spent", "usual", "seconds"),
    [("not begun", 500, 0, 0, 20, 10), ("at its own pace", 500, 250, 4_000, 20, 4), ("nearly there", 10, 10, 900, 20, 1)],
)
def test_the_time_left_goes_by_the_pace(_case, parcels, done, spent, usual, seconds):
    assert seconds_left(parcels=parcels, done=done, spent_ms=spent, usual_ms=usual) == seconds


def a_piece(**given) -> PickedPiece:
    usual = {"shipment_id": 1, "stock_item_id": 1, "item": "TEA", "name": "煎茶", "mark": "A-01", "quantity": 1}
    return PickedPiece(**{**usual, **given})


def test_the_walk_goes_by_shelf_then_lot_and_sums_over_parcels():
    pieces = [
        a_piece(shipment_id=1, lot="L2", expires_on=date(2026, 9, 1), quantity=2),
        a_piece(shipment_id=2, lot="L1", expires_on=date(2026, 6, 1), quantity=1),
        a_piece(shipment_id=2, lot="L2", expires_on=date(2026, 9, 1), quantity=3),
        a_piece(shipment_id=1, stock_item_id=2, item="CUP", name="湯呑", mark="", quantity=1),
        a_piece(shipment_id=1, stock_item_id=3, item="ZAB", name="座布団", mark="A-00", quantity=1),
    ]

    lines = pick_lines(pieces)

    assert [(line.item, line.lot, line.quantity, line.parcels) for line in lines] == [
        ("ZAB", "", 1, 1), ("TEA", "L1", 1, 1), ("TEA", "L2", 5, 2), ("CUP", "", 1, 1),
    ]  # fmt: skip


EXPECTED = (
    Expected(stock_item_id=1, item="TEA", name="煎茶", quantity=3, lots={"L1": 1, "L2": 2}),
    Expected(stock_item_id=2, item="CUP", name="湯呑", quantity=2),
)


@pytest.mark.parametrize(
    ("_case", "scan", "counted", "code"),
    [
        ("belongs here", ScanRead(stock_item_id=2, item="CUP"), {}, None),
        ("wrong item", ScanRead(stock_item_id=9, item="POT"), {}, "order.not_in_box"),
        ("too many", ScanRead(stock_item_id=2, item="CUP"), {(2, ""): 2}, "order.too_many_in_box"),
        ("a case of three", ScanRead(stock_item_id=2, item="CUP", pieces=3), {}, "order.too_many_in_box"),
        ("which lot", ScanRead(stock_item_id=1, item="TEA"), {}, "order.scan_the_lot"),
        ("its lot", ScanRead(stock_item_id=1, item="TEA", lot="L2"), {(1, "L2"): 1}, None),
        ("wrong lot", ScanRead(stock_item_id=1, item="TEA", lot="L9"), {}, "order.wrong_lot"),
        ("too many of a lot", ScanRead(stock_item_id=1, item="TEA", lot="L1"), {(1, "L1"): 1}, "order.too_many_of_lot"),
    ],
)
def test_a_scan_belongs_into_the_box_or_is_refused(_case, scan, counted, code):
    fault = scan_fault(scan, EXPECTED, counted)

    assert (fault.code if fault else None) == code


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(["", "A", "B"]), st.integers(1, 9)), max_size=8, unique_by=lambda t: t[:2]))
def test_contents_have_one_mark_in_any_order_and_another_when_a_piece_is_missing(contents):
    assert contents_mark(contents) == contents_mark(reversed(contents))
    if contents:
        item, lot, pieces = contents[0]
        assert contents_mark([(item, lot, pieces + 1), *contents[1:]]) != contents_mark(contents)


def a_rule(rule_id=1, **given) -> InsertTerms:
    return InsertTerms(**{"rule_id": rule_id, "name": f"rule {rule_id}", "position": rule_id, "stock_item_id": rule_id, **given})


def a_parcel(shipment_id=1, **given) -> InsertFacts:
    return InsertFacts(**{"shipment_id": shipment_id, "order_id": shipment_id, "location_id": 1, "person": shipment_id, **given})


@pytest.mark.parametrize(
    ("_case", "rule", "parcel", "reasons"),
    [
        ("no condition", {}, {}, (("everybody", ""),)),
        ("one of the products", {"skus": frozenset({"A", "B"})}, {"skus": frozenset({"B", "C"})}, (("skus", "B"),)),
        ("none of the products", {"skus": frozenset({"A"})}, {"skus": frozenset({"C"})}, None),
        ("third delivery", {"cycle_from": 3, "cycle_until": 3}, {"cycles": frozenset({3})}, (("cycle", "3"),)),
        ("no delivery of a subscription", {"cycle_from": 1}, {}, None),
        ("first order", {"first_order": True}, {"is_first_order": True}, (("first_order", ""),)),
        ("not the first", {"first_order": True}, {}, None),
        ("second purchase", {"f_from": 2, "f_until": 2}, {"f_number": 2}, (("f_number", "2"),)),
        ("third purchase", {"f_from": 2, "f_until": 2}, {"f_number": 3}, None),
        ("amount reached", {"amount_from": 5_000}, {"amount": 5_000}, (("amount", "5,000"),)),
        ("amount not reached", {"amount_from": 5_000}, {"amount": 4_999}, None),
        ("prefecture", {"prefectures": frozenset({"沖縄県"})}, {"prefecture": "沖縄県"}, (("prefectures", "沖縄県"),)),
        ("ad code and rank", {"ad_codes": frozenset({"N1"}), "ranks": frozenset({"gold"})},
            {"ad_codes": frozenset({"N1"}), "ranks": frozenset({"gold"})}, (("ad_codes", "N1"), ("ranks", "gold"))),
        ("one of two conditions", {"ad_codes": frozenset({"N1"}), "ranks": frozenset({"gold"})}, {"ad_codes": frozenset({"N1"})}, None),
        ("channel", {"channel_id": 7, "channel": "電話"}, {"channel_id": 7}, (("channel", "電話"),)),
        ("before its period", {"from_on": date(2026, 5, 12)}, {}, None),
        ("the day it is over", {"until_on": TODAY}, {}, None),
        ("in its period", {"from_on": TODAY, "until_on": date(2026, 5, 12)}, {}, (("period", "2026-05-11/2026-05-12"),)),
    ],
)  # fmt: skip
def test_a_rule_says_why_it_applies(_case, rule, parcel, reasons):
    assert reasons_for(a_rule(**rule), a_parcel(**parcel), today=TODAY) == reasons


def test_what_is_short_is_skipped_or_waited_for_and_the_next_of_the_group_steps_in():
    first, second = a_rule(1, group="leaflet"), a_rule(2, group="leaflet")
    waits = a_rule(3, when_short=WhenShort.WAIT)

    skipped = choose([a_parcel()], [first, second], given=Given(), free={(2, 1): 1}, today=TODAY)
    waiting = choose([a_parcel()], [first, second, waits], given=Given(), free={(1, 1): 1}, today=TODAY)

    assert [one.rule.rule_id for one in skipped.chosen] == [2]
    assert (waiting.chosen, waiting.waiting) == ((), {1: waits})


RULES = st.lists(
    st.builds(
        a_rule, st.integers(1, 6), position=st.integers(1, 3), stock_item_id=st.integers(1, 2), group=st.sampled_from(["", "g", "h"]),
        is_once=st.booleans(), quantity=st.integers(1, 2), when_short=st.sampled_from(WhenShort),
    ),
    max_size=6, unique_by=lambda rule: rule.rule_id,
)  # fmt: skip
PARCELS = st.lists(
    st.builds(
        lambda n, order, person, box: a_parcel(n, order_id=order, person=person, box=box),
        st.integers(1, 30), st.integers(1, 5), st.integers(1, 3), st.sampled_from([None, None, "box"]),
    ),
    max_size=12, unique_by=lambda parcel: parcel.shipment_id,
)  # fmt: skip


@given(RULES, PARCELS, st.dictionaries(st.tuples(st.integers(1, 2), st.just(1)), st.integers(0, 8)))
def test_of_a_group_an_order_and_a_box_get_one_a_person_one_of_what_is_once_and_nothing_is_given_that_is_not_there(rules, parcels, free):
    choice = choose(parcels, rules, given=Given(), free=free, today=TODAY)

    by_id = {parcel.shipment_id: parcel for parcel in parcels}
    chosen = [(one.rule, by_id[one.shipment_id]) for one in choice.chosen]
    groups = [(scope, rule.group) for rule, parcel in chosen for scope in scopes_of(parcel) if rule.group]
    assert len(groups) == len(set(groups))
    same = [(scope, rule.rule_id) for rule, parcel in chosen for scope in scopes_of(parcel)]
    assert len(same) == len(set(same))
    once = [(parcel.person, rule.rule_id) for rule, parcel in chosen if rule.is_once]
    assert len(once) == len(set(once))
    for item, place in {(rule.stock_item_id, 1) for rule, _parcel in chosen}:
        assert sum(rule.quantity for rule, _p in chosen if rule.stock_item_id == item) <= free.get((item, place), 0)
    assert not {one.shipment_id for one in choice.chosen} & set(choice.waiting)


@given(RULES, PARCELS)
def test_where_nothing_is_short_the_first_of_a_group_wins(rules, parcels):
    choice = choose(parcels, [r for r in rules if not r.is_once], given=Given(), free={(1, 1): 999, (2, 1): 999}, today=TODAY)

    ranked = sorted((r for r in rules if not r.is_once), key=lambda r: (r.position, r.rule_id))
    for group in {r.group for r in ranked if r.group}:
        best = next(r for r in ranked if r.group == group)
        assert {one.rule.rule_id for one in choice.chosen if one.rule.group == group} <= {best.rule_id}
