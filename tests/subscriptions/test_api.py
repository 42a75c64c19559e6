"""Contracts at the machine counter: every kind of caller, verbs once per key, refusals in words."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from core.clock import travel
from core.ids import public
from core.models import PersonalDataRead
from subscriptions.models import Subscription
from tests.factories.orders import AT, a_shop
from tests.factories.partners import a_partner, a_token, as_partner
from tests.factories.subscriptions import a_contract, open_cycle

pytestmark = pytest.mark.django_db
SCOPES = "subscriptions:read subscriptions:write"


@pytest.fixture(autouse=True)
def _then() -> object:
    with travel(AT + timedelta(days=1)):
        yield


def headers_for(contract: Subscription, *, scopes: str = SCOPES, key: str = "") -> dict[str, str]:
    given = as_partner(a_token(a_partner(contract.company, scopes=SCOPES), scopes=scopes))
    return {**given, "idempotency-key": key or uuid4().hex}


def post(
    client: Client, contract: Subscription, verb: str, body: dict[str, object], headers: dict[str, str] | None = None, **given: str
) -> object:
    path = f"/api/v1/subscriptions/{public('sub', contract.public_id)}/{verb}"
    return client.post(path, json.dumps(body), content_type="application/json", headers=headers or headers_for(contract, **given))


def test_a_partner_reads_contracts_of_its_company_only(client: Client) -> None:
    ours, theirs = a_contract(a_shop()), a_contract(a_shop())

    listed = client.get("/api/v1/subscriptions", headers=headers_for(ours)).json()
    one = client.get(f"/api/v1/subscriptions/{public('sub', ours.public_id)}", headers=headers_for(ours)).json()
    other = client.get(f"/api/v1/subscriptions/{public('sub', theirs.public_id)}", headers=headers_for(ours))

    assert [c["number"] for c in listed["data"]] == [ours.number]
    assert (listed["data"][0]["next_on"], listed["data"][0]["interval"]) == ("2026-06-11", "1m")
    assert (one["status"], one["deliveries"], len(one["coming"])) == ("active", 1, 12)
    assert one["coming"][0]["change_until"] == "2026-06-06"
    assert other.status_code == 404
    assert PersonalDataRead.objects.count() == 1


def test_nobody_reads_or_writes_without_the_scope(client: Client) -> None:
    contract = a_contract(a_shop())

    assert client.get("/api/v1/subscriptions").status_code == 401
    assert client.get("/api/v1/subscriptions", headers=headers_for(contract, scopes="subscriptions:write")).status_code == 403
    assert post(client, contract, "skips", {}, scopes="subscriptions:read").status_code == 403  # type: ignore[attr-defined]


def test_a_skip_is_done_once_per_key_and_taken_back(client: Client) -> None:
    contract = a_contract(a_shop())
    caller = headers_for(contract)

    first = post(client, contract, "skips", {"reason": "旅行"}, caller)
    again = post(client, contract, "skips", {"reason": "旅行"}, caller)
    back = post(client, contract, "unskips", {"number": 2})

    assert (first.status_code, first.json()["coming"][0]["status"]) == (200, "skipped")  # type: ignore[attr-defined]
    assert again.json() == first.json()  # type: ignore[attr-defined]
    assert back.status_code == 200  # type: ignore[attr-defined]
    assert open_cycle(contract).number == 2


def test_a_contract_is_paused_resumed_moved_and_cancelled(client: Client) -> None:
    contract = a_contract(a_shop())

    answers = [
        post(client, contract, "pause", {"until_on": "2026-08-01"}),
        post(client, contract, "resumption", {"next_on": "2026-05-20"}),
        post(client, contract, "schedule", {"next_on": "2026-05-25", "interval": "2m"}),
        post(client, contract, "cancellation", {"reason": "足りている"}),
    ]

    assert [a.status_code for a in answers] == [200] * 4, [a.content for a in answers]  # type: ignore[attr-defined]
    assert [a.json()["status"] for a in answers] == ["paused", "active", "active", "cancelled"]  # type: ignore[attr-defined]
    assert answers[2].json()["interval"] == "2m"  # type: ignore[attr-defined]


def test_a_refusal_says_why(client: Client) -> None:
    contract = a_contract(a_shop(), plan={"minimum_cycles": 3})

    answer = post(client, contract, "cancellation", {"reason": "x"})

    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert answer.json()["code"] == "subscription.minimum_not_reached"  # type: ignore[attr-defined]
    contract.refresh_from_db()
    assert contract.status == "active"
