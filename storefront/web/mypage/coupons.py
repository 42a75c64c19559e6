"""Coupons: what can be used, until when, and what was used."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from campaigns.queries import own_coupon_uses, own_coupons
from core import clock
from storefront.web.mypage.own import Own, mypage, own_page

LAST_USES = 20


@require_GET
@own_page
def coupons(request: HttpRequest, own: Own) -> HttpResponse:
    """What this customer was given or everybody is shown, what goes soonest first, and the last uses."""
    words = {
        "found": own_coupons(own.principal, company_id=own.company_id, language=own.language, at=clock.now()),
        "uses": own_coupon_uses(own.group, limit=LAST_USES),
    }
    return mypage(request, "coupons", "coupons", words)
