"""The machine counter of stocktakes: what is being counted, what handy terminals have seen, what the books said."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, ids
from core.api.shapes import Choice, Code, Day, Many, Moment, Record, Text, Whole
from core.api.views import ApiView, json_answer
from core.errors import NotFound, Refusal
from core.idempotency import Answer
from inventory.api.papers import as_refused
from inventory.api.shapes import MOST_LINES
from inventory.api.views import company_of
from inventory.operations import record_counts
from inventory.queries import StocktakeLineRow, StocktakeRow, stocktake_line_page, stocktake_named, stocktake_page
from inventory.rules import Counted, CountEntry, CountKind, CountMode, StocktakeStatus
from inventory.rules.moves import MOST

PREFIX = "stk"
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # stocktakes and lines are ordered by their key alone

COUNTS = Record(
    counts=Many(
        Record(
            item=Text(max=100).described("Code of the stock item, a SKU, a JAN code, or a whole GS1 barcode, which tells its lot itself."),
            quantity=Whole(min=0, max=MOST),
            lot=Text(max=64).optional("").described("Of goods counted by lot; “-” where no lot can be read."),
            expires_on=Day().optional(None).described("The day a lot expires; needed of one that the books do not know."),
            mode=Choice(CountMode).optional(CountMode.ADD).described("What the quantity does to what was counted before in this round."),
            counted_at=Moment().optional(None).described("When somebody stood before the shelf; now unless told."),
            reference=Code(max=60).described("Your own number for this count. The same number counts once, whatever the Idempotency-Key."),
        ),
        max=MOST_LINES,
    ),
)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


_TEXT, _NUMBER, _FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
_HIDDEN = {"type": ["integer", "null"], "description": "Null while a blind count goes on."}
_WHEN = {"type": ["string", "null"], "format": "date-time"}
_DAY = {"type": ["string", "null"], "format": "date"}
STOCKTAKE_SCHEMA = _object(
    {
        "id": _TEXT, "number": _TEXT, "name": _TEXT, "location": _TEXT, "status": _TEXT, "is_blind": _FLAG, "counts_lots": _FLAG,
        "round": _NUMBER, "started_at": _TEXT, "closed_at": _WHEN, "lines": _NUMBER, "counted": _NUMBER,
    }
)  # fmt: skip
LINE_SCHEMA = _object(
    {
        "item": _TEXT, "name": _TEXT, "lot": _TEXT, "expires_on": _DAY, "is_found": _FLAG, "round": _NUMBER, "expected": _HIDDEN,
        "counted": {"type": ["integer", "null"]}, "book": _HIDDEN, "difference": {"type": ["integer", "null"]}, "counted_at": _WHEN,
    }
)  # fmt: skip
COUNTED_SCHEMA = _object(
    {
        "data": {
            "type": "array",
            "items": _object({"reference": _TEXT, "item": _TEXT, "lot": _TEXT, "counted": _NUMBER, "repeated": _FLAG}),
        }
    }
)


class StocktakesView(ApiView):
    """Stocktakes of the partner's company."""

    scopes = {"GET": "inventory:read"}
    filters = {"status": Choice(StocktakeStatus).optional(None), "location": Code(max=40).optional()}
    gives = {"GET": STOCKTAKE_SCHEMA}
    pages = True

    def get(self, request: Request) -> HttpResponse:
        """Stocktakes with how far they are, the newest first: a handy terminal asks for those with status counting."""
        asked, given = self.page(request)
        found = stocktake_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.id), show=_stocktake_shown)


class StocktakeLinesView(ApiView):
    """What a stocktake counts."""

    scopes = {"GET": "inventory:read"}
    filters = {"item": Text(max=64).optional()}
    gives = {"GET": LINE_SCHEMA}
    pages = True

    def get(self, request: Request, stocktake_id: str) -> HttpResponse:
        """A line for each item, or for each lot of goods counted by lot, with what was counted and what the books said then."""
        take = _named(stocktake_id, company_id=self.partner(request).company_id)
        asked, given = self.page(request)
        found = stocktake_line_page(take.id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.id), show=_line_shown)


class CountsView(ApiView):
    """What was seen on the shelves."""

    scopes = {"POST": "inventory:write"}
    takes = {"POST": COUNTS}
    gives = {"POST": COUNTED_SCHEMA}

    def post(self, request: Request, stocktake_id: str) -> HttpResponse:
        """Note all of these counts or none, once per Idempotency-Key and once per reference; somebody else approves them."""
        said = self.body(request)
        return self.once(request, lambda: self._count(request, stocktake_id, said))

    def _count(self, request: Request, stocktake_id: str, said: dict[str, Any]) -> Answer:
        lines, actor = said["counts"], self.actor(request)
        take = _named(stocktake_id, company_id=company_of(self, request))
        entries = [
            CountEntry(
                code=line["item"],
                quantity=line["quantity"],
                once_key=f"{actor.ref}:count:{take.id}:{line['reference']}",
                kind=CountKind.SCAN if line["quantity"] == 1 else CountKind.TYPED,
                mode=line["mode"],
                counted_at=line["counted_at"],
                lot_number=line["lot"],
                expires_on=line["expires_on"],
            )
            for line in lines
        ]
        results = record_counts(take.id, entries, actor=actor, at=clock.now())
        refused = [_at(place, result) for place, result in enumerate(results) if isinstance(result, Refusal)]
        if refused:
            raise as_refused(*refused)
        done = [result for result in results if isinstance(result, Counted)]
        data = [
            {"reference": line["reference"], "item": one.item, "lot": one.lot, "counted": one.quantity, "repeated": one.repeated}
            for line, one in zip(lines, done, strict=True)
        ]
        return json_answer(201, {"data": data})


def _at(place: int, refusal: Refusal) -> Refusal:
    """The reason at its line, by the words of this counter."""
    name = refusal.field.rpartition("/")[2]
    return refusal.at(f"/counts/{place}/{'item' if name == 'code' else name}" if name else "")


def _named(public_id: str, *, company_id: int | None) -> StocktakeRow:
    found = stocktake_named(ids.parse(PREFIX, public_id), company_id=company_id)
    if found is None:
        raise NotFound
    return found


def _stocktake_shown(row: StocktakeRow) -> dict[str, Any]:
    return {
        "id": ids.public(PREFIX, row.public_id), "number": row.number, "name": row.name, "location": row.location, "status": row.status,
        "is_blind": row.is_blind, "counts_lots": row.counts_lots, "round": row.round, "started_at": row.started_at, "closed_at": row.closed_at,
        "lines": row.lines, "counted": row.counted,
    }  # fmt: skip


def _line_shown(row: StocktakeLineRow) -> dict[str, Any]:
    return {
        "item": row.item, "name": row.name, "lot": row.lot, "expires_on": row.expires_on, "is_found": row.is_found, "round": row.round,
        "expected": row.expected, "counted": row.counted, "book": row.book, "difference": row.difference, "counted_at": row.counted_at,
    }  # fmt: skip
