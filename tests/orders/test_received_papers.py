"""Paper orders: scans are kept once, typed by one person at a time, and end in one order or in words."""

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from core.actor import SYSTEM, Actor, ActorKind
from core.clock import business_date
from core.db import acting, run
from core.errors import Refusal
from core.models import PersonalDataRead
from customers.models import Account
from orders.admin.order_form_paper import FormReader, order_form_paper
from orders.models import Order, OrderForm, PaperScan, ReceivedPaper
from orders.operations import (
    PapersKept,
    PaperTaken,
    decide_papers,
    forget_scans,
    receive_papers,
    requeue_papers,
    take_in_scans,
    take_next_paper,
    take_paper,
)
from orders.operations.erasing import blank_customers
from orders.rules import FormCode, PaperBatch, PaperWay, ReceivedState, form_code, kind_of_scan, printed_code
from tests.factories.customers import a_customer, a_staff_account
from tests.factories.orders import AT, Shop
from tests.orders.test_entry import URL, a_desk, a_phone_shop, nothing_was_written, placed_by, press, the_page

pytestmark = pytest.mark.django_db
WORK = "/admin/orders/receivedpaper/work/"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
JPEG = b"\xff\xd8\xff\xe0" + b"scan" * 20
ME = Actor(ActorKind.STAFF, "1", "紙 担当")


def a_pdf(pages: int) -> bytes:
    import typst

    return typst.compile(b"#page[one]" * pages, format="pdf")


def a_fax(pages: int, *, dpi: tuple[int, int] = (204, 98), size: tuple[int, int] = (408, 196)) -> bytes:
    """A fax as machines send it: black and white, coarser down than across."""
    sheets = [Image.new("1", size, 1) for _n in range(pages)]
    for n, sheet in enumerate(sheets):
        sheet.putpixel((n, 0), 0)
    made = io.BytesIO()
    sheets[0].save(made, "TIFF", save_all=True, append_images=sheets[1:], compression="group4", dpi=dpi)
    return made.getvalue()


def a_batch(shop: Shop, **given: Any) -> PaperBatch:
    usual: dict[str, Any] = {"way": PaperWay.FAX, "received_on": date(2026, 5, 10), "medium": "チラシ", "ad_code": "FAX-1"}
    return PaperBatch(company_id=shop.company.pk, channel_id=shop.channel.pk, **{**usual, **given})


def a_paper(shop: Shop, raw: bytes = PNG, **given: Any) -> int:
    (kept,) = receive_papers([("fax001.png", raw)], batch=a_batch(shop, **given), actor=ME, at=AT)
    assert isinstance(kept, PapersKept), kept
    return kept.paper_ids[0]


def take(shop: Shop, paper: int, who: Account) -> Any:
    return take_paper(paper, company_ids=[shop.company.pk], typist_id=who.pk, actor=ME)


def test_every_page_of_a_pdf_is_a_paper():
    shop = a_phone_shop()

    (kept,) = receive_papers([("fax.pdf", a_pdf(3))], batch=a_batch(shop), actor=ME, at=AT)

    papers = ReceivedPaper.objects.order_by("page")
    assert isinstance(kept, PapersKept)
    assert [p.page for p in papers] == [1, 2, 3]
    assert all(kind_of_scan(bytes(p.scan.content)) == "application/pdf" for p in papers)
    assert {(p.state, p.ad_code, p.received_on, p.actor_label) for p in papers} == {("waiting", "FAX-1", date(2026, 5, 10), "紙 担当")}


def test_every_page_of_a_fax_is_a_paper_that_looks_as_it_was_sent():
    shop = a_phone_shop()

    (kept,) = receive_papers([("fax.tif", a_fax(3))], batch=a_batch(shop), actor=ME, at=AT)

    papers = ReceivedPaper.objects.order_by("page")
    assert isinstance(kept, PapersKept)
    assert [(p.page, p.scan.kind) for p in papers] == [(1, "image/png"), (2, "image/png"), (3, "image/png")]
    assert Image.open(io.BytesIO(bytes(papers[2].scan.content))).size == (408, 408)


def test_a_fax_whose_dots_are_square_stays_as_it_is_dot_by_dot():
    shop = a_phone_shop()

    paper = a_paper(shop, a_fax(1, dpi=(200, 200), size=(20, 30)))

    seen = Image.open(io.BytesIO(bytes(PaperScan.objects.get(paper_id=paper).content)))
    assert (seen.size, seen.mode, seen.getpixel((0, 0)), seen.getpixel((1, 0))) == ((20, 30), "1", 0, 255)


