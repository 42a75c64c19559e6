"""Where the house says how it is."""

from django.urls import path

from core.api.health import livez, readyz

urlpatterns = [path("livez", livez, name="livez"), path("readyz", readyz, name="readyz")]
