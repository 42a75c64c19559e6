"""Where gateways tell us something: `POST /gateway/<provider>/webhook/`."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.operations import gateway_named, store_notice
from billing.ports import BadNotice
from core import clock
from core.actor import Actor, ActorKind

LARGEST_BODY = 256 * 1024


@csrf_exempt  # the signature proves who writes, better than a cookie could
@require_POST
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Keep what the gateway tells; it is dealt with afterwards. The same message twice is kept once and answered alike.

    400 where the signature is wrong, old or missing or the body can't be read, 404 for a gateway that isn't connected.
    """
    gateway = gateway_named(provider) if provider else None
    if gateway is None:
        return JsonResponse({"code": "unknown_gateway"}, status=404)
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        notice = gateway.read_notice(request.body, headers=request.headers, now=int(clock.now().timestamp()))
    except BadNotice as bad:
        return JsonResponse({"code": bad.code}, status=400)
    new = store_notice(provider, notice, actor=Actor(ActorKind.PARTNER, provider, provider))
    return JsonResponse({"received": True, "new": new})


urlpatterns = [path("<slug:provider>/webhook/", webhook, name="gateway-webhook")]
