"""Orders as files: every row that fits, once and in order; nothing a spreadsheet runs; people only for those who may, and written down."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import travel
from core.models import PersonalDataRead
from customers.models import Account
from orders.operations import cancel_orders
from orders.rules import DraftDestination
from tests.factories.orders import AT, STAFF, a_person, a_place, a_shop, an_order

pytestmark = pytest.mark.django_db
EXPORT = reverse("admin:orders_order_export")
WHY = "for the accountant"


def exporter(*, personal: bool, company: Any = None) -> Client:
    names = ["view_order", "export_order", *(["export_personal"] if personal else [])]
    account = Account.objects.create_user(f"exporter-{personal}", "x", kind="staff", is_staff=True, company=company)
    account.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def file_of(client: Client, query: str = "", **said: str) -> list[dict[str, str]]:
    answer = client.post(f"{EXPORT}?{query}", {"layout": "orders", "encoding": "utf-8", "reason": WHY, **said})
    assert answer.headers.get("Content-Disposition", "").startswith("attachment"), answer.content.decode()[-3000:]
    body = b"".join(answer.streaming_content)
    text = body.decode("cp932") if said.get("encoding") == "cp932" else body.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_every_order_that_fits_the_list_stands_in_the_file_once():
    shop = a_shop()
    tea = shop.variant(1_080, tax_class="reduced")
    held, gone, kept = (an_order(shop, (tea, n)) for n in (1, 2, 3))
    cancel_orders([gone.pk], reason="no", actor=STAFF, at=AT)
    client = exporter(personal=False)

    everything = file_of(client)
    standing = file_of(client, "status__exact=confirmed")

    assert [row["order number"] for row in everything] == [kept.number, gone.number, held.number]
    assert [row["order number"] for row in standing] == [kept.number, held.number]
    assert (standing[0]["total (tax included)"], standing[0]["total quantity"], standing[0]["order status"]) == (
        str(kept.total),
        "3",
        "Accepted",
    )
    assert not {"buyer", "recipient", "street and number"} & set(everything[0])


def test_lines_are_written_one_by_one():
    shop = a_shop()
    tea, cup = shop.variant(1_080, tax_class="reduced"), shop.variant(3_300)
    order = an_order(shop, (tea, 2), (cup, 1))

    rows = file_of(exporter(personal=False), layout="lines")

    assert [(row["SKU"], row["quantity"], row["tax rate (%)"]) for row in rows] == [(tea.sku, "2", "8"), (cup.sku, "1", "10")]
    assert sum(int(row["amount with tax"]) for row in rows) == order.goods_total - order.discount_total


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("+81", "+81"),
    ],
)
def test_no_cell_is_a_formula(typed: str, written: str):
    shop = a_shop()
    an_order(shop, (shop.variant(), 1), remark=typed)

    (row,) = file_of(exporter(personal=True), with_personal="on")

    assert row["customer's remark"] == written


def test_people_are_written_for_those_who_may_and_each_is_written_down():
    shop = a_shop()
    one = an_order(shop, (shop.variant(), 1), person=a_person(), destinations=(DraftDestination(place=a_place()),))
    client = exporter(personal=True)
    client.get(EXPORT)
    before = PersonalDataRead.objects.count()

    (row,) = file_of(client, with_personal="on")

    assert row["buyer"] == one.buyer_name != ""
    assert row["recipient"]
    assert row["street and number"]
    read = PersonalDataRead.objects.order_by("-id")[: PersonalDataRead.objects.count() - before]
    assert {r.subject for r in read} == {f"customer:{one.customer.public_id}", "list:orders.order"}
    assert {r.reason for r in read} == {WHY}


def test_without_the_right_nobody_gets_people_however_they_ask():
    shop = a_shop()
    an_order(shop, (shop.variant(), 1), person=a_person())

    (row,) = file_of(exporter(personal=False), with_personal="on")

    assert "buyer" not in row


def test_old_software_gets_its_characters_and_we_are_told_of_those_it_lacks():
    shop = a_shop()
    an_order(shop, (shop.variant(), 1), remark="髙橋 𠮷野 😀")
    client = exporter(personal=True)

    (row,) = file_of(client, encoding="cp932", with_personal="on")

    assert row["customer's remark"] == "髙橋 吉野 〓"
    assert "stand as 〓: 😀" in client.get(reverse("admin:orders_order_changelist")).content.decode()


def test_a_reason_is_wanted_and_nothing_is_written_without():
    shop = a_shop()
    an_order(shop, (shop.variant(), 1))

    answer = exporter(personal=False).post(EXPORT, {"layout": "orders", "encoding": "utf-8", "reason": ""})

    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert "reason" in answer.context["form"].errors


def test_an_empty_list_and_a_longer_one_than_fits_say_so(monkeypatch: pytest.MonkeyPatch):
    client = exporter(personal=False)
    assert "No record fits" in client.get(EXPORT).content.decode()

    shop = a_shop()
    for _n in range(3):
        an_order(shop, (shop.variant(), 1))
    monkeypatch.setattr("core.admin_site.exports.MOST_ROWS", 2)
    monkeypatch.setattr("core.admin_site.exports.at_most", lambda found: found.count())

    refused = client.post(EXPORT, {"layout": "orders", "encoding": "utf-8", "reason": WHY})
    assert "More than 2 records fit" in refused.content.decode()


def test_nobody_exports_what_they_may_not_or_of_another_company():
    ours, theirs = a_shop(), a_shop()
    mine = an_order(ours, (ours.variant(), 1))
    an_order(theirs, (theirs.variant(), 1))
    looker = Account.objects.create_user("looker", "x", kind="staff", is_staff=True)
    looker.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client = Client()
    client.force_login(looker, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(EXPORT).status_code == 403
    assert [row["order number"] for row in file_of(exporter(personal=False, company=ours.company))] == [mine.number]


def test_a_file_takes_as_many_statements_however_long():
    shop = a_shop()
    tea, client = shop.variant(), exporter(personal=True)

    def spent() -> int:
        with CaptureQueriesContext(connection) as counted:
            file_of(client, with_personal="on")
        return len(counted)

    an_order(shop, (tea, 1))
    file_of(client, with_personal="on")
    alone = spent()
    for _n in range(30):
        an_order(shop, (tea, 1))

    assert spent() == alone


def test_orders_are_found_by_what_was_bought():
    shop = a_shop()
    tea, cup = shop.variant(), shop.variant()
    with_tea = an_order(shop, (tea, 1))
    an_order(shop, (cup, 1))
    client = exporter(personal=False)

    with travel(AT):
        shown = client.get(reverse("admin:orders_order_changelist"), {"product": tea.sku}).context["cl"].result_list
        by_name = client.get(reverse("admin:orders_order_changelist"), {"product": "no such thing"}).context["cl"].result_list

    assert [row.pk for row in shown] == [with_tea.pk]
    assert list(by_name) == []
