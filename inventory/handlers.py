"""What inventory does when another app announces."""

from datetime import datetime

from catalog.events import PriceChanged
from core.actor import SYSTEM
from inventory.operations import reprice_kits
from inventory.queries import company_of_part


def follow_part_price(event: PriceChanged, *, at: datetime) -> None:
    """A kit that costs what its parts cost follows the price of a part, from the same moment on."""
    company_id = company_of_part(event.variant_id)
    if company_id is not None:
        reprice_kits([event.variant_id], company_id=company_id, from_at=event.from_at, until_at=event.until_at, actor=SYSTEM, at=at)
