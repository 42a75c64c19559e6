"""A letter as it goes out: the message with its placeholders filled in, and below it what the law wants every mail to show."""

import html
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from campaigns.ports import Letter
from campaigns.queries.links import SAMPLE, unsubscribe_url
from campaigns.queries.sends import sender
from campaigns.rules import Addressee, Sender, filled, one_line, values_for, wrapped

_RULE: Final = {"ja": "―" * 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a message says, in its language."""

    language: str
    subject: str
    body: str
    body_html: str


def letter(wording: Wording, *, recipient_id: int, send_ref: str, sender: Sender, addressee: Addressee, to_address: str) -> Letter:
    """The letter to one recipient. The way out and the sender's details are always there; no message can leave them off."""
    values = values_for(addressee, sender)
    url = unsubscribe_url(recipient_id)
    with translation.override(wording.language):
        text = f"{wrapped(filled(wording.body, values)).rstrip()}\n\n{_footer(sender, url, language=wording.language)}\n"
        markup = _page(filled(wording.body_html, values, escaped=True), sender, url, wording.language) if wording.body_html.strip() else ""
    domain = sender.from_email.rpartition("@")[2] or "localhost"
    return Letter(
        recipient_id=recipient_id,
        message_id=f"<r{recipient_id}.{send_ref}@{domain}>",
        from_address=sender.from_address,
        to_address=to_address,
        reply_to=sender.email,
        subject=one_line(filled(wording.subject, values)),
        text=text,
        html=markup,
        unsubscribe_url=url,
    )


def _details(sender: Sender) -> list[tuple[str, str]]:
    contact = " / ".join(part for part in (sender.phone, sender.email) if part)
    return [(_("Sender"), sender.legal_name), (_("Address"), sender.address), (_("Inquiries"), contact)]


def _footer(sender: Sender, url: str, *, language: str) -> str:
    lines = [
        _RULE.get(language, "-" * 60),
        _("You get this mail because you agreed to receive it."),
        _("To stop these mails, open this page (no sign-in needed):"),
        url,
        "",
        *(_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in _details(sender)),
    ]
    return "\n".join(wrapped(line) for line in lines)


_PAGE: Final = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="margin:0;padding:16px;font-family:-apple-system,'Hiragino Sans','Noto Sans JP',Meiryo,sans-serif;line-height:1.7;color:#222">
<div style="max-width:600px;margin:0 auto">
{body}
<hr style="border:0;border-top:1px solid #ddd;margin:32px 0 16px">
<p style="font-size:12px;color:#666;line-height:1.8">{why}<br>{how} <a href="{url}" style="color:#666">{stop}</a></p>
<p style="font-size:12px;color:#666;line-height:1.8">{details}</p>
</div></body></html>
"""


def _page(body: str, sender: Sender, url: str, language: str) -> str:
    said = (html.escape(_("%(label)s: %(value)s") % {"label": label, "value": value}) for label, value in _details(sender))
    return _PAGE.format(
        language=html.escape(language),
        body=body,
        why=html.escape(_("You get this mail because you agreed to receive it.")),
        how=html.escape(_("No sign-in needed:")),
        url=html.escape(url),
        stop=html.escape(_("Stop these mails")),
        details="<br>".join(said),
    )


def addressee_of(row: Any) -> Addressee:
    """Whom a row of a customer (number, names, organisation) addresses."""
    name = row.organisation_name or f"{row.family_name} {row.given_name}".strip()
    return Addressee(name=name, family_name=row.family_name, given_name=row.given_name, number=row.number)


def sample_letter(message: Any) -> Letter:
    """A stored message as somebody invented would get it; its link lets nobody go."""
    return _sampled(message, company_id=message.company_id, brand_id=None)


def send_letter(send: Any) -> Letter:
    """The letter of a send: as it was frozen when it began, or as its message stands now."""
    frozen = send if send.started_at else send.message
    return _sampled(frozen, company_id=send.company_id, brand_id=send.brand_id)


def _sampled(said: Any, *, company_id: int, brand_id: int | None) -> Letter:
    wording = Wording(language=said.language, subject=said.subject, body=said.body, body_html=said.body_html)
    who = sender(company_id, brand_id=brand_id, shop_url=settings.PUBLIC_URL)
    return letter(wording, recipient_id=SAMPLE, send_ref="sample", sender=who, addressee=sample_addressee(), to_address="sample@example.jp")


def sample_addressee() -> Addressee:
    """Somebody to look at a message with."""
    return Addressee(name="山田 花子", family_name="山田", given_name="花子", number="10000001")
