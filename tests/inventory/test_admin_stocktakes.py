"""Stocktakes and exchanged files at the staff counter."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from config.staff_roles import ROLES, seed_roles
from core.actor import Actor, ActorKind
from core.db import acting
from core.errors import Busy, Conflict
from inventory.admin import counting
from inventory.models import ExchangeFile, LocationStaff, ShelfMark, Stock, Stocktake, StocktakeCount, StocktakeLine
from inventory.operations import approve_stocktake, open_stocktake, record_counts, submit_stocktake
from inventory.rules import CountEntry, StocktakeAsk, Uncounted
from tests.factories.customers import a_staff_account
from tests.factories.inventory import AT, a_location, a_stock_item, a_stocked_variant, a_trading_company, stock_of

pytestmark = pytest.mark.django_db
COUNTER = Actor(ActorKind.STAFF, "9000012", "棚田 数子")
LATER = AT + timedelta(hours=2)
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def place():
    company = a_trading_company()
    place = a_location(company, "east", name="東倉庫")
    stock_of(a_stocked_variant(company, sku="TEA", jan="4901234567894"), place, 10)
    return place


@pytest.fixture
def take(place):
    return Stocktake.objects.get(pk=opened(place))


@pytest.fixture
def counter(client):
    client.force_login(a_staff_account(is_superuser=True, display_name="棚卸 担当"))
    return client


def opened(place, **ask):
    return open_stocktake(StocktakeAsk(location_id=place.pk, **ask), company_id=place.company_id, actor=COUNTER, at=AT).stocktake_id


def counted(take, quantity):
    record_counts(take.pk, [CountEntry(code="TEA", quantity=quantity, once_key=f"k{take.pk}")], actor=COUNTER, at=LATER)
    submit_stocktake(take.pk, uncounted=Uncounted.REFUSE, actor=COUNTER, at=LATER)


def address(name, *args, model="stocktake"):
    return reverse(f"admin:inventory_{model}_{name}", args=args)


def verb(take, name):
    return address("change", take.pk).replace("/change/", f"/verb-{name}/")


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def text(answer):
    return answer.content.decode()


def test_a_stocktake_is_begun_on_its_form_and_shown_in_the_list(counter, place):
    form = counter.get(address("open"))

    page = counter.post(address("open"), {"location": place.pk, "scope": "whole", "name": "3月の棚卸"}, follow=True)

    assert form.status_code == 200
    assert "ST-000001：1品目を数えます。" in told(page)
    assert "3月の棚卸" in text(counter.get(address("changelist")))
    assert "0 / 1" in text(counter.get(address("changelist")))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"scope": "list", "codes": "TEA\nNOPE"}, "次のコードの在庫品はありません：NOPE"),
        ({"scope": "zone"}, "数える範囲を指定してください。"),
        ({"scope": "zone", "zone": "Z-"}, "東倉庫 のこの範囲には在庫がありません。"),
    ],
)
def test_a_form_that_asks_for_nothing_is_refused_in_words(counter, place, said, words):
    answer = counter.post(address("open"), {"location": place.pk, **said})

    assert words in text(answer)
    assert not Stocktake.objects.exists()


def test_a_scan_is_answered_with_the_item_and_its_count(counter, take):
    where = address("count", take.pk)

    first = counter.post(where, {"code": "4901234567894", "once": "a"}, **JSON).json()
    again = counter.post(where, {"code": "4901234567894", "once": "a"}, **JSON).json()
    dozen = counter.post(where, {"code": "１２*TEA", "once": "b"}, **JSON).json()
    undone = counter.post(where, {"code": "undo", "once": "c"}, **JSON).json()

    assert first == {
        "ok": True, "item": "TEA", "name": "TEA", "lot": "", "quantity": 1, "repeated": False, "counted": 1, "lines": 1, "pieces": 1,
    }  # fmt: skip
    assert (again["quantity"], again["repeated"], dozen["quantity"], undone["quantity"]) == (1, True, 13, 1)
    assert list(StocktakeCount.objects.order_by("id").values_list("kind", flat=True)) == ["scan", "typed", "undo"]


@pytest.mark.parametrize("quantity", ["-1", "1e308", "十", "99999999999999999999", "1.5"])
def test_what_is_no_number_of_pieces_is_refused_at_the_scanner(counter, take, quantity):
    answer = counter.post(address("count", take.pk), {"code": "TEA", "quantity": quantity, "once": "a"}, **JSON).json()

    assert (answer["ok"], answer["code"]) == (False, "inventory.bad_count")
    assert not StocktakeCount.objects.exists()


def test_the_scanner_screen_works_without_scripts(counter, take):
    page = counter.get(address("count", take.pk))
    after = counter.post(address("count", take.pk), {"code": "TEA", "quantity": "2", "once": "x"}, follow=True)
    wrong = counter.post(address("count", take.pk), {"code": "NOPE", "once": "y"}, follow=True)

    assert page.status_code == 200
    assert told(after) == ["TEA TEA: 2"]
    assert told(wrong) == ["コード「NOPE」の在庫品はありません。"]


def test_a_blind_count_shows_no_figure_of_the_books(counter, place):
    take = Stocktake.objects.get(pk=opened(place, is_blind=True))
    line = StocktakeLine.objects.get()

    pages = [
        counter.get(address("change", take.pk)),
        counter.get(address("count", take.pk)),
        counter.get(address("changelist", model="stocktakeline")),
        counter.get(address("change", line.pk, model="stocktakeline")),
        counter.get(address("sheet", take.pk) + "?download=utf-8"),
    ]

    assert [page.status_code for page in pages] == [200] * 5
    assert all(">10<" not in text(page) and ",10," not in text(page) for page in pages)


def test_differences_are_handed_in_and_approved_by_somebody_else(counter, take):
    record_counts(take.pk, [CountEntry(code="TEA", quantity=8, once_key="k")], actor=COUNTER, at=LATER)

    handed = counter.post(verb(take, "submit"), {"verb_confirmed": "1", "uncounted": "refuse"}, follow=True)
    own = counter.post(verb(take, "approve"), {"verb_confirmed": "1", "reason": "月次"}, follow=True)
    counter.force_login(a_staff_account(is_superuser=True, handle="boss", display_name="承認 次郎"))
    page = counter.get(address("change", take.pk))
    approved = counter.post(verb(take, "approve"), {"verb_confirmed": "1", "reason": "月次"}, follow=True)

    assert "棚卸結果を提出" in told(handed)[0]
    assert "承認できません" in told(own)[0]
    assert "take-minus" in text(page)
    assert "承認して確定" in told(approved)[0]
    assert Stock.objects.get().on_hand == 8
    assert Stocktake.objects.get().approver_label == "承認 次郎"


def test_a_sheet_with_a_mistake_is_told_row_by_row_and_can_be_had_again(counter, take):
    content = "棚卸番号,拠点コード,在庫品コード,実棚数\r\nST-000001,west,TEA,9\r\n".encode("cp932")
    said = {"mode": "first", "counted_at": "now", "file": SimpleUploadedFile("../表.csv", content)}

    report = counter.post(address("sheet", take.pk), said, follow=True)

    kept = ExchangeFile.objects.get()
    again = counter.get(address("content", kept.pk, model="exchangefile"))
    rows = counter.get(address("report", kept.pk, model="exchangefile"))
    assert told(report) == ["1行に誤りがあるため、この棚卸表は一行も取り込んでいません。"]
    assert "この行は拠点「west」のものです。ST-000001 で数えるのは「east」です。" in text(report)
    assert (again.content, again["Content-Disposition"]) == (content, "attachment; filename*=UTF-8''%E8%A1%A8.csv")
    assert "inventory.sheet_of_another" in rows.content.decode("utf-8-sig")
    assert not StocktakeCount.objects.exists()


def test_a_right_sheet_leads_back_to_the_stocktake(counter, take):
    content = "棚卸番号,拠点コード,在庫品コード,実棚数\r\nST-000001,east,TEA,9\r\n".encode()
    said = {"mode": "first", "counted_at": "start", "file": SimpleUploadedFile("a.csv", content)}

    done = counter.post(address("sheet", take.pk), said, follow=True)
    known = counter.post(address("sheet", take.pk), {**said, "file": SimpleUploadedFile("b.csv", content)})

    assert told(done) == ["1行を取り込みました。"]
    assert "取込済みです" in text(known)
    assert StocktakeLine.objects.get().counted == 9


def test_store_staff_see_and_count_their_own_store_only(client, place, take):
    store = a_location(place.company, "store", name="神保町店")
    stock_of(a_stock_item(place.company, "MUG"), store, 3)
    own = opened(store)
    clerk = a_staff_account(handle="clerk", company=place.company)
    clerk.groups.add(seed_roles()["store_staff"])
    with acting(COUNTER):
        LocationStaff.objects.create(location=store, account=clerk)
    client.force_login(clerk)

    page = client.get(address("changelist"))
    form = client.get(address("open"))

    assert "ST-000002" in text(page)
    assert "ST-000001" not in text(page)
    assert "東倉庫" not in text(form)
    assert client.get(address("count", own)).status_code == 200
    assert client.get(address("count", take.pk)).status_code == 302
    assert "verb-approve" not in text(client.get(address("change", own)))


@pytest.mark.parametrize(
    ("role", "may_count", "may_approve"), [("warehouse", True, True), ("accounting", False, True), ("viewer", False, False)]
)
def test_roles_count_and_approve_as_the_matrix_says(client, place, take, role, may_count, may_approve):
    clerk = a_staff_account(handle=role, company=place.company)
    clerk.groups.add(seed_roles()[role])
    client.force_login(clerk)
    counted(take, 9)

    page = text(client.get(address("change", take.pk)))

    assert ROLES[role]
    assert client.get(address("open")).status_code == (200 if may_count else 403)
    assert ("verb-approve" in page) == may_approve
    assert ("差異の金額" in page) == (role == "accounting")


def test_a_shelf_is_marked_by_its_verb(counter, place):
    where = reverse("admin:inventory_stock_change", args=[Stock.objects.get().pk]).replace("/change/", "/verb-mark/")

    counter.post(where, {"verb_confirmed": "1", "mark": "Ａ-03-2"})

    assert ShelfMark.objects.get().mark == "A-03-2"


def test_a_closed_stocktake_shows_what_moved_until_it_was_counted(counter, take):
    counted(take, 7)
    approve_stocktake(take.pk, reason="月次", actor=Actor(ActorKind.STAFF, "9000099", "別人"), at=LATER)

    page = text(counter.get(address("change", take.pk)))
    lines = counter.get(address("changelist", model="stocktakeline") + f"?stocktake__id__exact={take.pk}")

    assert "確定済み" in page
    assert "−3" in page
    assert lines.status_code == 200


@pytest.mark.parametrize("failure", [Busy, Conflict])
def test_a_scan_that_meets_a_lock_is_to_be_sent_again(counter, take, monkeypatch, failure):
    def busy(*_args, **_named):
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(counting, "record_counts", busy)
        held = counter.post(address("count", take.pk), {"code": "TEA", "once": "a"}, **JSON)
        page = counter.post(address("count", take.pk), {"code": "TEA", "once": "a"}, follow=True)
    sent_again = counter.post(address("count", take.pk), {"code": "TEA", "once": "a"}, **JSON)

    assert (held.status_code, held.json()["ok"], page.status_code) == (503, False, 200)
    assert (sent_again.status_code, sent_again.json()["quantity"], sent_again.json()["repeated"]) == (200, 1, False)


def test_a_count_that_was_handed_in_is_thrown_away_by_an_approver_alone(client, take):
    clerk = a_staff_account(handle="clerk", company=take.company)
    clerk.groups.add(seed_roles()["store_staff"])
    with acting(COUNTER):
        LocationStaff.objects.create(location=take.location, account=clerk)
    client.force_login(clerk)
    counted(take, 8)

    cancelled = client.post(verb(take, "cancel"), {"verb_confirmed": "1", "reason": "隠す"}, follow=True)
    discarded = client.post(verb(take, "discard"), {"verb_confirmed": "1", "reason": "隠す"}, follow=True)
    still = Stocktake.objects.get().status
    client.force_login(a_staff_account(is_superuser=True, handle="boss"))
    client.post(verb(take, "discard"), {"verb_confirmed": "1", "reason": "数え直し"}, follow=True)

    assert told(cancelled) == ["ST-000001: ST-000001は提出済みです。破棄できるのは棚卸を承認する人です。"]
    assert discarded.status_code == 403
    assert (still, Stocktake.objects.get().status) == ("counted", "cancelled")
