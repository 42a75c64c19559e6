"""Paper at the order desk: the scan that an order is typed from, and the code on a form that came back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.admin_site import actor_of
from core.errors import Refusal
from core.queries import ChannelContext
from core.text import whole_number
from core.words import gettext_noop
from orders.admin.entry_typed import Typed
from orders.operations import take_paper
from orders.queries import FormMeant, PaperView, form_meant, received_paper
from orders.rules import PaperWay, ReceivedState, form_code


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperAtDesk:
    """The paper beside the fields, and why it is not this person's to type, if so."""

    view: PaperView | None = None
    fault: Refusal | None = None
    words: dict[str, Any] = field(default_factory=dict)

    @property
    def paper_id(self) -> int | None:
        return self.view.paper_id if self.view is not None else None


NO_PAPER = PaperAtDesk()


def paper_at_desk(request: HttpRequest, typed: Typed, channels: Sequence[ChannelContext]) -> PaperAtDesk:
    """The paper the page was opened with stays in these hands while it is typed; nothing where there is none."""
    number = whole_number(typed.paper)
    if number is None:
        return NO_PAPER
    owners = sorted({channel.company.id for channel in channels})
    taken = take_paper(number, company_ids=owners, typist_id=int(request.user.pk or 0), actor=actor_of(request))
    view = received_paper(number, company_ids=owners)
    if view is None:
        return PaperAtDesk(fault=taken if isinstance(taken, Refusal) else None)
    words = {"paper": view, "paper_way": _(PaperWay.labels()[view.way])}
    return PaperAtDesk(view=view, fault=taken if isinstance(taken, Refusal) else None, words=words)


def with_paper(typed: Typed, paper: PaperAtDesk) -> Typed:
    """A fresh page with what the batch of the paper says."""
    view = paper.view
    if view is None or view.state is not ReceivedState.WAITING:
        return typed
    return typed.changed(channel=str(view.channel_id), ad_code=view.ad_code, route_medium=view.medium)


def form_of_code(text: str, *, company_id: int) -> FormMeant | Refusal | None:
    """What a scanned or typed form code stands for; None for other words. Refuses "form.unknown_code"."""
    code = form_code(text)
    if code is None:
        return None
    return form_meant(code, company_id=company_id) or Refusal(
        "form.unknown_code",
        gettext_noop("No order form of this company has this code. Find the customer by name or phone."),
        {},
        "/customer_q",
    )
