"""A recipient wants no more, or changes their mind: by the link of a mail, at once, without signing in."""

from datetime import datetime
from typing import Final

from campaigns.queries import Leaver, leaver
from campaigns.rules import Left
from core.actor import Actor
from core.db import operation, rows, run
from core.errors import Refusal
from core.words import gettext_noop as _
from customers.operations import record_consents
from customers.queries import consent_in_force
from customers.rules import ConsentPurpose, ConsentSaid, ConsentStatus, ContactChannel

UNKNOWN_LINK: Final = Refusal("campaigns.link_unknown", _("This link is not one of ours, or it was cut in two by a mail program."))
SAMPLE_LINK: Final = Refusal("campaigns.link_sample", _("This is the link of a test mail: nobody stands behind it, nothing was changed."))


@operation
def unsubscribe(token: str, *, one_click: bool, actor: Actor, at: datetime) -> Left | Refusal:
    """The recipient's consent to this kind of mail is withdrawn from this moment on, and stands so in the ledger. Again changes nothing.

    For the brand that wrote, or for all brands where the company wrote. ``one_click`` says that a mail program pressed its own
    button (RFC 8058). Refuses "campaigns.link_unknown", "campaigns.link_sample", "customers.erased".
    """
    source = "mail one-click" if one_click else "mail link"
    return _said(token, ConsentStatus.WITHDRAWN, source=source, wording="unsubscribe-1 {send}", actor=actor, at=at)


@operation
def resubscribe(token: str, *, actor: Actor, at: datetime) -> Left | Refusal:
    """Whoever just unsubscribed by this link agrees again; only then, so that an old link agrees to nothing. Again changes nothing."""
    return _said(token, ConsentStatus.GIVEN, source="mail link, undone", wording="resubscribe-1 {send}", actor=actor, at=at)


def _said(token: str, status: ConsentStatus, *, source: str, wording: str, actor: Actor, at: datetime) -> Left | Refusal:
    who = leaver(token)
    if who is None or who.is_sample:
        return SAMPLE_LINK if who else UNKNOWN_LINK
    leaving = status is ConsentStatus.WITHDRAWN
    # The row is the lock: two presses at once are one word in the ledger.
    (locked,) = rows(
        "SELECT unsubscribed_at IS NOT NULL AS out FROM campaigns_recipient WHERE id = %s FOR NO KEY UPDATE", (who.recipient_id,)
    )
    if locked.out == leaving and (not leaving or not _consents(who, at=at)):
        return Left(who.customer_id, leaving, repeated=True)
    (answer,) = record_consents(
        [
            ConsentSaid(
                customer_id=who.customer_id, brand_id=who.brand_id, channel=ContactChannel(who.channel), purpose=ConsentPurpose(who.purpose),
                status=status, source=source, wording=wording.format(send=who.send_ref),
            )
        ],
        actor=actor,
        at=at,
    )  # fmt: skip
    if isinstance(answer, Refusal):
        return answer
    run("UPDATE campaigns_recipient SET unsubscribed_at = %s WHERE id = %s", (at if leaving else None, who.recipient_id))
    return Left(who.customer_id, leaving)


def _consents(who: Leaver, *, at: datetime) -> bool:
    """Whether the customer has agreed anew since, by another way: then the link must let them go again."""
    channel, purpose = ContactChannel(who.channel), ConsentPurpose(who.purpose)
    return who.customer_id in consent_in_force([who.customer_id], channel=channel, purpose=purpose, brand_id=who.brand_id, at=at)
