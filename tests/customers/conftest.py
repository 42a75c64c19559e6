"""What the tests of customers share."""

from collections.abc import Iterator

import pytest

from core.actor import Actor
from core.db import acting
from customers import hooks
from customers.ports import CUSTOMER_DATA
from tests.factories import customers as make


@pytest.fixture
def joined(db: None) -> Iterator[Actor]:
    """Every operation of the test joins one transaction of the staff's, and nobody but the customers app answers its hook."""
    with CUSTOMER_DATA.only(hooks), acting(make.STAFF):
        yield make.STAFF
