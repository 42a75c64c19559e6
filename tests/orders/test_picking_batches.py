"""Parcels are picked together, once each, and their papers are set, kept, marked when printed again, and thrown away."""

import contextlib
import re
import zlib
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice
from billing.rules import PaymentMethod
from core.actor import SYSTEM
from core.clock import travel
from core.db import acting, rows
from core.errors import Refusal
from core.models import TaxRate
from core.queries import forget_kept
from inventory.models import ShelfMark, Stock
from inventory.queries import invariants as stock_promises
from orders.models import PaperFile, PickingBatch, PickingParcel, PrintedPaper, Shipment
from orders.operations import (
    InBatch,
    Leaving,
    OnPaper,
    ask_for_papers,
    cancel_orders,
    combine_shipments,
    fail_papers,
    forget_papers,
    keep_papers,
    lease_papers,
    leave_batches,
    make_picking_batches,
    note_papers_read,
    raise_holds,
    set_papers_again,
    ship_shipments,
)
from orders.queries import delivery_notes, invariants, paper_progress, parcels_on_papers
from orders.rules import DraftDestination, GiftWish, HoldKind, PaperKind, PickingWay
from orders.tasks import set_papers
from orders.tasks.delivery_notes import note_content
from tests.factories.orders import AT, STAFF, a_fee, a_known_customer, a_place, a_shop, an_insert_rule, an_order

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=2)


@pytest.fixture(autouse=True)
def promises_hold(db):
    with travel(AT):
        yield
    broken = [p.name for p in (*invariants(), *stock_promises()) if rows(p.sql, {"company": None}, prepare=False)]
    assert broken == []


@pytest.fixture
def shop():
    return a_shop(locations=1, registration_number="T1234567890123")


def parcel_of(shop, *wanted, **given) -> Shipment:
    given = {"payment_method": PaymentMethod.POINTS, **given}
    return Shipment.objects.get(order=an_order(shop, *wanted, **given))


def batched(*parcels, way=PickingWay.TOTAL):
    return make_picking_batches([p.pk for p in parcels], way=way, actor=STAFF, at=AT)


def asked(*parcels, kind=PaperKind.DELIVERY_NOTES, **given):
    return ask_for_papers([p.pk for p in parcels], kind=kind, kept_days=14, actor=STAFF, at=AT, **given)


def printed(*parcels, **given) -> PaperFile:
    (answer, *_others) = asked(*parcels, **given)
    assert isinstance(answer, OnPaper), answer
    set_papers()
    file = PaperFile.objects.get(pk=answer.file_id)
    assert (file.state, file.fault) == ("done", "")
    return file


def test_parcels_are_in_one_batch_with_their_lots_and_inserts_chosen(shop):
    an_insert_rule(shop)
    parcels = [parcel_of(shop) for _ in range(3)]

    answers = batched(*parcels)

    batch = PickingBatch.objects.get()
    assert all(isinstance(one, InBatch) and one.batch == batch.number for one in answers)
    assert (batch.parcel_count, batch.location, batch.actor_label) == (3, shop.locations[0], STAFF.label)
    assert [p.insert_count for p in Shipment.objects.all()] == [1, 1, 1]
    again = batched(*parcels)
    assert [one.code for one in again if isinstance(one, Refusal)] == ["order.in_a_batch"] * 3
    assert (PickingBatch.objects.count(), PickingParcel.objects.count()) == (1, 3)


