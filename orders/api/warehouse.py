"""Warehouse work at the machine counter: picking batches and their papers, inspection by scan, and why an insert is in a parcel."""

import base64
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext
from rest_framework.request import Request

from core import clock
from core.api.shapes import Choice, Code, Flag, Many, PublicId, Record, Text, Whole
from core.api.views import ApiView, json_answer
from core.clock import business_date
from core.errors import Forbidden, Malformed, NotFound, Refusal, Refused
from core.idempotency import Answer
from core.ids import parse, public
from core.operations import record_personal_read
from core.words import gettext_noop as _
from inventory.queries import location_keys, zone_of
from orders.api.answers import MOMENT, TEXT, WHOLE, an_id, an_object, many, one_of, or_null
from orders.operations import (
    InBatch,
    Inspected,
    OnPaper,
    ask_for_papers,
    discard_inspection,
    finish_inspection,
    open_inspection,
    pick_and_print,
    scan_piece,
    undo_scan,
)
from orders.queries import (
    Sight,
    buyers_on_papers,
    inserts_of_parcels,
    inspection_key,
    inspection_view,
    paper_by_ref,
    paper_content,
    paper_progress,
    papers_by_key,
    parcel_by_code,
    parcels_by_ref,
    parcels_to_pick,
    refs_of_parcels,
    visible_shipment_key,
)
from orders.rules import MOST_ON_PAPER, InspectionStatus, PaperKind, PaperState, PickingWay

BATCH = Record(
    location=Code(max=40).optional("").described("Every parcel of this location that may leave today and is in no batch yet."),
    shipments=Many(PublicId("shp"), min=1, max=MOST_ON_PAPER).optional(()).described("These parcels, where no location is given."),
    way=Choice(PickingWay).described("total: all goods in one walk, then sorted. by_parcel: parcel after parcel."),
    papers=Many(Choice(PaperKind), min=1, max=3).optional(()).described("Papers to be set at once, in one file each."),
)
PAPERS = Record(
    shipments=Many(PublicId("shp"), min=1, max=MOST_ON_PAPER),
    kind=Choice(PaperKind),
    again=Flag().optional(False).described("Also what was printed before; the new copy is marked."),
)
BEGIN = Record(code=Text(max=100).described("Shipment number, or a carrier’s number, as it is scanned."))
SCAN = Record(
    code=Text(max=100).described("JAN code, SKU, code of the stock item, or a whole GS1 barcode, which tells its lot itself."),
    lot=Text(max=64).optional("").described("The lot of the piece, where it is counted by lot."),
    pieces=Whole(min=1, max=999).optional(1),
)
NOTHING = Record()
_REASON = an_object(shipment=an_id("shp"), code=TEXT, detail=TEXT)
_FILE = an_object(id=an_id("ppf"), kind=one_of(PaperKind), state=one_of(PaperState), parcels=WHOLE, done=WHOLE, fault=TEXT)
BATCHES = an_object(batches=many(an_object(id=an_id("pkb"), number=TEXT, shipments=many(an_id("shp")))), left_out=many(_REASON))
FILES = an_object(files=many(_FILE), left_out=many(_REASON))
CONTENT = an_object(id=an_id("ppf"), content={"type": "string", "description": "The PDF byte for byte, in base64."})
INSPECTION = an_object(
    id=an_id("isp"), number=TEXT, status=one_of(InspectionStatus), shipments=many(an_id("shp")), wanted=WHOLE, seen=WHOLE,
    lines=many(an_object(item=TEXT, name=TEXT, jan=TEXT, wanted=WHOLE, seen=WHOLE, lots=many(an_object(number=TEXT, wanted=WHOLE)))),
    fault=or_null({**TEXT, "description": "Why the last scan was refused, as a stable code; null where it counted."}), detail=TEXT, ended_by=TEXT,
)  # fmt: skip
INSERTS = an_object(
    data=many(
        an_object(item=TEXT, name=TEXT, quantity=WHOLE, rule=TEXT, because=many(an_object(condition=TEXT, met_by=TEXT)), chosen_at=MOMENT, ended_at=or_null(MOMENT))
    )
)  # fmt: skip


