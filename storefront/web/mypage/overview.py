"""The first page of My Page: where the parcels are, what comes next, what is owed."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from billing.queries import owed_by
from billing.rules import PaymentMethod
from core import clock
from customers.queries import own_details, point_balances
from orders.queries import order_rows, order_views
from storefront.queries import articles
from storefront.web.mypage.orders import with_articles
from storefront.web.mypage.own import Own, mypage, own_page
from subscriptions.queries import contracts_of
from subscriptions.rules import OPEN_CONTRACTS

LATEST = 3
SENT_BY_THE_BUYER = (PaymentMethod.BANK_TRANSFER, PaymentMethod.CONVENIENCE_STORE, PaymentMethod.DEFERRED)
"""What is collected some other way (at the door, from a card) is not asked for here."""


@require_GET
@own_page
def overview(request: HttpRequest, own: Own) -> HttpResponse:
    """The latest orders with their parcels, the next deliveries, points and open invoices."""
    at = clock.now()
    own.shopper.bring_guest_cart(at=at)
    brand_id = own.shopper.site.brand_id
    found = order_rows(own.sight, limit=LATEST) if own.group else []
    balances = point_balances([own.principal], brand_id=brand_id, at=at) if own.principal is not None else {}
    contracts = [row for row in contracts_of(own.group, language=own.language) if row.status in OPEN_CONTRACTS] if own.group else []
    words = {
        "orders": with_articles(own, order_views([row.key for row in found])),
        "details": own_details(own.principal, brand_id=brand_id) if own.principal is not None else None,
        "balance": balances.get(own.principal) if own.principal is not None else None,
        "contracts": contracts[:LATEST],
        "articles": articles(own.company_id, [sku for row in contracts[:LATEST] for sku, _name, _quantity in row.items]),
        "owed": [invoice for invoice in owed_by(own.group) if invoice.method in SENT_BY_THE_BUYER],
        "today": own.shopper.site.company.business_date(at),
    }
    return mypage(request, "overview", "overview", words)