def laid(base: Path, name: str, raw: bytes) -> None:
    """A file that a fax server put there a while ago."""
    (base / "in").mkdir(parents=True, exist_ok=True)
    (base / "in" / name).write_bytes(raw)
    os.utime(base / "in" / name, (time.time() - 60,) * 2)


def test_a_fax_server_lays_faxes_into_a_folder_and_they_wait_to_be_typed(tmp_path):
    shop = a_phone_shop()
    base = tmp_path / shop.company.code / "papers" / shop.channel.code / "fax"
    laid(base, "a.tif", a_fax(2))
    laid(base, "a copy.tif", a_fax(2))
    laid(base, "notes.txt", b"hello")
    laid(tmp_path / shop.company.code / "papers" / "nobody" / "fax", "b.tif", a_fax(1))

    moved = {one.name: (one.where, one.refusal and one.refusal.code) for one in take_in_scans(root=tmp_path, actor=SYSTEM, at=AT)}
    again = list(take_in_scans(root=tmp_path, actor=SYSTEM, at=AT))

    papers = ReceivedPaper.objects.order_by("page")
    assert moved == {"a.tif": ("done", None), "a copy.tif": ("done", None), "notes.txt": ("failed", "paper.no_scan")}
    assert again == []
    assert [(p.page, p.way, p.channel_id, p.actor_kind) for p in papers] == [(n, "fax", shop.channel.pk, "system") for n in (1, 2)]
    assert {p.received_on for p in papers} == {business_date(AT, shop.company.timezone)}
    assert [path.name for folder in ("in", "done") for path in (base / folder).iterdir()] == []
    assert sorted(path.name.split("_")[-1] for path in (base / "failed").iterdir()) == ["notes.txt", "notes.txt.txt"]


def test_scans_that_became_no_order_go_after_their_days_and_the_record_stays():
    shop = a_phone_shop()
    waiting, old, aside, young, ordered = (a_paper(shop, JPEG + bytes([n])) for n in range(5))
    desk = a_desk()
    placed_by(desk, the_page(shop, (shop.variant(), 1), paper=str(ordered)))
    decide_papers([old], state=ReceivedState.NO_ORDER, reason="広告", actor=ME, at=AT)
    decide_papers([aside], state=ReceivedState.SET_ASIDE, reason="名前が読めない", actor=ME, at=AT)
    decide_papers([young], state=ReceivedState.NO_ORDER, reason="広告", actor=ME, at=AT + timedelta(seconds=1))

    counts = [forget_scans(before=AT, limit=1, actor=SYSTEM, at=AT + timedelta(days=90)) for _n in range(3)]
    back = requeue_papers([old, young], actor=ME)

    assert (counts, back) == ([1, 1, 0], 1)
    assert set(PaperScan.objects.values_list("paper_id", flat=True)) == {waiting, young, ordered}
    gone = ReceivedPaper.objects.get(pk=aside)
    assert (gone.name, gone.reason, gone.state, gone.scan_ended_at) == ("", "名前が読めない", "set_aside", AT + timedelta(days=90))
    assert desk.get(f"/admin/orders/receivedpaper/{old}/scan/").status_code == 404
    assert "requeue" not in desk.get(f"/admin/orders/receivedpaper/{old}/change/").content.decode()


def test_whoever_looks_at_a_scan_is_written_down_whether_its_customer_is_known_or_not():
    shop, desk = a_phone_shop(), a_desk()
    paper = a_paper(shop)
    where = f"/admin/orders/receivedpaper/{paper}/scan/"

    desk.get(where)
    placed_by(desk, the_page(shop, (shop.variant(), 1), paper=str(paper)))
    desk.get(where)

    seen = PersonalDataRead.objects.filter(screen="received paper").order_by("pk")
    customer = Order.objects.get().customer
    assert [one.subject for one in seen] == [f"paper:{ReceivedPaper.objects.get().public_id}", f"customer:{customer.public_id}"]


def test_the_same_bytes_are_noticed_and_kept_once():
    shop, other = a_phone_shop(), a_phone_shop()
    first = a_paper(shop)

    (again,) = receive_papers([("other name.png", PNG)], batch=a_batch(shop), actor=ME, at=AT)
    a_paper(other)

    assert isinstance(again, PapersKept)
    assert (again.paper_ids, again.repeated) == ((first,), True)
    assert ReceivedPaper.objects.filter(company=shop.company).count() == 1


