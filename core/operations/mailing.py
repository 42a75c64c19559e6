"""Mails are owed in the transaction that causes them, and sent later by workers that lease them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from core import clock
from core.actor import Actor
from core.db import operation, rows, run
from core.models import MailState
from core.outbox import current_lane

LEASE_S = 120
MOST_ATTEMPTS = 8
"""After so many tries, doubling from 30 s, a mail is left to a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMail:
    """A mail to write down. `once_key` makes a repeat harmless ("order:12:placed")."""

    company_id: int
    kind: str
    about: str
    once_key: str
    to_address: str
    subject: str
    body: str
    body_html: str = ""
    from_address: str = ""
    language: str = "ja"
    customer_ref: int | None = None


_OWE = """
INSERT INTO core_outgoingmail (company_id, kind, about, customer_ref, once_key, to_address, from_address, subject, body, body_html, language,
    state, sent_at)
SELECT r.company_id, r.kind, r.about, r.customer_ref, r.once_key, r.to_address, r.from_address, left(r.subject, 200), r.body, r.body_html, r.language,
    %s, %s
FROM jsonb_populate_recordset(NULL::core_outgoingmail, %s::jsonb) r
ON CONFLICT (once_key) DO NOTHING
"""


@operation
def owe_mails(mails: Sequence[NewMail], *, actor: Actor) -> int:
    """Write down mails to be sent; one whose key is known changes nothing. Answers with the number of new ones."""
    wanted = [{name: getattr(m, name) for name in NewMail.__slots__} for m in mails if m.to_address]
    if not wanted:
        return 0
    history = bool(current_lane())  # nobody is sent what a simulation tells of the past
    fate = (MailState.HISTORY.value, clock.now()) if history else (MailState.QUEUED.value, None)
    return run(_OWE, (*fate, orjson.dumps(wanted).decode()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedMail:
    """A mail that this worker alone may try until its lease ends; `attempt` is the fence for its outcome."""

    id: int
    public_id: str
    attempt: int
    to_address: str
    from_address: str
    subject: str
    body: str
    body_html: str


_LEASE = """
UPDATE core_outgoingmail m SET state = 'sending', attempts = m.attempts + 1, lease_until_at = clock_timestamp() + make_interval(secs => %s)
FROM (SELECT id FROM core_outgoingmail WHERE state IN ('queued', 'sending') AND due_at <= clock_timestamp()
        AND (state = 'queued' OR lease_until_at < clock_timestamp())
      ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) due
WHERE m.id = due.id
RETURNING m.id, m.public_id, m.attempts, m.to_address, m.from_address, m.subject, m.body, m.body_html
"""


@operation
def lease_mails(*, most: int, actor: Actor) -> list[LeasedMail]:
    """Take the next due mails for this worker; others pass them by until the lease ends."""
    return [
        LeasedMail(
            id=r.id,
            public_id=str(r.public_id),
            attempt=r.attempts,
            to_address=r.to_address,
            from_address=r.from_address,
            subject=r.subject,
            body=r.body,
            body_html=r.body_html,
        )
        for r in rows(_LEASE, (float(LEASE_S), most))
    ]


@operation
def note_mail_outcome(mail: LeasedMail, *, error: str, final: bool, actor: Actor) -> bool:
    """Record that a mail was taken (no error), will be tried again, or is given up. A stale lease changes nothing."""
    parameters: dict[str, Any] = {
        "id": mail.id,
        "attempt": mail.attempt,
        "error": error[:300],
        "final": final or mail.attempt >= MOST_ATTEMPTS,
    }
    if not error:
        sql = "UPDATE core_outgoingmail SET state = 'sent', sent_at = clock_timestamp(), last_error = '' WHERE id = %(id)s AND attempts = %(attempt)s"
        return run(sql, {"id": mail.id, "attempt": mail.attempt}) == 1
    return (
        run(
            "UPDATE core_outgoingmail SET state = CASE WHEN %(final)s::boolean THEN 'failed' ELSE 'queued' END, last_error = %(error)s,"
            " due_at = clock_timestamp() + interval '30 seconds' * power(2, %(attempt)s::int - 1)"
            " WHERE id = %(id)s AND attempts = %(attempt)s AND state = 'sending'",
            parameters,
        )
        == 1
    )


@operation
def send_again(mail_ids: Sequence[int], *, actor: Actor) -> int:
    """Give failed mails a new round of tries."""
    return run(
        "UPDATE core_outgoingmail SET state = 'queued', attempts = 0, due_at = clock_timestamp() WHERE id = ANY(%s::bigint[]) AND state = 'failed'",
        (list(mail_ids),),
    )
