"""The staff counter: what marketing may do, what it is shown, and what leaves a trace."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Segment, Send
from campaigns.operations import run_due_sends
from config.staff_roles import seed_roles
from core.actor import SYSTEM
from core.models import PersonalDataRead
from core.tasks import send_mails
from tests.factories.campaigns import AT, Post, a_message, a_reader, a_segment, a_send, a_sender
from tests.factories.customers import a_staff_account

pytestmark = pytest.mark.django_db


def verb(model: str, name: str, key: int) -> str:
    return reverse(f"admin:campaigns_{model}_verb_{name}", args=[key])


def signed_in(role: str) -> Client:
    account = a_staff_account()
    account.groups.add(seed_roles()[role])
    browser = Client()
    browser.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def text(browser: Client, where: str, **said: Any) -> str:
    answer = browser.post(where, said, follow=True) if said else browser.get(where, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_segment_shows_its_count_and_masks_names_for_marketing():
    company = a_sender()
    a_reader(company, family_name="髙橋", given_name="美咲", email="misaki@example.jp")
    segment = a_segment(company)

    page = text(signed_in("marketing"), f"/admin/campaigns/segment/{segment.pk}/change/")

    assert "人が該当します" in page
    assert "髙橋" not in page
    assert "misaki@example.jp" not in page
    assert not PersonalDataRead.objects.exists()


def test_an_export_wants_a_reason_leaves_a_trace_and_holds_no_names_for_marketing():
    company = a_sender()
    reader = a_reader(company, family_name="髙橋")
    segment, browser = a_segment(company), signed_in("marketing")
    address = f"/admin/campaigns/segment/{segment.pk}/export/"

    without = browser.post(address, {"reason": ""})
    file = browser.post(address, {"reason": "新茶の企画"})

    assert without["Content-Type"].startswith("text/html")
    rows = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert len(rows) == 2
    assert rows[1].split(",")[0] == reader.number
    assert "髙橋" not in rows[1]
    trace = PersonalDataRead.objects.get()
    assert (trace.subject, trace.reason) == (f"segment:{segment.public_id}", "新茶の企画")


@pytest.mark.parametrize("role", ["viewer", "order_desk"])
def test_others_may_neither_export_nor_plan(role: str):
    company = a_sender()
    segment, send, browser = a_segment(company), a_send(company), signed_in(role)

    assert browser.get(f"/admin/campaigns/segment/{segment.pk}/export/").status_code == 403
    assert browser.post(verb("send", "stop", send.pk), {"verb_confirmed": "1", "reason": "x"}).status_code in (403, 404)
    assert Send.objects.get(pk=send.pk).state == "planned"


def test_a_segment_is_made_with_its_conditions_and_a_wrong_one_is_said():
    company, browser = a_sender(), signed_in("marketing")
    form = {
        "name": "90日以内", "company": company.pk, "note": "", "ended_at_0": "", "ended_at_1": "", "conditions-TOTAL_FORMS": "1",
        "conditions-INITIAL_FORMS": "0", "conditions-0-kind": "recency", "conditions-0-at_least": "", "conditions-0-at_most": "",
    }  # fmt: skip

    refused = text(browser, "/admin/campaigns/segment/add/", **form)
    assert "下限か上限を入力してください。" in refused
    text(browser, "/admin/campaigns/segment/add/", **{**form, "conditions-0-at_most": "90"})

    segment = Segment.objects.get()
    assert [(c.kind, c.at_most) for c in segment.conditions.all()] == [("recency", 90)]


def test_a_message_is_sent_to_oneself_as_a_test(sent_mail: Path):
    company, browser = a_sender(), signed_in("marketing")
    message = a_message(company, body_html="<p>{{お名前}}様</p>")

    preview = browser.get(f"/admin/campaigns/message/{message.pk}/preview/")
    text(browser, verb("message", "test", message.pk), verb_confirmed="1", address="me@example.jp")
    send_mails()

    assert "sandbox" in preview["Content-Security-Policy"]
    (caught,) = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sent_mail.glob("*.eml")]
    assert caught["To"] == "me@example.jp"
    assert caught["Subject"].strip() == "【テスト】山田 花子様へ、新茶のお知らせ"


def test_a_planned_send_is_stopped_and_goes_on_with_reasons():
    company, browser = a_sender(), signed_in("marketing")
    a_reader(company)
    send = a_send(company)

    text(browser, verb("send", "stop", send.pk), verb_confirmed="1", reason="誤字")
    assert (Send.objects.get().state, Send.objects.get().stop_reason) == ("stopped", "誤字")
    text(browser, verb("send", "resume", send.pk), verb_confirmed="1", reason="直した")

    assert Send.objects.get().state == "planned"


def test_the_page_of_a_send_tells_where_everybody_stands():
    company, browser = a_sender(), signed_in("marketing")
    for _ in range(3):
        a_reader(company)
    send = a_send(company)
    run_due_sends(post=Post(), clock=lambda: AT, actor=SYSTEM)

    page = text(browser, f"/admin/campaigns/send/{send.pk}/change/")

    assert "100%" in page
    assert "3件中 3件" in page
    assert "完了" in page
