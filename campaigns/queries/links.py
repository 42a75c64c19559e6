"""The way out of every mail: a signed link that carries no personal value, only which recipient of which send it was given to."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from core.db import rows

SAMPLE: Final = 0
"""The recipient of a test mail: nobody."""


def _signer() -> Signer:
    return Signer(salt="campaigns.unsubscribe", sep=".")


def unsubscribe_path(recipient_id: int) -> str:
    """Where a recipient says that they want no more, without signing in."""
    return f"/unsubscribe/{_signer().sign(f'{recipient_id:x}')}/"


def unsubscribe_url(recipient_id: int) -> str:
    """The same, as it stands in the mail."""
    return f"{settings.PUBLIC_URL}{unsubscribe_path(recipient_id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """Who stands behind a link: whom it lets go, and from what."""

    recipient_id: int
    customer_id: int
    company_id: int
    company_name: str
    brand_id: int | None
    brand_name: str
    channel: str
    purpose: str
    send_ref: str
    language: str
    unsubscribed: bool
    is_sample: bool = False

    @property
    def sender(self) -> str:
        """In whose name was written."""
        return self.brand_name or self.company_name


_LEAVER = """
SELECT r.id AS recipient_id, r.customer_id, s.company_id, co.name AS company_name, s.brand_id, coalesce(b.name, '') AS brand_name,
    s.channel, s.purpose, s.public_id::text AS send_ref, s.language, r.unsubscribed_at IS NOT NULL AS unsubscribed
FROM campaigns_recipient r JOIN campaigns_send s ON s.id = r.send_id JOIN core_company co ON co.id = s.company_id
LEFT JOIN core_brand b ON b.id = s.brand_id WHERE r.id = %s
"""


def recipient_behind(token: str) -> int | None:
    """The recipient a link was given to; None for anything but a link of ours."""
    try:
        number = int(_signer().unsign(token), 16) if len(token) <= 100 else -1
    except (BadSignature, ValueError):
        return None
    return number if 0 <= number < 2**63 else None


def leaver(token: str) -> Leaver | None:
    """Who stands behind a link, in one statement; None where nobody does."""
    number = recipient_behind(token)
    if number is None:
        return None
    if number == SAMPLE:
        return Leaver(
            recipient_id=SAMPLE, customer_id=0, company_id=0, company_name="", brand_id=None, brand_name="", channel="mail",
            purpose="advertising", send_ref="", language="", unsubscribed=False, is_sample=True,
        )  # fmt: skip
    found = rows(_LEAVER, (number,))
    return Leaver(**found[0]._asdict()) if found else None
