"""What the house keeps about the shopper, to be taken along."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from contact.operations import open_cases
from contact.rules import OpenCase
from core import clock
from customers.queries import export_of
from customers.rules import ContactChannel, Visibility
from storefront.web.mypage.own import Own, mypage, own_page, tell


@require_GET
@own_page
def records(request: HttpRequest, own: Own) -> HttpResponse:
    """What may be asked for, and how."""
    return mypage(request, "records", "records", {"has_records": bool(own.group)})


@require_POST
@own_page
def ask_erasure(request: HttpRequest, own: Own) -> HttpResponse:
    """A case for a person: who asks must be the customer, and what the law keeps is told. Once a day, however often it is pressed."""
    if own.principal is None:
        raise Http404
    at = clock.now()
    case = OpenCase(
        company_id=own.company_id,
        customer_id=own.principal,
        theme=_("Please erase my data"),
        body=_("Asked for on My Page by the signed-in customer."),
        channel=ContactChannel.WEB,
        visibility=Visibility.CUSTOMER,
        once_key=f"erasure:{own.principal}:{own.shopper.site.company.business_date(at):%Y%m%d}",
    )
    (result,) = open_cases([case], actor=own.actor, at=at)
    tell(request, result, _("We have your request and answer in writing."))
    return HttpResponseRedirect(reverse("shop-records"))


@require_POST
@own_page
def download(request: HttpRequest, own: Own) -> HttpResponse:
    """Everything every app holds about the shopper, as a file."""
    at = clock.now()
    tables: dict[str, list[dict[str, object]]] = {}
    for row in export_of(own.group):
        tables.setdefault(row.table, []).append(dict(row.values))
    text = json.dumps({"made_at": at.isoformat(), "data": tables}, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-data-{at:%Y%m%d}.json"'
    return response
