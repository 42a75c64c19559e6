"""What the house keeps about the shopper, to be taken along."""

import json

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from core import clock
from customers.queries import export_of
from storefront.web.mypage.own import Own, mypage, own_page


@require_GET
@own_page
def records(request: HttpRequest, own: Own) -> HttpResponse:
    """What may be asked for, and how."""
    return mypage(request, "records", "records", {"has_records": bool(own.group)})


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
