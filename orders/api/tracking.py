"""Tracking at the machine counter: what carriers say of parcels, many at once, each answered by itself."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.request import Request

from core import clock
from core.api.shapes import Choice, Code, Many, Moment, Record, Text
from core.api.views import ApiView
from core.errors import Forbidden, Refusal
from core.ids import public
from orders.api import answers as told
from orders.operations import take_tracking_events
from orders.queries import refs_of_parcels
from orders.rules import MOST_TRACKING_EVENTS, TrackingSaid, TrackingState

SAID = Record(
    TrackingSaid,
    tracking_number=Code(max=40).described("As on the label; hyphens may stay."),
    code=Text(max=40).described("The carrier's own code or word."),
    at=Moment().described("When it happened there, with its zone."),
    carrier=Code(max=40)
    .optional("")
    .described("yamato, sagawa, japanpost or your own; needed only where two carriers gave the same number."),
    label=Text(max=200, blank=True).optional(""),
    place=Text(max=120, blank=True).optional(""),
    state=Choice(TrackingState).optional(None).described("What it means, where you know it; else the code's mapping here says so."),
)
TRACKING = Record(events=Many(SAID, min=1, max=MOST_TRACKING_EVENTS))
RESULTS = told.an_object(
    results=told.many(
        {
            "type": "object",
            "required": ["tracking_number"],
            "properties": {
                "tracking_number": told.TEXT,
                "shipment": told.an_id("shp"),
                "state": {
                    **told.or_null(told.one_of(TrackingState)),
                    "enum": [*map(str, TrackingState), None],
                    "description": "Null while nobody has said what the code means; the event is kept all the same.",
                },
                "repeated": {"type": "boolean"},
                "errors": told.many(told.an_object(code=told.TEXT, pointer=told.TEXT, detail=told.TEXT)),
            },
        }
    )
)


class TrackingView(ApiView):
    """What carriers say of parcels."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": TRACKING}
    gives = {"POST": RESULTS}
    answers = {"POST": 200}
    body_limit = 2 * 2**20

    def post(self, request: Request) -> HttpResponse:
        """Hand in what happened to parcels, in any order; one result per event. The same event again changes nothing.

        A parcel that is delivered is marked so at the event's time. A number no parcel carries is answered with an error of its own.
        """
        said = self.body(request)["events"]
        company_id = self.partner(request).company_id
        if company_id is None:
            raise Forbidden
        answers = take_tracking_events(said, company_id=company_id, actor=self.actor(request), at=clock.now())
        refs = refs_of_parcels([one.shipment_id for one in answers if not isinstance(one, Refusal)])
        return self.answer({"results": [_shown(n, said[n].tracking_number, one, refs) for n, one in enumerate(answers)]})


def _shown(n: int, number: str, one: Any, refs: dict[int, Any]) -> dict[str, Any]:
    if isinstance(one, Refusal):
        errors = [{"code": one.code, "pointer": f"/events/{n}{one.field}", "detail": one.text(gettext)}]
        return {"tracking_number": number, "errors": errors}
    return {"tracking_number": number, "shipment": public("shp", refs[one.shipment_id]), "state": one.state, "repeated": one.repeated}
