"""The machine counter of outside shops: they hand their orders in as they are, and hear what came of each."""

import base64
import binascii
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, ids
from core.api.shapes import Code, Record, Text
from core.api.views import ApiView
from core.errors import Malformed, NotFound, Refusal, Refused
from core.words import gettext_noop as _
from orders.operations import take_in
from orders.queries import IntakeRowShown, intake_rows, shop_by_code

MOST_BASE64 = 10 * 2**20
DOCUMENT_PREFIX = "idc"

HANDED_IN = Record(
    shop=Code(max=40).described("Code of the outside shop whose orders these are."),
    name=Text(max=200).described("Name of the document, as people will look for it."),
    content=Code(max=MOST_BASE64, pattern=r"[A-Za-z0-9+/]*={0,2}").described(
        "The document byte for byte, in base64: JSON, XML or CSV as the shop's counter writes it."
    ),
)
_TEXT = {"type": "string"}
RESULT_SCHEMA = {
    "type": "object",
    "properties": {
        "row": {"type": "integer"},
        "outside_number": _TEXT,
        "fate": {"type": "string", "enum": ["new", "known", "renewed", "changed", "cancelled", "unreadable"]},
        "state": {**_TEXT, "description": "How far the order has come: placed, waiting, person, refused, changed, cancelled, passed, new."},
        "order": {"type": "string", "nullable": True},
        "code": _TEXT,
        "field": _TEXT,
        "message": _TEXT,
    },
    "required": ["row", "outside_number", "fate", "state", "order", "code", "field", "message"],
}
TAKEN_SCHEMA = {
    "type": "object",
    "properties": {
        "id": _TEXT,
        "state": {"type": "string", "enum": ["received", "done", "partly", "failed"]},
        "repeated": {"type": "boolean"},
        "code": _TEXT,
        "message": {**_TEXT, "description": "Why it could not be read at all; empty where it could."},
        "results": {"type": "array", "items": RESULT_SCHEMA},
    },
    "required": ["id", "state", "repeated", "code", "message", "results"],
}


class IntakeDocumentsView(ApiView):
    """Orders of outside counters, as the counters write them."""

    scopes = {"POST": "orders:intake"}
    takes = {"POST": HANDED_IN}
    gives = {"POST": TAKEN_SCHEMA}
    answers = {"POST": 200}
    body_limit = 12 * 2**20

    def post(self, request: Request) -> HttpResponse:
        """Hand a document in. Its orders are placed, each once; the same document again changes nothing. One result per order.

        A bad order never blocks the others: it comes back with its field and what to do. No Idempotency-Key is needed.
        """
        said = self.body(request)
        shop = shop_by_code(self.partner(request).company_id, said["shop"])
        if shop is None:
            raise NotFound("intake.no_such_shop", _("There is no such outside shop, or it has ended."), field="/shop")
        try:
            raw = base64.b64decode(said["content"], validate=True)
        except binascii.Error:
            raise Malformed("file.not_base64", _("This is not base64."), field="/content") from None
        answer = take_in(raw, shop_id=shop.id, name=said["name"], source="api", actor=self.actor(request), at=clock.now())
        if isinstance(answer, Refusal):
            raise Refused(answer.code, answer.message, params=answer.params, field=answer.field, errors=(answer,))
        document, shown = intake_rows(answer.document_id)
        return self.answer(
            {
                "id": ids.public(DOCUMENT_PREFIX, document.public_id),
                "state": document.state,
                "repeated": answer.repeated,
                "code": document.code,
                "message": Refusal(document.code, document.message, document.params).text() if document.message else "",
                "results": [_shown(one) for one in shown],
            }
        )


def _shown(row: IntakeRowShown) -> dict[str, Any]:
    reason = row.fault or row.problem
    return {
        "row": row.number,
        "outside_number": row.outside_number,
        "fate": row.fate,
        "state": row.state,
        "order": ids.public("ord", row.order_ref) if row.order_ref else None,
        "code": reason.code if reason else "",
        "field": reason.field if reason else "",
        "message": reason.text() if reason else "",
    }
