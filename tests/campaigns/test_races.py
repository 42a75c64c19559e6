"""Many workers on one send, several sends to one customer: real threads, committed transactions, exact counts."""

from collections import Counter
from datetime import datetime

import pytest

from campaigns.models import Recipient, Send
from campaigns.operations import close_sends, prepare_send, run_send, stop_sends, unsubscribe
from campaigns.ports import Answer, Taken
from campaigns.queries import unsubscribe_path
from core.actor import SYSTEM
from core.db import acting
from customers.models import Consent, ContactPoint
from tests.factories.campaigns import AT, MARKETER, Post, a_reader, a_send, a_sender, states
from tests.races.contention import contend, deadlocks

pytestmark = pytest.mark.django_db(transaction=True)


def clock() -> datetime:
    return AT


def works(send: Send, post: Post) -> None:
    while run_send(send.pk, post=post, clock=clock, actor=SYSTEM, most=5).left:
        pass


def test_four_workers_hand_each_letter_over_once():
    company = a_sender()
    for _ in range(60):
        a_reader(company)
    send, post = a_send(company), Post()
    before = deadlocks()

    contend([lambda: (prepare_send(send.pk, actor=SYSTEM, at=AT), works(send, post)) for _ in range(4)], threads=4)
    works(send, post)

    assert set(Counter(letter.recipient_id for letter in post.letters).values()) == {1}
    assert states(send) == {"sent": 60}
    assert close_sends([send.pk], actor=SYSTEM, at=AT) == [send.pk]
    assert deadlocks() == before


def test_people_who_share_a_mailbox_get_one_letter_however_many_workers_write():
    company = a_sender()
    readers = [a_reader(company) for _ in range(8)]
    with acting(SYSTEM):
        ContactPoint.objects.filter(customer__in=readers).update(value="family@example.jp", value_key="family@example.jp")
    send, post = a_send(company), Post()
    prepare_send(send.pk, actor=SYSTEM, at=AT)

    contend([lambda: run_send(send.pk, post=post, clock=clock, actor=SYSTEM, most=2) for _ in range(4)], threads=4)
    works(send, post)

    assert [letter.to_address for letter in post.letters] == ["family@example.jp"]
    assert states(send) == {"sent": 1, "suppressed": 7}


def test_eight_sends_at_once_never_pass_the_cap():
    company = a_sender()
    a_reader(company)
    sends, post = [a_send(company) for _ in range(8)], Post()
    for send in sends:
        prepare_send(send.pk, actor=SYSTEM, at=AT)

    contend([lambda send=send: works(send, post) for send in sends], threads=8)  # type: ignore[misc]

    assert len(post.letters) == 3
    assert Counter(Recipient.objects.values_list("state", flat=True)) == {"sent": 3, "suppressed": 5}


def test_after_a_stop_has_committed_nothing_more_is_marked():
    company = a_sender()
    for _ in range(30):
        a_reader(company)
    send = a_send(company)
    prepare_send(send.pk, actor=SYSTEM, at=AT)
    stopped_with: list[int] = []

    def answers(_letter: object) -> Answer:
        return Answer(Taken.YES)

    def stops() -> None:
        stop_sends([send.pk], reason="x", actor=MARKETER, at=AT)
        stopped_with.append(Recipient.objects.filter(send=send, written_at__isnull=False).count())

    post = Post(answers)
    contend([lambda: works(send, post), lambda: works(send, post), stops], threads=3)

    assert Recipient.objects.filter(send=send, written_at__isnull=False).count() == stopped_with[0]
    assert not Recipient.objects.filter(state="sending").exists()


def test_the_button_pressed_by_many_at_once_is_one_word():
    company = a_sender()
    a_reader(company)
    send = a_send(company)
    prepare_send(send.pk, actor=SYSTEM, at=AT)
    works(send, Post())
    token = unsubscribe_path(Recipient.objects.get().pk).strip("/").removeprefix("unsubscribe/")
    words = Consent.objects.count()

    contend([lambda: unsubscribe(token, one_click=True, actor=SYSTEM, at=AT) for _ in range(8)], threads=8)

    assert Consent.objects.count() == words + 1
