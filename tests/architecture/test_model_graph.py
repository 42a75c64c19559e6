"""What import-linter cannot see: foreign keys by string, and the reverse relations they open."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import PROTECT, ForeignObject, ManyToManyField, Model
from django.db.models.fields.related import RelatedField

# Lower stands first; inventory and billing are strangers on one floor.
FLOORS = {app: floor for floor, app in enumerate(settings.APPS)} | {"billing": settings.APPS.index("inventory")}
OUR_MODELS = [model for app in settings.APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]


def _crossings() -> list[tuple[type[Model], RelatedField]]:
    """Our relations that lead into another app of ours."""
    return [
        (model, field)
        for model in OUR_MODELS
        for field in model._meta.get_fields()
        if isinstance(field, ForeignObject | ManyToManyField)
        and field.model is model
        and field.related_model._meta.app_label in FLOORS
        and field.related_model._meta.app_label != model._meta.app_label
        and not model._meta.auto_created
    ]


CROSSINGS = _crossings()


@pytest.mark.parametrize(("model", "field"), CROSSINGS, ids=lambda part: part.__name__ if isinstance(part, type) else part.name)
def test_a_relation_into_another_app_points_down_and_leaves_no_way_up(model: type[Model], field: RelatedField) -> None:
    there = field.related_model._meta.app_label

    assert FLOORS[there] < FLOORS[model._meta.app_label], f"{model._meta.label}.{field.name} points up or sideways to {there}"
    assert field.remote_field.hidden, f"{model._meta.label}.{field.name} needs related_name='+'"
    if not field.many_to_many:
        assert field.remote_field.on_delete is PROTECT, f"{model._meta.label}.{field.name} needs on_delete=PROTECT"


def test_there_are_relations_across_apps_to_look_at() -> None:
    assert len(CROSSINGS) > 20


def test_no_model_uses_a_generic_foreign_key() -> None:
    generic = [model._meta.label for model in OUR_MODELS if model._meta.private_fields]

    assert generic == []


def test_no_model_does_business_when_saved_or_deleted() -> None:
    overriding = [model._meta.label for model in OUR_MODELS if {"save", "delete"} & vars(model).keys()]

    assert overriding == []


def test_every_model_of_ours_has_japanese_names() -> None:
    from django.utils.translation import override

    with override("ja"):
        unnamed = [
            model._meta.label
            for model in OUR_MODELS
            if not model._meta.auto_created and all(character < "\u3000" for character in str(model._meta.verbose_name))
        ]

    assert unnamed == []
