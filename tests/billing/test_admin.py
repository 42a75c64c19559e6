"""The staff counter of money: lists, papers, verbs and the recording page."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import CreditNote, Entry, Invoice, Payment, PaymentIntent, Receivable, Refund
from billing.operations import receive_payments, record_sales
from core.clock import travel
from core.models import PersonalDataRead
from tests.billing.proof import broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_payment, a_sale, a_sale_line, a_trader, an_invoice, money_in, requested

pytestmark = pytest.mark.django_db
LISTS = ("invoice", "creditnote", "receivable", "payment", "refund", "paymentintent", "entry", "ledgeraccount", "partybalance")


def staff(*permissions: str, **given) -> Client:
    """A member of staff with these rights; the administrator where none are named."""
    account = get_user_model().objects.create(
        **{
            "handle": f"staff-{len(permissions)}-{given.get('company')}",
            "kind": "staff",
            "is_staff": True,
            "is_superuser": not permissions,
            **given,
        }
    )
    for name in permissions:
        app, code = name.split(".")
        account.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=code))
    client = Client()
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def noon():
    with travel(NOON):
        yield


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_as_many_statements_for_fifty_rows_as_for_one(name):
    customer = a_buyer()
    desk = staff()
    url = reverse(f"admin:billing_{name}_changelist")
    counts = []
    for size in (1, 30):
        for _ in range(size):
            sale = a_sale(customer)
            record_sales([sale], actor=STAFF, at=NOON)
            requested(customer)
            money_in(customer, 100, order_ref=sale.order_ref)
        desk.get(url)
        with CaptureQueriesContext(connection) as seen:
            page = desk.get(url)
        assert page.status_code == 200
        counts.append(len(seen))

    assert counts[1] <= counts[0] + 1, [q["sql"][:150] for q in seen.captured_queries]


def test_an_invoice_is_found_by_number_order_customer_amount_and_date():
    customer = a_buyer(family_name="大黒", given_name="福子", family_kana="ダイコク", given_kana="フクコ")
    sale = a_sale(customer, order_number="O-77")
    made = record_sales([sale], actor=STAFF, at=NOON)[0]
    an_invoice(a_buyer(customer.company), lines=(a_sale_line(amount_included=99),))
    desk = staff()
    url = reverse("admin:billing_invoice_changelist")

    asked = [
        {"q": made.number},
        {"q": "ｉ" + made.number[1:]},
        {"q": "O-77"},
        {"q": "大黒"},
        {"q": "ダイコク"},
        {"total_from": "3000", "total_to": "3300"},
    ]
    for question in asked:
        found = desk.get(url, question).context_data["cl"].result_list
        assert [row.number for row in found] == [made.number], question
    dated = {"issued_on_from": "2026-11-20", "issued_on_to": "2026-11-20", "total_from": "3280", "total_to": "3280"}
    assert len(desk.get(url, dated).context_data["cl"].result_list) == 1
    assert len(desk.get(url, {"issued_on_from": "2026-11-21"}).context_data["cl"].result_list) == 0


def test_the_invoice_looks_like_a_qualified_invoice():
    made = an_invoice()
    desk = staff()

    page = desk.get(reverse("admin:billing_invoice_paper", args=[made.invoice_id]))

    text = re.sub(r"\s+", " ", page.content.decode())
    for words in (
        "適格請求書", "株式会社春風堂", "T1234567890123", "山田 花子 様", made.number, "2026年11月20日", "煎茶 100g ※", "※印は軽減税率対象",
        "8%※", "10%", "3,280円", "1,000円", "80円", "2,000円", "200円",
    ):  # fmt: skip
        assert words in text, words
    assert PersonalDataRead.objects.filter(screen__contains="/paper/").count() == 1


def test_the_paper_of_a_credit_note_names_its_invoice():
    made = an_invoice()
    desk = staff()
    desk.post(
        _verb("invoice", "credit", made.invoice_id),
        {"verb_confirmed": "1", "reason": "返品", "position": "1", "quantity": "1", "once_key": "x"},
    )
    note = CreditNote.objects.get()

    text = desk.get(reverse("admin:billing_creditnote_paper", args=[note.pk])).content.decode()

    assert (note.total, note.reason, note.actor_kind) == (1080, "返品", "staff")
    for words in ("適格返還請求書", note.number, made.number, "1,080円", "80円", "※"):
        assert words in text, words


def test_crediting_a_line_without_saying_how_much_is_refused():
    made = an_invoice()

    page = staff().post(
        _verb("invoice", "credit", made.invoice_id), {"verb_confirmed": "1", "reason": "返品", "position": "1", "once_key": "x"}
    )

    assert page.status_code == 200
    assert set(page.context_data["form"].errors) == {"quantity"}
    assert not CreditNote.objects.exists()


def test_the_page_of_an_invoice_shows_where_every_yen_went():
    customer = a_buyer()
    sale = a_sale(customer)
    made = record_sales([sale], actor=STAFF, at=NOON)[0]
    money_in(customer, 3000, order_ref=sale.order_ref, reference="振込-9")

    text = staff().get(reverse("admin:billing_invoice_change", args=[made.invoice_id])).content.decode()

    for words in ("振込-9", "売掛金", "売上", "280円", "3,000円"):
        assert words in text, words


def test_recording_a_payment_shows_what_it_settles_and_then_records_it_once():
    customer = a_buyer()
    sale = a_sale(customer, order_number="O-78")
    record_sales([sale], actor=STAFF, at=NOON)
    desk = staff()
    url = reverse("admin:billing_payment_record")
    first = desk.get(url, {"number": "O-78", "amount": "3280"})
    form = {**first.context_data["form"].initial, "payer_name": "ﾔﾏﾀﾞ ﾊﾅｺ", "reference": "2026-11-20 1"}

    shown = desk.post(url, {**form, "amount": "４,０００円"})

    preview = shown.context_data["preview"]
    assert (preview.applied, preview.deposit, preview.still_open) == (3280, 720, 0)
    assert not Payment.objects.exists()
    for _ in range(2):
        done = desk.post(url, {**form, "amount": "4000", "confirmed": "1"})
        assert done.status_code == 302
    payment = Payment.objects.get()
    assert (payment.amount, payment.unapplied_amount, payment.payer_name, payment.actor_kind) == (4000, 720, "ﾔﾏﾀﾞ ﾊﾅｺ", "staff")
    assert Receivable.objects.get().open_amount == 0


def test_a_prepaid_order_is_found_by_its_number_before_it_is_invoiced():
    customer = a_buyer()
    requested(customer, order_number="O-79")
    desk = staff()
    url = reverse("admin:billing_payment_record")
    form = desk.get(url, {"number": "O-79"}).context_data["form"].initial

    shown = desk.post(url, {**form, "amount": "3280"})

    assert shown.context_data["preview"].deposit == 3280
    assert "O-79" in shown.content.decode()


@pytest.mark.parametrize(
    ("_case", "change", "field"),
    [
        ("no such number", {"number": "O-0"}, "number"),
        ("half a yen", {"amount": "0.5"}, "amount"),
        ("words", {"amount": "たくさん"}, "amount"),
        ("minus", {"amount": "-5"}, "amount"),
        ("no date", {"received_on": ""}, "received_on"),
        ("tomorrow", {"received_on": "2026-11-21", "confirmed": "1"}, "__all__"),
        ("nothing", {"amount": "0", "confirmed": "1"}, "__all__"),
    ],
)
def test_a_wrong_entry_is_told_with_its_field_and_records_nothing(_case, change, field):
    requested(a_buyer(), order_number="O-80")
    desk = staff()
    url = reverse("admin:billing_payment_record")
    form = {**desk.get(url, {"number": "O-80"}).context_data["form"].initial, "amount": "3280", **change}

    page = desk.post(url, form)

    assert page.status_code == 200
    assert set(page.context_data["form"].errors) == {field}
    assert not Payment.objects.exists()


def test_a_refund_is_recorded_from_the_page_of_its_payment():
    paid = money_in(a_buyer(), 10_000)
    desk = staff()
    url = _verb("payment", "refund", paid.payment_id)
    form = desk.get(url).context_data["form"].initial

    desk.post(url, {"verb_confirmed": "1", "reason": "過入金", "amount": "3,000", "once_key": form["once_key"]})
    desk.post(url, {"verb_confirmed": "1", "reason": "過入金", "amount": "3,000", "once_key": form["once_key"]})

    assert form["amount"] == "10,000"
    assert Refund.objects.values_list("amount", "reason").get() == (3000, "過入金")
    assert Payment.objects.get().unapplied_amount == 7000


def test_a_payment_is_reversed_and_identified_by_verbs():
    customer = a_buyer()
    made = an_invoice(customer)
    unknown = receive_payments([a_payment(customer.company_id)], actor=STAFF, at=NOON)[0]
    desk = staff()

    desk.post(
        _verb("payment", "identify", unknown.payment_id), {"verb_confirmed": "1", "reason": "電話で確認", "customer": customer.number}
    )
    settled = Receivable.objects.get(pk=made.invoice_id).open_amount
    desk.post(_verb("payment", "reverse", unknown.payment_id), {"verb_confirmed": "1", "reason": "組戻し"})

    assert settled == 0
    assert Payment.objects.get().status == "reversed"
    assert Receivable.objects.get(pk=made.invoice_id).open_amount == 3280
    assert broken_promises() == {}


def test_an_awaited_payment_is_called_off():
    _ref, intent = requested(a_buyer())

    staff().post(_verb("paymentintent", "call_off", intent), {"verb_confirmed": "1", "reason": "注文取消"})

    assert PaymentIntent.objects.get().status == "voided"


def test_overdue_invoices_wear_a_badge():
    an_invoice(a_buyer())
    desk = staff()
    url = reverse("admin:billing_receivable_changelist")

    with travel(NOON.replace(month=12, day=10)):
        late = desk.get(url, {"due": "overdue"}).content.decode()

    assert "6日超過" in late
    assert len(desk.get(url, {"due": "overdue"}).context_data["cl"].result_list) == 0


def test_many_invoices_settled_by_a_carrier_are_paid_in_one_go():
    customer = a_buyer()
    made = [an_invoice(customer) for _ in range(3)]
    desk = staff()
    url = reverse("admin:billing_receivable_changelist")
    form = {
        "action": "verb_settle", "index": "0", "_selected_action": [m.invoice_id for m in made], "verb_confirmed": "1",
        "received_on": "2026-11-20", "payment_reference": "代引 11月",
    }  # fmt: skip

    desk.post(f"{url}?due=all", form)
    again = desk.post(f"{url}?due=all", form, follow=True)

    assert list(Payment.objects.values_list("amount", "unapplied_amount", "reference")) == [(3280, 0, "代引 11月")] * 3
    assert set(Receivable.objects.values_list("open_amount", flat=True)) == {0}
    assert "消込済みです" in again.content.decode()
    assert broken_promises() == {}


def test_the_trial_balance_adds_up_on_its_page():
    customer = a_buyer()
    an_invoice(customer)

    page = staff().get(reverse("admin:billing_entry_trial_balance"), {"company": customer.company_id, "on": "2026-11-20"})

    text = page.content.decode()
    assert [book["off"] for book in page.context_data["books"]] == [0]
    for words in ("売掛金", "仮受消費税", "借方", "貸方", "貸借は一致しています"):
        assert words in text, words


def test_without_the_right_nothing_is_recorded_reversed_or_credited():
    customer = a_buyer()
    made = an_invoice(customer)
    paid = money_in(customer, 10_000)
    clerk = staff("billing.view_payment", "billing.view_invoice", "billing.view_creditnote")
    entries = Entry.objects.count()

    assert clerk.get(reverse("admin:billing_payment_record")).status_code == 403
    assert clerk.post(_verb("payment", "reverse", paid.payment_id), {"verb_confirmed": "1", "reason": "x"}).status_code == 403
    assert (
        clerk.post(_verb("invoice", "credit", made.invoice_id), {"verb_confirmed": "1", "reason": "x", "once_key": "k"}).status_code == 403
    )
    assert clerk.get(reverse("admin:billing_entry_trial_balance")).status_code == 403
    assert Entry.objects.count() == entries


def test_staff_of_a_company_see_its_money_only():
    ours, theirs = a_buyer(), a_buyer()
    made, foreign = an_invoice(ours), an_invoice(theirs)
    clerk = staff(company_id=ours.company_id)

    listed = clerk.get(reverse("admin:billing_invoice_changelist")).context_data["cl"].result_list

    assert [row.pk for row in listed] == [made.invoice_id]
    assert clerk.get(reverse("admin:billing_invoice_paper", args=[foreign.invoice_id])).status_code in (302, 403, 404)


def test_the_books_take_no_hand_written_row():
    an_invoice()
    desk = staff()

    for name in LISTS:
        assert desk.get(reverse(f"admin:billing_{name}_add")).status_code == 403
    assert desk.post(reverse("admin:billing_invoice_change", args=[Invoice.objects.get().pk]), {"total": "1"}).status_code == 403


def test_the_desk_can_be_read_in_english():
    an_invoice(a_trader() and a_buyer())
    desk = staff()
    desk.post(reverse("set_language"), {"language": "en"})

    text = desk.get(reverse("admin:billing_invoice_changelist")).content.decode()

    assert "Invoices" in text or "invoices" in text


def _verb(model: str, verb: str, key: int) -> str:
    return reverse(f"admin:billing_{model}_verb_{verb}", args=[key])
