"""Customers at the machine counter: every kind of caller, every kind of body."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.ids import public
from core.models import OutboxEvent, PersonalDataRead
from customers.models import Address, ContactPoint, Customer
from tests.factories import customers as make
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
URL = "/api/v1/customers"
BODY: dict[str, Any] = {
    "family_name": "髙橋",
    "given_name": "美咲",
    "family_kana": "たかはし",
    "given_kana": "みさき",
    "phone": "０９０−１２３４−５６７８",
    "email": "misaki@example.com",
    "birth_on": "1990-01-08",
    "address": {"postal_code": "106-0032", "prefecture": "東京都", "city": "港区", "street": "六本木6-10-1"},
}


def caller(company: Any, scopes: str = "customers:read customers:write") -> dict[str, str]:
    return as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))


def post(client: Client, headers: dict[str, str], body: Any, key: str = "key-0001") -> Any:
    return client.post(URL, body, content_type="application/json", headers={**headers, "idempotency-key": key})


def patch(client: Client, headers: dict[str, str], customer: Customer, body: Any, etag: str | None = '"v1"') -> Any:
    given = headers if etag is None else {**headers, "if-match": etag}
    return client.patch(f"{URL}/{public('cus', customer.public_id)}", body, content_type="application/json", headers=given)


def test_a_registered_customer_can_be_read_back(client: Client) -> None:
    headers = caller(make.a_company())

    made = post(client, headers, BODY)
    read = client.get(made["Location"], headers=headers)

    assert (made.status_code, read.status_code) == (201, 200)
    told = read.json()
    assert told == made.json()
    assert (told["family_name"], told["family_kana"], told["birth_on"], told["version"]) == ("髙橋", "タカハシ", "1990-01-08", 1)
    assert [point["value"] for point in told["contact_points"]] == ["０９０−１２３４−５６７８", "misaki@example.com"]
    assert told["addresses"][0]["postal_code"] == "1060032"
    assert read["ETag"] == '"v1"'
    assert PersonalDataRead.objects.filter(subject__startswith="customer:").count() == 1


def test_the_same_key_again_answers_the_same_and_makes_nobody(client: Client) -> None:
    headers = caller(make.a_company())

    first, again, other = post(client, headers, BODY), post(client, headers, BODY), post(client, headers, {**BODY, "given_name": "花子"})

    assert first.content == again.content
    assert other.status_code == 422
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("_case", "change", "status", "pointer"),
    [
        ("no name", {"family_name": "", "given_name": " "}, 422, "/family_name"),
        ("a long name", {"family_name": "山" * 121}, 400, "/family_name"),
        ("a number for a name", {"family_name": 7}, 400, "/family_name"),
        ("null", {"family_name": None}, 400, "/family_name"),
        ("NUL", {"given_name": "a\x00"}, 400, "/given_name"),
        ("RTL override", {"given_name": "\u202eabc"}, 400, "/given_name"),
        ("line end in a name", {"given_name": "a\r\nb"}, 400, "/given_name"),
        ("zero width in an e-mail", {"email": "a\u200b@x.jp"}, 400, "/email"),
        ("header injection", {"email": "x@y.jp\r\nBcc: z@y.jp"}, 400, "/email"),
        ("two addresses", {"email": "a@x.jp,b@x.jp"}, 422, "/email"),
        ("dashes for a phone", {"phone": "---"}, 422, "/phone"),
        ("no such day", {"birth_on": "2027-02-29"}, 400, "/birth_on"),
        ("an era", {"birth_on": "R7.1.1"}, 400, "/birth_on"),
        ("born tomorrow", {"birth_on": "2150-01-01"}, 422, "/birth_on"),
        ("an unknown field", {"is_staff": True}, 400, "/is_staff"),
        ("a kind", {"kind": "alien"}, 400, "/kind"),
        ("postal code", {"address": {"postal_code": "〒１００"}}, 422, "/address/postal_code"),
        ("a country in words", {"address": {"country": "日本"}}, 400, "/address/country"),
        ("a list for a place", {"address": []}, 400, "/address"),
    ],
)
def test_a_body_that_cannot_be_is_answered_with_the_field(client: Client, _case: str, change: Any, status: int, pointer: str) -> None:
    answer = post(client, caller(make.a_company()), {**BODY, **change})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (Customer.objects.count(), ContactPoint.objects.count(), Address.objects.count(), OutboxEvent.objects.count()) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "family_name",
    ["𠮷野家", "①㈱Ⅲ№", "葛󠄀城", "か゛", "ゔ é ¥", "👨‍👩‍👧‍👦", "<script>alert(1)</script>", "{{7*7}} %(x)s", "'; DROP TABLE x; --", "null"],
)
def test_names_as_people_have_them_are_kept(client: Client, family_name: str) -> None:
    answer = post(client, caller(make.a_company()), {"family_name": family_name, "given_name": "花子"})

    assert answer.status_code == 201, answer.content


def test_every_caller_reaches_its_own_customers_only(client: Client) -> None:
    ours, theirs = make.a_company(), make.a_company()
    customer = make.a_customer(ours)
    address = f"{URL}/{public('cus', customer.public_id)}"

    assert client.get(address).status_code == 401
    assert client.get(address, headers=caller(theirs)).status_code == 404
    assert client.get(address, headers=caller(ours, "orders:read")).status_code == 403
    assert client.get(address, headers=caller(ours, "customers:read")).status_code == 200
    assert patch(client, caller(ours, "customers:read"), customer, {}).status_code == 403
    assert patch(client, caller(theirs), customer, {"family_name": "佐藤"}).status_code == 404
    for wrong in ("cus_1", "1", str(customer.id), public("ord", customer.public_id), str(customer.public_id), "cus_" + "f" * 32):
        assert client.get(f"{URL}/{wrong}", headers=caller(ours)).status_code == 404
    customer.refresh_from_db()
    assert customer.family_name == "山田"


def test_a_change_names_the_version_it_started_from(client: Client) -> None:
    company = make.a_company()
    customer, headers = make.a_customer(company), caller(company)

    blind = patch(client, headers, customer, {"family_name": "佐藤"}, etag=None)
    done = patch(client, headers, customer, {"family_name": "佐藤", "birth_on": None})
    late = patch(client, headers, customer, {"family_name": "鈴木"})
    odd = patch(client, headers, customer, {"family_name": "鈴木"}, etag='W/"1"')
    nothing = patch(client, headers, customer, {}, etag='"v2"')

    assert [answer.status_code for answer in (blind, done, late, odd, nothing)] == [428, 200, 412, 400, 200]
    assert (done["ETag"], done.json()["family_name"], nothing["ETag"]) == ('"v2"', "佐藤", '"v2"')
    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{"status": "closed"}, {"number": "C1"}, {"id": "cus_1"}, {"family_name": None}, {"family_name": "", "given_name": ""}]
)
def test_a_change_that_cannot_be_changes_nothing(client: Client, body: dict[str, Any]) -> None:
    company = make.a_company()
    customer = make.a_customer(company)

    answer = patch(client, caller(company), customer, body)

    assert answer.status_code in (400, 422)
    customer.refresh_from_db()
    assert (customer.version, customer.family_name, customer.status) == (1, "山田", "active")


def test_lists_go_by_cursor_newest_first_without_gaps(client: Client) -> None:
    company = make.a_company()
    made = [make.a_customer(company) for _ in range(5)]
    make.a_customer()
    headers = caller(company)
    seen: list[str] = []
    address: str | None = f"{URL}?limit=2"
    while address:
        page = client.get(address, headers=headers).json()
        seen += [row["number"] for row in page["data"]]
        address = f"{URL}?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else None

    assert seen == [customer.number for customer in reversed(made)]


def test_a_search_finds_by_any_word_and_status(client: Client) -> None:
    company = make.a_company()
    wanted = make.a_customer(company, family_name="髙橋", phone="090-1234-5678")
    make.a_customer(company, family_name="高橋", status="closed")
    headers = caller(company)

    by_phone = client.get(URL, {"q": "０９０１２３４５６７８"}, headers=headers).json()
    by_name = client.get(URL, {"q": "高橋", "status": "active"}, headers=headers).json()

    assert [row["number"] for row in by_phone["data"]] == [row["number"] for row in by_name["data"]] == [wanted.number]
    assert by_phone["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=１", "cursor=x", "sort=password", "q=a&q=b", "status=gone", "q="])
def test_queries_nobody_can_mean_are_refused(client: Client, query: str) -> None:
    assert client.get(f"{URL}?{query}", headers=caller(make.a_company())).status_code == 400


def test_a_list_of_fifty_takes_no_more_statements_than_one_of_one(client: Client) -> None:
    company = make.a_company()
    headers = caller(company)
    counts = []
    for size in (1, 49):
        for _ in range(size):
            make.a_customer(company, phone="090-1234-5678")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"{URL}?limit=50", headers=headers).status_code == 200
        counts.append(len(seen))

    assert counts[0] == counts[1] <= 5
