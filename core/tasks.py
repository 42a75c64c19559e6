"""What the clock starts in core."""

import smtplib

from celery import shared_task
from django.core.mail import EmailMultiAlternatives, get_connection

from core import operations
from core.actor import SYSTEM


@shared_task(name="core.tidy_up")
def tidy_up() -> dict[str, int]:
    """Remove delivered events and stored answers that have had their time."""
    return {"events": operations.prune_outbox(actor=SYSTEM), "answers": operations.prune_answers(actor=SYSTEM)}


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
