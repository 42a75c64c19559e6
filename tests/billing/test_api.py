"""The machine counter of money: every kind of caller, every refusal, once per key."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing.models import Entry, Payment, Receivable, Refund
from billing.operations import record_sales
from core.clock import travel
from core.ids import public
from core.models import PersonalDataRead
from tests.billing.proof import broken_promises
from tests.factories.billing import NOON, STAFF, a_buyer, a_sale, an_invoice, money_in, requested
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
SCOPES = "billing:read billing:write"


@pytest.fixture(autouse=True)
def noon():
    with travel(NOON):
        yield


def headers_for(customer, *, scopes: str = SCOPES, key: str = "") -> dict[str, str]:
    """A partner of the customer's company."""
    given = as_partner(a_token(a_partner(customer.company, scopes=SCOPES), scopes=scopes))
    return {**given, "idempotency-key": key or uuid4().hex}


def said(order_ref=None, **given) -> dict:
    return {
        **({"order": public("ord", order_ref)} if order_ref else {}),
        "method": "bank_transfer", "currency": "JPY", "amount": 3280, "received_on": "2026-11-20", "reference": "bank-1", **given,
    }  # fmt: skip


def post(client: Client, path: str, body: dict, headers: dict[str, str]):
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=headers)


def test_a_partner_reads_the_invoices_of_its_company(client):
    ours, theirs = a_buyer(), a_buyer()
    sale = a_sale(ours)
    made = record_sales([sale], actor=STAFF, at=NOON)[0]
    an_invoice(theirs)

    answer = client.get("/api/v1/invoices", headers=headers_for(ours)).json()

    assert [invoice["number"] for invoice in answer["data"]] == [made.number]
    invoice = answer["data"][0]
    assert (invoice["id"], invoice["order"]) == (public("inv", made.public_id), public("ord", sale.order_ref))
    assert (invoice["total"], invoice["open_amount"], invoice["registration_number"]) == (3280, 3280, "T1234567890123")
    assert invoice["taxes"] == [
        {"tax_class": "standard", "tax_rate_bp": 1000, "taxable": 2000, "tax": 200},
        {"tax_class": "reduced", "tax_rate_bp": 800, "taxable": 1000, "tax": 80},
    ]
    assert [line["sku"] for line in invoice["lines"]] == ["TEA-100", "CUP-1"]
    assert PersonalDataRead.objects.get().subject == f"customer:{ours.public_id}"


def test_an_invoice_of_another_company_does_not_exist(client):
    ours, theirs = a_buyer(), a_buyer()
    foreign = an_invoice(theirs)
    paid = money_in(theirs, 100)

    assert client.get(f"/api/v1/invoices/{public('inv', foreign.public_id)}", headers=headers_for(ours)).status_code == 404
    assert client.get(f"/api/v1/payments/{public('pay', paid.public_id)}", headers=headers_for(ours)).status_code == 404
    assert client.get("/api/v1/invoices/inv_zzz", headers=headers_for(ours)).status_code == 404
    refund = post(
        client, f"payments/{public('pay', paid.public_id)}/refunds", {"amount": 1, "reason": "x", "reference": "r"}, headers_for(ours)
    )
    assert (refund.status_code, Refund.objects.count()) == (404, 0)


def test_invoices_are_narrowed_and_read_in_pages(client):
    customer = a_buyer()
    sales = [a_sale(customer) for _ in range(3)]
    made = record_sales(sales, actor=STAFF, at=NOON)
    headers = headers_for(customer)

    first = client.get("/api/v1/invoices?limit=2", headers=headers).json()
    rest = client.get(f"/api/v1/invoices?limit=2&cursor={first['next_cursor']}", headers=headers).json()
    one = client.get(f"/api/v1/invoices?order={public('ord', sales[1].order_ref)}", headers=headers).json()
    none = client.get("/api/v1/invoices?issued_from_on=2026-11-21", headers=headers).json()

    assert [i["number"] for i in first["data"] + rest["data"]] == [m.number for m in reversed(made)]
    assert rest["next_cursor"] is None
    assert [i["number"] for i in one["data"]] == [made[1].number]
    assert none["data"] == []


@pytest.mark.parametrize("path", ["invoices", "payments"])
def test_a_list_costs_as_many_statements_for_fifty_rows_as_for_one(client, path):
    customer = a_buyer()
    headers = headers_for(customer)
    counts = []
    for size in (1, 49):
        for _ in range(size):
            sale = a_sale(customer)
            record_sales([sale], actor=STAFF, at=NOON)
            money_in(customer, 100, order_ref=sale.order_ref)
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(f"/api/v1/{path}", headers=headers).json()
        counts.append(len(seen))

    assert len(answer["data"]) == 50
    assert counts[0] == counts[1]


def test_a_payment_is_recorded_and_settles_its_order(client):
    customer = a_buyer()
    sale = a_sale(customer)
    made = record_sales([sale], actor=STAFF, at=NOON)[0]

    answer = post(client, "payments", said(sale.order_ref, amount=4000, payer_name="ヤマダ ハナコ"), headers_for(customer))

    assert answer.status_code == 201
    told = answer.json()
    assert (told["amount"], told["held"], told["status"], told["customer"]) == (4000, 720, "received", public("cus", customer.public_id))
    assert told["applications"] == [{"invoice": public("inv", made.public_id), "number": made.number, "amount": 3280}]
    assert answer["Location"] == f"/api/v1/payments/{told['id']}"
    assert "ヤマダ" not in answer.content.decode()
    assert Payment.objects.values_list("actor_kind", "payer_name").get() == ("partner", "ヤマダ ハナコ")
    assert Receivable.objects.get().open_amount == 0


