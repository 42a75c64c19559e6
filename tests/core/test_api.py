"""The machine counter: strict bodies, one kind of problem, scopes, cursors, once-only effects."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from rest_framework.request import Request

from core.api import bodies, views
from core.api.shapes import Code, Many, Record, Text, Whole
from core.api.versions import check_version, etag, given_version
from core.db import run
from core.errors import NotFound, Refused
from core.models import TaxClass
from tests.factories.partners import a_partner, a_token, as_partner


@dataclass(frozen=True)
class Line:
    sku: str
    quantity: int


@dataclass(frozen=True)
class Cake:
    code: str
    lines: tuple[Line, ...]
    note: str


CAKE = Record(
    Cake,
    code=Code(max=32),
    lines=Many(Record(Line, sku=Code(max=32), quantity=Whole(min=1, max=99)), max=20),
    note=Text(max=200, lines=True).optional(""),
)
FAILURES: dict[str, Exception] = {
    "refused": Refused("cake.burnt", "The cake is burnt.", field="/code"),
    "not_found": NotFound(),
    "http404": Http404("secret path"),
    "denied": PermissionDenied("secret"),
    "suspicious": SuspiciousOperation("secret"),
    "bug": ZeroDivisionError("secret"),
    "data": DataError("secret"),
    "down": OperationalError("secret"),
}
START = datetime(2026, 1, 1, tzinfo=UTC)


class Cakes(views.ApiView):
    """Cakes."""

    scopes = {"GET": "orders:read", "POST": "orders:write"}
    takes = {"POST": CAKE}
    filters = {"kind": Code(max=8).optional("")}
    gives = {"GET": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    pages = True
    body_limit = 4_096

    def get(self, request: Request) -> HttpResponse:
        """Cakes, newest first."""
        asked, filters = self.page(request)
        found = [
            (START - timedelta(minutes=n), n) for n in range(250) if asked.after is None or (START - timedelta(minutes=n), n) < asked.after
        ]
        return self.list(found[: asked.limit + 1], asked, key=lambda cake: cake, show=lambda cake: {"n": cake[1], **filters})

    def post(self, request: Request) -> HttpResponse:
        cake = self.body(request)
        return self.once(request, lambda: self.baked(cake))

    def baked(self, cake: Cake) -> views.Answer:
        run("INSERT INTO core_taxclass (code, name) VALUES (%s, %s)", (cake.code, cake.code))
        return views.json_answer(201, {"code": cake.code, "lines": [line.quantity for line in cake.lines]}, location=f"/cakes/{cake.code}")


class OneCake(views.ApiView):
    scopes = {"GET": "orders:read", "PUT": "orders:write"}

    def get(self, request: Request, failure: str) -> HttpResponse:
        raise FAILURES[failure]

    def put(self, request: Request, failure: str) -> HttpResponse:
        check_version(current=3, given=given_version(request._request, required=True))
        return self.answer({"ok": True}, etag=etag(4))


urlpatterns = [path("api/v1/cakes", Cakes.as_view()), path("api/v1/cakes/<str:failure>", OneCake.as_view())]
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]
GOOD = {"code": "short", "lines": [{"sku": "A-1", "quantity": 2}]}


@pytest.fixture
def call(client: Client) -> Callable[..., HttpResponse]:
    """POST a body as a partner; ``raw`` sends bytes as they are."""
    token = a_token()

    def send(
        body: Any = None, *, raw: bytes | None = None, key: str | None = "k1", content_type: str = "application/json", **headers: str
    ) -> Any:
        given = {"authorization": f"Bearer {token}", **headers, **({"idempotency-key": key} if key is not None else {})}
        client.raise_request_exception = False
        return client.post(
            "/api/v1/cakes", data=raw if raw is not None else json.dumps(body).encode(), content_type=content_type, headers=given
        )

    return send


def problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(response.content)
    assert found["status"] == response.status_code
    assert found["type"] == f"urn:daifuku:problem:{found['code']}"
    assert found["request_id"] == response["X-Request-Id"]
    for secret in (b"secret", b"Traceback", b"psycopg", b"SELECT"):
        assert secret not in response.content
    return found


def pointers(response: Any) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in problem(response)["errors"]}


def test_a_good_body_has_its_effect_once_however_often_it_is_sent(call: Any) -> None:
    first, second = call(GOOD), call(GOOD)

    assert (first.status_code, json.loads(first.content)) == (201, {"code": "short", "lines": [2]})
    assert (first["Location"], first.get("Idempotency-Replayed")) == ("/cakes/short", None)
    assert (second.status_code, second.content, second["Location"]) == (201, first.content, "/cakes/short")
    assert second["Idempotency-Replayed"] == "true"
    assert TaxClass.objects.filter(code="short").count() == 1


def test_a_hot_post_costs_token_actor_look_effect_and_keep(call: Any, django_assert_num_queries: Any) -> None:
    call(GOOD, key="warm")

    with django_assert_num_queries(7):  # token, begin (a savepoint here), actor, look, effect, keep, commit
        call(GOOD | {"code": "other"}, key="k2")


@pytest.mark.parametrize(
    ("_case", "key", "status", "code"),
    [
        ("missing", None, 400, "idempotency.key_missing"),
        ("empty", "", 400, "idempotency.key_invalid"),
        ("256 characters", "a" * 256, 400, "idempotency.key_invalid"),
        ("two headers", "a, b", 400, "idempotency.key_invalid"),
    ],
)
def test_a_post_without_a_usable_key_changes_nothing(call: Any, _case: str, key: str | None, status: int, code: str) -> None:
    response = call(GOOD, key=key)

    assert (response.status_code, problem(response)["code"]) == (status, code)
    assert not TaxClass.objects.filter(code="short").exists()


def test_one_key_for_two_bodies_is_refused(call: Any) -> None:
    call(GOOD)

    response = call(GOOD | {"code": "other"})

    assert (response.status_code, problem(response)["code"]) == (422, "idempotency.key_reused")
    assert not TaxClass.objects.filter(code="other").exists()


@pytest.mark.parametrize(
    ("_case", "raw"),
    [
        ("58 list", b"[]"),
        ("58 text", b'"x"'),
        ("58 number", b"1"),
        ("58 null", b"null"),
        ("58 blank", b" "),
        ("58 byte order mark", b"\xef\xbb\xbf{}"),
        ("58 UTF-16", '{"code": "x"}'.encode("utf-16")),
        ("broken UTF-8", b'{"code": "\xff"}'),
        ("29 NaN", b'{"code": NaN}'),
        ("29 Infinity", b'{"code": Infinity}'),
        ("14 lone surrogate", b'{"code": "\\ud83d"}'),
        ("15 NUL", b'{"code": "a\\u0000"}'),
        ("15 NUL in a name", b'{"a\\u0000": 1}'),
        ("59 deep", b'{"a":' + b"[" * 100_000),
        ("59 deep and closed", b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"),
        ("60 repeated field", b'{"code": "a", "code": "b"}'),
        ("60 repeated field, written otherwise", b'{"code": "a", "\\u0063ode": "b"}'),
        ("31 endless number", b'{"code": ' + b"9" * 5000 + b"}"),
        ("trailing", b"{} {}"),
        ("single quotes", b"{'code': 1}"),
    ],
)
def test_what_is_no_honest_json_object_is_refused(call: Any, _case: str, raw: bytes) -> None:
    response = call(raw=raw)

    assert response.status_code in (400, 413)
    problem(response)


@pytest.mark.parametrize(
    ("_case", "change", "place", "code"),
    [
        ("61 unknown field", {"status": "paid"}, "/status", "field.unknown"),
        ("61 id", {"id": 1}, "/id", "field.unknown"),
        ("68 null", {"code": None}, "/code", "value.null"),
        ("1 empty", {"code": ""}, "/code", "code.character"),
        ("23 full-width code", {"code": "１２"}, "/code", "code.character"),
        ("37 true as text", {"code": True}, "/code", "text.type"),
        ("22 zero", {"lines": [{"sku": "A", "quantity": 0}]}, "/lines/0/quantity", "number.range"),
        ("22 negative", {"lines": [{"sku": "A", "quantity": -1}]}, "/lines/0/quantity", "number.range"),
        ("37 true", {"lines": [{"sku": "A", "quantity": True}]}, "/lines/0/quantity", "number.type"),
        ("38 text", {"lines": [{"sku": "A", "quantity": "3"}]}, "/lines/0/quantity", "number.type"),
        ("38 fraction", {"lines": [{"sku": "A", "quantity": 3.0}]}, "/lines/0/quantity", "number.type"),
        ("24 underscore", {"lines": [{"sku": "A", "quantity": "1_000"}]}, "/lines/0/quantity", "number.type"),
        ("30 huge", {"lines": [{"sku": "A", "quantity": 2**63}]}, "/lines/0/quantity", "number.range"),
        ("28 exponent", {"lines": [{"sku": "A", "quantity": 1e3}]}, "/lines/0/quantity", "number.type"),
        ("missing in a line", {"lines": [{"sku": "A"}]}, "/lines/0/quantity", "field.missing"),
        ("62 too many lines", {"lines": [{"sku": "A", "quantity": 1}] * 21}, "/lines", "list.length"),
        ("no lines", {"lines": []}, "/lines", "list.length"),
        ("lines is an object", {"lines": {"0": 1}}, "/lines", "list.type"),
        ("line is a text", {"lines": ["A"]}, "/lines/0", "object.type"),
        ("12 turned text", {"note": "a\u202eb"}, "/note", "text.character"),
        ("11 zero width", {"note": "a\u200bb"}, "/note", "text.character"),
        ("20 long", {"note": "あ" * 201}, "/note", "text.too_long"),
        ("slash in a name", {"a/b~c": 1}, "/a~1b~0c", "field.unknown"),
    ],
)
def test_each_mistake_is_named_by_its_pointer(call: Any, _case: str, change: dict[str, Any], place: str, code: str) -> None:
    response = call(GOOD | change)

    assert response.status_code == 400
    assert pointers(response) == {place: code}
    assert TaxClass.objects.filter(code="short").count() == 0


def test_all_mistakes_are_told_at_once(call: Any) -> None:
    response = call({"lines": [{"sku": "Ａ", "quantity": 0}, 5], "x": 1})

    assert pointers(response) == {
        "/code": "field.missing",
        "/lines/0/sku": "code.character",
        "/lines/0/quantity": "number.range",
        "/lines/1": "object.type",
        "/x": "field.unknown",
    }


@pytest.mark.parametrize(
    "name", ["𠮷野家", "髙橋﨑", "①㈱Ⅲ№", "葛󠄀城", "ﾊﾞﾅﾅ", "👨‍👩‍👧‍👦", "<script>", "{{7*7}}", "'; DROP", "null", "二行\n目"]
)
def test_what_people_write_is_taken_as_it_is(name: str) -> None:
    assert CAKE.read(GOOD | {"note": name}).note == name


@pytest.mark.parametrize(
    ("_case", "options", "status"),
    [
        ("63 form", {"content_type": "application/x-www-form-urlencoded"}, 415),
        ("63 none", {"content_type": ""}, 415),
        ("63 other charset", {"content_type": "application/json; charset=shift_jis"}, 415),
        ("63 gzip", {"raw": gzip.compress(b"{}"), "content-encoding": "gzip"}, 415),
        ("too large", {"raw": b" " * 5_000 + b"{}"}, 413),
    ],
)
def test_other_bodies_are_turned_away_unread(call: Any, _case: str, options: dict[str, Any], status: int) -> None:
    response = call(GOOD, **options)

    assert response.status_code == status
    problem(response)


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("refused", 422, "cake.burnt"),
        ("not_found", 404, "not_found"),
        ("http404", 404, "not_found"),
        ("denied", 403, "forbidden"),
        ("suspicious", 400, "request.malformed"),
        ("bug", 500, "internal"),
        ("data", 422, "value.unacceptable"),
        ("down", 503, "unavailable"),
    ],
)
def test_every_failure_leaves_as_a_problem_without_secrets(client: Client, failure: str, status: int, code: str) -> None:
    response = client.get(f"/api/v1/cakes/{failure}", headers=as_partner())

    found = problem(response)
    assert (response.status_code, found["code"]) == (status, code)
    assert ("Retry-After" in response) == (status == 503)
    if failure == "refused":
        assert found["errors"] == [{"pointer": "/code", "code": "cake.burnt", "detail": "The cake is burnt."}]


@pytest.mark.parametrize(
    ("_case", "method", "address", "status", "code"),
    [
        ("unknown address", "get", "/api/v1/nothing", 404, "not_found"),
        ("unknown method", "delete", "/api/v1/cakes", 405, "method.not_allowed"),
        ("71 NUL in the path", "get", "/api/v1/cakes/a%00b", 400, "request.malformed"),
        ("15 NUL in the query", "get", "/api/v1/cakes?kind=a%00", 400, "request.malformed"),
        ("broken UTF-8 in the query", "get", "/api/v1/cakes?kind=%ff", 400, "request.malformed"),
        ("71 endless address", "get", f"/api/v1/cakes?kind={'a' * 10_000}", 414, "address.too_long"),
        ("66 repeated key", "get", "/api/v1/cakes?kind=a&kind=b", 400, "request.malformed"),
        ("65 unknown key", "get", "/api/v1/cakes?sort=password", 400, "request.malformed"),
        ("65 lookup", "get", "/api/v1/cakes?_connector=OR", 400, "request.malformed"),
        ("65 negative limit", "get", "/api/v1/cakes?limit=-1", 400, "request.malformed"),
        ("65 endless limit", "get", "/api/v1/cakes?limit=1000000000", 400, "request.malformed"),
        ("23 full-width limit", "get", "/api/v1/cakes?limit=%EF%BC%91", 400, "request.malformed"),
        ("forged cursor", "get", "/api/v1/cakes?cursor=WzFd:xyz", 400, "cursor.invalid"),
    ],
)
def test_addresses_nobody_gave_out_are_problems_too(client: Client, _case: str, method: str, address: str, status: int, code: str) -> None:
    response = getattr(client, method)(address, headers=as_partner())

    assert (response.status_code, problem(response)["code"]) == (status, code)


@pytest.mark.parametrize(
    ("_case", "header", "status"),
    [
        ("none", None, 401),
        ("unknown", "Bearer nobody", 401),
        ("empty", "Bearer ", 401),
        ("other kind", "Basic dXNlcjpwdw==", 401),
        ("not ASCII", "Bearer 鍵".encode().decode("latin-1"), 401),
        ("endless", f"Bearer {'a' * 2000}", 401),
    ],
)
def test_without_a_live_token_there_is_no_entry(client: Client, _case: str, header: str | None, status: int) -> None:
    response = client.get("/api/v1/cakes", headers={"authorization": header} if header else {})

    assert response.status_code == status
    assert problem(response)["code"] == "auth.missing"
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_opens_nothing(client: Client) -> None:
    assert client.get("/api/v1/cakes", headers=as_partner(a_token(seconds=-1))).status_code == 401


@pytest.mark.parametrize(
    ("_case", "allowed", "of_token", "status"),
    [
        ("both", "orders:read", "orders:read", 200),
        ("token lacks it", "orders:read", "customers:read", 403),
        ("application lost it", "customers:read", "orders:read", 403),
        ("neither", "", "", 403),
        ("72 part of a word", "orders:read", "orders:reader orders:", 403),
    ],
)
def test_a_scope_counts_when_token_and_application_have_it(client: Client, _case: str, allowed: str, of_token: str, status: int) -> None:
    token = a_token(a_partner(scopes=allowed), scopes=of_token)

    response = client.get("/api/v1/cakes", headers=as_partner(token))

    assert response.status_code == status
    if status == 403:
        assert problem(response)["code"] == "auth.scope_missing"


def test_a_view_without_a_scope_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="declares no scope for post"):

        class Open(views.ApiView):
            scopes = {"GET": "orders:read"}

            def get(self, request: Request) -> HttpResponse: ...

            def post(self, request: Request) -> HttpResponse: ...


def test_a_list_is_walked_by_cursor_to_its_end(client: Client) -> None:
    headers, seen, cursor = as_partner(), [], ""
    for _ in range(3):
        page = client.get(f"/api/v1/cakes?limit=100&kind=a{cursor}", headers=headers).json()
        seen += [cake["n"] for cake in page["data"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == list(range(250))
    assert page["next_cursor"] is None


def test_a_cursor_is_good_for_its_caller_and_its_filters_only(client: Client) -> None:
    mine, other = as_partner(), as_partner()
    cursor = client.get("/api/v1/cakes?kind=a", headers=mine).json()["next_cursor"]

    answers = {
        "same": client.get(f"/api/v1/cakes?kind=a&cursor={cursor}", headers=mine).status_code,
        "other caller": client.get(f"/api/v1/cakes?kind=a&cursor={cursor}", headers=other).status_code,
        "other filter": client.get(f"/api/v1/cakes?kind=b&cursor={cursor}", headers=mine).status_code,
    }

    assert answers == {"same": 200, "other caller": 400, "other filter": 400}


@pytest.mark.parametrize(
    ("_case", "given", "status"),
    [
        ("current", '"v3"', 200),
        ("any", "*", 200),
        ("stale", '"v2"', 412),
        ("absent", None, 428),
        ("weak", 'W/"v3"', 400),
        ("nonsense", "3", 400),
    ],
)
def test_a_change_names_the_version_it_is_based_on(client: Client, _case: str, given: str | None, status: int) -> None:
    response = client.put("/api/v1/cakes/x", headers=as_partner() | ({"if-match": given} if given else {}))

    assert response.status_code == status
    assert response.get("ETag") == ('"v4"' if status == 200 else None)


def test_a_request_id_is_kept_when_it_looks_like_one(client: Client) -> None:
    given = client.get("/api/v1/cakes", headers=as_partner() | {"x-request-id": "abcdef-12345"})
    forged = client.get("/api/v1/cakes", headers=as_partner() | {"x-request-id": "a\tb<script>"})

    assert given["X-Request-Id"] == "abcdef-12345"
    assert "script" not in forged["X-Request-Id"]


def test_a_form_with_nul_reaches_no_view(client: Client) -> None:
    response = client.post("/api/v1/cakes", data="a=%00", content_type="application/x-www-form-urlencoded")

    assert (response.status_code, problem(response)["code"]) == (400, "request.malformed")


def test_errors_of_a_page_for_people_stay_pages(client: Client) -> None:
    assert client.get("/nothing").headers["Content-Type"].startswith("text/html")


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_is_told_as_unavailable(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = as_partner()
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    response = client.get("/api/v1/cakes", headers=headers)

    monkeypatch.undo()
    assert (response.status_code, problem(response)["code"]) == (503, "unavailable")


def test_reading_a_body_needs_no_database() -> None:
    request = HttpRequest()
    request.META = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": "2"}
    request._body = b"{}"

    assert bodies.json_object(bodies.raw_body(request)) == {}


def test_a_public_id_in_a_body_comes_back_as_a_uuid() -> None:
    from core.api.shapes import PublicId

    shape = Record(order=PublicId("ord"))

    assert shape.read({"order": f"ord_{UUID(int=7).hex}"}) == {"order": UUID(int=7)}


def test_the_document_of_the_api_tells_what_the_resource_checks() -> None:
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator(patterns=urlpatterns).get_schema(request=None, public=True)

    reading, writing = document["paths"]["/api/v1/cakes"]["get"], document["paths"]["/api/v1/cakes"]["post"]
    assert reading["security"] == [{"partner": ["orders:read"]}]
    assert sorted(p["name"] for p in reading["parameters"]) == ["cursor", "kind", "limit"]
    assert [(p["name"], p["in"], p["required"]) for p in writing["parameters"]] == [("Idempotency-Key", "header", True)]
    body = writing["requestBody"]["content"]["application/json"]["schema"]
    assert (sorted(body["properties"]), body["required"], body["additionalProperties"]) == (
        ["code", "lines", "note"],
        ["code", "lines"],
        False,
    )
    assert body["properties"]["lines"]["items"]["properties"]["quantity"] == {
        "type": "integer",
        "format": "int64",
        "minimum": 1,
        "maximum": 99,
    }
    assert writing["responses"]["422"]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert reading["responses"]["200"]["content"]["application/json"]["schema"]["required"] == ["data", "next_cursor"]
    assert document["components"]["schemas"]["Problem"]["required"] == ["type", "title", "status", "code", "request_id"]
