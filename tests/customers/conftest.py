"""What the tests of customers share."""

from collections.abc import Iterator

import pytest
from django.db import connection

from core.actor import Actor
from core.db import acting
from tests.factories import customers as make


@pytest.fixture
def joined(db: None) -> Iterator[Actor]:
    """Every operation of the test joins one transaction of the staff's, so that its statements may be counted."""
    with acting(make.STAFF):
        yield make.STAFF
    connection.queries_log.clear()
