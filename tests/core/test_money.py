"""Money: divided to the last unit, written and read without a float."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import LARGEST_AMOUNT, NotAnAmount, UnknownCurrency, currency_of, format_money, parse_amount, spread

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30)


@given(amount=st.integers(-(10**12), 10**12), weights=WEIGHTS)
def test_shares_add_up_exactly(amount, weights):
    assert sum(spread(amount, weights)) == amount


@given(weights=WEIGHTS, data=st.data())
def test_no_share_exceeds_its_weight_while_the_amount_does_not(weights, data):
    amount = data.draw(st.integers(0, sum(weights)))

    shares = spread(amount, weights)

    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@given(amount=st.integers(0, 10**12), weights=WEIGHTS.filter(any))
def test_a_share_is_within_one_unit_of_its_exact_value(amount, weights):
    total = sum(weights)

    for share, weight in zip(spread(amount, weights), weights, strict=True):
        assert abs(share * total - amount * weight) < total


@given(amount=st.integers(0, 10**12), weights=WEIGHTS)
def test_taking_back_mirrors_giving(amount, weights):
    assert spread(-amount, weights) == [-share for share in spread(amount, weights)]


@pytest.mark.parametrize(
    ("_case", "amount", "weights", "shares"),
    [
        ("exact", 100, [1, 1, 2], [25, 25, 50]),
        ("the rest goes to the largest remainder", 500, [3980, 2580], [303, 197]),
        ("a tie goes to the larger weight", 3, [1, 3, 2], [0, 2, 1]),
        ("a tie of equals goes to the first", 1, [5, 5], [1, 0]),
        ("nothing", 0, [0, 0], [0, 0]),
        ("no weight at all", 5, [0, 0], [3, 2]),
        ("no place at all", 0, [], []),
    ],
)
def test_spread(_case, amount, weights, shares):
    assert spread(amount, weights) == shares


@pytest.mark.parametrize(("amount", "weights"), [(1, []), (1, [-1, 2])])
def test_an_amount_that_cannot_be_spread_is_an_error(amount, weights):
    with pytest.raises(ValueError):
        spread(amount, weights)


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (1980, "JPY", "ja", "1,980円"),
        (1980, "JPY", "en", "¥1,980"),
        (-1980, "JPY", "ja", "-1,980円"),
        (0, "JPY", "ja", "0円"),
        (123456, "USD", "en", "$1,234.56"),
        (-5, "USD", "en", "-$0.05"),
        (123456, "USD", "ja", "1,234.56米ドル"),
    ],
)
def test_amounts_are_written_as_people_read_them(amount, currency, language, text):
    assert format_money(amount, currency, language) == text


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1980", "JPY", 1980),
        ("1,980", "JPY", 1980),
        ("１，９８０", "JPY", 1980),
        ("¥1,980", "JPY", 1980),
        ("￥１９８０", "JPY", 1980),
        ("\\1980", "JPY", 1980),
        (" 1,980円 ", "JPY", 1980),
        ("JPY 1980", "JPY", 1980),
        ("12.5", "USD", 1250),
        ("$1,234.56", "USD", 123456),
        ("0", "USD", 0),
    ],
)
def test_typed_amounts_are_understood(text, currency, amount):
    assert parse_amount(text, currency=currency) == amount


@pytest.mark.parametrize(
    "text",
    ["", " ", "1_000", "1e3", "1E400", "NaN", "sNaN", "Infinity", "-1", "+5", "-0", ".5", "5.", "0.5", "１２．５", "1.000,00", "1,00", "12,3456", "٣", "²", "①a",
     "0x10", "1" * 5000, "9" * 17, "一万", "1 000", "true", "null"],
)  # fmt: skip
def test_what_only_python_takes_for_a_number_is_refused(text):
    with pytest.raises(NotAnAmount) as refused:
        parse_amount(text, currency="JPY")

    assert refused.value.code == "money.not_an_amount"


def test_a_float_is_never_an_amount():
    with pytest.raises(NotAnAmount):
        parse_amount(19.8, currency="USD")  # type: ignore[arg-type]


@given(amount=st.integers(0, LARGEST_AMOUNT), currency=st.sampled_from(["JPY", "USD"]), language=st.sampled_from(["ja", "en"]))
def test_what_is_written_can_be_read_back(amount, currency, language):
    assert parse_amount(format_money(amount, currency, language), currency=currency) == amount


def test_an_unknown_currency_is_refused():
    with pytest.raises(UnknownCurrency) as refused:
        currency_of("XXX")

    assert refused.value.code == "money.unknown_currency"
