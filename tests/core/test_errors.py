"""Refusals: stable codes, words in the reader's language, fields at fault."""

import pytest

from core.errors import Busy, Conflict, Forbidden, HouseError, Malformed, NotFound, Refusal, Refused


class OutOfStock(Refused):
    code = "inventory.out_of_stock"
    message = "Only %(left)s of %(sku)s are left."


def test_a_refusal_tells_its_reason_in_words() -> None:
    with pytest.raises(Refused) as raised:
        raise OutOfStock(params={"left": 3, "sku": "A-1"}, field="/lines/0/quantity")

    assert raised.value.refusal == Refusal("inventory.out_of_stock", OutOfStock.message, {"left": 3, "sku": "A-1"}, "/lines/0/quantity")
    assert raised.value.refusal.text() == "Only 3 of A-1 are left."
    assert raised.value.refusal.text({OutOfStock.message: "%(sku)s は残り %(left)s 点です。"}.__getitem__) == "A-1 は残り 3 点です。"
    assert str(raised.value) == "inventory.out_of_stock: Only 3 of A-1 are left."


def test_a_message_without_parameters_may_hold_a_percent_sign() -> None:
    assert Refusal("x", "At most 100%% off.").text() == "At most 100% off."
    assert Refusal("x", "At most 100% off.").text() == "At most 100% off."


@pytest.mark.parametrize(
    ("family", "status"),
    [(Malformed, 400), (Forbidden, 403), (NotFound, 404), (Conflict, 409), (Busy, 409), (Refused, 422)],
)
def test_each_family_has_its_status(family: type[HouseError], status: int) -> None:
    assert family().status == status
    assert family("some.code", "Words", field="/a").refusal == Refusal("some.code", "Words", {}, "/a")
