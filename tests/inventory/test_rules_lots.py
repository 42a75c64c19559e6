"""First-expired-first-out, and why serving promises by it leaves nobody short (docs/adr/0015)."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory.rules import MovementKind, StockState
from inventory.rules.lots import Batch, LotShelf, LotShortage, Promise, by_lot, first_expired, keep_their_word, without
from inventory.rules.moves import Step

DAY = date(2026, 5, 11)
FREE, DAMAGED = StockState.AVAILABLE, StockState.DAMAGED


def a_batch(lot_id, pieces, days=None, **fields):
    expires_on = None if days is None else DAY + timedelta(days)
    return Batch(lot_id=lot_id, number=f"L{lot_id}", expires_on=expires_on, pieces={FREE: pieces}, **fields)


def portions(found):
    return found and [(portion.number, portion.quantity) for portion in found]


def a_step(quantity, sellable=None, **fields):
    return Step(
        **{
            "ask": 0, "kind": MovementKind.ADJUSTMENT, "stock_item_id": 1, "location_id": 1, "quantity": quantity,
            "sellable_quantity": quantity if sellable is None else sellable, "once_key": "k", "cause": "c", **fields,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("_case", "quantity", "keeping", "found"),
    [
        ("of_one_lot", 3, 0, [("L2", 3)]),
        ("over_two_lots", 6, 0, [("L2", 5), ("L1", 1)]),
        ("keeping_long_enough", 6, 50, [("L1", 5), ("L3", 1)]),
        ("what_never_expires_comes_late", 12, 0, [("L2", 5), ("L1", 5), ("L3", 2)]),
        ("what_nobody_named_comes_last", 16, 0, [("L2", 5), ("L1", 5), ("L3", 5), ("LNone", 1)]),
        ("unnamed_keeps_no_promise", 12, 50, None),
        ("too_many", 21, 0, None),
    ],
)
def test_the_first_to_expire_leaves_first(_case, quantity, keeping, found):
    batches = [a_batch(None, 5), a_batch(3, 5), a_batch(1, 5, days=60), a_batch(2, 5, days=10)]
    until = DAY + timedelta(keeping) if keeping else date.min

    assert portions(first_expired(batches, quantity, keeping_until=until)) == found


def test_of_lots_that_expire_together_the_first_that_came_leaves_first():
    late, early = a_batch(1, 2, days=9, received_on=DAY), a_batch(2, 2, days=9, received_on=DAY - timedelta(1))

    assert portions(first_expired([late, early], 3)) == [("L2", 2), ("L1", 1)]


def test_a_line_without_a_lot_becomes_a_line_for_each_lot_and_keeps_its_key():
    shelf = LotShelf(batches=[a_batch(1, 2, days=9), a_batch(2, 9, days=20)])

    steps, left = by_lot([a_step(-5)], {(1, 1): shelf})

    assert [(s.lot_number, s.quantity, s.sellable_quantity, s.once_key) for s in steps] == [("L1", -2, -2, "k"), ("L2", -3, -3, "k/1")]
    assert [batch.pieces[FREE] for batch in left[1, 1].batches] == [0, 6]


def test_both_ends_of_a_transfer_move_the_same_lots():
    shelf = LotShelf(batches=[a_batch(1, 2, days=9), a_batch(2, 9, days=20)])
    out, into = a_step(-3, once_key="out"), a_step(3, location_id=2, once_key="in")

    steps, _ = by_lot([out, into], {(1, 1): shelf, (1, 2): LotShelf(batches=())})

    assert [(s.once_key, s.lot_number, s.quantity) for s in steps] == [
        ("out", "L1", -2), ("in", "L1", 2), ("out/1", "L2", -1), ("in/1", "L2", 1),
    ]  # fmt: skip


def test_a_line_that_takes_from_two_states_looks_for_lots_in_each():
    sound = a_batch(1, 4, days=9)
    broken = Batch(lot_id=2, number="L2", expires_on=DAY, pieces={FREE: 0, DAMAGED: 3})

    steps, _ = by_lot([a_step(-5, -3, state=DAMAGED)], {(1, 1): LotShelf(batches=[sound, broken])})

    assert [(s.lot_number, s.quantity, s.sellable_quantity, s.state) for s in steps] == [
        ("L1", -3, -3, FREE), ("L2", -2, 0, DAMAGED),
    ]  # fmt: skip


def test_nothing_leaves_that_somebody_was_promised_to_keep():
    shelf = LotShelf(
        batches=[a_batch(1, 5, days=9), a_batch(2, 5, days=90)], promises=[Promise(good_until=DAY + timedelta(30), quantity=4)]
    )

    named = by_lot([a_step(-2, lot_number="L2")], {(1, 1): shelf})
    fewer = by_lot([a_step(-1, lot_number="L2")], {(1, 1): shelf})

    assert isinstance(named, LotShortage)
    assert named.is_promised
    assert not isinstance(fewer, LotShortage)


def test_what_comes_in_does_not_count_before_it_is_there():
    shelf = LotShelf(batches=[a_batch(1, 1, days=9)])

    found = by_lot([a_step(5, lot_number="L1"), a_step(-3, part=1, once_key="out")], {(1, 1): shelf})

    assert isinstance(found, LotShortage)
    assert (found.wanted, found.there, found.is_promised) == (3, 1, False)


days = st.integers(0, 8)
lots = st.lists(st.tuples(st.integers(0, 4), days), min_size=1, max_size=6)
wanted = st.lists(st.tuples(st.integers(1, 3), st.one_of(st.none(), days)), min_size=1, max_size=6)


@given(lots=lots, wanted=wanted, order=st.randoms(use_true_random=False))
def test_whoever_keeps_their_word_can_serve_everybody_in_any_order_by_first_expired_first_out(lots, wanted, order):
    """The proof behind the design: lots are chosen only when goods leave, and nobody promised is ever left short."""
    batches = [a_batch(n, pieces, days=day) for n, (pieces, day) in enumerate(lots, 1)]
    promises = [Promise(good_until=DAY + timedelta(day), quantity=quantity) for quantity, day in wanted if day is not None]
    assume(sum(pieces for pieces, _ in lots) >= sum(quantity for quantity, _ in wanted))
    assume(keep_their_word(batches, promises))
    order.shuffle(wanted)

    for quantity, day in wanted:
        until = date.min if day is None else DAY + timedelta(day)
        found = first_expired(batches, quantity, keeping_until=until)
        assert found is not None
        assert sum(portion.quantity for portion in found) == quantity
        batches = without(batches, found)
        if day is not None:
            promises.remove(Promise(good_until=until, quantity=quantity))
        assert keep_their_word(batches, promises)


@given(lots=lots, wanted=wanted)
def test_keeping_ones_word_is_exactly_being_able_to_serve_everybody(lots, wanted):
    """Against the plainest way to serve: who is most particular first, each from what expires first and keeps long enough."""
    batches = [a_batch(n, pieces, days=day) for n, (pieces, day) in enumerate(lots, 1)]
    particular = [(quantity, day) for quantity, day in wanted if day is not None]
    word = keep_their_word(batches, [Promise(good_until=DAY + timedelta(day), quantity=quantity) for quantity, day in particular])

    pieces = sorted((day for count, day in lots for _ in range(count)), reverse=True)
    claims = sorted((day for quantity, day in particular for _ in range(quantity)), reverse=True)
    servable = len(claims) <= len(pieces) and all(has >= wants for has, wants in zip(pieces, claims, strict=False))

    assert word == servable
