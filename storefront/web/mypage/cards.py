"""The cards a shopper lets us keep: enough of each to recognise it, one press to end it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing.operations import end_means, keep_cards
from billing.queries import card_form, means_of
from billing.rules import KeepCard
from core import clock
from core.errors import Refusal
from storefront.web.cards import allow_gateway, means_behind
from storefront.web.mypage.own import Own, mypage, own_page, tell
from subscriptions.queries import contracts_of


@require_http_methods(["GET", "POST"])
@own_page
def cards(request: HttpRequest, own: Own) -> HttpResponse:
    """The kept cards, and the gateway's own field for another one."""
    form = card_form(own.company_id)
    if request.method == "POST" and own.principal is not None and form is not None:
        ask = KeepCard(
            company_id=own.company_id, customer_id=own.principal, token=request.POST.get("token", "").strip()[:200], reusable=True
        )
        (result,) = keep_cards([ask], actor=own.actor, at=clock.now())
        if isinstance(result, Refusal):
            messages.error(request, result.text(_))
        else:
            messages.success(request, _("The card was added."))
        return HttpResponseRedirect(reverse("shop-cards"))
    words = {
        "cards": means_of(own.group) if own.group else [],
        "card_form": form,
        "now": clock.now(),
        "may_add": own.principal is not None and form is not None,
        "subscribes": any(row.status in ("active", "paused") for row in contracts_of(own.group, language=own.language))
        if own.group
        else False,
    }
    return allow_gateway(mypage(request, "cards", "cards", words), form)


@require_POST
@own_page
def end(request: HttpRequest, own: Own, card: str) -> HttpResponse:
    """The card is charged no more, and the gateway is told to forget it. Again changes nothing."""
    found = means_behind(card, means_of(own.group)) if own.group else None
    if found is None:
        raise Http404
    (result,) = end_means([found.means_id], reason=_("Removed by the customer"), actor=own.actor, at=clock.now())
    tell(request, result, _("The card was removed."))
    return HttpResponseRedirect(reverse("shop-cards"))
