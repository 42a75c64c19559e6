"""Leases, fences and deaths: whatever dies, a letter that may have left is never handed over again."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Recipient, Send
from campaigns.operations import (
    Told,
    lease_recipients,
    mark_recipients,
    note_answers,
    own_up,
    plan_sends,
    prepare_send,
    resume_sends,
    run_due_sends,
    run_send,
    stop_sends,
)
from campaigns.ports import Answer, Taken
from campaigns.queries import due_sends
from campaigns.rules import MOST_TRIES, SendAsk
from core.actor import SYSTEM
from core.db import run
from core.errors import Refusal
from customers.models import ContactPoint
from tests.factories.campaigns import (
    AT,
    MARKETER,
    Post,
    a_campaign,
    a_message,
    a_reader,
    a_segment,
    a_send,
    a_sender,
    states,
)
from tests.factories.core import a_company

pytestmark = pytest.mark.django_db


def clock() -> datetime:
    return AT


def a_prepared_send(readers: int = 3, **given: object) -> Send:
    company = a_sender()
    for _ in range(readers):
        a_reader(company)
    send = a_send(company, **given)
    prepare_send(send.pk, actor=SYSTEM, at=AT)
    return send


def answering(taken: Taken, said: str = "") -> Post:
    return Post(lambda _letter: Answer(taken, said))


def leases_end() -> None:
    run("UPDATE campaigns_recipient SET lease_until_at = clock_timestamp() - interval '1 second' WHERE lease_until_at IS NOT NULL")


def waiting_ends() -> None:
    run("UPDATE campaigns_recipient SET due_at = clock_timestamp() WHERE state = 'queued'")


def test_two_workers_never_hold_the_same_recipient():
    send = a_prepared_send(5)

    one = lease_recipients(send.pk, most=3, actor=SYSTEM, at=AT)
    other = lease_recipients(send.pk, most=3, actor=SYSTEM, at=AT)

    assert (len(one.ids), len(other.ids)) == (3, 2)
    assert not set(one.ids) & set(other.ids)


def test_who_dies_before_marking_leaves_everybody_waiting():
    send = a_prepared_send(2)
    lease_recipients(send.pk, actor=SYSTEM, at=AT)
    leases_end()

    assert own_up(actor=SYSTEM, at=AT) == 0
    run_due_sends(post=answering(Taken.YES), clock=clock, actor=SYSTEM)

    assert states(send) == {"sent": 2}


def test_who_dies_after_marking_leaves_one_unknown_that_is_never_sent_again():
    send = a_prepared_send(3)
    lease = lease_recipients(send.pk, actor=SYSTEM, at=AT)
    mark_recipients(send.pk, lease.recipients[:1], lease=lease.ref, actor=SYSTEM, at=AT)
    leases_end()

    assert own_up(actor=SYSTEM, at=AT) == 1
    post = answering(Taken.YES)
    run_due_sends(post=post, clock=clock, actor=SYSTEM)
    run_due_sends(post=post, clock=clock, actor=SYSTEM)

    assert states(send) == {"sent": 2, "unknown": 1}
    assert len(post.letters) == 2
    send.refresh_from_db()
    assert (send.state, send.unknown_count, send.sent_count) == ("done", 1, 2)


def test_a_word_that_comes_late_still_tells_the_truth_but_nothing_waits_again():
    send = a_prepared_send(2)
    lease = lease_recipients(send.pk, actor=SYSTEM, at=AT)
    marked = mark_recipients(send.pk, lease.recipients, lease=lease.ref, actor=SYSTEM, at=AT)
    leases_end()
    own_up(actor=SYSTEM, at=AT)
    first, second = (row.id for row in marked.letters)

    note_answers([Told(first, 0, 1, Answer(Taken.YES)), Told(second, 0, 1, Answer(Taken.LATER))], lease=lease.ref, actor=SYSTEM, at=AT)

    assert dict(Recipient.objects.values_list("id", "state")) == {first: "sent", second: "unknown"}


def test_who_lost_the_lease_says_nothing():
    send = a_prepared_send(1)
    lease = lease_recipients(send.pk, actor=SYSTEM, at=AT)
    mark_recipients(send.pk, lease.recipients, lease=lease.ref, actor=SYSTEM, at=AT)

    assert note_answers([Told(lease.ids[0], 0, 1, Answer(Taken.YES))], lease=uuid4(), actor=SYSTEM, at=AT) == 0
    assert states(send) == {"sending": 1}


def test_a_mark_with_a_stale_lease_hands_nothing_over():
    send = a_prepared_send(1)
    stale = lease_recipients(send.pk, actor=SYSTEM, at=AT)
    leases_end()
    lease_recipients(send.pk, actor=SYSTEM, at=AT)

    assert mark_recipients(send.pk, stale.recipients, lease=stale.ref, actor=SYSTEM, at=AT).letters == ()


def test_a_refusal_for_now_waits_longer_each_time_and_fails_in_the_end():
    send = a_prepared_send(1)
    waits = []
    for _ in range(MOST_TRIES + 2):
        run_send(send.pk, post=answering(Taken.LATER, "451 busy"), clock=clock, actor=SYSTEM)
        with connection.cursor() as cursor:
            cursor.execute("SELECT round(extract(epoch FROM due_at - clock_timestamp()) / 60) FROM campaigns_recipient")
            waits.append(int(cursor.fetchone()[0]))
        waiting_ends()

    recipient = Recipient.objects.get()
    assert waits[: MOST_TRIES - 1] == [1, 2, 4, 8, 16]
    assert (recipient.state, recipient.reason, recipient.tries, recipient.written_at) == ("failed", "451 busy", MOST_TRIES, None)


def test_a_server_that_is_away_costs_nobody_a_try():
    send = a_prepared_send(3)
    for _ in range(20):
        run_send(send.pk, post=answering(Taken.NO_LINE), clock=clock, actor=SYSTEM)
        waiting_ends()

    assert list(Recipient.objects.values_list("state", "tries", "written_at").distinct()) == [("queued", 0, None)]
    assert run_send(send.pk, post=answering(Taken.YES), clock=clock, actor=SYSTEM).sent == 3


def test_nobody_at_the_address_fails_at_once_and_the_address_is_marked():
    send = a_prepared_send(1)

    run_send(send.pk, post=answering(Taken.NO_MAILBOX, "550 5.1.1 no such user"), clock=clock, actor=SYSTEM)

    assert Recipient.objects.get(send=send).state == "failed"
    assert ContactPoint.objects.get().unreachable_at == AT


def test_an_unknown_answer_stays_unknown():
    send = a_prepared_send(2)

    ran = run_send(send.pk, post=answering(Taken.UNKNOWN, "SMTPServerDisconnected"), clock=clock, actor=SYSTEM)
    again = run_due_sends(post=answering(Taken.YES), clock=clock, actor=SYSTEM)

    assert (ran.unknown, again.sent, states(send)) == (2, 0, {"unknown": 2})


def test_a_minute_holds_no_more_letters_than_the_rule_says():
    send = a_prepared_send(5, per_minute=2)
    post = answering(Taken.YES)

    run_send(send.pk, post=post, clock=clock, actor=SYSTEM)
    run_send(send.pk, post=post, clock=clock, actor=SYSTEM)
    assert len(post.letters) == 2
    run("UPDATE campaigns_send SET window_at = clock_timestamp() - interval '61 seconds'")
    run_send(send.pk, post=post, clock=clock, actor=SYSTEM)

    assert states(send) == {"sent": 4, "queued": 1}


def test_a_stopped_send_goes_on_with_who_is_left():
    send = a_prepared_send(4)
    post = answering(Taken.YES)
    run_send(send.pk, post=post, clock=clock, actor=SYSTEM, most=1)

    stop_sends([send.pk], reason="誤字", actor=MARKETER, at=AT)
    run_due_sends(post=post, clock=clock, actor=SYSTEM)
    assert len(post.letters) == 1
    resume_sends([send.pk], reason="直した", actor=MARKETER, at=AT)
    run_due_sends(post=post, clock=clock, actor=SYSTEM)

    assert states(send) == {"sent": 4}
    assert len({letter.to_address for letter in post.letters}) == 4


def test_stop_and_go_on_twice_change_nothing_more_and_a_done_send_refuses():
    send = a_prepared_send(1)

    answers = [stop_sends([send.pk], reason="x", actor=MARKETER, at=AT)[0] for _ in range(2)]
    again = [resume_sends([send.pk], reason="x", actor=MARKETER, at=AT)[0] for _ in range(2)]
    run_due_sends(post=answering(Taken.YES), clock=clock, actor=SYSTEM)
    (refused,) = stop_sends([send.pk], reason="x", actor=MARKETER, at=AT)
    (missing,) = stop_sends([10**12], reason="x", actor=MARKETER, at=AT)

    assert [answer.repeated for answer in (*answers, *again)] == [False, True, False, True]
    assert isinstance(refused, Refusal)
    assert (refused.code, missing.code) == ("campaigns.send_state", "campaigns.send_not_found")


def test_listing_twice_lists_nobody_twice_and_the_message_stays_as_it_was():
    send = a_prepared_send(2)
    run('SELECT set_config(\'daifuku.actor\', \'{"kind": "system", "id": "t"}\', true)')
    run("UPDATE campaigns_message SET subject = 'あとで直した件名'")
    assert prepare_send(send.pk, actor=SYSTEM, at=AT) is None
    post = answering(Taken.YES)

    run_due_sends(post=post, clock=clock, actor=SYSTEM)

    assert {letter.subject for letter in post.letters} == {"山田 花子様へ、新茶のお知らせ"}
    assert Recipient.objects.filter(send=send).count() == 2


def test_a_holdout_is_left_out_by_chance_and_told_so():
    send = a_prepared_send(40, holdout_percent=50)

    run_due_sends(post=answering(Taken.YES), clock=clock, actor=SYSTEM)

    found = states(send)
    assert found["sent"] + found["suppressed"] == 40
    assert 5 <= found["suppressed"] <= 35
    assert set(Recipient.objects.filter(send=send, state="suppressed").values_list("reason", flat=True)) == {"holdout"}


def test_a_company_whose_history_is_lived_is_passed_by_the_clock_but_sends_when_named():
    send = a_prepared_send(1)
    run("UPDATE core_company SET history_until_at = now() WHERE id = %s", (send.company_id,))

    assert due_sends(at=AT) == []
    assert [due.send_id for due in due_sends(at=AT, company_id=send.company_id)] == [send.pk]


def test_letters_handed_over_together_are_asked_for_by_as_many_statements_as_few():
    def asked(readers: int) -> int:
        send = a_prepared_send(readers)
        with CaptureQueriesContext(connection) as seen:
            run_send(send.pk, post=answering(Taken.YES), clock=clock, actor=SYSTEM, most=100, abreast=100)
        return len(seen)

    asked(2)  # whatever is kept for some seconds is kept now
    assert asked(60) == asked(3)


@pytest.mark.parametrize("_case", ["campaign", "segment", "message"])
def test_a_send_with_another_companys_things_is_refused(_case: str):
    company, stranger = a_sender(), a_sender()
    own = {"campaign": a_campaign(company), "segment": a_segment(company), "message": a_message(company)}
    foreign = {"campaign": a_campaign(stranger), "segment": a_segment(stranger), "message": a_message(stranger)}
    used = {**own, _case: foreign[_case]}

    ask = SendAsk(company_id=company.pk, planned_at=AT, **{f"{name}_id": thing.pk for name, thing in used.items()})
    (answer,) = plan_sends([ask], actor=MARKETER, at=AT)

    assert isinstance(answer, Refusal)
    assert answer.code == "campaigns.not_of_company"
    assert Send.objects.count() == 0


def test_nothing_is_sent_in_the_name_of_nobody():
    company = a_company()
    asked = {"campaign_id": a_campaign(company).pk, "segment_id": a_segment(company).pk, "message_id": a_message(company).pk}

    (answer,) = plan_sends([SendAsk(company_id=company.pk, planned_at=AT, **asked)], actor=MARKETER, at=AT)

    assert isinstance(answer, Refusal)
    assert answer.code == "campaigns.sender_unknown"
