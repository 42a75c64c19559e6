"""What the clock starts in core."""

import smtplib
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from celery import shared_task
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from core import clock, operations
from core.actor import SYSTEM
from core.operations import LeasedMessage, Outcome
from core.posting import NotPosted, Post
from core.webhooks import signed_headers


@shared_task(name="core.tidy_up")
def tidy_up() -> dict[str, int]:
    """Remove delivered events and stored answers that have had their time; make ready the counters of the period to come."""
    return {
        "events": operations.prune_outbox(actor=SYSTEM),
        "answers": operations.prune_answers(actor=SYSTEM),
        "webhooks": operations.prune_webhook_messages(actor=SYSTEM),
        "counters": operations.open_number_periods(actor=SYSTEM, at=clock.now()),
    }


@shared_task(name="core.send_mails")
def send_mails() -> int:
    """Send the mails that are due, one message per call, until none is left; answers with the number taken."""
    taken = 0
    while mails := operations.lease_mails(most=20, actor=SYSTEM):
        connection = get_connection()
        try:
            for mail in mails:
                error, final = _try(mail, connection)
                operations.note_mail_outcome(mail, error=error, final=final, actor=SYSTEM)
                taken += not error
        finally:
            connection.close()
    return taken


def _try(mail: operations.LeasedMail, connection: object) -> tuple[str, bool]:
    """What the mail server said: an empty text when it took the mail; whether trying again is pointless."""
    message = EmailMultiAlternatives(
        mail.subject.replace("\r", " ").replace("\n", " "),
        mail.body,
        mail.from_address or None,
        [mail.to_address],
        headers={"Message-ID": f"<{mail.public_id}@mail.daifuku>", "Auto-Submitted": "auto-generated"},
        connection=connection,  # type: ignore[arg-type]
    )
    if mail.body_html:
        message.attach_alternative(mail.body_html, "text/html")
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        return f"{code} recipient refused", code >= 500
    except smtplib.SMTPResponseException as refused:
        return f"{refused.smtp_code} {type(refused).__name__}", refused.smtp_code >= 500
    except (OSError, smtplib.SMTPException, ValueError) as broken:
        connection.close()  # type: ignore[attr-defined]
        return type(broken).__name__, isinstance(broken, ValueError)
    return "", False


# ------------------------------------------------------------------------------------------------------- webhooks

AT_ONCE, SLOW_AT_ONCE = 32, 8
"""Messages in flight from one worker, and how many of them may be for endpoints that don't answer well."""

LOOK_AGAIN_S, WORKED_S = 0.25, 45.0
"""While something is in flight the queue is looked at so often; after so long a run takes nothing new, and ends."""


@shared_task(name="core.send_webhooks")
def send_webhooks() -> int:
    """Send the webhook messages that are due, many at once, until none is left; answers with how many were tried.

    Only this thread asks the database: the others do nothing but wait for strangers. Whoever hangs holds up one of its own
    messages, and nobody else's.
    """
    return Sending(Post(ports=settings.WEBHOOK_PORTS, loopback=settings.WEBHOOKS_TO_LOOPBACK)).run()


@dataclass
class Sending:
    """One run of the sender."""

    post: Post
    in_flight: dict["Future[Outcome]", LeasedMessage] = field(default_factory=dict)

    def run(self) -> int:
        """Lease, send and note until nothing is due or in flight."""
        tried, ends = 0, time.monotonic() + WORKED_S
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhooks") as pool:
            while True:
                if time.monotonic() < ends:
                    for message in self._lease():
                        self.in_flight[pool.submit(try_message, message, self.post)] = message
                if not self.in_flight:
                    return tried
                done, _ = wait(self.in_flight, timeout=LOOK_AGAIN_S, return_when=FIRST_COMPLETED)
                for future in done:
                    operations.note_webhook_outcome(self.in_flight.pop(future), future.result(), actor=SYSTEM)
                tried += len(done)

    def _lease(self) -> list[LeasedMessage]:
        slow = sum(message.slow for message in self.in_flight.values())
        return operations.lease_webhook_messages(
            most=AT_ONCE - len(self.in_flight), most_slow=SLOW_AT_ONCE - slow, actor=SYSTEM, at=clock.now()
        )


def try_message(message: LeasedMessage, post: Post) -> Outcome:
    """One try, signed anew: what came of it, in a status or a word."""
    timestamp = int(clock.now().timestamp())
    try:
        secrets = operations.open_secrets(message.closed_secrets)
    except InvalidToken:
        return Outcome(error="unreadable_secret")
    headers = signed_headers(secrets, message_id=message.public_id, timestamp=timestamp, body=message.body)
    try:
        return Outcome(status=post.send(message.url, body=message.body, headers=headers))
    except NotPosted as failure:
        return Outcome(error=failure.kind)
    except Exception as failure:  # whatever it is, the message is tried again and the others go on
        return Outcome(error=type(failure).__name__)
