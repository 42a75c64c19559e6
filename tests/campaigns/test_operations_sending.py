"""A send goes out: who gets a letter, who doesn't and why, and what is remembered of it."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Recipient, Send
from campaigns.operations import run_due_sends, run_send, stop_sends
from campaigns.ports import SEND_VETO, Answer, Taken
from core.actor import SYSTEM
from core.db import run
from customers.models import ContactPoint
from customers.rules import ConsentStatus
from tests.factories.campaigns import AT, MARKETER, Post, a_message, a_reader, a_send, a_sender, says, states
from tests.factories.customers import a_customer

pytestmark = pytest.mark.django_db


def clock() -> datetime:
    return AT


def gone_out(post: Post, *, at: datetime = AT) -> None:
    run_due_sends(post=post, clock=lambda: at, actor=SYSTEM)


def test_everybody_who_agreed_gets_one_letter_and_the_send_is_done():
    company = a_sender()
    readers = [a_reader(company) for _ in range(3)]
    a_customer(company, email="silent@example.jp")
    send = a_send(company)

    post = Post()
    gone_out(post)
    gone_out(post)

    assert sorted(letter.to_address for letter in post.letters) == sorted(
        ContactPoint.objects.get(customer=reader).value for reader in readers
    )
    assert states(send) == {"sent": 3, "suppressed": 1}
    send.refresh_from_db()
    assert (send.state, send.recipient_count, send.sent_count, send.suppressed_count, send.queued_count) == ("done", 4, 3, 1, 0)
    assert Recipient.objects.get(send=send, state="suppressed").reason == "no_consent"


def test_a_letter_shows_names_sender_and_the_way_out():
    company = a_sender()
    a_reader(company, family_name="髙橋", given_name="美咲")
    a_send(company, message=a_message(company, body_html="<p>{{お名前}}様 <b>新茶</b></p>"))

    post = Post()
    gone_out(post)

    (letter,) = post.letters
    assert letter.subject == "髙橋 美咲様へ、新茶のお知らせ"
    assert letter.text.startswith("髙橋様\n")
    for part in ("株式会社大福商店", "〒101-0051 東京都千代田区神田神保町1-1", "shop@daifuku.example", letter.unsubscribe_url):
        assert part in letter.text
        assert part in letter.html
    assert "<b>新茶</b>" in letter.html


@pytest.mark.parametrize(
    ("_case", "spoil", "reason"),
    [
        ("withdrawn", lambda c: says(c, ConsentStatus.WITHDRAWN), "no_consent"),
        ("withdrawn by a clock that ran ahead", lambda c: says(c, ConsentStatus.WITHDRAWN, at=AT + timedelta(seconds=5)), "no_consent"),
        ("no mailbox", lambda c: ContactPoint.objects.filter(customer=c).update(ended_at=AT), "no_address"),
        ("mail does not arrive", lambda c: ContactPoint.objects.filter(customer=c).update(unreachable_at=AT), "unreachable"),
    ],
)
def test_what_happened_after_the_list_was_made_counts_when_the_letter_goes(_case, spoil, reason):
    company = a_sender()
    reader = a_reader(company)
    send = a_send(company)

    def spoil_first(_letter):
        raise AssertionError("nothing may be handed over")

    from campaigns.operations import prepare_send

    prepare_send(send.pk, actor=SYSTEM, at=AT)
    spoil(reader)
    run_send(send.pk, post=Post(spoil_first), clock=clock, actor=SYSTEM)

    (recipient,) = Recipient.objects.filter(send=send)
    assert (recipient.state, recipient.reason, recipient.written_at, recipient.consent_id) == ("suppressed", reason, None, None)


def test_who_withdraws_while_the_chunk_is_being_sent_is_left_in_peace():
    company = a_sender()
    readers = [a_reader(company) for _ in range(3)]
    send = a_send(company)

    def answers(_letter):
        for reader in readers[1:]:
            says(reader, ConsentStatus.WITHDRAWN)
        return Answer(Taken.YES)

    post = Post(answers)
    gone_out(post)

    assert len(post.letters) == 1
    assert states(send) == {"sent": 1, "suppressed": 2}


def test_nobody_is_woken_at_night_and_the_send_goes_on_in_the_morning():
    company = a_sender()
    a_reader(company)
    send = a_send(company)
    night, morning = datetime(2026, 11, 20, 13, 0, tzinfo=UTC), datetime(2026, 11, 20, 23, 0, tzinfo=UTC)

    post = Post()
    gone_out(post, at=night)
    assert (post.letters, states(send)) == ([], {"queued": 1})
    gone_out(post, at=morning)

    assert states(send) == {"sent": 1}


def test_the_fourth_offer_of_a_week_is_left_out_and_a_week_later_goes_again():
    company = a_sender()
    a_reader(company)
    post = Post()
    for day in range(4):
        send = a_send(company, planned_at=AT + timedelta(days=day))
        gone_out(post, at=AT + timedelta(days=day))
    capped = Recipient.objects.get(send=send)

    a_send(company, planned_at=AT + timedelta(days=8))
    gone_out(post, at=AT + timedelta(days=8))

    assert (capped.state, capped.reason) == ("suppressed", "capped")
    assert len(post.letters) == 4


def test_a_veto_pauses_offers_for_whom_it_names():
    company = a_sender()
    upset, calm = a_reader(company), a_reader(company)
    send = a_send(company)

    class Complaint:
        def vetoed(self, customer_ids, *, kind, at):
            return {upset.pk} if kind == "offer" else set()

    post = Post()
    with SEND_VETO.temporarily(Complaint()):
        gone_out(post)

    assert dict(Recipient.objects.filter(send=send).values_list("customer_id", "reason")) == {upset.pk: "vetoed", calm.pk: ""}
    assert len(post.letters) == 1


def test_merged_customers_and_shared_mailboxes_get_one_letter():
    company = a_sender()
    principal, merged, brother = a_reader(company), a_reader(company), a_reader(company)
    ContactPoint.objects.filter(customer=brother).update(value_key=ContactPoint.objects.get(customer=principal).value_key)
    send = a_send(company)
    from campaigns.operations import prepare_send

    prepare_send(send.pk, actor=SYSTEM, at=AT)
    run("UPDATE customers_customer SET principal_id = %s WHERE id = %s", (principal.pk, merged.pk))

    post = Post()
    gone_out(post)

    assert len(post.letters) == 1
    assert dict(Recipient.objects.filter(send=send).values_list("customer_id", "reason")) == {
        principal.pk: "", merged.pk: "repeated", brother.pk: "repeated",
    }  # fmt: skip


def test_a_stopped_send_stops_with_the_letter_that_is_being_handed_over():
    company = a_sender()
    for _ in range(3):
        a_reader(company)
    send = a_send(company)

    def answers(_letter):
        stop_sends([send.pk], reason="文面の誤り", actor=MARKETER, at=AT)
        return Answer(Taken.YES)

    post = Post(answers)
    gone_out(post)

    assert states(send) == {"sent": 1, "queued": 2}
    assert Send.objects.get(pk=send.pk).state == "stopped"
    assert not Recipient.objects.filter(send=send, state="queued", lease_ref__isnull=False).exists()
