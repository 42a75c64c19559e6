"""The sandbox gateway for tests of cards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.cards import Sandbox, a_sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A card gateway that charges nobody, connected for this test."""
    with a_sandbox(tmp_path) as running:
        yield running