@pytest.mark.parametrize(
    ("_case", "raw", "code"),
    [
        ("nothing", b"", "paper.empty"),
        ("a script in a picture's name", b"<svg onload=alert(1)>", "paper.no_scan"),
        ("a fax in name only", b"II*\x00" + b"x" * 50, "paper.unreadable"),
        ("a fax cut off", a_fax(1)[:60], "paper.unreadable"),
        ("a fax of too many pages", a_fax(41), "paper.too_many_pages"),
        ("a PDF of too many pages", a_pdf(41), "paper.too_many_pages"),
        ("a PDF in name only", b"%PDF-1.7 nothing", "paper.unreadable"),
        ("too large", b"\x89PNG\r\n\x1a\n" + b"x" * (20 * 2**20), "paper.too_large"),
    ],
)
def test_what_is_no_scan_is_refused_and_keeps_no_other_out(_case, raw, code):
    shop = a_phone_shop()

    bad, good = receive_papers([("bad.png", raw), ("good.jpg", JPEG)], batch=a_batch(shop), actor=ME, at=AT)

    assert isinstance(bad, Refusal)
    assert bad.code == code
    assert isinstance(good, PapersKept)
    assert ReceivedPaper.objects.count() == 1


def test_two_people_never_type_the_same_paper():
    shop = a_phone_shop()
    first, second = a_paper(shop), a_paper(shop, JPEG)
    ann, bob = a_staff_account(display_name="安"), a_staff_account(display_name="坊")

    taken = take_next_paper(company_ids=[shop.company.pk], typist_id=ann.pk, actor=ME)
    other = take_next_paper(company_ids=[shop.company.pk], typist_id=bob.pk, actor=ME)
    refused = take(shop, first, bob)

    assert (taken, other) == (PaperTaken(first), PaperTaken(second))
    assert isinstance(refused, Refusal)
    assert (refused.code, refused.params) == ("paper.in_hand", {"name": "安"})
    assert take(shop, first, ann) == PaperTaken(first)


def test_a_paper_left_lying_is_free_again():
    shop, ann, bob = a_phone_shop(), a_staff_account(), a_staff_account()
    paper = a_paper(shop)
    take(shop, paper, ann)
    with acting(SYSTEM):
        run("UPDATE orders_receivedpaper SET typed_until_at = clock_timestamp() - interval '1 minute'")

    assert take(shop, paper, bob) == PaperTaken(paper)


@pytest.mark.django_db(transaction=True)
def test_many_who_ask_at_once_each_get_another_paper():
    shop = a_phone_shop()
    papers = {a_paper(shop, JPEG + bytes([n])) for n in range(4)}
    people = [a_staff_account() for _n in range(6)]

    def ask(account: Account) -> PaperTaken | None:
        try:
            return take_next_paper(company_ids=[shop.company.pk], typist_id=account.pk, actor=ME)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as hands:
        got = [one.paper_id for one in hands.map(ask, people) if one]

    assert len(got) == len(set(got))
    assert set(got) <= papers
    assert ReceivedPaper.objects.filter(typist__isnull=False).count() == len(got)


@pytest.mark.parametrize("state", [ReceivedState.SET_ASIDE, ReceivedState.NO_ORDER])
def test_a_paper_is_put_away_with_its_reason_and_comes_back(state):
    shop, ann = a_phone_shop(), a_staff_account()
    paper = a_paper(shop)

    without = decide_papers([paper], state=state, reason=" ", actor=ME, at=AT)
    done, again = (decide_papers([paper], state=state, reason="読めない", actor=ME, at=AT) for _n in range(2))
    refused = take(shop, paper, ann)
    back = requeue_papers([paper], actor=ME)

    assert (without, done, again, back) == (0, 1, 0, 1)
    assert isinstance(refused, Refusal)
    assert refused.code == "paper.put_away"
    assert take(shop, paper, ann) == PaperTaken(paper)


def test_the_desk_opens_with_the_paper_and_what_its_batch_says():
    shop, desk = a_phone_shop(), a_desk()
    paper = a_paper(shop)

    page = desk.get(URL, {"paper": str(paper)})

    typed = page.context["typed"]
    assert (typed.paper, typed.channel, typed.ad_code, typed.route_medium) == (str(paper), str(shop.channel.pk), "FAX-1", "チラシ")
    assert f"/admin/orders/receivedpaper/{paper}/scan/" in page.content.decode()