class PickingBatchesView(ApiView):
    """Parcels that are picked together."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": BATCH}
    gives = {"POST": BATCHES}

    def post(self, request: Request) -> HttpResponse:
        """Make a batch per location, each parcel once; inserts and lots are chosen. Who may not leave stays out, with the reason."""
        said = self.body(request)
        if bool(said["location"]) == bool(said["shipments"]):
            raise Malformed("label.place_or_parcels", _("Give a location or parcels, one of the two."), field="/location")
        return self.once(request, lambda: self._make(request, said))

    def _make(self, request: Request, said: dict[str, Any]) -> Answer:
        ids = _parcels(said, company_id=_company(self, request))
        answers = pick_and_print(
            ids, way=PickingWay(said["way"]), papers=[PaperKind(kind) for kind in said["papers"]], kept_days=settings.PAPERS_KEPT_DAYS,
            actor=self.actor(request), at=clock.now(),
        )  # fmt: skip
        refs = refs_of_parcels(ids)
        batches: dict[int, dict[str, Any]] = {}
        for one in answers:
            if isinstance(one, InBatch):
                batch = {"id": public("pkb", one.batch_ref), "number": one.batch, "shipments": []}
                batches.setdefault(one.batch_id, batch)["shipments"].append(public("shp", refs[one.shipment_id]))
        return json_answer(201, {"batches": list(batches.values()), "left_out": _left_out(ids, answers, refs)})


class PapersView(ApiView):
    """Delivery notes and picking lists."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": PAPERS}
    gives = {"POST": FILES}
    answers = {"POST": 202}

    def post(self, request: Request) -> HttpResponse:
        """Ask for papers of some parcels: they are set a moment later, in one file per location. Follow them at /papers/{id}."""
        said = self.body(request)
        return self.once(request, lambda: self._ask(request, said))

    def _ask(self, request: Request, said: dict[str, Any]) -> Answer:
        ids = _parcels({"location": "", **said}, company_id=_company(self, request))
        answers = ask_for_papers(
            ids, kind=PaperKind(said["kind"]), kept_days=settings.PAPERS_KEPT_DAYS, again=said["again"], actor=self.actor(request), at=clock.now()
        )  # fmt: skip
        refs = papers_by_key([one.file_id for one in answers if isinstance(one, OnPaper)])
        files = [_file(key, ref, kind) for key, (ref, kind) in refs.items()]
        return json_answer(202, {"files": files, "left_out": _left_out(ids, answers, refs_of_parcels(ids))})


class PaperView(ApiView):
    """How far a file of papers is."""

    scopes = {"GET": "shipments:read"}
    gives = {"GET": _FILE}

    def get(self, request: Request, paper_id: str) -> HttpResponse:
        """Its state, and how many parcels of it are done."""
        self.query(request)
        key, ref, kind = _paper(self, request, paper_id)
        return self.answer(_file(key, ref, kind))


class PaperContentView(ApiView):
    """The PDF."""

    scopes = {"GET": "shipments:read"}
    gives = {"GET": CONTENT}

    def get(self, request: Request, paper_id: str) -> HttpResponse:
        """The file itself, while it is kept; each reading is written down for the customers in it."""
        self.query(request)
        key, ref, _kind = _paper(self, request, paper_id)
        content = paper_content(key)
        if content is None:
            raise NotFound
        people = [f"customer:{one}" for one in buyers_on_papers(key)]
        record_personal_read(people, actor=self.actor(request), screen="api /papers", fields=("name", "address"), reason=f"paper {key}")
        return self.answer({"id": public("ppf", ref), "content": base64.b64encode(content).decode()})


class InspectionsView(ApiView):
    """Boxes that are inspected by scan."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": BEGIN}
    gives = {"POST": INSPECTION}

    def post(self, request: Request) -> HttpResponse:
        """Begin the inspection of the box with this number, or go on with it."""
        said = self.body(request)
        return self.once(request, lambda: self._begin(request, said))

    def _begin(self, request: Request, said: dict[str, Any]) -> Answer:
        key = parcel_by_code(said["code"], company_id=_company(self, request))
        if key is None:
            raise NotFound
        answer = open_inspection(key, actor=self.actor(request), at=clock.now())
        return json_answer(201, _inspection(_good(answer)))


class ScanInspectionView(ApiView):
    """An inspection as it stands."""

    scopes = {"GET": "shipments:read"}
    gives = {"GET": INSPECTION}

    def get(self, request: Request, inspection_id: str) -> HttpResponse:
        """What the box must hold, and what was seen."""
        self.query(request)
        found = inspection_key(parse("isp", inspection_id), company_id=_company(self, request))
        if found is None:
            raise NotFound
        return self.answer(_inspection(Inspected(view=inspection_view(found[0]))))


class _InspectionDeed(ApiView):
    """Something done to an inspection; each answers with how it stands."""

    scopes = {"POST": "shipments:write"}
    takes = {"POST": NOTHING}
    gives = {"POST": INSPECTION}
    answers = {"POST": 200}

    def _do(self, request: Request, deed: Any) -> HttpResponse:
        company_id = _company(self, request)
        return self.once(
            request,
            lambda: json_answer(200, _inspection(_good(deed({"company_id": company_id, "actor": self.actor(request), "at": clock.now()})))),
        )


class ScansView(_InspectionDeed):
    """A piece that was scanned."""

    takes = {"POST": SCAN}

    def post(self, request: Request, inspection_id: str) -> HttpResponse:
        """Count a piece, or refuse it: the answer's fault says why. Either is kept; the same Idempotency-Key counts once."""
        said, ref = self.body(request), parse("isp", inspection_id)
        return self._do(
            request,
            lambda who: scan_piece(ref, said["code"], once_key=self.once_key(request), lot=said["lot"], pieces=said["pieces"], **who),
        )


