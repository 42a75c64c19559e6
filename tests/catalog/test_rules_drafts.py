from pathlib import Path

import pytest

from catalog.rules.drafts import ProductDraft, TextDraft, VariantDraft, is_jan, jan_check_digit, refusal_of_draft, repeated
from catalog.rules.kinds import PurchaseType, purchase_types_of
from catalog.rules.searching import search_ask, search_document

PAGE = Path(__file__).parents[2].joinpath("docs/algorithms/search.md").read_text(encoding="utf-8")
ASKS = [
    [cell.strip(" ") for cell in line.split("|")[1:4]] for line in PAGE.split("<!-- table: asks -->\n")[1].split("\n\n")[0].splitlines()[2:]
]


@pytest.mark.parametrize(("typed", "tsquery", "like"), ASKS, ids=[ask[0] for ask in ASKS])
def test_the_worked_table_of_searches(typed, tsquery, like):
    ask = search_ask(typed)

    assert ask.tsquery == tsquery
    assert " ".join(ask.like) == like


@pytest.mark.parametrize("typed", ["", " ", "　", "\u200b"])
def test_what_folds_to_nothing_asks_nothing(typed):
    assert search_ask(typed).is_empty


def test_no_fragment_spans_two_pieces():
    document = search_document(["煎茶", "缶入り", "", "煎茶"])

    assert document.key == "煎茶 缶入リ"
    assert document.tokens == ("煎茶", "茶", "缶入", "入リ", "リ")


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("4901234567894", True),
        ("4901234567890", False),
        ("49123456", True),
        ("49123457", False),
        ("036000291452", True),
        ("", False),
        ("490123456789４", False),
    ],
)
def test_a_jan_code_is_known_by_its_check_digit(code, valid):
    assert is_jan(code) is valid


def test_a_check_digit_completes_a_code():
    assert jan_check_digit("490123456789") == 4


def test_an_empty_list_of_forms_means_normal_purchase_only():
    assert purchase_types_of("") == purchase_types_of("barter") == {PurchaseType.NORMAL}
    assert purchase_types_of("normal, subscription") == {PurchaseType.NORMAL, PurchaseType.SUBSCRIPTION}


TEXT = TextDraft(language="ja", name="煎茶")


@pytest.mark.parametrize(
    ("_case", "draft", "code", "field"),
    [
        ("no code", ProductDraft(code=" ", texts=(TEXT,)), "catalog.no_code", "code"),
        ("code too long", ProductDraft(code="x" * 65, texts=(TEXT,)), "catalog.no_code", "code"),
        ("no words", ProductDraft(code="A"), "catalog.no_name", "texts"),
        ("empty name", ProductDraft(code="A", texts=(TextDraft(language="ja", name=" "),)), "catalog.no_name", "texts"),
        ("no SKU", ProductDraft(code="A", texts=(TEXT,), variants=(VariantDraft(sku=""),)), "catalog.no_sku", "variants/0/sku"),
        (
            "bad JAN",
            ProductDraft(code="A", texts=(TEXT,), variants=(VariantDraft(sku="A", jan="123"),)),
            "catalog.bad_jan",
            "variants/0/jan",
        ),
    ],
)
def test_a_draft_is_refused_for_what_is_wrong_in_itself(_case, draft, code, field):
    refusal = refusal_of_draft(draft)

    assert refusal is not None
    assert (refusal.code, refusal.field) == (code, field)


def test_the_second_of_two_drafts_with_one_code_or_sku_is_refused():
    first = ProductDraft(code="A", texts=(TEXT,), variants=(VariantDraft(sku="S1"),))
    same_code = ProductDraft(code="A", texts=(TEXT,))
    same_sku = ProductDraft(code="B", texts=(TEXT,), variants=(VariantDraft(sku="S1"),))
    good = ProductDraft(code="B", texts=(TEXT,), variants=(VariantDraft(sku="S2"),))

    assert sorted(repeated([first, same_code, same_sku, good])) == [1, 2]