def test_who_may_not_leave_stays_out_with_a_reason_and_the_others_go(shop):
    held, gone, good = (parcel_of(shop) for _ in range(3))
    raise_holds([held.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)
    ship_shipments([Leaving(shipment_id=gone.pk)], actor=STAFF, at=AT)

    answers = make_picking_batches([held.pk, gone.pk, good.pk, 999_999], way=PickingWay.BY_PARCEL, actor=STAFF, at=AT)

    assert [getattr(one, "code", None) for one in answers] == ["order.on_hold", "order.not_open", None, "order.not_found"]
    assert list(PickingParcel.objects.values_list("shipment", flat=True)) == [good.pk]


def test_a_box_is_picked_as_a_whole_or_not_at_all(shop):
    buyer = a_known_customer(shop)
    first, second = (parcel_of(shop, customer_id=buyer.pk) for _ in range(2))
    combine_shipments([[first.pk, second.pk]], actor=STAFF, at=AT)
    raise_holds([second.order_id], kind=HoldKind.MANUAL, reason="確認", actor=STAFF, at=AT)

    assert [one.code for one in batched(first)] == ["order.box_stays"]


def test_a_parcel_that_left_its_batch_may_be_picked_anew(shop):
    parcel = parcel_of(shop)
    batched(parcel)

    leave_batches([parcel.pk], actor=STAFF, at=LATER)
    (again,) = batched(parcel)

    assert isinstance(again, InBatch)
    assert PickingParcel.objects.filter(ended_at=None).count() == 1


def test_many_parcels_cost_as_many_statements_as_few(shop):
    def spent(count):
        parcels = [parcel_of(shop) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            batched(*parcels)
        return len(queries)

    spent(1)  # opens the series of numbers
    assert spent(2) == spent(10)


def test_a_file_of_notes_is_set_with_its_progress_and_printed_once_each(shop):
    parcels = [parcel_of(shop) for _ in range(3)]

    file = printed(*parcels)

    assert bytes(file.content).startswith(b"%PDF-")
    assert (file.done_count, file.parcel_count, file.content_size) == (3, 3, len(file.content))
    assert [one.code for one in asked(*parcels)] == ["order.printed_before"] * 3
    again = printed(*parcels, again=True)
    assert again.is_reprint
    assert list(PrintedPaper.objects.filter(file=again).values_list("copy", flat=True)) == [2, 2, 2]
    (note, *_others) = delivery_notes([parcels[0].pk], file_id=again.pk, at=AT)
    assert note_content(note)["copy"] == "再発行（2回目）"


def test_a_note_says_what_its_invoice_will_say_to_the_last_yen(shop):
    a_fee(shop, 600)
    parcel = parcel_of(
        shop, (shop.variant(1_079, tax_class="reduced"), 3), (shop.variant(333), 7), payment_method=PaymentMethod.CASH_ON_DELIVERY
    )
    (before,) = delivery_notes([parcel.pk], at=AT)

    ship_shipments([Leaving(shipment_id=parcel.pk)], actor=STAFF, at=AT)
    (after,) = delivery_notes([parcel.pk], at=AT)

    invoice = Invoice.objects.get()
    (soon,), (left,) = before.orders, after.orders
    assert (soon.lines, soon.rates, soon.total) == (left.lines, left.rates, invoice.total)
    assert [(r.tax_rate_bp, r.taxable, r.tax) for r in soon.rates] == [
        (t.tax_rate_bp, t.taxable, t.tax) for t in invoice.taxes.order_by("-tax_rate_bp")
    ]
    assert (soon.kind, left.invoice_number) == ("qualified", invoice.number)
    told = note_content(before)["orders"][0]
    assert "T1234567890123" in told["invoice"]
    assert told["reduced"] is True


def test_a_gift_shows_no_price_no_method_and_no_registration_number(shop):
    to = DraftDestination(place=a_place(), is_gift=True, gift_message="おめでとう")
    parcel = parcel_of(shop, (shop.variant(98_765), 1), destinations=(to,))
    (note,) = delivery_notes([parcel.pk], at=AT)

    told = str(note_content(note))

    assert "98,765" not in told
    assert "T1234567890123" not in told
    assert "おめでとう" in told
    assert (note.hides_prices, note.orders[0].rates, note_content(note)["words"]["heading"]) == (True, (), "お届け明細")


def test_orders_in_one_box_are_told_apart_on_one_paper(shop):
    buyer = a_known_customer(shop)
    first, second = (parcel_of(shop, (shop.variant(1_000), n), customer_id=buyer.pk) for n in (1, 2))
    combine_shipments([[first.pk, second.pk]], actor=STAFF, at=AT)

    (note,) = delivery_notes([second.pk, first.pk], at=AT)

    assert note.number == first.number
    assert [order.total for order in note.orders] == [first.order.total, second.order.total]
    printed(second)
    assert PrintedPaper.objects.count() == 2


def test_of_an_order_with_another_parcel_to_leave_the_note_is_no_invoice(shop):
    shop = a_shop(locations=2, registration_number="T1234567890123")
    order = an_order(shop, (shop.variant(stock=[5, 0]), 1), (shop.variant(stock=[0, 5]), 1), payment_method=PaymentMethod.POINTS)
    first, second = Shipment.objects.filter(order=order).order_by("pk")

    assert [note.orders[0].kind for note in delivery_notes([first.pk, second.pk], at=AT)] == ["plain", "plain"]
    ship_shipments([Leaving(shipment_id=first.pk)], actor=STAFF, at=AT)
    assert [note.orders[0].kind for note in delivery_notes([second.pk], at=AT)] == ["qualified"]


def test_rare_signs_long_names_and_lists_are_set_in_type(shop):
    parcel = parcel_of(
        shop, (shop.variant(sku="𠮷野葛〜大袋"), 2),
        destinations=(DraftDestination(place=a_place(family_name="髙橋", organisation_name="株式会社〜𠮷野家乃里本店物産振興共同組合連合会東日本支部仮")),),
    )  # fmt: skip
    ShelfMark.objects.create(stock=Stock.objects.get(), mark="A-01-3")
    batched(parcel)
    batch = PickingBatch.objects.get()

    for kind in PaperKind:
        file = printed(parcel, kind=kind, batch_id=batch.pk)
        signs = set(signs_in(bytes(file.content)))
        assert set("𠮷葛〜") <= signs, kind
        if kind is not PaperKind.TOTAL_LIST:
            assert set("髙橋") <= signs, kind


def test_a_dead_worker_leaves_a_file_to_the_next_and_after_three_it_says_so(shop):
    parcel = parcel_of(shop)
    (answer,) = asked(parcel)
    for _try in range(3):
        assert lease_papers(actor=STAFF, at=AT).file_id == answer.file_id
        assert lease_papers(actor=STAFF, at=AT) is None  # it is somebody's
        PaperFile.objects.update(leased_until_at=AT - timedelta(days=400))

    assert lease_papers(actor=STAFF, at=AT) is None
    assert PaperFile.objects.get().state == "failed"
    assert set_papers_again([answer.file_id], actor=STAFF, at=AT) == [None]
    set_papers()
    assert paper_progress(answer.file_id).state == "done"


def test_papers_past_their_days_are_thrown_away(shop):
    file = printed(parcel_of(shop))

    assert forget_papers(limit=10, actor=STAFF, at=AT + timedelta(days=13)) == 0
    assert forget_papers(limit=10, actor=STAFF, at=AT + timedelta(days=14)) == 1

    file.refresh_from_db()
    assert (bytes(file.content), file.state, PrintedPaper.objects.count()) == (b"", "done", 1)


def test_what_is_cancelled_is_not_printed(shop):
    parcel = parcel_of(shop)
    cancel_orders([parcel.order_id], reason="要らない", actor=STAFF, at=AT)

    assert [one.code for one in asked(parcel)] == ["order.parcel_cancelled"]
    assert PaperFile.objects.count() == 0


def signs_in(pdf: bytes) -> str:
    """The signs that can be copied from a PDF, by the tables of its fonts."""
    streams = []
    for found in re.finditer(rb"stream\r?\n", pdf):
        with contextlib.suppress(zlib.error):
            streams.append(zlib.decompressobj().decompress(pdf[found.end() :]))
    tables = b"".join(one for one in streams if b"beginbfchar" in one or b"beginbfrange" in one)
    told = re.findall(rb"<([0-9A-Fa-f]+)>", tables)
    return "".join(bytes.fromhex(one.decode()).decode("utf-16-be", "ignore") for one in told if len(one) % 4 == 0)


def test_where_a_gift_names_another_sender_its_paper_names_no_buyer_and_is_no_invoice(shop):
    to = DraftDestination(place=a_place(family_name="鈴木", given_name="次郎"), gift=GiftWish(sender_name="山田家一同", hides_prices=False))
    parcel = parcel_of(shop, destinations=(to,))

    (note,) = delivery_notes([parcel.pk], at=AT)

    assert parcel.order.buyer_name not in str(note_content(note))
    assert (note.orders[0].buyer_name, note.orders[0].kind) == ("山田家一同", "plain")


def test_a_paper_printed_before_the_rate_changes_bears_the_rate_of_the_day_it_leaves(shop):
    soon = AT.date() + timedelta(days=2)
    with acting(SYSTEM):
        TaxRate.objects.filter(tax_class_id="standard", country="JP", valid_until_on=None).update(valid_until_on=soon)
        TaxRate.objects.create(tax_class_id="standard", country="JP", rate_bp=1_200, valid_from_on=soon)
    forget_kept()
    parcel = parcel_of(shop, (shop.variant(1_000), 1))
    Shipment.objects.filter(pk=parcel.pk).update(planned_on=AT.date() + timedelta(days=3))

    (planned,) = delivery_notes([parcel.pk], at=AT)
    Shipment.objects.filter(pk=parcel.pk).update(planned_on=AT.date() - timedelta(days=3))
    (late,) = delivery_notes([parcel.pk], at=AT)

    assert [[r.tax_rate_bp for r in note.orders[0].rates] for note in (planned, late)] == [[1_200], [1_000]]
    assert (planned.ships_on, late.ships_on) == (AT.date() + timedelta(days=3), AT.date())


def test_what_was_cancelled_after_it_was_asked_for_is_not_on_the_paper(shop):
    gone, stays = parcel_of(shop), parcel_of(shop)
    answers = asked(gone, stays)
    cancel_orders([gone.order_id], reason="要らない", actor=STAFF, at=AT)

    set_papers()

    assert PaperFile.objects.get(pk=answers[0].file_id).state == "done"
    assert parcels_on_papers(answers[0].file_id) == [stays.pk]


def test_a_file_of_which_everything_was_cancelled_says_so(shop):
    parcel = parcel_of(shop)
    asked(parcel)
    cancel_orders([parcel.order_id], reason="要らない", actor=STAFF, at=AT)

    set_papers()

    assert PaperFile.objects.values_list("state", flat=True).get() == "failed"


def test_a_worker_whose_lease_ran_out_writes_nothing_more(shop):
    asked(parcel_of(shop))
    slow = lease_papers(actor=STAFF, at=AT)
    PaperFile.objects.update(leased_until_at=AT - timedelta(days=400))
    quick = lease_papers(actor=STAFF, at=AT)

    assert note_papers_read(slow, done=1, spent_ms=1, actor=STAFF) is False
    fail_papers(slow, "slow", actor=STAFF, at=AT)
    keep_papers(slow, b"old", spent_ms=1, actor=STAFF, at=AT)
    assert PaperFile.objects.get().state == "working"

    assert note_papers_read(quick, done=1, spent_ms=1, actor=STAFF) is True
    keep_papers(quick, b"new", spent_ms=1, actor=STAFF, at=AT)
    assert bytes(PaperFile.objects.get().content) == b"new"
