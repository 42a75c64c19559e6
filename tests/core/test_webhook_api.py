"""A partner looks after its own endpoints, and nobody else's; a secret is told once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.actor import SYSTEM
from core.models import IdempotencyResult, WebhookEndpoint, WebhookMessage
from core.operations import disable_webhook_endpoints, ping_webhook_endpoints
from tests.factories.core import a_company
from tests.factories.partners import a_partner, a_token, as_partner
from tests.factories.webhooks import an_endpoint

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
ALL = "webhooks:read webhooks:write orders:read shipments:read"
URL = "https://hooks.example.com/in"
WISH = {"url": URL, "types": ["order.placed", "shipment.shipped"], "name": "倉庫"}


class Caller:
    """One partner application at the machine counter."""

    def __init__(self, client: Any, *, company: Any = None, scopes: str = ALL) -> None:
        self.client, self.partner = client, a_partner(company, scopes=scopes)
        self.headers, self.keys = as_partner(a_token(self.partner, scopes=scopes)), 0

    def __call__(self, verb: str, path: str, body: Any = None, *, key: str = "") -> Any:
        self.keys += 1
        headers = {**self.headers, "idempotency-key": key or f"key-{self.keys}"}
        call = getattr(self.client, verb)
        address = f"/api/v1/{path}"
        return call(address, body, "application/json", headers=headers) if body is not None else call(address, headers=headers)

    def opened(self, **more: Any) -> dict[str, Any]:
        return self("post", "webhooks", {**WISH, **more}).json()


def test_an_endpoint_is_opened_with_a_secret_that_is_told_once(client):
    call = Caller(client)

    first = call("post", "webhooks", WISH, key="one")
    again = call("post", "webhooks", WISH, key="one")
    shown = call("get", f"webhooks/{first.json()['id']}")

    assert (first.status_code, again.status_code, shown.status_code) == (201, 201, 200)
    assert first.json()["secret"].startswith("whsec_")
    assert again.json() == {**first.json(), "secret": None}
    assert "secret" not in shown.json()
    assert shown.json()["types"] == WISH["types"]
    assert first["Location"] == f"/api/v1/webhooks/{first.json()['id']}"
    assert WebhookEndpoint.objects.count() == 1
    kept = b"".join(bytes(row.body) for row in IdempotencyResult.objects.all())
    assert first.json()["secret"].encode() not in kept


@pytest.mark.parametrize(
    ("wish", "code", "pointer"),
    [
        ({"url": "https://169.254.169.254/"}, "webhook.url_number", "/url"),
        ({"url": "http://hooks.example.com/"}, "webhook.url_not_https", "/url"),
        ({"url": "https://hooks.example.com/" + "a" * 9_000}, "webhook.url_too_long", "/url"),
        ({"types": ["order.eaten"]}, "webhook.unknown_type", "/types"),
        ({"types": ["customer.changed"]}, "webhook.scope_missing", "/types"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_with_its_field(client, wish, code, pointer):
    answer = Caller(client)("post", "webhooks", {**WISH, **wish})

    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert WebhookEndpoint.objects.count() == 0


@pytest.mark.parametrize(
    ("verb", "tail", "body"),
    [
        ("get", "", None), ("patch", "", {"name": "x"}), ("delete", "", None), ("post", "/secret", {}), ("post", "/ping", {}),
        ("get", "/deliveries", None), ("post", "/resend", {"messages": ["evt_" + "0" * 32]}),
    ],
)  # fmt: skip
def test_another_applications_endpoint_is_not_there(client, verb, tail, body):
    company = a_company()
    mine, neighbour, stranger = Caller(client, company=company), Caller(client, company=company), Caller(client)
    own = an_endpoint(company=company)  # the company's own
    opened = mine.opened()

    for caller in (neighbour, stranger):
        assert caller(verb, f"webhooks/{opened['id']}{tail}", body).status_code == 404
        assert caller("get", "webhooks").json()["data"] == []
    assert mine(verb, f"webhooks/whk_{own.public_id.hex}{tail}", body).status_code == 404
    assert [row["id"] for row in mine("get", "webhooks").json()["data"]] == [opened["id"]]
    assert WebhookEndpoint.objects.filter(ended_at=None).count() == 2


def test_scopes_are_asked_for(client):
    reader, nobody = Caller(client, scopes="webhooks:read orders:read"), Caller(client, scopes="orders:read")

    assert reader("post", "webhooks", {**WISH, "types": ["order.placed"]}).json()["code"] == "auth.scope_missing"
    assert nobody("get", "webhooks").status_code == 403
    assert nobody("get", "webhook-types").status_code == 403


def test_the_catalogue_says_what_may_be_subscribed_to(client):
    kinds = {kind["type"]: kind for kind in Caller(client)("get", "webhook-types").json()["data"]}

    assert kinds["order.placed"]["may_subscribe"] is True
    assert kinds["customer.changed"]["may_subscribe"] is False
    assert kinds["customer.changed"]["scope"] == "customers:read"
    assert kinds["stock.received"]["example"]["stock"]["path"].startswith("/api/v1/stock")


def test_an_endpoint_is_changed_paused_resumed_and_ended(client):
    call = Caller(client)
    address = f"webhooks/{call.opened()['id']}"

    changed = call("patch", address, {"url": "https://new.example.com/in", "state": "paused"}).json()
    refused = call("patch", address, {"name": "nicht", "types": ["order.eaten"]})
    resumed = call("patch", address, {"state": "active"}).json()

    assert (changed["url"], changed["state"]) == ("https://new.example.com/in", "paused")
    assert refused.status_code == 422
    assert (resumed["state"], resumed["name"]) == ("active", "倉庫")
    assert call("delete", address).status_code == 204
    assert call("get", address).status_code == 404
    assert call.opened()["id"]  # the address is free again


def test_a_change_that_is_refused_halfway_changes_nothing(client):
    call = Caller(client)
    opened = call.opened()
    disable_webhook_endpoints([WebhookEndpoint.objects.get().pk], actor=SYSTEM, reason="gone")

    answer = call("patch", f"webhooks/{opened['id']}", {"name": "anders", "state": "paused"})

    assert answer.json()["code"] == "webhook.disabled"
    assert WebhookEndpoint.objects.get().name == "倉庫"


def test_a_new_secret_replaces_the_old_one_with_an_overlap(client):
    call = Caller(client)
    opened = call.opened()

    made = call("post", f"webhooks/{opened['id']}/secret", {}).json()

    assert made["secret"] not in (None, opened["secret"])
    assert made["former_secret_until"] is not None


def test_a_ping_waits_among_the_deliveries_and_can_be_sent_again(client):
    call = Caller(client)
    opened = call.opened()

    ping = call("post", f"webhooks/{opened['id']}/ping", {}).json()["message"]
    WebhookMessage.objects.update(state="failed", last_status=500, tries=10)
    (row,) = call("get", f"webhooks/{opened['id']}/deliveries?state=failed").json()["data"]
    resent = call("post", f"webhooks/{opened['id']}/resend", {"messages": [ping]}).json()
    (after,) = call("get", f"webhooks/{opened['id']}/deliveries").json()["data"]

    assert (row["id"], row["type"], row["last_status"], row["next_try_at"]) == (ping, "ping", 500, None)
    assert resent == {"resent": 1}
    assert after["state"] == "queued"
    assert after["next_try_at"] is not None
    assert "body" not in after


@pytest.mark.parametrize("body", [{}, {"messages": ["evt_" + "0" * 32], "since": "evt_" + "0" * 32}])
def test_what_to_send_again_is_said_one_way(client, body):
    call = Caller(client)

    assert call("post", f"webhooks/{call.opened()['id']}/resend", body).json()["code"] == "webhook.which_messages"


def test_a_replay_since_a_message_of_somebody_else_is_refused(client):
    call, other = Caller(client), an_endpoint()
    ping_webhook_endpoints([other.endpoint_id], actor=SYSTEM, at=AT)
    theirs = f"evt_{WebhookMessage.objects.get().public_id.hex}"

    assert call("post", f"webhooks/{call.opened()['id']}/resend", {"since": theirs}).json()["code"] == "webhook.message_not_found"


def test_deliveries_come_in_pages(client):
    call = Caller(client)
    opened = call.opened()
    key = WebhookEndpoint.objects.get().pk
    ping_webhook_endpoints([key] * 5, actor=SYSTEM, at=AT)

    first = call("get", f"webhooks/{opened['id']}/deliveries?limit=3").json()
    second = call("get", f"webhooks/{opened['id']}/deliveries?limit=3&cursor={first['next_cursor']}").json()

    assert (len(first["data"]), len(second["data"]), second["next_cursor"]) == (3, 2, None)
    assert len({row["id"] for row in first["data"] + second["data"]}) == 5