def test_an_order_from_a_paper_is_linked_both_ways_with_its_received_day():
    shop, desk = a_phone_shop(), a_desk()
    paper = a_paper(shop)
    page = the_page(shop, (shop.variant(), 1), paper=str(paper))

    answer, again = placed_by(desk, page), placed_by(desk, page)

    order, kept = Order.objects.get(), ReceivedPaper.objects.get()
    assert answer.url == again.url
    assert (kept.order_id, kept.state, kept.typist_id) == (order.pk, "ordered", order.taken_by_id)
    assert "2026/05/10" in desk.get(answer.url).content.decode()
    assert order.number in desk.get(f"/admin/orders/receivedpaper/{paper}/change/").content.decode()


def test_a_paper_in_other_hands_is_not_placed_and_says_whose():
    shop, desk = a_phone_shop(), a_desk()
    paper = a_paper(shop)
    take(shop, paper, a_staff_account(display_name="安 さん"))
    page = the_page(shop, (shop.variant(), 1), paper=str(paper), expected_total="1000")

    opened, answer = desk.get(URL, {"paper": str(paper)}), press(desk, page, "place")

    assert "安 さん" in " ".join(opened.context["notices"])
    assert answer.status_code == 422
    assert nothing_was_written()


def test_a_paper_of_another_company_is_not_there():
    mine, other = a_phone_shop(), a_phone_shop()
    desk = a_desk(company=mine.company)
    paper = a_paper(other)

    opened = desk.get(URL, {"paper": str(paper)})

    assert "paper" not in opened.context or not opened.context["paper"]
    assert desk.get(f"/admin/orders/receivedpaper/{paper}/scan/").status_code == 404
    assert ReceivedPaper.objects.get().typist_id is None


def test_scans_are_handed_in_on_the_page_and_each_file_answers():
    shop, desk = a_phone_shop(), a_desk()
    files = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.txt", b"hello"), SimpleUploadedFile("c.png", PNG)]
    said = {"do": "hand_in", "channel": shop.channel.pk, "way": "postcard", "received_on": "2026-05-11", "ad_code": "DM-3", "files": files}

    page = desk.post(WORK, said, follow=True)
    day = business_date(ReceivedPaper.objects.get().recorded_at, shop.company.timezone)

    told = [str(one) for one in page.context["messages"]]
    assert len(told) == 3
    assert [one[:5] for one in told[:2]] == ["a.png", "b.txt"]
    assert f"{day}に届いています" in told[2]
    assert ReceivedPaper.objects.get().ad_code == "DM-3"


@pytest.mark.parametrize(
    ("_case", "said"),
    [
        ("no channel", {"channel": "999999"}), ("no way", {"way": "pigeon"}), ("a day to come", {"received_on": "2999-01-01"}),
        ("no day", {"received_on": "2026-02-30"}), ("long ago", {"received_on": "1868-01-01"}), ("no file", {"files": []}),
    ],
)  # fmt: skip
def test_a_batch_with_a_wrong_field_takes_nothing_in(_case, said):
    shop, desk = a_phone_shop(), a_desk()
    usual = {
        "do": "hand_in",
        "channel": shop.channel.pk,
        "way": "fax",
        "received_on": "2026-05-11",
        "files": [SimpleUploadedFile("a.png", PNG)],
    }

    page = desk.post(WORK, {**usual, **said})

    assert page.status_code == 200
    assert [str(one) for one in page.context["messages"]]
    assert not ReceivedPaper.objects.exists()


def test_the_next_paper_opens_at_the_desk():
    shop, desk = a_phone_shop(), a_desk()
    paper = a_paper(shop)

    answer = desk.post(WORK, {"do": "next"})

    assert answer.url == f"{URL}?paper={paper}"
    assert desk.post(WORK, {"do": "type", "paper": "999999"}).status_code == 200


@pytest.mark.parametrize(("_case", "raw", "kind"), [("a picture", PNG, "image/png"), ("a PDF", a_pdf(1), "image/png")])
def test_a_scan_is_shown_as_a_picture_to_those_who_may(_case, raw, kind):
    shop = a_phone_shop()
    paper = a_paper(shop, raw)
    where = f"/admin/orders/receivedpaper/{paper}/scan/"

    shown = a_desk().get(where)

    assert (shown.status_code, shown["Content-Type"]) == (200, kind)
    assert "no-store" in shown["Cache-Control"]
    assert shown.content.startswith(b"\x89PNG")
    assert a_desk("orders.view_order").get(where).status_code == 403


