"""What the clock starts for customers."""

import smtplib
from datetime import timedelta
from logging import getLogger

from celery import shared_task
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core import clock
from core.actor import SYSTEM
from core.queries import company_context
from customers.operations import CodeToSend, expire_points, forget_link_codes, take_link_codes

logger = getLogger(__name__)


@shared_task(name="customers.expire_due_points")
def expire_due_points() -> int:
    """Points whose time has come are gone, a chunk per transaction."""
    total = 0
    while done := expire_points(actor=SYSTEM, at=clock.now()):
        total += done
    return total


@shared_task(name="customers.send_link_codes")
def send_link_codes() -> int:
    """The codes that were asked for are mailed, each at most once; answers with how many left. No table ever holds the mail."""
    sent = 0
    while True:
        taken, codes = take_link_codes(most=20, actor=SYSTEM, at=clock.now())
        if not taken:
            return sent
        for code in codes:
            try:
                _mail(code).send()
                sent += 1
            except (OSError, smtplib.SMTPException):
                logger.exception("link code %s was not taken by the mail server; its owner can ask for another", code.code_id)


def _mail(code: CodeToSend) -> EmailMessage:
    company = company_context(code.company_id)
    with translation.override(code.language or company.language):
        words = {"code": f"{code.code[:4]}-{code.code[4:]}", "minutes": code.minutes, "company": company}
        subject = _("Your code to link past purchases")
        body = render_to_string("customers/mail/link_code.txt", words)
    sender = f"{company.name} <{company.email}>" if company.email else None
    return EmailMessage(subject, body, sender, [code.to_address], headers={"Auto-Submitted": "auto-generated"})


@shared_task(name="customers.forget_link_codes")
def forget_old_link_codes() -> int:
    """Codes and counters older than a day are gone."""
    return forget_link_codes(before=clock.now() - timedelta(days=1), actor=SYSTEM)
