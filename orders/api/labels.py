"""Labels at the machine counter: label data for carriers' programs. Numbers come back as a file ("/warehouse-files")."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock
from core.api.shapes import Code, Day, Flag, Many, PublicId, Record
from core.api.views import ApiView, json_answer
from core.clock import business_date
from core.errors import Forbidden, Malformed, Refusal, Refused
from core.idempotency import Answer
from core.ids import public
from core.words import gettext_noop as _
from inventory.queries import file_by_id, location_keys, zone_of
from orders.operations import MOST_LABELS, LabelFile, LeftOut, write_labels
from orders.queries import label_carriers, parcels_by_ref, parcels_to_label

LABELS = Record(
    location=Code(max=40).optional("").described("Every parcel of this location that may leave and has no label data yet, 2,000 at most."),
    shipments=Many(PublicId("shp"), min=1, max=MOST_LABELS).optional(()).described("These parcels, where no location is given."),
    carrier=Code(max=40).optional("").described("yamato, sagawa or japanpost, for parcels that have no carrier yet."),
    leaves_on=Day().optional(None).described("The day on the labels; today where it is left out."),
    again=Flag().optional(False).described("Also for parcels of which label data was made before."),
)


def _fields(**kinds: Any) -> dict[str, Any]:
    return {"type": "object", "properties": kinds, "required": list(kinds)}


_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
LABELS_SCHEMA = _fields(
    files={
        "type": "array",
        "items": _fields(id=_TEXT, name=_TEXT, carrier=_TEXT, parcels=_NUMBER, rows=_NUMBER, replaced=_NUMBER),
        "description": "A file per carrier and location; its content is fetched at /warehouse-files/{id}/content.",
    },
    left_out={
        "type": "array",
        "items": _fields(shipment=_TEXT, number=_TEXT, reasons={"type": "array", "items": _fields(code=_TEXT, column=_TEXT, detail=_TEXT)}),
        "description": "Parcels that wait for a person, with every reason.",
    },
)


class LabelFilesView(ApiView):
    """Label data for carriers' programs."""

    scopes = {"POST": "inventory:exchange"}
    takes = {"POST": LABELS}
    gives = {"POST": LABELS_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Make label data of a location or of some parcels, each once; who cannot be printed as they are known is left out and told."""
        said = self.body(request)
        if bool(said["location"]) == bool(said["shipments"]):
            raise Malformed("label.place_or_parcels", _("Give a location or parcels, one of the two."), field="/location")
        return self.once(request, lambda: self._make(request, said))

    def _make(self, request: Request, said: dict[str, Any]) -> Answer:
        company_id = self.partner(request).company_id
        if company_id is None:
            raise Forbidden
        if said["carrier"] and said["carrier"] not in label_carriers():
            words = _("There is no label data for the carrier “%(code)s”.")
            raise _refused(Refusal("order.no_label_carrier", words, {"code": said["carrier"]}, "/carrier"))
        now = clock.now()
        answer = write_labels(
            _parcels(said, company_id=company_id), carrier=said["carrier"], leaves_on=said["leaves_on"], again=said["again"],
            actor=self.actor(request), at=now,
        )  # fmt: skip
        if isinstance(answer, Refusal):
            raise _refused(answer)
        return json_answer(201, {"files": [_file(one) for one in answer.files], "left_out": [_left_out(one) for one in answer.left_out]})


def _parcels(said: dict[str, Any], *, company_id: int) -> list[int]:
    if said["location"]:
        keys = location_keys([said["location"]], company_id=company_id)
        if said["location"] not in keys:
            words = _("There is no location “%(code)s”.")
            raise _refused(Refusal("order.no_such_location", words, {"code": said["location"]}, "/location"))
        return parcels_to_label(
            keys[said["location"]], leaves_on=said["leaves_on"] or business_date(clock.now(), zone_of(company_id)), limit=MOST_LABELS
        )
    known = parcels_by_ref(said["shipments"], company_id=company_id)
    for place, ref in enumerate(said["shipments"]):
        if ref not in known:
            raise _refused(Refusal("order.not_found", _("There is no such shipment."), {}, f"/shipments/{place}"))
    return list(known.values())


def _file(one: LabelFile) -> dict[str, Any]:
    ref = public("xfl", file_by_id(one.file_id).public_id)
    return {"id": ref, "name": one.name, "carrier": one.carrier, "parcels": one.parcels, "rows": one.rows, "replaced": one.replaced}


def _left_out(one: LeftOut) -> dict[str, Any]:
    reasons = [{"code": reason.code, "column": reason.field, "detail": reason.text()} for reason in one.reasons]
    return {"shipment": public("shp", one.shipment_ref), "number": one.number, "reasons": reasons}


def _refused(reason: Refusal) -> Refused:
    return Refused(reason.code, reason.message, params=reason.params, field=reason.field, errors=(reason,))
