"""Mails are owed with their cause and sent later, through a real mail server."""

import email
from email import policy
from pathlib import Path

import pytest

from core.actor import SYSTEM
from core.db import run
from core.models import OutgoingMail
from core.operations import NewMail, lease_mails, note_mail_outcome, owe_mails, send_again
from core.tasks import send_mails
from tests.factories.core import a_company

pytestmark = pytest.mark.django_db


def a_mail(key: str = "order:1:placed", **given: object) -> NewMail:
    usual = {
        "company_id": a_company().pk, "kind": "order.placed", "about": "order:1", "once_key": key, "to_address": "hanako@example.jp",
        "subject": "ご注文ありがとうございます", "body": "髙橋 様\n𠮷野家の湯呑 〜 1個",
    }  # fmt: skip
    return NewMail(**{**usual, **given})


def caught(folder: Path) -> list[email.message.EmailMessage]:
    found = [email.message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(folder.glob("*.eml"))]
    return [m for m in found if isinstance(m, email.message.EmailMessage)]


def test_a_mail_goes_through_a_real_server_once(sent_mail: Path):
    owe_mails([a_mail()], actor=SYSTEM)

    assert send_mails() == 1
    assert send_mails() == 0

    (mail,) = caught(sent_mail)
    assert mail["subject"] == "ご注文ありがとうございます"
    assert "𠮷野家の湯呑 〜 1個" in mail.get_content()
    assert str(OutgoingMail.objects.get().public_id) in mail["message-id"]
    assert OutgoingMail.objects.get().state == "sent"


def test_the_same_key_is_owed_once():
    assert owe_mails([a_mail(), a_mail()], actor=SYSTEM) == 1
    assert owe_mails([a_mail()], actor=SYSTEM) == 0
    assert OutgoingMail.objects.count() == 1


def test_nobody_is_owed_a_mail_without_an_address():
    assert owe_mails([a_mail(to_address="")], actor=SYSTEM) == 0


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: z@example.com", "Hello\nX: 1"])
def test_a_subject_cannot_smuggle_headers(sent_mail: Path, subject: str):
    owe_mails([a_mail(subject=subject)], actor=SYSTEM)

    send_mails()

    (mail,) = caught(sent_mail)
    assert mail["bcc"] is None
    assert mail["x"] is None


def test_an_address_with_a_line_break_fails_alone(sent_mail: Path):
    owe_mails([a_mail("a", to_address="x@example.jp\r\nBcc: z@example.com"), a_mail("b")], actor=SYSTEM)

    assert send_mails() == 1

    assert dict(OutgoingMail.objects.values_list("once_key", "state")) == {"a": "failed", "b": "sent"}
    assert len(caught(sent_mail)) == 1


def test_a_dead_server_keeps_the_mail_for_later(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 1
    owe_mails([a_mail()], actor=SYSTEM)

    assert send_mails() == 0

    mail = OutgoingMail.objects.get()
    assert (mail.state, mail.attempts, mail.last_error) == ("queued", 1, "ConnectionRefusedError")
    assert mail.due_at > mail.recorded_at


def test_a_leased_mail_is_passed_by_until_its_lease_ends():
    owe_mails([a_mail()], actor=SYSTEM)

    assert len(lease_mails(most=10, actor=SYSTEM)) == 1
    assert lease_mails(most=10, actor=SYSTEM) == []

    run("UPDATE core_outgoingmail SET lease_until_at = clock_timestamp() - interval '1 second'")
    assert len(lease_mails(most=10, actor=SYSTEM)) == 1


def test_a_worker_whose_lease_passed_on_cannot_write_the_outcome():
    owe_mails([a_mail()], actor=SYSTEM)
    (stale,) = lease_mails(most=1, actor=SYSTEM)
    run("UPDATE core_outgoingmail SET lease_until_at = clock_timestamp() - interval '1 second'")
    (fresh,) = lease_mails(most=1, actor=SYSTEM)

    assert not note_mail_outcome(stale, error="", final=False, actor=SYSTEM)
    assert note_mail_outcome(fresh, error="", final=False, actor=SYSTEM)
    assert OutgoingMail.objects.get().state == "sent"


def test_a_mail_is_given_up_and_can_be_sent_again():
    owe_mails([a_mail()], actor=SYSTEM)
    (leased,) = lease_mails(most=1, actor=SYSTEM)
    note_mail_outcome(leased, error="550 no such user", final=True, actor=SYSTEM)
    assert OutgoingMail.objects.get().state == "failed"

    assert send_again([OutgoingMail.objects.get().pk], actor=SYSTEM) == 1

    assert OutgoingMail.objects.get().state == "queued"
