"""A shopper's estimates: read, taken as PDF, ordered at their prices, or declined."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.errors import HouseError, Refusal
from core.words import gettext_noop
from orders.operations import decline_estimates, order_estimates
from orders.queries import EstimateView, estimate_pdf, estimates_of
from orders.rules import Placed, Refused
from storefront.web.mypage.own import Own, mypage, own_page, tell, tell_refused


@require_GET
@own_page
def listing(request: HttpRequest, own: Own) -> HttpResponse:
    """What the shopper was offered, newest first."""
    found = estimates_of(own.group, company_id=own.company_id, at=clock.now()) if own.group else []
    return mypage(request, "estimates", "estimates", {"estimates": found, "is_known": own.principal is not None})


@require_GET
@own_page
def one(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """One estimate: what it promises, until when, and what the shopper can do."""
    return mypage(request, "estimate", "estimates", {"estimate": _own_estimate(own, number)})


@require_GET
@own_page
def paper(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The estimate as PDF."""
    found = _own_estimate(own, number)
    try:
        pdf = estimate_pdf(found.key, language=own.language)
    except HouseError as error:
        tell_refused(request, error)
        return HttpResponseRedirect(reverse("shop-estimate", args=[number]))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return response


@require_POST
@own_page
def accept(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The shopper orders at the prices of the estimate; pressed twice, it is one order. Another address is chosen on the order's own page,
    which tells what the way there costs."""
    found = _own_estimate(own, number)
    (answer,) = order_estimates([found.key], actor=own.actor, at=clock.now())
    if isinstance(answer, Placed):
        tell(request, answer, _("Thank you. Your order %(number)s was placed.") % {"number": answer.number})
        goes_elsewhere = "elsewhere" in request.POST
        return HttpResponseRedirect(reverse("shop-mine-change" if goes_elsewhere else "shop-mine-one", args=[answer.number]))
    for reason in answer.reasons if isinstance(answer, Refused) else (answer,):
        tell(request, reason, "")
    return HttpResponseRedirect(reverse("shop-estimate", args=[number]))


@require_POST
@own_page
def decline(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """The shopper doesn't want it; one that was ordered stays ordered."""
    found = _own_estimate(own, number)
    gone = decline_estimates([found.key], reason=_("Declined by the customer"), actor=own.actor, at=clock.now())
    refused = Refusal("estimate.decided", gettext_noop("The estimate was decided upon already."))
    tell(request, None if gone else refused, _("The estimate was declined. Thank you for letting us know."))
    return HttpResponseRedirect(reverse("shop-estimate", args=[number]))


def _own_estimate(own: Own, number: str) -> EstimateView:
    found = estimates_of(own.group, company_id=own.company_id, at=clock.now(), number=number[:40], limit=1) if own.group else []
    if not found:
        raise Http404
    return found[0]
