"""A message is sent to oneself first, through the house's own mail, which tries until it is taken."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from campaigns.models import Message
from campaigns.queries import sample_letter
from core.actor import Actor
from core.db import operation
from core.errors import Refusal
from core.operations import NewMail, owe_mails
from core.text import email_key
from core.words import gettext_noop
from customers.rules import Done


@operation
def owe_test_mails(message_ids: Sequence[int], *, to_address: str, actor: Actor, at: datetime) -> list[Done | Refusal]:
    """The messages as stored are owed to one mailbox, marked as tests and addressed to somebody invented; at most one a second each.

    Refuses "campaigns.message_not_found" and "campaigns.bad_address".
    """
    found = Message.objects.in_bulk(list(message_ids))
    if not email_key(to_address):
        return [Refusal("campaigns.bad_address", gettext_noop("This is no e-mail address."), field="/address") for _id in message_ids]
    owe_mails([_mail(message, to_address, at=at) for message in found.values()], actor=actor)
    missing = Refusal("campaigns.message_not_found", gettext_noop("There is no such message."))
    return [Done(id=number) if number in found else missing for number in message_ids]


def _mail(message: Any, to_address: str, *, at: datetime) -> NewMail:
    letter = sample_letter(message)
    return NewMail(
        company_id=message.company_id,
        kind="campaigns.test",
        about=f"message:{message.pk}",
        once_key=f"message:{message.pk}:test:{email_key(to_address)}:{at:%Y%m%d%H%M%S}"[:120],
        to_address=to_address,
        from_address=letter.from_address,
        subject=_("[Test] %(subject)s") % {"subject": letter.subject},
        body=letter.text,
        body_html=letter.html,
        language=message.language,
    )
