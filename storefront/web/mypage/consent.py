"""What the shopper agrees to, per purpose and channel; each word is kept with its date and wording."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import Refusal
from customers.operations import record_consents
from customers.queries import ConsentWord, consent_words
from customers.rules import ConsentSaid, ConsentStatus
from storefront.rules import CONSENT_OFFERS, CONSENT_WORDING
from storefront.web.mypage.own import Own, mypage, own_page, tell

Words = dict[tuple[str, str], ConsentWord]


@require_http_methods(["GET", "POST"])
@own_page
def consent(request: HttpRequest, own: Own) -> HttpResponse:
    """The switches, and saving them: only what changed becomes a new word."""
    at = clock.now()
    words: Words = {(w.purpose, w.channel): w for w in consent_words(own.group, brand_id=own.shopper.site.brand_id, at=at)}
    if request.method == "POST" and own.principal is not None:
        said = _said(request, own.principal, words)
        results = record_consents(said, actor=own.actor, at=at) if said else []
        refused = next((r for r in results if isinstance(r, Refusal)), None)
        tell(request, refused, _("Your choice was saved.") if said else _("Nothing was changed."))
        return HttpResponseRedirect(reverse("shop-consent"))
    return mypage(request, "consent", "consent", {"offers": _offers(words), "may_choose": own.principal is not None})


def _said(request: HttpRequest, customer_id: int, words: Words) -> list[ConsentSaid]:
    wanted = set(request.POST.getlist("yes"))
    found = []
    for offer in CONSENT_OFFERS:
        status = ConsentStatus.GIVEN if offer.code in wanted else ConsentStatus.WITHDRAWN
        before = words.get((offer.purpose, offer.channel))
        if status != (before.status if before else ConsentStatus.WITHDRAWN):
            found.append(
                ConsentSaid(
                    customer_id=customer_id,
                    channel=offer.channel,
                    purpose=offer.purpose,
                    status=status,
                    source="mypage",
                    wording=CONSENT_WORDING,
                )
            )
    return found


def _offers(words: Words) -> list[dict[str, Any]]:
    shown = []
    for offer in CONSENT_OFFERS:
        word = words.get((offer.purpose, offer.channel))
        shown.append(
            {
                "offer": offer,
                "title": _(offer.title),
                "text": _(offer.text),
                "word": word,
                "on": word is not None and word.status == "given",
            }
        )
    return shown
