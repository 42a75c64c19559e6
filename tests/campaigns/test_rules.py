"""What letters say and when they may go, without a database."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.rules import (
    Addressee,
    Sender,
    SendState,
    fault_of_sender,
    faults_of_message,
    filled,
    is_quiet,
    may_become,
    neutral,
    one_line,
    retry_seconds,
    unsafe_html,
    values_for,
    wrapped,
)
from campaigns.rules.letters import columns

WHO = Addressee(name="髙橋 美咲", family_name="髙橋", given_name="美咲", number="C1")
SENDER = Sender(
    name="大福茶舗", legal_name="株式会社大福商店", address="東京都", phone="03", email="a@example.jp", from_email="a@example.jp",
    shop_url="https://shop.example",
)  # fmt: skip
WORDS = st.text(st.sampled_from("あ漢ア、。「」（）ー ab0-/.\u3000…"), max_size=200)


@given(text=WORDS, width=st.integers(20, 70))
def test_wrapping_loses_no_word_and_keeps_to_the_width(text: str, width: int):
    lines = wrapped(text, width=width).split("\n")

    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        longest = max((columns(word) for word in line.split(" ")), default=0)
        assert columns(line) <= width + 2 or longest > width - 10


def test_marks_hang_brackets_move_on_and_addresses_stay_whole():
    url = "https://shop.example/unsubscribe/" + "x" * 80

    assert wrapped("あ" * 35 + "。続き") == "あ" * 35 + "。\n続き"
    assert wrapped("あ" * 34 + "「続き」") == "あ" * 34 + "\n「続き」"
    assert wrapped(f"こちら {url} です") == f"こちら\n{url}\nです"


def test_placeholders_are_filled_once_in_both_languages_and_escaped_in_html():
    values = values_for(WHO, SENDER)

    assert filled("{{お名前}}様 {{ family_name }} {{会社名}}", values) == "髙橋 美咲様 髙橋 大福茶舗"
    tricky = values_for(Addressee(name="{{number}}<b>", family_name="", given_name="", number="C1"), SENDER)
    assert filled("{{name}}", tricky) == "{{number}}<b>"
    assert filled("{{name}}", tricky, escaped=True) == "{{number}}&lt;b&gt;"


@given(name=st.text(max_size=60))
def test_no_name_smuggles_a_header(name: str):
    values = values_for(Addressee(name=name, family_name=name, given_name="", number=""), SENDER)

    assert "\n" not in one_line(filled("{{name}}様", values))
    assert "\r" not in one_line(filled("{{name}}様", values))


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({}, []),
        ({"subject": "{{ごあいさつ}}"}, ["campaigns.unknown_placeholder"]),
        ({"body": "  "}, ["campaigns.message_empty"]),
        ({"body_html": "<script>x()</script>"}, ["campaigns.html_unsafe"]),
        ({"body_html": '<p onclick="x()">x</p>'}, ["campaigns.html_unsafe"]),
        ({"body_html": '<a href="javascript:x()">x</a>'}, ["campaigns.html_unsafe"]),
        ({"body_html": '<a href="{{shop_url}}"><img src="https://x.example/a.png"></a>'}, []),
    ],
)
def test_what_must_not_be_sent_is_said(said: dict[str, str], codes: list[str]):
    usual = {"subject": "新茶", "body": "新茶です", "body_html": ""}

    assert [fault.code for fault in faults_of_message(**{**usual, **said})] == codes


def test_relative_addresses_are_told_by_name():
    assert unsafe_html('<img src="/a.png">') == ('src="/a.png"',)


@pytest.mark.parametrize("missing", ["legal_name", "address", "email"])
def test_a_sender_without_legal_details_may_not_send(missing: str):
    told = {name: getattr(SENDER, name) for name in Sender.__slots__}

    assert fault_of_sender(SENDER) is None
    assert fault_of_sender(Sender(**{**told, missing: ""})) is not None


def test_the_senders_name_cannot_become_a_second_sender():
    told = {name: getattr(SENDER, name) for name in Sender.__slots__}
    odd = Sender(**{**told, "name": 'x" <evil@example.com>,\r\nBcc: z'})

    assert odd.from_address.count("<") == 1
    assert "\n" not in odd.from_address


@pytest.mark.parametrize(
    ("subject", "told"),
    [("{{お名前}}様へ、新茶", "お客様へ、新茶"), ("新茶です", "新茶です"), ("{{name}} さん、{{shop_url}}", "お客様、お客様")],
)
def test_a_subject_is_told_later_without_a_name(subject: str, told: str):
    assert neutral(subject, reader="お客様") == told


@given(moment=st.times(), a=st.times(), b=st.times())
def test_night_and_day_are_two_halves(moment: time, a: time, b: time):
    if a != b:
        assert is_quiet(moment, quiet_from=a, quiet_until=b) != is_quiet(moment, quiet_from=b, quiet_until=a)
    else:
        assert not is_quiet(moment, quiet_from=a, quiet_until=b)


def test_waiting_doubles():
    assert [retry_seconds(tries) for tries in (1, 2, 3, 4)] == [60, 120, 240, 480]


def test_a_done_send_moves_no_more_and_every_other_can_be_stopped():
    assert not any(may_become(SendState.DONE, state) for state in SendState)
    assert all(may_become(state, SendState.STOPPED) for state in SendState if state not in (SendState.DONE, SendState.STOPPED))