def test_the_scan_goes_with_its_customer_and_the_record_stays():
    shop, desk = a_phone_shop(), a_desk()
    paper, other = a_paper(shop), a_paper(shop, JPEG)
    placed_by(desk, the_page(shop, (shop.variant(), 1), paper=str(paper)))

    with acting(SYSTEM):
        blank_customers([Order.objects.get().customer_id], actor=SYSTEM, at=AT)

    assert list(PaperScan.objects.values_list("paper_id", flat=True)) == [other]
    assert ReceivedPaper.objects.get(pk=paper).name == ""
    assert desk.get(f"/admin/orders/receivedpaper/{paper}/scan/").status_code == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FMSPRING-C000123", FormCode("SPRING", "C000123")), ("ｆｍｓｐｒｉｎｇ-c000123 ", FormCode("SPRING", "C000123")), ("FMDM26-", FormCode("DM26", "")),
        ("03-1234-5678", None), ("FM-1", None), ("FM", None), ("山田", None), ("FMA-" + "9" * 50, None),
    ],
)  # fmt: skip
def test_a_form_code_is_told_from_other_words(text, expected):
    assert form_code(text) == expected


def a_form(shop: Shop, **given: Any) -> OrderForm:
    with acting(SYSTEM):
        return OrderForm.objects.create(
            company=shop.company,
            channel=shop.channel,
            **{"code": "DM26", "name": "春のご注文", "medium": "DM", "ad_code": "DM-26", **given},
        )


def test_a_form_that_comes_back_finds_customer_and_medium():
    shop, desk = a_phone_shop(), a_desk()
    customer, form = a_customer(shop.company), a_form(shop)

    found = press(desk, the_page(shop, customer_q=printed_code(form.code, customer.number), ad_code=""), "find")
    anybody = press(desk, the_page(shop, customer_q="FMDM26-", ad_code=""), "find")
    unknown = press(desk, the_page(shop, customer_q="FMNONE-1"), "find")

    typed = found.context["typed"]
    assert (typed.customer, typed.ad_code, typed.route_medium) == (str(customer.pk), "DM-26", "DM")
    assert (anybody.context["typed"].customer, anybody.context["typed"].ad_code) == ("", "DM-26")
    assert unknown.context["faults"]["customer_q"]


def test_forms_are_printed_with_code_articles_and_prices():
    shop, desk = a_phone_shop(), a_desk()
    tea, customer = shop.variant(1_080), a_customer(shop.company)
    form = a_form(shop, skus=[tea.sku])
    where = f"/admin/orders/orderform/{form.pk}/print/"

    pdf = desk.post(where, {"numbers": customer.number})
    refused = desk.post(where, {"numbers": f"{customer.number} NOBODY-1"})
    blank = order_form_paper(form, [FormReader(number="", name="")], at=AT)
    foreign = desk.post(where, {"numbers": a_customer().number})

    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    assert pdf.content.startswith(b"%PDF-")
    assert blank.startswith(b"%PDF-")
    assert "NOBODY-1" in refused.content.decode()
    assert foreign["Content-Type"].startswith("text/html")
    seen = PersonalDataRead.objects.filter(screen="order forms")
    assert [one.subject for one in seen] == [f"customer:{customer.public_id}"]


@pytest.mark.parametrize("forms", [1, 20])
def test_forms_are_printed_with_the_same_statements_however_many(forms, django_assert_num_queries):
    shop, desk = a_phone_shop(), a_desk()
    form, people = a_form(shop), [a_customer(shop.company) for _n in range(forms)]
    where = f"/admin/orders/orderform/{form.pk}/print/"

    with django_assert_num_queries(8):
        pdf = desk.post(where, {"numbers": " ".join(one.number.lower() for one in people)})

    assert pdf["Content-Type"] == "application/pdf"


@pytest.mark.parametrize("said", [{"code": "春"}, {"code": "dm-1"}, {"skus": "NO-SUCH"}, {"channel": "0"}])
def test_a_form_that_could_not_be_read_back_is_not_saved(said):
    shop, desk = a_phone_shop(), a_desk()
    page = {"company": shop.company.pk, "code": "DM26", "name": "春", "channel": shop.channel.pk, **said}

    answer = desk.post("/admin/orders/orderform/add/", page)

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert not OrderForm.objects.exists()
