"""The machine counter of files: a warehouse hands its files in, fetches those for it, and reads what came of each row."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from core import clock, ids
from core.api.shapes import Choice, Code, Record, Text
from core.api.views import ApiView, json_answer
from core.errors import Forbidden, Malformed, NotFound, Refusal, Refused
from core.idempotency import Answer
from core.operations import record_personal_read
from core.words import gettext_noop
from inventory.operations import give_file, take_file
from inventory.queries import (
    FileShown,
    RowShown,
    file_by_id,
    file_by_ref,
    file_content,
    file_page,
    location_keys,
    people_in_file,
    rows_to_look_at,
)
from inventory.rules import FilePlace, FileWay

FILE_PREFIX = "xfl"
MOST_BASE64 = 6 * 2**20
MOST_ROWS = 1_000
PERSONAL = ("name", "phone", "address")
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # files are ordered by their key alone

_KIND = Code(max=40).described("shipping_instruction, shipping_acceptance, shipping_actual and whatever else the installation knows.")
_LOCATION = Code(max=40).described("Code of the location that the file is of.")
HANDED_IN = Record(
    kind=_KIND,
    location=_LOCATION,
    name=Text(max=200).described("Name of the file, as people will look for it."),
    content=Code(max=MOST_BASE64, pattern=r"[A-Za-z0-9+/]*={0,2}").described(
        "The file byte for byte, in base64: CSV in UTF-8 or Shift_JIS. Larger files come through the folder."
    ),
)
OUTGOING = Record(kind=_KIND, location=_LOCATION)


def _fields(**kinds: Any) -> dict[str, Any]:
    return {"type": "object", "properties": kinds, "required": list(kinds)}


_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
FILE_SCHEMA = _fields(
    id=_TEXT, kind=_TEXT, way=_TEXT, status={"type": "string", "enum": ["done", "partly", "failed"]}, name=_TEXT, location=_TEXT, encoding=_TEXT,
    rows=_NUMBER, refused=_NUMBER, replaced=_NUMBER, at=_TEXT,
)  # fmt: skip
ROW_SCHEMA = _fields(
    row=_NUMBER, about=_TEXT, column=_TEXT, fate={"type": "string", "enum": ["refused", "differs", "replaced"]}, code=_TEXT, message=_TEXT
)
WHOLE_SCHEMA = {
    "type": "object",
    "properties": {
        **FILE_SCHEMA["properties"],
        "look_at": {"type": "array", "items": ROW_SCHEMA, "description": f"Rows that a person must look at, the first {MOST_ROWS}."},
    },
    "required": [*FILE_SCHEMA["required"], "look_at"],
}
CONTENT_SCHEMA = _fields(id=_TEXT, name=_TEXT, content={"type": "string", "description": "The file byte for byte, in base64."})


def _shown(row: FileShown) -> dict[str, Any]:
    return {
        "id": ids.public(FILE_PREFIX, row.public_id), "kind": row.kind, "way": row.way, "status": row.status, "name": row.name,
        "location": row.location, "encoding": row.encoding, "rows": row.row_count, "refused": row.refused_count,
        "replaced": row.replaced_count, "at": row.at,
    }  # fmt: skip


def _row_shown(row: RowShown) -> dict[str, Any]:
    said = Refusal(row.code, row.message, row.params).text() if row.message else ""
    return {"row": row.number, "about": row.key, "column": row.column, "fate": row.fate, "code": row.code, "message": said}


def _whole(row: FileShown) -> dict[str, Any]:
    return {**_shown(row), "look_at": [_row_shown(one) for one in rows_to_look_at(row.id, limit=MOST_ROWS)]}


class FilesView(ApiView):
    """Files exchanged with warehouses."""

    scopes = {"GET": "inventory:exchange", "POST": "inventory:exchange"}
    filters = {
        "kind": Code(max=40).optional(None),
        "way": Choice(FileWay).optional(None),
        "location": Code(max=40).optional(None),
    }
    takes = {"POST": HANDED_IN}
    gives = {"GET": FILE_SCHEMA, "POST": WHOLE_SCHEMA}
    pages = True
    body_limit = 8 * 2**20

    def get(self, request: Request) -> HttpResponse:
        """Files that came and went, the newest first."""
        asked, given = self.page(request)
        found = file_page(self.partner(request).company_id, limit=asked.limit + 1, before_id=asked.after and asked.after[1], **given)
        return self.list(found, asked, key=lambda row: (_NO_TIME, row.id), show=_shown)

    def post(self, request: Request) -> HttpResponse:
        """Hand a file in. Each row counts once, whatever is repeated; rows that are refused are told, and the others count."""
        said = self.body(request)
        return self.once(request, lambda: self._take(request, said))

    def _take(self, request: Request, said: dict[str, Any]) -> Answer:
        place = _place(self, request, said["location"])
        try:
            content = base64.b64decode(said["content"], validate=True)
        except binascii.Error:
            raise Malformed("file.not_base64", gettext_noop("This is not base64."), field="/content") from None
        answer = take_file(said["kind"], content, name=said["name"], place=place, actor=self.actor(request), at=clock.now())
        if isinstance(answer, Refusal):
            raise _refused(answer)
        return json_answer(201, _whole(file_by_id(answer.file_id)))


class OutgoingFilesView(ApiView):
    """Files that go to a warehouse."""

    scopes = {"POST": "inventory:exchange"}
    takes = {"POST": OUTGOING}
    gives = {"POST": WHOLE_SCHEMA}

    def post(self, request: Request) -> HttpResponse:
        """Make the file of what is to go out now, each thing once; refused where there is nothing. Its content is fetched by itself."""
        said = self.body(request)
        return self.once(request, lambda: self._give(request, said))

    def _give(self, request: Request, said: dict[str, Any]) -> Answer:
        place = _place(self, request, said["location"])
        answer = give_file(said["kind"], place=place, actor=self.actor(request), at=clock.now())
        if isinstance(answer, Refusal):
            raise _refused(answer)
        return json_answer(201, _whole(file_by_id(answer.file_id)))


class FileView(ApiView):
    """A file that came or went."""

    scopes = {"GET": "inventory:exchange"}
    gives = {"GET": WHOLE_SCHEMA}

    def get(self, request: Request, file_id: str) -> HttpResponse:
        """The file with every row that a person must look at."""
        self.query(request)
        return self.answer(_whole(_found(self, request, file_id)))


class FileContentView(ApiView):
    """The content of a file."""

    scopes = {"GET": "inventory:exchange"}
    gives = {"GET": CONTENT_SCHEMA}

    def get(self, request: Request, file_id: str) -> HttpResponse:
        """The file byte for byte. Where it holds addresses, the reading is written down for every buyer in it."""
        self.query(request)
        file = _found(self, request, file_id)
        content = file_content(file.id)
        if content is None:
            raise NotFound
        people = people_in_file(file.id)
        record_personal_read(
            people, actor=self.actor(request), screen="api /warehouse-files", fields=PERSONAL, reason=f"file {file.name}"[:200]
        )
        told = {"id": file_id, "name": file.name, "content": base64.b64encode(content).decode()}
        return self.answer(told)


def _found(view: ApiView, request: Request, file_id: str) -> FileShown:
    found = file_by_ref(ids.parse(FILE_PREFIX, file_id), company_id=_company_of(view, request))
    if found is None:
        raise NotFound
    return found


def _company_of(view: ApiView, request: Request) -> int:
    company_id = view.partner(request).company_id
    if company_id is None:
        raise Forbidden
    return company_id


def _place(view: ApiView, request: Request, code: str) -> FilePlace:
    company_id = _company_of(view, request)
    places = location_keys([code], company_id=company_id)
    if code not in places:
        words = gettext_noop("There is no location “%(code)s”.")
        raise _refused(Refusal("inventory.unknown_location", words, {"code": code}, "/location"))
    return FilePlace(company_id=company_id, location_id=places[code])


def _refused(reason: Refusal) -> Refused:
    return Refused(reason.code, reason.message, params=reason.params, field=reason.field, errors=(reason,))
