"""Boxes at the machine counter: what could travel together, what does, and what of a parcel leaves by itself."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock
from core.api.shapes import Many, PublicId, Record, Whole
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, NotFound, Refusal, Refused
from core.idempotency import Answer
from core.ids import parse, public
from core.words import gettext_noop as _
from orders.api.answers import MONEY, TEXT, an_id, an_object, many
from orders.operations import Combined, Parted, Split, SplitParcel, combine_shipments, part_shipments, split_shipments
from orders.operations.combining import MOST_IN_BOX
from orders.queries import Sight, parcels_by_ref, proposed_boxes, refs_of_parcels, visible_shipment_key
from orders.rules import MAX_LINES, MAX_QUANTITY

COMBINATION = Record(shipments=Many(PublicId("shp"), min=1, max=MOST_IN_BOX).described("The parcels that are to travel in one box."))
NOTHING = Record()
SPLIT = Record(
    lines=Many(
        Record(line=PublicId("orl").described("The line of the order."), quantity=Whole(min=1, max=MAX_QUANTITY)), min=1, max=MAX_LINES
    )
    .optional(())
    .described("What leaves in a new parcel. Left out: whatever wants another temperature than the first line.")
)
_FLAG = {"type": "boolean"}
_SPARE = {**MONEY, "description": "Postage that was agreed but is not needed; nothing is given back by itself."}
BOX = an_object(box=an_id("box"), shipments=many(an_id("shp")), spare_postage=_SPARE, repeated=_FLAG)
PROPOSALS = an_object(
    data=many(an_object(shipments=many(an_object(id=an_id("shp"), number=TEXT, order_number=TEXT)), spare_postage=_SPARE))
)
PARTED = an_object(shipment=an_id("shp"), repeated=_FLAG)
SPLITTED = an_object(shipment=an_id("shp"), made=many(TEXT), repeated=_FLAG)


class CombinationsView(ApiView):
    """Parcels that travel in one box."""

    scopes = {"GET": "shipments:read", "POST": "shipments:write"}
    takes = {"POST": COMBINATION}
    gives = {"GET": PROPOSALS, "POST": BOX}
    answers = {"POST": 200}

    def get(self, request: Request) -> HttpResponse:
        """Parcels of one buyer and address that could share a box, the oldest first; those that were left apart are not asked again."""
        self.query(request)
        company_id = _company(self, request)
        found = proposed_boxes([company_id])
        refs = refs_of_parcels([p.shipment_id for one in found for p in one.parcels])
        data = [
            {
                "shipments": [{"id": public("shp", refs[p.shipment_id]), "number": p.number, "order_number": p.order_number} for p in one.parcels],
                "spare_postage": one.postage,
            }
            for one in found
        ]  # fmt: skip
        return self.answer({"data": data})

    def post(self, request: Request) -> HttpResponse:
        """Put the parcels in one box: one label, one number, and they leave together. Saying it again changes nothing."""
        said = self.body(request)
        return self.once(request, lambda: self._combine(request, said))

    def _combine(self, request: Request, said: dict[str, Any]) -> Answer:
        known = parcels_by_ref(said["shipments"], company_id=_company(self, request))
        for place, ref in enumerate(said["shipments"]):
            if ref not in known:
                raise _refused(Refusal("order.not_found", _("There is no such shipment."), {}, f"/shipments/{place}"))
        (result,) = combine_shipments([list(known.values())], actor=self.actor(request), at=clock.now())
        if not isinstance(result, Combined):
            raise _refused(result)
        refs = refs_of_parcels(result.shipment_ids)
        told = {"box": public("box", result.box), "shipments": [public("shp", refs[i]) for i in result.shipment_ids]}
        return json_answer(200, {**told, "spare_postage": result.spare_postage, "repeated": result.repeated})


class PartingView(ApiView):
    """A parcel that leaves its box."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": NOTHING}
    gives = {"POST": PARTED}
    answers = {"POST": 200}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """The parcel travels by itself, and is not proposed again. Saying it again changes nothing."""
        self.body(request)
        return self.once(request, lambda: self._part(request, shipment_id))

    def _part(self, request: Request, shipment_id: str) -> Answer:
        (result,) = part_shipments([_key(self, request, shipment_id)], actor=self.actor(request), at=clock.now())
        if not isinstance(result, Parted):
            raise _refused(result)
        return json_answer(200, {"shipment": shipment_id, "repeated": result.repeated})


class SplitView(ApiView):
    """A parcel of which a part leaves by itself."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": SPLIT}
    gives = {"POST": SPLITTED}
    answers = {"POST": 200}

    def post(self, request: Request, shipment_id: str) -> HttpResponse:
        """Put these units of its lines in a new parcel; without lines, part it by temperature. Once per Idempotency-Key."""
        said = self.body(request)
        key, _seal = self.sealed(request)
        return self.once(request, lambda: self._split(request, shipment_id, said, key=str(key)))

    def _split(self, request: Request, shipment_id: str, said: dict[str, Any], *, key: str) -> Answer:
        take = tuple((one["line"], one["quantity"]) for one in said["lines"])
        ask = SplitParcel(shipment_id=_key(self, request, shipment_id), take=take, once_key=f"api:{key}")
        (result,) = split_shipments([ask], actor=self.actor(request), at=clock.now())
        if not isinstance(result, Split):
            raise _refused(result)
        return json_answer(200, {"shipment": shipment_id, "made": list(result.made), "repeated": result.repeated})


def _company(view: ApiView, request: Request) -> int:
    company_id = view.partner(request).company_id
    if company_id is None:
        raise Forbidden
    return company_id


def _key(view: ApiView, request: Request, shipment_id: str) -> int:
    key = visible_shipment_key(parse("shp", shipment_id), sight=Sight.of_company(view.partner(request).company_id))
    if key is None:
        raise NotFound
    return key


def _refused(reason: Refusal) -> Refused:
    return Refused(reason.code, reason.message, params=reason.params, field=reason.field, errors=(reason,))