class UndoView(_InspectionDeed):
    """The last piece counts no more."""

    def post(self, request: Request, inspection_id: str) -> HttpResponse:
        """Take the last piece back; both scans stay written down."""
        self.body(request)
        ref = parse("isp", inspection_id)
        return self._do(request, lambda who: undo_scan(ref, once_key=self.once_key(request), **who))


class CompletionView(_InspectionDeed):
    """The box is inspected."""

    def post(self, request: Request, inspection_id: str) -> HttpResponse:
        """Finish: refused while something is missing."""
        self.body(request)
        return self._do(request, lambda who: finish_inspection(parse("isp", inspection_id), **who))


class DiscardInspectionView(_InspectionDeed):
    """The inspection is given up."""

    def post(self, request: Request, inspection_id: str) -> HttpResponse:
        """Give it up; the box can be inspected anew."""
        self.body(request)
        return self._do(request, lambda who: discard_inspection(parse("isp", inspection_id), **who))


class InsertsView(ApiView):
    """The inserts of a parcel."""

    scopes = {"GET": "shipments:read"}
    gives = {"GET": INSERTS}

    def get(self, request: Request, shipment_id: str) -> HttpResponse:
        """What goes along at no price, by which rule, and what met its conditions."""
        self.query(request)
        key = visible_shipment_key(parse("shp", shipment_id), sight=Sight.of_company(self.partner(request).company_id))
        if key is None:
            raise NotFound
        data = [
            {
                "item": one.item, "name": one.name, "quantity": one.quantity, "rule": one.rule,
                "because": [{"condition": code, "met_by": value} for code, value in one.reasons], "chosen_at": one.at, "ended_at": one.ended_at,
            }
            for one in inserts_of_parcels([key]).get(key, ())
        ]  # fmt: skip
        return self.answer({"data": data})


def _company(view: ApiView, request: Request) -> int:
    company_id = view.partner(request).company_id
    if company_id is None:
        raise Forbidden
    return company_id


def _parcels(said: dict[str, Any], *, company_id: int) -> list[int]:
    if said["location"]:
        keys = location_keys([said["location"]], company_id=company_id)
        if said["location"] not in keys:
            words = _("There is no location “%(code)s”.")
            raise _refused(Refusal("order.no_such_location", words, {"code": said["location"]}, "/location"))
        today = business_date(clock.now(), zone_of(company_id))
        return parcels_to_pick(keys[said["location"]], until=today, limit=MOST_ON_PAPER)
    known = parcels_by_ref(said["shipments"], company_id=company_id)
    for place, ref in enumerate(said["shipments"]):
        if ref not in known:
            raise _refused(Refusal("order.not_found", _("There is no such shipment."), {}, f"/shipments/{place}"))
    return list(known.values())


def _left_out(ids: list[int], answers: Any, refs: dict[int, UUID]) -> list[dict[str, Any]]:
    return [
        {"shipment": public("shp", refs[i]), "code": one.code, "detail": one.text(gettext)}
        for i, one in zip(ids, answers, strict=True)
        if isinstance(one, Refusal)
    ]


def _paper(view: ApiView, request: Request, paper_id: str) -> tuple[int, UUID, str]:
    found = paper_by_ref(parse("ppf", paper_id), company_id=_company(view, request))
    if found is None:
        raise NotFound
    return found


def _file(key: int, ref: UUID, kind: str) -> dict[str, Any]:
    told = paper_progress(key)
    return {
        "id": public("ppf", ref), "kind": kind, "state": str(told.state), "parcels": told.parcels, "done": told.done, "fault": told.fault,
    }  # fmt: skip


def _good(answer: Inspected | Refusal) -> Inspected:
    if isinstance(answer, Refusal):
        raise NotFound if answer.code == "order.no_inspection" else _refused(answer)
    return answer


def _inspection(done: Inspected) -> dict[str, Any]:
    view = done.view
    return {
        "id": public("isp", view.ref), "number": view.number, "status": str(view.status), "shipments": [public("shp", ref) for _k, ref, _n in view.parcels],
        "wanted": view.wanted, "seen": view.done,
        "lines": [
            {
                "item": one.item, "name": one.name, "jan": one.jan, "wanted": one.quantity, "seen": view.seen(one.stock_item_id),
                "lots": [{"number": lot, "wanted": pieces} for lot, pieces in one.lots.items()],
            }
            for one in view.expected
        ],
        "fault": done.fault.code if done.fault else None, "detail": done.fault.text(gettext) if done.fault else "", "ended_by": view.ended_by,
    }  # fmt: skip


def _refused(reason: Refusal) -> Refused:
    return Refused(reason.code, reason.message, params=reason.params, field=reason.field, errors=(reason,))
