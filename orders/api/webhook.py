"""Where Shopify tells us of orders: `POST /outside/shopify/<shop>/orders/`."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock, ids
from core.actor import Actor, ActorKind
from core.errors import NotFound, Refusal
from orders.operations import receive_document
from orders.queries import secrets_of, shop_by_ref
from orders.rules import signed

LARGEST_BODY = 2 * 2**20
SHOP_PREFIX = "osh"


@csrf_exempt  # the signature proves who writes, better than a cookie could
@require_POST
def shopify_webhook(request: HttpRequest, shop_id: str) -> HttpResponse:
    """`POST /outside/shopify/<shop>/orders/`: keep what Shopify tells; it is read and placed by the worker, within seconds.

    The signature is proven on the very bytes. 401 without effect where it is missing, forged or of other bytes, and for a shop that
    does not exist: who asks learns nothing. The same event, or the same bytes, are kept once and answered alike.
    """
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        return JsonResponse({"code": "too_large"}, status=413)
    try:
        shop = shop_by_ref(ids.parse(SHOP_PREFIX, shop_id))
    except NotFound:
        shop = None
    keys = secrets_of(shop).get("webhook", []) if shop is not None and shop.adapter == "shopify" else []
    if shop is None or not signed(request.body, header=request.headers.get("X-Shopify-Hmac-Sha256", ""), secrets=keys):
        return JsonResponse({"code": "bad_signature"}, status=401)
    topic = request.headers.get("X-Shopify-Topic", "")
    if not topic.startswith("orders/"):
        return JsonResponse({"received": True, "new": False})
    event = request.headers.get("X-Shopify-Event-Id") or request.headers.get("X-Shopify-Webhook-Id", "")
    received = receive_document(
        request.body, shop_id=shop.id, name=f"{topic} {event}"[:200], source="webhook", event_ref=event[:120],
        actor=Actor(ActorKind.PARTNER, shop.code, shop.name), at=clock.now(),
    )  # fmt: skip
    if isinstance(received, Refusal):
        return JsonResponse({"code": received.code}, status=422)
    return JsonResponse({"received": True, "new": not received.repeated})


urlpatterns = [path("shopify/<str:shop_id>/orders/", shopify_webhook, name="shopify-webhook")]
