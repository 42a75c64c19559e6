"""The API document in the repository is what the house answers: a change of the API shows in the diff."""

from pathlib import Path

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

COMMITTED = Path(settings.BASE_DIR) / "docs" / "api" / "openapi.yaml"


def told() -> str:
    """The document as the sources say it now."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return OpenApiYamlRenderer().render(schema, renderer_context={}).decode()


def test_the_committed_document_is_current():
    assert COMMITTED.read_text(encoding="utf-8") == told(), "Write it anew: python manage.py spectacular --file docs/api/openapi.yaml"


def test_every_effectful_post_names_its_key_and_its_scope():
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    posts = {path: verbs["post"] for path, verbs in paths.items() if "post" in verbs and path.startswith("/api/v1/")}

    assert posts
    for path, post in posts.items():
        assert any(p["name"] == "Idempotency-Key" for p in post["parameters"]), path
        assert any(scopes for one in post["security"] for scopes in one.values()), path