def test_the_same_request_twice_records_one_payment(client):
    customer = a_buyer()
    headers = headers_for(customer)
    order_ref, _intent = requested(customer)

    first = post(client, "payments", said(order_ref), headers)
    second = post(client, "payments", said(order_ref), headers)
    other_key = post(client, "payments", said(order_ref), {**headers, "idempotency-key": "another"})

    assert (first.status_code, second.status_code, other_key.status_code) == (201, 201, 200)
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"
    assert Payment.objects.count() == 1


def test_money_of_nobody_waits_to_be_identified(client):
    customer = a_buyer()

    answer = post(client, "payments", said(), headers_for(customer))

    assert (answer.status_code, answer.json()["customer"], answer.json()["held"]) == (201, None, 3280)


@pytest.mark.parametrize(
    ("_case", "change", "status", "pointer"),
    [
        ("nothing", {"amount": 0}, 400, "/amount"),
        ("less than nothing", {"amount": -3000}, 400, "/amount"),
        ("half a yen", {"amount": 0.5}, 400, "/amount"),
        ("a number in quotes", {"amount": "3280"}, 400, "/amount"),
        ("true", {"amount": True}, 400, "/amount"),
        ("more than there is", {"amount": 10**16}, 400, "/amount"),
        ("no date", {"received_on": "2026-02-30"}, 400, "/received_on"),
        ("a Japanese date", {"received_on": "令和8年11月20日"}, 400, "/received_on"),
        ("an unknown method", {"method": "barter"}, 400, "/method"),
        ("no reference", {"reference": ""}, 400, "/reference"),
        ("a full-width reference", {"reference": "１２"}, 400, "/reference"),
        ("an unknown field", {"paid": True}, 400, "/paid"),
        ("a small currency", {"currency": "jpy"}, 400, "/currency"),
        ("an order nobody knows", {"order": "ord_" + "0" * 32}, 422, "/order"),
        ("a customer nobody knows", {"customer": "cus_" + "0" * 32}, 422, "/customer"),
        ("tomorrow", {"received_on": "2026-11-21"}, 422, "/received_on"),
    ],
)
def test_a_wrong_payment_is_refused_with_its_field_and_nothing_is_written(client, _case, change, status, pointer):
    customer = a_buyer()

    answer = post(client, "payments", said(**change), headers_for(customer))

    told = answer.json()
    assert (answer.status_code, [error["pointer"] for error in told["errors"]]) == (status, [pointer])
    assert answer["Content-Type"] == "application/problem+json"
    assert (Payment.objects.count(), Entry.objects.count()) == (0, 0)


def test_an_order_in_another_currency_takes_no_yen(client):
    customer = a_buyer()
    order_ref, _intent = requested(customer)

    answer = post(client, "payments", said(order_ref, currency="USD"), headers_for(customer))

    assert (answer.status_code, answer.json()["code"]) == (422, "billing.currency_differs")


def test_a_refund_gives_back_what_is_held_and_no_more(client):
    customer = a_buyer()
    paid = money_in(customer, 10_000)
    path = f"payments/{public('pay', paid.public_id)}/refunds"
    headers = headers_for(customer)

    answers = [
        post(client, path, {"amount": 3000, "reason": "返品", "reference": f"rma-{n}"}, {**headers, "idempotency-key": f"k{n}"})
        for n in range(4)
    ]
    told_again = post(client, path, {"amount": 3000, "reason": "返品", "reference": "rma-0"}, {**headers, "idempotency-key": "k9"})

    assert [answer.status_code for answer in answers] == [201, 201, 201, 422]
    assert [answer.json()["held"] for answer in answers[:3]] == [7000, 4000, 1000]
    assert (answers[3].json()["code"], told_again.status_code) == ("billing.refund_too_much", 200)
    assert client.get(f"/api/v1/payments/{public('pay', paid.public_id)}", headers=headers).json()["refunded"] == 9000
    assert broken_promises() == {}


@pytest.mark.parametrize(
    ("_case", "method", "path"), [("list", "get", "payments"), ("record", "post", "payments"), ("invoices", "get", "invoices")]
)
def test_nobody_passes_without_a_token_and_its_scope(client, _case, method, path):
    customer = a_buyer()
    wrong = "billing:write" if method == "get" else "billing:read"

    anonymous = getattr(client, method)(f"/api/v1/{path}")
    scopeless = getattr(client, method)(f"/api/v1/{path}", headers=headers_for(customer, scopes=wrong))

    assert (anonymous.status_code, scopeless.status_code) == (401, 403)
    assert not Payment.objects.exists()


def test_a_payment_without_an_idempotency_key_is_not_taken(client):
    headers = headers_for(a_buyer())
    del headers["idempotency-key"]

    answer = post(client, "payments", said(), headers)

    assert (answer.status_code, answer.json()["code"], Payment.objects.count()) == (400, "idempotency.key_missing", 0)
