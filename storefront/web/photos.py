"""Photos that a shopper puts with a return or a repair, and sees again: signed in, or with the link of the mail."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.actor import Actor
from core.errors import HouseError, Refusal
from orders.operations import add_photos
from orders.queries import PhotoView, Sight, case_rows, cases_of_order, photo_content, visible_photo
from orders.rules import MOST_PHOTO_MB, MOST_PHOTOS, PhotoOf, too_large
from storefront.web.buyers import Buyer, by_link
from storefront.web.mypage.own import Own, own_page
from storefront.web.mypage.services import Visit, by_service_link, of_her_own


@require_GET
@own_page
def one(request: HttpRequest, own: Own, ref: UUID) -> HttpResponse:
    """A photo of the shopper's own cases."""
    return _shown(visible_photo(ref, sight=own.sight) if own.group else None)


@require_GET
@by_link
def one_by_link(request: HttpRequest, buyer: Buyer, ref: UUID) -> HttpResponse:
    """A photo of a case about the order that the link is for."""
    photo = visible_photo(ref, sight=Sight.of_company(buyer.company_id))
    keys = {case.key for case in cases_of_order(buyer.order.key) if case.order_key == buyer.order.key}
    return _shown(photo if photo is not None and photo.case_key in keys else None)


@require_POST
@own_page
def add_to_case(request: HttpRequest, own: Own, number: str) -> HttpResponse:
    """Photos go with a return of the shopper's."""
    found = case_rows(own.sight, limit=1, number=number[:40]) if own.group else []
    if not found:
        raise Http404
    _add(request, PhotoOf(case_id=found[0].key), actor=own.actor)
    return HttpResponseRedirect(reverse("shop-mine-returns"))


def _add_to_service(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Photos go with a repair, a collection or a purchase."""
    _add(request, PhotoOf(service_id=visit.service.key), actor=visit.shopper.actor)
    return HttpResponseRedirect(visit.url())


add_to_service, add_to_service_by_link = require_POST(of_her_own(_add_to_service)), require_POST(by_service_link(_add_to_service))


@require_GET
@by_service_link
def one_of_service(request: HttpRequest, visit: Visit, ref: UUID) -> HttpResponse:
    """A photo of the request that the link is for."""
    photo = visible_photo(ref, sight=Sight.of_company(visit.service.company_id))
    return _shown(photo if photo is not None and photo.service_key == visit.service.key else None)


@require_POST
@by_link
def add_by_link(request: HttpRequest, buyer: Buyer, number: str) -> HttpResponse:
    """Photos go with a return of the order that the link is for."""
    case = next((one for one in cases_of_order(buyer.order.key) if one.number == number and one.order_key == buyer.order.key), None)
    if case is None:
        raise Http404
    _add(request, PhotoOf(case_id=case.key), actor=buyer.actor)
    return HttpResponseRedirect(buyer.url("order"))


def _add(request: HttpRequest, of: PhotoOf, *, actor: Actor) -> None:
    """Say what became of the uploads; what is too large is not read."""
    uploads = request.FILES.getlist("photos")[: MOST_PHOTOS * 2]
    small = [upload for upload in uploads if (upload.size or 0) <= MOST_PHOTO_MB * 2**20]
    if not uploads:
        messages.error(request, _("Choose a photo first."))
        return
    refused = {too_large().text(_)} if len(small) < len(uploads) else set()
    try:
        results = add_photos(of, [upload.read() for upload in small], actor=actor, at=clock.now())
    except HouseError as error:
        results = [error.refusal]
    refused |= {result.text(_) for result in results if isinstance(result, Refusal)}
    if kept := sum(1 for result in results if not isinstance(result, Refusal)):
        messages.success(
            request, ngettext("%(count)d photo is with your case.", "%(count)d photos are with your case.", kept) % {"count": kept}
        )
    for words in sorted(refused):
        messages.error(request, words)


def _shown(photo: PhotoView | None) -> HttpResponse:
    content = photo_content(photo) if photo is not None else None
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
