"""What the form of a contact offers: reasons, channels, causes, and the orders it may be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from contact.queries.reasons import ReasonRow
from contact.rules import REASONS, CauseClass
from core.ids import new_id
from customers.rules import ContactChannel

ORDERS_OFFERED: Final = 4
CHANNELS: Final = (
    ContactChannel.CALL, ContactChannel.MAIL, ContactChannel.CHAT, ContactChannel.SNS, ContactChannel.SMS, ContactChannel.STORE,
    ContactChannel.PAPER, ContactChannel.WEB, ContactChannel.APP,
)  # fmt: skip
"""The channels of a contact, the most likely first."""


@dataclass(frozen=True, slots=True)
class FormOffer:
    """The choices of the form in the reader's language, and the key that makes the same page one case however often it is sent."""

    reasons: Sequence[ReasonRow]
    channels: Sequence[tuple[str, str]]
    causes: Sequence[tuple[str, str]]
    orders: Sequence[tuple[int, str]]
    once: str


def channel_choices() -> list[tuple[str, str]]:
    """The channels in words, the most likely first."""
    return [(str(channel), _(ContactChannel.labels()[channel])) for channel in CHANNELS]


def form_offer(reasons: Sequence[ReasonRow], *, orders: Sequence[Any] = ()) -> FormOffer:
    """What the form offers, of these reasons and orders; where a company has none yet, the reasons its first case will bring."""
    return FormOffer(
        reasons=reasons or [ReasonRow(0, 0, code, name, str(desk), complaint, hours) for code, name, desk, complaint, hours in REASONS],
        channels=channel_choices(),
        causes=[(str(cause), _(CauseClass.labels()[cause])) for cause in CauseClass],
        orders=[(order.id, order.number) for order in orders][:ORDERS_OFFERED],
        once=str(new_id()),
    )
