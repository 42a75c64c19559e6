"""One word per idea: every model and every event stands in the glossary, under its code name."""

import re

from django.apps import apps
from django.conf import settings

from config.dev.places import ROOT
from core.events import Event

GLOSSARY = ROOT / "docs" / "glossary.md"
MODELS = {model.__name__ for app in settings.APPS for model in apps.get_app_config(app).get_models()}


def _events(kind: type[Event] = Event) -> set[str]:
    """Every concrete event of ours, wherever it is declared."""
    ours = {child.__name__ for child in kind.__subclasses__() if child.__module__.split(".")[0] in settings.APPS}
    return ours.union(*(_events(child) for child in kind.__subclasses__()))


def _terms() -> set[str]:
    return set(re.findall(r"\w+", GLOSSARY.read_text(encoding="utf-8"))) if GLOSSARY.exists() else set()


def test_every_model_stands_in_the_glossary() -> None:
    assert sorted(MODELS - _terms()) == []


def test_every_event_stands_in_the_glossary() -> None:
    for app in settings.APPS:
        __import__(f"{app}.events")

    assert sorted(_events() - _terms()) == []
