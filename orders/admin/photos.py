"""Photos of returns and repairs at the staff counter: added on the page of the case, and shown with each reading written down."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from core import clock
from core.admin_site import actor_of, company_of
from core.errors import HouseError, Refusal
from core.operations import record_personal_read
from orders.operations import add_photos
from orders.queries import Sight, photo_content, visible_photo
from orders.rules import MOST_PHOTO_MB, MOST_PHOTOS, PhotoOf, too_large


def photo_page(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A photo, for staff who see cases of its company; who looked is written down."""
    account: Any = request.user
    if not account.has_perm("orders.view_casephoto"):
        raise PermissionDenied
    company_id = company_of(request)
    photo = visible_photo(ref, sight=Sight.of_company(company_id) if company_id else Sight(everything=True))
    content = photo_content(photo) if photo is not None else None
    if photo is None or content is None:
        raise Http404
    record_personal_read(
        [f"customer:{photo.customer_ref}"], actor=actor_of(request), screen=f"admin {request.path}"[:200], fields=("photo",)
    )
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def photos_added(request: HttpRequest, of: PhotoOf, *, permission: str, back: str) -> HttpResponse:
    """Uploads go with a case; what cannot be read is said."""
    account: Any = request.user
    if request.method != "POST" or not account.has_perm(permission):
        raise PermissionDenied
    uploads = request.FILES.getlist("photos")[: MOST_PHOTOS * 2]
    small = [upload for upload in uploads if (upload.size or 0) <= MOST_PHOTO_MB * 2**20]
    refused = {too_large().text(gettext)} if len(small) < len(uploads) else set()
    try:
        results = add_photos(of, [upload.read() for upload in small], actor=actor_of(request), at=clock.now()) if small else []
    except HouseError as error:
        results = [error.refusal]
    refused |= {result.text(gettext) for result in results if isinstance(result, Refusal)}
    if any(not isinstance(result, Refusal) for result in results):
        messages.success(request, gettext("The photos are added."))
    for words in sorted(refused) or ([] if uploads else [gettext("Choose a photo first.")]):
        messages.error(request, words)
    return HttpResponseRedirect(back)
