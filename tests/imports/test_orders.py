"""Past orders come in as they were agreed, line by line."""

from core.db import rows
from tests.imports.conftest import Past, reasons


def _order(past: Past, number: str) -> dict[str, object]:
    found = rows("SELECT * FROM orders_order WHERE company_id = %s AND outside_number = %s", (past.company.pk, number))
    assert len(found) == 1
    return found[0]._asdict()


def test_an_order_comes_in_with_its_lines_and_totals(past: Past) -> None:
    past.customers("K1")
    past.products("A", "B")

    said = past.orders(["1001,2020-03-04 10:20,K1,A,2,1080,2160", "1001,2020-03-04 10:20,K1,B,1,550,550"])

    assert (said.created, said.rejected) == (2, 0), reasons(said)
    order = _order(past, "1001")
    assert (order["total"], order["goods_total"], order["tax_total"]) == (2710, 2710, 2710 * 1000 // 11000)
    assert (order["status"], order["payment_status"], order["fulfilment_status"], order["origin"]) == ("completed", "paid", "shipped", "imported")
    assert str(order["placed_on"]) == "2020-03-04"


def test_the_same_file_twice_changes_nothing(past: Past) -> None:
    past.customers("K1")
    past.products("A")
    file = ["1001,2020-03-04 10:20,K1,A,2,1080,2160"]
    past.orders(file)

    again = past.orders(file)

    assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, 1, 0), reasons(again)
