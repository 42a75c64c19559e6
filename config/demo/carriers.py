"""The demo company's contracts with its carriers: Yamato everywhere, Sagawa and Japan Post besides."""

from typing import Final

from config.demo.house import COMPANY, House
from core.actor import SYSTEM
from core.db import acting
from orders.models import CarrierContract

# No such customer codes exist.
_CONTRACTS: Final = (
    {"carrier": "yamato", "layout": "yamato_b2_95", "customer_code": "000000000540", "freight_code": "01", "handling_1": "下積厳禁"},
    {"carrier": "sagawa", "layout": "sagawa_hiden3", "customer_code": "000000000541", "packing": "001"},
    {"carrier": "japanpost", "layout": "japanpost_yupuri", "customer_code": "000000000542", "freight_code": "1100780"},
)


def open_contracts(house: House) -> None:
    """What stands on the demo company's labels."""
    town, _gap, building = COMPANY.address.partition(" ")
    sender = {
        "sender_name": COMPANY.name, "sender_phone": COMPANY.phone, "sender_postal_code": COMPANY.postal_code,
        "sender_address": f"{COMPANY.prefecture}{town}", "sender_building": building, "goods": "食品・雑貨",
    }  # fmt: skip
    with acting(SYSTEM, reason="demo"):
        CarrierContract.objects.bulk_create(
            [CarrierContract(company_id=house.company_id, **sender, **contract) for contract in _CONTRACTS], ignore_conflicts=True
        )
