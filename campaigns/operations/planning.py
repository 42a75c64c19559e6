"""A send is planned, stopped and taken up again; nothing is written yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.conf import settings

from campaigns.models import Message, Send
from campaigns.queries import sender
from campaigns.rules import (
    Moved,
    PlannedSend,
    SendAsk,
    SendState,
    fault_of_sender,
    faults_of_message,
    may_become,
)
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _

_NOT_FOUND: Final = Refusal("campaigns.send_not_found", _("There is no such send."))


@operation
def plan_sends(asks: Sequence[SendAsk], *, actor: Actor, at: datetime) -> list[PlannedSend | Refusal]:
    """The sends go out at their times; workers take them up by themselves. One result per ask, in order.

    Refuses "campaigns.not_of_company" where campaign, segment, message or brand belong to another company or have ended,
    "campaigns.sender_unknown" where the company's legal details are missing, and the faults of messages.
    """
    answers: list[PlannedSend | Refusal] = []
    for ask in asks:
        fault = _fault(ask)
        answers.append(fault or _planned(ask, actor=actor))
    return answers


_BELONGS = """
SELECT m.subject, m.body, m.body_html, m.kind
FROM campaigns_campaign c JOIN campaigns_segment g ON g.company_id = c.company_id AND g.ended_at IS NULL
JOIN campaigns_message m ON m.company_id = c.company_id AND m.ended_at IS NULL
LEFT JOIN core_brand b ON b.id = %(brand)s::bigint
WHERE c.company_id = %(company)s AND c.id = %(campaign)s AND g.id = %(segment)s AND m.id = %(message)s
    AND (%(brand)s::bigint IS NULL OR (b.company_id = c.company_id AND b.ended_at IS NULL))
"""


def _fault(ask: SendAsk) -> Refusal | None:
    found = rows(
        _BELONGS,
        {
            "company": ask.company_id,
            "campaign": ask.campaign_id,
            "segment": ask.segment_id,
            "message": ask.message_id,
            "brand": ask.brand_id,
        },
    )
    if not found:
        return Refusal("campaigns.not_of_company", _("Campaign, segment, message and brand must belong to the company and be in use."))
    if faults := faults_of_message(subject=found[0].subject, body=found[0].body, body_html=found[0].body_html):
        return faults[0]
    if ask.per_minute is not None and ask.per_minute < 1:
        return Refusal("campaigns.pace", _("At least one mail per minute."), field="/per_minute")
    if not 0 <= ask.holdout_percent <= 90:
        return Refusal("campaigns.holdout", _("From 0 to 90 percent can be left out."), field="/holdout_percent")
    return fault_of_sender(sender(ask.company_id, brand_id=ask.brand_id, shop_url=settings.PUBLIC_URL))


def _planned(ask: SendAsk, *, actor: Actor) -> PlannedSend:
    columns: dict[str, Any] = {name: getattr(ask, name) for name in SendAsk.__slots__}
    kind = Message.objects.values_list("kind", flat=True).get(pk=ask.message_id)
    send = Send.objects.create(
        **columns, kind=kind, state=SendState.PLANNED, actor_kind=str(actor.kind), actor_id=actor.id, actor_label=actor.label,
        on_behalf_of=actor.on_behalf_of,
    )  # fmt: skip
    return PlannedSend(send.pk, ask.planned_at)


@operation
def confirm_sends(send_ids: Sequence[int], *, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Drafts are planned: they go out at their times, at once where that has passed. Again changes nothing.

    Refuses as ``plan_sends`` does, and "campaigns.send_state" where the send is past planning.
    """
    answers: list[Moved | Refusal] = []
    for send in _locked(send_ids):
        if not isinstance(send, Send):
            answers.append(send)
        elif send.state == SendState.PLANNED:
            answers.append(Moved(send.pk, SendState.PLANNED, repeated=True))
        elif send.state != SendState.DRAFT:
            answers.append(_wrong_state(send))
        elif fault := _fault(_ask_of(send)):
            answers.append(fault)
        else:
            send.kind, send.state = send.message.kind, SendState.PLANNED
            send.save(update_fields=["kind", "state"])
            answers.append(Moved(send.pk, SendState.PLANNED))
    return answers


@operation
def stop_sends(send_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Nothing more goes out from the moment this commits, save what is being handed over. Again changes nothing.

    Refuses "campaigns.send_not_found" and "campaigns.send_state" (done).
    """
    answers: list[Moved | Refusal] = []
    for send in _locked(send_ids):
        if not isinstance(send, Send):
            answers.append(send)
        elif send.state == SendState.STOPPED:
            answers.append(Moved(send.pk, SendState.STOPPED, repeated=True))
        elif not may_become(SendState(send.state), SendState.STOPPED):
            answers.append(_wrong_state(send))
        else:
            send.state, send.stop_reason = SendState.STOPPED, reason[:200]
            send.save(update_fields=["state", "stop_reason"])
            answers.append(Moved(send.pk, SendState.STOPPED))
    return answers


@operation
def resume_sends(send_ids: Sequence[int], *, reason: str, actor: Actor, at: datetime) -> list[Moved | Refusal]:
    """Stopped sends go on where they stopped: nobody gets a second message. Again changes nothing.

    Refuses "campaigns.send_not_found", "campaigns.send_state" (neither stopped nor going out), and as ``plan_sends`` does where the
    send had not begun.
    """
    answers: list[Moved | Refusal] = []
    for send in _locked(send_ids):
        if not isinstance(send, Send):
            answers.append(send)
        elif send.state in (SendState.PLANNED, SendState.SENDING):
            answers.append(Moved(send.pk, SendState(send.state), repeated=True))
        elif send.state != SendState.STOPPED:
            answers.append(_wrong_state(send))
        elif not send.started_at and (fault := _fault(_ask_of(send))):
            answers.append(fault)
        else:
            # Recipients are listed in the transaction that sets the beginning, so a send without one has nobody yet.
            wanted = SendState.SENDING if send.started_at else SendState.PLANNED
            send.state, send.stop_reason = wanted, ""
            send.save(update_fields=["state", "stop_reason"])
            answers.append(Moved(send.pk, wanted))
    return answers


def _locked(send_ids: Sequence[int]) -> list[Send | Refusal]:
    """The sends in the order asked, their rows locked in the order of keys."""
    run("SELECT id FROM campaigns_send WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE", (sorted(set(send_ids)),))
    found = Send.objects.select_related("message").in_bulk(list(send_ids))
    return [found.get(number, _NOT_FOUND) for number in send_ids]


def _wrong_state(send: Send) -> Refusal:
    return Refusal("campaigns.send_state", _("The send is “%(state)s”: that can't be done now."), {"state": str(send.get_state_display())})


def _ask_of(send: Send) -> SendAsk:
    return SendAsk(**{name: getattr(send, name) for name in SendAsk.__slots__})
