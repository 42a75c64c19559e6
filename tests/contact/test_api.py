"""Cases at the machine counter: every kind of caller, every kind of answer."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contact.models import Case, CaseOrder, Interaction
from core.ids import public
from core.models import PersonalDataRead
from customers.models import Customer
from tests.factories import contact as make
from tests.factories import customers as people
from tests.factories.orders import a_shop, an_order
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
URL = "/api/v1/cases"
ALL = "cases:read cases:write"


def caller(company: Any, scopes: str = ALL) -> dict[str, str]:
    return as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes))


def word(customer: Customer) -> str:
    return public("cus", customer.public_id)


def posted(url: str, said: dict[str, Any], door: dict[str, str], *, key: str = "a-first-key-of-mine") -> Any:
    return Client().post(url, said, content_type="application/json", headers={**door, "Idempotency-Key": key})


def test_a_chat_system_opens_a_case_and_adds_what_was_said() -> None:
    shop = a_shop()
    customer, order = people.a_customer(shop.company), an_order(shop)
    door = caller(shop.company)
    said = {"customer": word(customer), "theme": "お届け先の変更", "body": "引っ越しました", "reason": "address", "channel": "chat",
            "orders": [public("ord", order.public_id)]}  # fmt: skip

    opened, again = posted(URL, said, door), posted(URL, said, door)
    answer = opened.json()
    address = f"{URL}/{answer['id']}/interactions"
    added = posted(address, {"body": "番地は変わりません", "channel": "chat"}, door, key="a-second-key-of-mine")

    assert (opened.status_code, again.status_code, added.status_code) == (201, 201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (answer["customer"], answer["state"], answer["reason"]) == (word(customer), "open", "address")
    assert answer["orders"] == [public("ord", order.public_id)]
    assert (Case.objects.count(), Interaction.objects.count(), CaseOrder.objects.count()) == (1, 2, 1)
    told = Client().get(address, headers=door).json()["data"]
    assert [(one["body"], one["author"]) for one in told] == [("引っ越しました", "partner"), ("番地は変わりません", "partner")]
    assert Client().get(f"{URL}/{answer['id']}", headers=door).json() == added.json()
    assert {read.subject for read in PersonalDataRead.objects.all()} == {f"customer:{customer.public_id}"}


@pytest.mark.parametrize(
    ("_case", "given", "status", "code"),
    [
        ("no theme", {"theme": ""}, 400, "request.malformed"),
        ("no such reason", {"reason": "nothing"}, 422, "contact.reason_unknown"),
        ("nobody", {"customer": "cus_" + "0" * 32}, 422, "customers.not_found"),
        ("tomorrow", {"occurred_at": "2199-01-01T00:00:00Z"}, 422, "contact.in_future"),
        ("among staff", {"direction": "internal"}, 422, "contact.nobody_spoke"),
        ("unknown field", {"colour": "red"}, 400, "request.malformed"),
        ("nul", {"body": "a\x00b"}, 400, "body.nul"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(_case: str, given: dict[str, Any], status: int, code: str) -> None:
    customer = people.a_customer()

    response = posted(URL, {"customer": word(customer), "theme": "用件", **given}, caller(customer.company))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert Case.objects.count() == 0


def test_each_caller_sees_only_what_is_theirs() -> None:
    ours, theirs = make.a_case(), make.a_case()
    door = caller(ours.company)

    listed = Client().get(URL, headers=door).json()["data"]
    assert [one["number"] for one in listed] == [ours.number]
    foreign = f"{URL}/{public('cas', theirs.public_id)}"
    assert Client().get(foreign, headers=door).status_code == 404
    assert posted(f"{foreign}/interactions", {"body": "はい"}, door).status_code == 404
    assert Client().get(URL).status_code == 401
    assert Client().get(URL, headers=caller(ours.company, "orders:read")).status_code == 403
    assert posted(URL, {"theme": "用件"}, caller(ours.company, "cases:read")).status_code == 403
    assert Client().get(f"{URL}/cas_nothing", headers=door).status_code == 404


def test_lists_are_paged_filtered_and_take_as_many_statements_however_long() -> None:
    customer = people.a_customer()
    door, counts = caller(customer.company), []
    for size in (1, 49):
        for _n in range(size):
            make.a_case(customer)
        with CaptureQueriesContext(connection) as spent:
            assert Client().get(URL, headers=door).status_code == 200
        counts.append(len(spent))
    other = make.a_case(people.a_customer(customer.company), desk="success")

    first = Client().get(URL, {"limit": 30}, headers=door).json()
    second = Client().get(URL, {"limit": 30, "cursor": first["next_cursor"]}, headers=door).json()
    numbers = [one["number"] for one in (*first["data"], *second["data"])]

    assert counts[0] == counts[1]
    assert sorted(numbers) == sorted(set(numbers))
    assert (len(numbers), second["next_cursor"]) == (51, None)
    success = Client().get(URL, {"desk": "success"}, headers=door).json()["data"]
    assert [one["number"] for one in success] == [other.number]
    mine = Client().get(URL, {"customer": word(customer), "state": "solved"}, headers=door).json()["data"]
    assert mine == []
