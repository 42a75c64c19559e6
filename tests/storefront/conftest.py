"""Every test of the shop begins with nobody having tried anything."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_has_tried() -> None:
    cache.clear()
