from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import catalog as make
from tests.factories.core import a_company
from tests.factories.partners import a_partner, a_token, as_partner

pytestmark = pytest.mark.django_db
READ = "catalog:read"


@pytest.fixture
def company():
    return a_company()


@pytest.fixture
def caller(company):
    return as_partner(a_token(a_partner(company, scopes=READ), scopes=READ))


def test_products_are_listed_newest_first_page_by_page(client, company, caller):
    products = [make.a_sellable_variant(company, f"S{n}").product for n in range(5)]

    codes, cursor = [], None
    while True:
        page = client.get("/api/v1/products", {"limit": 2, **({"cursor": cursor} if cursor else {})}, headers=caller).json()
        codes += [product["code"] for product in page["data"]]
        if not (cursor := page["next_cursor"]):
            break

    assert codes == [product.code for product in reversed(products)]


def test_a_product_tells_its_texts_and_articles(client, company, caller):
    variant = make.a_sellable_variant(company, "S1", name="煎茶", tax_class="reduced", option="100g")
    public_id = f"prd_{variant.product.public_id.hex}"

    said = client.get(f"/api/v1/products/{public_id}", headers=caller).json()

    assert (said["id"], said["status"], said["tax_class"]) == (public_id, "active", "reduced")
    assert [text["name"] for text in said["texts"]] == ["煎茶"]
    assert said["variants"] == [{"id": f"var_{variant.public_id.hex}", "sku": "S1", "jan": "", "option": "100g", "ended_at": None}]


def test_an_article_tells_its_price_history(client, company, caller):
    variant = make.a_sellable_variant(company, "S1", price=1_000)
    make.a_price(variant, 900, min_quantity=10)
    public_id = f"var_{variant.public_id.hex}"

    prices = client.get(f"/api/v1/variants/{public_id}/prices", headers=caller).json()["data"]

    assert [(p["list"], p["min_quantity"], p["amount"], p["currency"], p["until_at"]) for p in prices] == [
        ("standard", 10, 900, "JPY", None),
        ("standard", 1, 1_000, "JPY", None),
    ]
    assert client.get(f"/api/v1/variants/{public_id}", headers=caller).json()["purchase_types"] == ["normal"]
    assert [v["sku"] for v in client.get("/api/v1/variants", {"sku": "S1"}, headers=caller).json()["data"]] == ["S1"]


@pytest.mark.parametrize("path", ["/api/v1/products", "/api/v1/variants"])
def test_a_list_takes_the_same_statements_for_1_and_50_rows(client, company, caller, path):
    make.many_sellable_variants(company, 1)
    with CaptureQueriesContext(connection) as one:
        client.get(path, headers=caller)
    make.many_sellable_variants(company, 49)

    with CaptureQueriesContext(connection) as many:
        assert len(client.get(path, headers=caller).json()["data"]) == 50

    assert len(many) == len(one) == 2


def test_what_belongs_to_another_company_is_not_there(client, caller):
    foreign = make.a_sellable_variant(a_company())
    paths = (
        f"products/prd_{foreign.product.public_id.hex}",
        f"variants/var_{foreign.public_id.hex}",
        f"variants/var_{foreign.public_id.hex}/prices",
    )

    assert [client.get(f"/api/v1/{path}", headers=caller).status_code for path in paths] == [404, 404, 404]
    assert client.get("/api/v1/products", headers=caller).json()["data"] == []


@pytest.mark.parametrize(
    ("_case", "scopes", "seconds", "status"),
    [("no token", None, 0, 401), ("another scope", "orders:read", 600, 403), ("expired", READ, -1, 401), ("right", READ, 600, 200)],
)
def test_reading_wants_a_live_token_with_the_scope(client, company, _case, scopes, seconds, status):
    headers = (
        as_partner(a_token(a_partner(company, scopes=scopes), scopes=scopes, seconds=timedelta(seconds=seconds).total_seconds()))
        if scopes
        else {}
    )

    assert client.get("/api/v1/products", headers=headers).status_code == status


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=abc", "status=sold", "unknown=1", "limit=1&limit=2"])
def test_a_malformed_question_is_refused(client, caller, query):
    assert client.get(f"/api/v1/products?{query}", headers=caller).status_code == 400
