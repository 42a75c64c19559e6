"""The way out of every mail: a page that asks, and a button that lets go at once. Nobody signs in for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.operations import resubscribe, unsubscribe
from campaigns.queries import leaver
from core import clock
from core.actor import Actor, ActorKind
from core.errors import Refusal

READER = Actor(ActorKind.CUSTOMER, "mail-link")


@csrf_exempt  # mail programs press the button without having been here (RFC 8058); the signed link is the proof
@never_cache
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST withdraws the consent, POST with ``again`` takes that back. A second time is harmless."""
    again = "again" in request.POST
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    refused: Refusal | None = None
    if request.method == "POST":
        at = clock.now()
        said = resubscribe(token, actor=READER, at=at) if again else unsubscribe(token, one_click=one_click, actor=READER, at=at)
        refused = said if isinstance(said, Refusal) else None
    who = leaver(token)
    if one_click:
        return HttpResponse("", content_type="text/plain", status=404 if who is None else 200)
    with translation.override((who.language if who else "") or translation.get_language()):
        words = {
            "who": who,
            "again": again,
            "refused": refused.text(_)
            if refused
            else ""
            if who
            else _("This link is not one of ours, or it was cut in two by a mail program."),
        }
        return render(request, "storefront/unsubscribe.html", words, status=404 if who is None else 200)
