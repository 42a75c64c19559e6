"""Cards on the shop's pages: the number goes from the browser to the gateway; only a token comes here."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from billing.operations import keep_cards
from billing.queries import MeansRow, card_form, means_of
from billing.rules import CardForm, KeepCard
from core import clock
from core.errors import Refusal
from storefront.operations import buyer_of
from storefront.queries import CartView
from storefront.rules import CheckoutData
from storefront.web.shopping import Shopper

ENTERED = "entered"
"""The choice of the card that was entered at this checkout before."""
NEW = "new"


@dataclass(frozen=True)
class CardChoice:
    """The cards a shopper may pay with: kept ones, one entered before, or a new one in the gateway's own field."""

    form: CardForm | None
    kept: list[MeansRow]
    may_keep: bool


def card_choice(shopper: Shopper) -> CardChoice:
    """What is offered to this shopper; nothing where no gateway is connected."""
    form = card_form(shopper.site.company.id)
    signed_in = shopper.account_id is not None
    return CardChoice(form=form, kept=means_of(shopper.own_group()) if form is not None and signed_in else [], may_keep=signed_in)


def chosen_card(request: HttpRequest, shopper: Shopper, found: CartView, said: CheckoutData, *, must_keep: bool) -> int | Refusal | None:
    """The card that was chosen or entered; None where none was. A new one is told to the gateway at once."""
    wanted = request.POST.get("card", NEW)
    before = found.checkout.means_id if found.checkout else None
    token = request.POST.get("token", "").strip()[:200]
    if wanted == ENTERED or (wanted == NEW and not token):
        return before
    if wanted != NEW:
        return next((row.means_id for row in means_of(shopper.own_group()) if row.public_id.hex == wanted), None)
    reusable = shopper.account_id is not None and (must_keep or "keep" in request.POST)
    at = clock.now()
    customer_id = (
        buyer_of(found, said, site=shopper.site, language=shopper.language, actor=shopper.actor, at=at)
        if reusable
        else next(iter(shopper.own_group()), None)
    )
    ask = KeepCard(company_id=shopper.site.company.id, customer_id=customer_id, token=token, reusable=reusable and customer_id is not None)
    (kept,) = keep_cards([ask], actor=shopper.actor, at=at)
    return kept if isinstance(kept, Refusal) else kept.means_id


def allow_gateway(response: HttpResponse, form: CardForm | None) -> HttpResponse:
    """The page may load the gateway's script and field, from its own origins and nowhere else."""
    if form is not None:
        response._csp_update = {  # type: ignore[attr-defined]
            "script-src": ["'self'", *form.script_origins],
            "frame-src": ["'self'", *form.frame_origins],
            "connect-src": ["'self'", *form.connect_origins],
        }
    return response


def means_behind(word: str, rows: list[MeansRow]) -> MeansRow | None:
    """The kept card that a page named."""
    try:
        ref = UUID(hex=word)
    except ValueError:
        return None
    return next((row for row in rows if row.public_id == ref), None)
