"""The OpenAPI document of a resource, from what the resource declares to check its requests with."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from core.api.paging import MOST, USUAL
from core.api.problems import CONTENT_TYPE
from core.api.shapes import Kind

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {"pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
ANY_OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}


class Schema(AutoSchema):
    """Reads ``scopes``, ``takes``, ``filters``, ``gives`` and ``pages`` of an ApiView."""

    view: Any

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # ``pages`` describes the page of a list; the generator would make it a bare array

    def get_operation_id(self) -> str:
        """A list is named so: orders_list beside orders_retrieve."""
        found = str(super().get_operation_id())
        is_list = self.view.pages or getattr(self.view, "lists", False)  # a short list is told whole
        return f"{found.removesuffix('_retrieve')}_list" if is_list and self.method == "GET" else found

    def get_tags(self) -> list[str]:
        return [str(self.view.__module__.split(".")[0])]

    def get_summary(self) -> str | None:
        return str(self.get_description()).strip().split("\n")[0].rstrip(".") or None

    def get_auth(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().get_auth()
        scope = self.view.scopes.get(self.method)
        return [{name: [scope] for name in each} for each in found] if scope else found

    def get_override_parameters(self) -> list[Any]:
        found: list[Any] = []
        if self.method == "GET":
            for name, kind in self.view.filters.items():
                found.append(_parameter(name, kind))
            if self.view.pages:
                found.append(_raw("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}))
                found.append(_raw("cursor", {"type": "string"}))
        if self.method == "POST":
            key = {"type": "string", "minLength": 1, "maxLength": 255}
            found.append(OpenApiParameter("Idempotency-Key", key, OpenApiParameter.HEADER, required=True))
        return found

    def get_request_serializer(self) -> Any:
        shape = self.view.takes.get(self.method)
        return {"application/json": shape.schema() if shape else ANY_OBJECT}

    def get_response_serializers(self) -> Any:
        self._remember_problem()
        given = self.view.gives.get(self.method, ANY_OBJECT)
        if self.view.pages and self.method == "GET":
            given = {
                "type": "object",
                "required": ["data", "next_cursor"],
                "properties": {"data": {"type": "array", "items": given}, "next_cursor": {"type": ["string", "null"]}},
            }
        success = self.view.answers.get(self.method, 201 if self.method == "POST" else 200)
        problem = {"$ref": "#/components/schemas/Problem"}
        problems = {(status, CONTENT_TYPE): OpenApiResponse(problem, description=text) for status, text in self._failures().items()}
        return {success: given, **problems}

    def _failures(self) -> dict[str, str]:
        found = {"400": "Malformed", "401": "No live token", "403": "Scope missing", "404": "Not found or not visible"}
        if self.method != "GET":
            found |= {"409": "Conflict", "422": "Refused"}
        return found

    def _remember_problem(self) -> None:
        self.registry.register_on_missing(
            ResolvedComponent(name="Problem", type=ResolvedComponent.SCHEMA, object="Problem", schema=PROBLEM)
        )


def _parameter(name: str, kind: Kind) -> OpenApiParameter:
    return _raw(name, kind.schema())


def _raw(name: str, schema: dict[str, Any]) -> OpenApiParameter:
    return OpenApiParameter(name, schema, OpenApiParameter.QUERY)
