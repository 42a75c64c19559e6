"""Points: what may be spent, what goes soon, and what happened to them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from core import clock
from customers.queries import own_details, point_balances, point_moves
from orders.queries import points_to_come
from storefront.web.mypage.own import Own, mypage, own_page

PAGE = 30


@require_GET
@own_page
def points(request: HttpRequest, own: Own) -> HttpResponse:
    """The balance and its history, newest first."""
    typed = request.GET.get("before", "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 19):
        raise Http404
    brand_id = own.shopper.site.brand_id
    found = point_moves(own.group, before=int(typed) if typed else None, limit=PAGE + 1)
    at = clock.now()
    balances = point_balances([own.principal], brand_id=brand_id, at=at) if own.principal is not None else {}
    words = {
        "balance": balances.get(own.principal) if own.principal is not None else None,
        "details": own_details(own.principal, brand_id=brand_id) if own.principal is not None else None,
        "to_come": points_to_come(own.group, at=at),
        "moves": found[:PAGE],
        "next": found[PAGE - 1].entry_id if len(found) > PAGE else "",
    }
    return mypage(request, "points", "points", words)
