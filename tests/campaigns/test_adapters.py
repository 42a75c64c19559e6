"""The line to the mail server says exactly how far each letter came; memory and SMTP keep the same contract."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from django.core import mail

from campaigns.adapters import smtp
from campaigns.ports import Letter, Taken
from tests.campaigns.mail_server import HANG_UP, Server, a_server


def a_letter(number: int = 1, **given: Any) -> Letter:
    usual = {
        "recipient_id": number, "message_id": f"<r{number}.s@daifuku.example>", "from_address": '"大福茶舗" <shop@daifuku.example>',
        "to_address": f"k{number}@example.jp", "reply_to": "", "subject": "新茶のお知らせ 〜𠮷野〜", "text": "髙橋様\n.点から始まる行\n新茶です。\n",
        "html": "", "unsubscribe_url": "https://shop.example/unsubscribe/1.abc/",
    }  # fmt: skip
    return Letter(**{**usual, **given})


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with a_server() as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", found.port, 5
        yield found


def said(*letters: Letter) -> list[Taken]:
    with smtp.line() as line:
        return [answer.taken for answer in line.hand_over(letters)]


def test_letters_go_over_one_line_and_arrive_as_written(server: Server):
    assert said(a_letter(1), a_letter(2, html="<p>新茶</p>"), a_letter(3)) == [Taken.YES] * 3

    assert server.lines == 1
    first = message_from_bytes(server.texts[0].replace(b"\r\n..", b"\r\n."), policy=policy.default)
    assert first["Subject"] == "新茶のお知らせ 〜𠮷野〜"
    assert first["From"] == "大福茶舗 <shop@daifuku.example>"
    assert first["List-Unsubscribe"] == "<https://shop.example/unsubscribe/1.abc/>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first["Message-ID"] == "<r1.s@daifuku.example>"
    assert first.get_content().splitlines() == ["髙橋様", ".点から始まる行", "新茶です。"]
    second = message_from_bytes(server.texts[1], policy=policy.default)
    assert [part.get_content_type() for part in second.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("step", "reply", "taken"),
    [
        ("connect", HANG_UP, Taken.NO_LINE),
        ("connect", "421 too busy", Taken.NO_LINE),
        ("MAIL", HANG_UP, Taken.LATER),
        ("MAIL", "421 closing", Taken.NO_LINE),
        ("MAIL", "451 try later", Taken.LATER),
        ("MAIL", "530 sign in first", Taken.NO_LINE),
        ("RCPT", HANG_UP, Taken.LATER),
        ("RCPT", "450 greylisted", Taken.LATER),
        ("RCPT", "550 5.7.1 not wanted", Taken.NO),
        ("RCPT", "550 5.1.1 no such user", Taken.NO_MAILBOX),
        ("DATA", HANG_UP, Taken.LATER),
        ("DATA", "451 disk full", Taken.LATER),
        ("DATA", "554 no", Taken.NO),
        ("text", HANG_UP, Taken.UNKNOWN),
        ("text", "451 try later", Taken.LATER),
        ("text", "554 looks like advertising", Taken.NO),
    ],
)
def test_each_way_a_dialogue_ends_is_told_apart(server: Server, step: str, reply: str, taken: Taken):
    server.reply = lambda now, _said: reply if now == step else ""

    assert said(a_letter()) == [taken]


def test_one_refused_letter_does_not_spoil_the_next(server: Server):
    server.reply = lambda step, words: "550 5.1.1 unknown" if step == "RCPT" and "k2@" in words else ""

    assert said(a_letter(1), a_letter(2), a_letter(3)) == [Taken.YES, Taken.NO_MAILBOX, Taken.YES]
    assert server.lines == 1


def test_after_a_cut_the_next_letter_opens_a_line_of_its_own(server: Server):
    cut = iter([HANG_UP])
    server.reply = lambda step, _said: next(cut, "") if step == "text" else ""

    assert said(a_letter(1), a_letter(2)) == [Taken.UNKNOWN, Taken.YES]
    assert server.lines == 2


def test_a_line_that_was_dropped_while_idle_is_opened_again(server: Server):
    dropped = iter(["", HANG_UP])
    server.reply = lambda step, _said: next(dropped, "") if step == "MAIL" else ""

    assert said(a_letter(1), a_letter(2)) == [Taken.YES, Taken.YES]
    assert server.lines == 2


def test_without_a_server_nothing_is_tried_twice(settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1

    assert said(a_letter(1), a_letter(2)) == [Taken.NO_LINE, Taken.NO_LINE]


@pytest.mark.parametrize("address", ["x@example.jp\r\nBcc: z@example.com", "日本@example.jp", "a@例え.jp"])
def test_an_address_that_cannot_be_written_is_refused_alone(server: Server, address: str):
    assert said(a_letter(1, to_address=address), a_letter(2)) == [Taken.NO, Taken.YES]
    assert len(server.texts) == 1


def test_a_backend_that_is_not_smtp_takes_letters_too():
    assert said(a_letter(1), a_letter(2)) == [Taken.YES, Taken.YES]
    assert [message.to for message in mail.outbox] == [["k1@example.jp"], ["k2@example.jp"]]
