"""The way out: the page asks, the button lets go at once, a mail program's button too; a link tells nothing and does nothing else."""

import re

import pytest
from django.test import Client

from campaigns.models import Recipient, Send
from campaigns.operations import run_due_sends, unsubscribe
from campaigns.queries import unsubscribe_path
from core.actor import SYSTEM
from core.errors import Refusal
from customers.models import Consent
from customers.queries import consent_in_force
from customers.rules import ConsentPurpose, ConsentStatus, ContactChannel
from tests.factories.campaigns import AT, Post, a_reader, a_send, a_sender, says
from tests.factories.core import a_brand

pytestmark = pytest.mark.django_db


@pytest.fixture
def recipient() -> Recipient:
    company = a_sender()
    a_reader(company)
    send = a_send(company)
    run_due_sends(post=Post(), clock=lambda: AT, actor=SYSTEM)
    return Recipient.objects.get(send=send)


def agrees(customer_id: int, *, brand_id: int | None = None, at=AT) -> bool:
    asked = {"channel": ContactChannel.MAIL, "purpose": ConsentPurpose.ADVERTISING, "brand_id": brand_id, "at": at}
    return customer_id in consent_in_force([customer_id], **asked)


def path_of(recipient: Recipient) -> str:
    return unsubscribe_path(recipient.pk)


def test_looking_at_the_page_changes_nothing(recipient: Recipient):
    page = Client().get(path_of(recipient))

    assert page.status_code == 200
    assert "配信を停止" in page.content.decode()
    assert agrees(recipient.customer_id)


def test_the_button_withdraws_at_once_with_its_source_and_again_changes_nothing(recipient: Recipient):
    browser = Client(enforce_csrf_checks=True)
    words = Consent.objects.count()

    first, second = browser.post(path_of(recipient)), browser.post(path_of(recipient))

    assert (first.status_code, second.status_code) == (200, 200)
    word = Consent.objects.latest("id")
    assert Consent.objects.count() == words + 1
    assert (word.customer_id, word.status, word.source, word.actor_kind) == (recipient.customer_id, "withdrawn", "mail link", "customer")
    assert Send.objects.get().public_id.hex in word.wording.replace("-", "")
    recipient.refresh_from_db()
    assert recipient.unsubscribed_at is not None


def test_a_mail_program_presses_its_own_button(recipient: Recipient):
    answer = Client(enforce_csrf_checks=True).post(path_of(recipient), {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert Consent.objects.latest("id").source == "mail one-click"


def test_a_slip_of_the_finger_is_taken_back_once(recipient: Recipient):
    browser = Client()
    browser.post(path_of(recipient))

    page = browser.post(path_of(recipient), {"again": "1"})
    words = Consent.objects.count()
    browser.post(path_of(recipient), {"again": "1"})

    assert "引き続き" in page.content.decode()
    assert Consent.objects.count() == words
    assert Consent.objects.latest("id").status == "given"


def test_an_old_link_agrees_to_nothing(recipient: Recipient):
    says_no = Consent.objects.count()
    Client().post(path_of(recipient), {"again": "1"})

    assert Consent.objects.count() == says_no


def test_who_agreed_anew_by_another_way_is_let_go_again(recipient: Recipient):
    browser = Client()
    browser.post(path_of(recipient))
    from core import clock
    from customers.models import Customer

    says(Customer.objects.get(pk=recipient.customer_id), at=clock.now())
    browser.post(path_of(recipient))

    assert not agrees(recipient.customer_id, at=clock.now())


@pytest.mark.parametrize("token", ["1.abc", "zz", "1", "ffffffffffffffffffff.x", "-1.x", "1.abc" * 60])
def test_a_forged_link_is_nobodys(token: str, recipient: Recipient):
    words = Consent.objects.count()

    answers = [Client().get(f"/unsubscribe/{token}/").status_code, Client().post(f"/unsubscribe/{token}/").status_code]

    assert answers == [404, 404]
    assert Consent.objects.count() == words


def test_another_recipients_number_under_the_same_signature_is_refused(recipient: Recipient):
    number, signature = path_of(recipient).strip("/").removeprefix("unsubscribe/").split(".")
    other = f"{int(number, 16) + 1:x}.{signature}"

    assert isinstance(unsubscribe(other, one_click=False, actor=SYSTEM, at=AT), Refusal)


def test_the_link_of_a_test_mail_lets_nobody_go(recipient: Recipient):
    token = unsubscribe_path(0).strip("/").removeprefix("unsubscribe/")

    answer = unsubscribe(token, one_click=True, actor=SYSTEM, at=AT)

    assert isinstance(answer, Refusal)
    assert answer.code == "campaigns.link_sample"


def test_the_link_carries_nothing_personal(recipient: Recipient):
    assert re.fullmatch(r"/unsubscribe/[0-9a-f]+\.[\w-]+/", path_of(recipient))


def test_leaving_a_brand_leaves_that_brand_only():
    company = a_sender()
    brand, other = a_brand(company), a_brand(company)
    reader = a_reader(company)
    send = a_send(company, brand_id=brand.pk)
    run_due_sends(post=Post(), clock=lambda: AT, actor=SYSTEM)
    recipient = Recipient.objects.get(send=send)

    Client().post(path_of(recipient))

    from core import clock

    now = clock.now()
    assert (agrees(reader.pk, brand_id=brand.pk, at=now), agrees(reader.pk, brand_id=other.pk, at=now)) == (False, True)
    assert Consent.objects.filter(status=ConsentStatus.WITHDRAWN).count() == 1
