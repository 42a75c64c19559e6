"""Staff open endpoints, try them and send again; a secret is shown once; who works for one company sees that one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.staff_roles import seed_roles
from core.actor import SYSTEM
from core.models import AuditEntry, WebhookEndpoint, WebhookMessage
from core.operations import disable_webhook_endpoints, ping_webhook_endpoints
from core.operations.webhooks import MOST_ENDPOINTS
from customers.models import Account
from tests.factories.core import a_company
from tests.factories.partners import a_partner
from tests.factories.webhooks import an_endpoint, the_endpoint

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
LIST, ADD = reverse("admin:core_webhookendpoint_changelist"), reverse("admin:core_webhookendpoint_add")
MESSAGES = reverse("admin:core_webhookmessage_changelist")


def signed_in(role: str, company: Any = None) -> Client:
    account = Account.objects.create_user(f"{role}-{company and company.pk}", "x", kind="staff", is_staff=True, company=company)
    if role == "administrator":
        account.is_superuser = True
        account.save()
    else:
        account.groups.add(seed_roles()[role])
    client = Client(headers={"accept-language": "en"})
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(key: int) -> str:
    return reverse("admin:core_webhookendpoint_change", args=[key])


def verb(key: int, name: str) -> str:
    return f"{reverse('admin:core_webhookendpoint_changelist')}{key}/verb-{name}/"


def press(client: Client, key: int, name: str, **said: str) -> Any:
    return client.post(verb(key, name), {"verb_confirmed": "1", **said}, follow=True)


def test_an_endpoint_is_opened_and_its_secret_shown_once():
    company = a_company()
    partner = a_partner(company, scopes="orders:read")
    client = signed_in("administrator")
    said = {
        "company": company.pk,
        "client_id": partner.client_id,
        "name": "倉庫",
        "url": "https://hooks.example.com/in",
        "types": ["order.placed"],
    }

    shown = client.post(ADD, said)

    row = WebhookEndpoint.objects.get()
    assert (row.client_id, row.types, row.state) == (partner.client_id, ["order.placed"], "active")
    assert "whsec_" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert "whsec_" not in client.get(page(row.pk)).content.decode()
    assert "whsec_" not in str(AuditEntry.objects.filter(table_name="core_webhookendpoint").values_list("changes", flat=True))
    assert AuditEntry.objects.filter(table_name="core_webhookendpoint").exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"url": "https://127.0.0.1/"}, "the host is a number"),
        ({"url": "http://hooks.example.com/"}, "only https is called"),
        ({"types": []}, "This field is required"),
        ({"types": ["customer.changed"]}, "lacks the scope customers:read"),
    ],
)
def test_what_cannot_be_is_said_at_the_field_and_nothing_is_written(wrong: dict[str, Any], words: str):
    company = a_company()
    partner = a_partner(company, scopes="orders:read")
    said = {
        "company": company.pk,
        "client_id": partner.client_id,
        "url": "https://hooks.example.com/in",
        "types": ["order.placed"],
        "name": "",
    }

    shown = signed_in("administrator").post(ADD, {**said, **wrong})

    assert words in shown.content.decode()
    assert WebhookEndpoint.objects.count() == 0


def test_the_same_address_twice_is_said_and_other_events_are_taken():
    company = a_company()
    opened = an_endpoint("https://hooks.example.com/in", company=company)
    client = signed_in("administrator")
    said = {"company": company.pk, "client_id": "", "name": "", "url": "https://hooks.example.com/in", "types": ["order.paid"]}

    assert "told events already" in client.post(ADD, said).content.decode()
    assert client.post(page(opened.endpoint_id), {"name": "受注", "url": said["url"], "types": ["order.paid"]}).status_code == 302
    assert (the_endpoint(opened).types, the_endpoint(opened).name) == (["order.paid"], "受注")


def test_one_endpoint_too_many_is_said_on_the_form():
    company = a_company()
    for number in range(MOST_ENDPOINTS):
        an_endpoint(f"https://hooks.example.com/{number}", company=company)
    said = {"company": company.pk, "client_id": "", "name": "", "url": "https://hooks.example.com/more", "types": ["order.paid"]}

    answer = signed_in("administrator").post(ADD, said)

    assert answer.status_code == 200
    assert f"at most {MOST_ENDPOINTS} endpoints" in answer.content.decode()


def test_a_test_is_sent_and_its_message_sent_again():
    opened = an_endpoint()
    client = signed_in("administrator")

    press(client, opened.endpoint_id, "ping")
    message = WebhookMessage.objects.get()
    WebhookMessage.objects.update(state="failed", tries=10, last_status=500)
    client.post(MESSAGES, {"action": "verb_resend", "_selected_action": [message.pk], "verb_confirmed": "1", "index": 0})

    assert message.type == "ping"
    assert WebhookMessage.objects.get().state == "queued"


def test_a_disabled_endpoint_says_why_and_is_resumed():
    opened = an_endpoint()
    disable_webhook_endpoints([opened.endpoint_id], actor=SYSTEM, reason="gone")
    client = signed_in("administrator")

    assert "It answered 410" in client.get(page(opened.endpoint_id)).content.decode()
    assert "Webhooks" in client.get(reverse("admin:index")).content.decode()
    press(client, opened.endpoint_id, "resume")

    assert the_endpoint(opened).state == "active"


def test_a_new_secret_is_shown_once_and_wants_a_reason():
    opened = an_endpoint()
    client = signed_in("administrator")

    without = press(client, opened.endpoint_id, "rotate", reason="")
    shown = press(client, opened.endpoint_id, "rotate", reason="leaked")

    assert "whsec_" not in without.content.decode()
    assert "whsec_" in shown.content.decode()
    assert the_endpoint(opened).former_until_at is not None


def test_pausing_and_ending_take_their_reason_with_them():
    opened = an_endpoint()
    client = signed_in("administrator")

    press(client, opened.endpoint_id, "pause", reason="moving house")
    assert (the_endpoint(opened).state, the_endpoint(opened).reason) == ("paused", "moving house")
    press(client, opened.endpoint_id, "end", reason="closed")

    assert the_endpoint(opened).ended_at is not None
    assert client.get(page(opened.endpoint_id)).status_code == 302


def test_staff_of_a_company_see_their_own_only():
    mine, other = a_company(), a_company()
    own, foreign = an_endpoint(company=mine), an_endpoint(company=other)
    ping_webhook_endpoints([own.endpoint_id, foreign.endpoint_id], actor=SYSTEM, at=AT)
    client = signed_in("administrator", mine)

    listed = client.get(LIST).content.decode()
    press(client, foreign.endpoint_id, "pause", reason="x")

    assert the_endpoint(own).url in listed
    assert the_endpoint(foreign).url not in listed
    assert the_endpoint(foreign).state == "active"
    assert client.get(page(foreign.endpoint_id)).status_code == 302
    theirs = WebhookMessage.objects.get(endpoint_id=foreign.endpoint_id)
    client.post(MESSAGES, {"action": "verb_resend", "_selected_action": [theirs.pk], "verb_confirmed": "1", "index": 0})
    assert WebhookMessage.objects.get(pk=theirs.pk).round_from == 0
    assert client.get(reverse("admin:core_webhookmessage_change", args=[theirs.pk])).status_code == 302


@pytest.mark.parametrize(("role", "sees"), [("order_desk", True), ("viewer", True), ("warehouse", False), ("marketing", False)])
def test_each_role_sees_what_it_may_and_opens_none(role: str, sees: bool):
    opened = an_endpoint()
    client = signed_in(role)

    assert (client.get(LIST).status_code == 200) is sees
    assert client.get(ADD).status_code == 403
    press(client, opened.endpoint_id, "pause", reason="x")
    assert the_endpoint(opened).state == "active"


def test_empty_lists_say_what_to_do():
    client = signed_in("administrator")

    assert "Nobody is told of events yet" in client.get(LIST).content.decode()
    assert "Nothing was sent yet" in client.get(MESSAGES).content.decode()
