"""One box finds orders by any fragment: what they are found by is kept, folded and asked."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.actor import SYSTEM
from core.db import rows, run
from core.errors import Refusal
from core.operations import open_number_series
from core.text import search_key
from customers.models import Customer
from customers.operations import erase_customers
from orders.models import Order, OrderWords
from orders.operations import cancel_orders, tidy_words, write_order_words
from orders.queries import find_orders, invariants
from orders.rules import DraftDestination, words_asked, words_of
from tests.factories.orders import AT, a_draft, a_known_customer, a_person, a_place, a_shop, an_order, placed

needs_database = pytest.mark.django_db

# ------------------------------------------------------------------------------------------- rules


def holds(words: str, typed: str) -> bool:
    """What the database answers, in Python: every pattern fits, and the indexes were asked nothing that the words don't hold."""
    asked = words_asked(typed)

    def fits(like: str) -> bool:
        return re.sub(r"\\(.)", r"\1", like[1:-1]) in words

    return not asked.is_empty and all(map(fits, asked.likes)) and all(map(fits, asked.grams))


WORDS = words_of(
    ["KO-0001063", "20261130-000777"],
    ["髙橋　花子", "タカハシ ハナコ", "㈱吉野家"],
    ["Hanako.T+shop@Example.JP"],
    ["+819012345678", "03-1234-5678"],
)


@pytest.mark.parametrize(
    "typed",
    [
        "1063", "KO-0001", "ko-0001063", "ＫＯ－０００１０６３", "20261130-000777", "20261130000777", "1130-0007",
        "高橋", "髙橋", "高橋花", "高橋 花子", "高橋　花子", "橋花", "子", "たかはし", "ﾀｶﾊｼ", "たかはしはな", "はな", "株)吉野",
        "hanako.t+shop@example.jp", "HANAKO", "anako.t", "@example", "example.jp", "hanako.t@", "T+shop",
        "090-1234-5678", "09012345678", "０９０１２３４５６７８", "090 1234 5678", "1234-5678", "+81 90-1234-5678", "+81-90-1234", "(03)1234-5678", "345678",
        "高橋 5678", "花子 1063 たか",
    ],
)  # fmt: skip
def test_an_order_is_found_by_any_fragment(typed: str):
    if typed == "hanako.t@":
        assert not holds(WORDS, typed)  # there is a +shop between
    else:
        assert holds(WORDS, typed), (WORDS, words_asked(typed))


@pytest.mark.parametrize("typed", ["田中", "1064", "高橋 太郎", "090-1234-5679", "橋子"])
def test_what_it_does_not_hold_does_not_find_it(typed: str):
    assert not holds(WORDS, typed)


@pytest.mark.parametrize("typed", ["", "   ", "　", "\x00", "\u200b"])
def test_nothing_typed_asks_nothing(typed: str):
    assert words_asked(typed).is_empty


@pytest.mark.parametrize(
    ("typed", "grams", "pairs"),
    [
        ("tanaka@gmail.com", ("%tanaka%",), ""),
        ("ab@gmail.com", ("%ab@gmail.com%",), ""),
        ("田中", (), "'田中'"),
        ("田", (), "'田':*"),
        ("田中太郎 090", ("%田中太郎%", "%090%"), ""),
        ("田中 0901", ("%0901%",), "'田中'"),
        ("090-1234-5678", ("%345678%",), ""),
        ("12", (), ""),
        ("a-b", (), ""),
        ("100%", ("%100\\%%",), ""),
    ],
)
def test_the_indexes_are_asked_what_they_answer(typed: str, grams: tuple[str, ...], pairs: str):
    assert (words_asked(typed).grams, words_asked(typed).pairs) == (grams, pairs)


NAMES = st.text(alphabet="山田太郎髙﨑𠮷ヤマダｶﾞがぎァーabcXYZ019-.@㈱　 〜'%_\\", max_size=40)


@given(NAMES, NAMES, st.integers(0, 40), st.integers(1, 12))
def test_every_fragment_of_a_name_finds_it(before: str, name: str, start: int, length: int):
    words = words_of(["KO-000001"], [before, name], [""], [""])
    part = search_key(name)[start : start + length]
    asked = words_asked(part)
    assert asked.is_empty or len(part.split()) > 1 or re.fullmatch(r"[^\w]*[0-9()./-]+", part) or holds(words, part), (words, asked)


# ------------------------------------------------------------------------------------------- kept and found


def found(shop, typed: str, **given) -> list[int]:
    return find_orders([shop.company.pk], typed, **given)


@needs_database
def test_what_placing_keeps_is_what_the_order_says():
    shop = a_shop()
    to = a_place(family_name="山﨑", given_name="次郎", family_kana="やまざき", given_kana="じろう", phone="03-9876-5432")
    (result,) = placed(
        a_draft(
            shop,
            (shop.variant(), 1),
            person=a_person(email="U@Example.jp"),
            outside_number="123-45-678",
            destinations=(DraftDestination(place=to),),
        )
    )

    kept = OrderWords.objects.get(pk=result.order_id).words
    assert {"123-45-678", "12345678", "山崎次郎", "ヤマザキジロウ", "u@example.jp", "0398765432", result.number.lower()} <= set(
        kept.split()
    )
    assert write_order_words([result.order_id]) == 0


@needs_database
@pytest.mark.parametrize("typed", ["山田", "花子", "山田花", "子", "000", "090", "やまだ"])
def test_it_is_found_the_moment_it_is_placed(typed: str):
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 1), person=a_person(family_kana="ヤマダ"))
    assert order.pk in found(shop, typed)


@needs_database
def test_a_number_typed_whole_is_the_order_and_figures_that_may_mean_one_come_first():
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 1))
    figures = order.number[-4:]
    other = an_order(shop, (shop.variant(), 1), outside_number=f"A{order.number}B", person=a_person(phone=f"090-0000-{figures}"))
    assert found(shop, order.number) == [order.pk]
    assert found(shop, figures.lstrip("0") or "0")[0] == order.pk
    assert set(found(shop, f"{figures}b")) == {other.pk}


@needs_database
def test_what_a_customer_is_called_today_finds_orders_of_another_name():
    shop = a_shop()
    customer = a_known_customer(shop)
    order = an_order(shop, (shop.variant(), 1), customer_id=customer.pk)
    Customer.objects.filter(pk=customer.pk).update(family_name="西園寺", name_key="西園寺花子")
    assert found(shop, "西園寺") == [order.pk]


@needs_database
def test_another_company_finds_nothing():
    shop, other = a_shop(), a_shop()
    order = an_order(shop, (shop.variant(), 1))
    assert found(other, order.number) == [] == found(other, "山田")
    assert find_orders([], order.number) == []
    assert find_orders([shop.company.pk, other.company.pk], "山田") == [order.pk]


@needs_database
def test_rare_and_common_fragments_are_found_the_newest_first():
    """Enough orders that the newest two thousand are not all of them: a rare old one comes from the index, a common one from the newest."""
    shop = a_shop()
    template = an_order(shop, (shop.variant(), 1))
    run(
        f"""WITH made AS (INSERT INTO orders_order (public_id, company_id, number, channel_id, customer_id, placed_at, placed_on, currency, tax_basis,
            payment_method, goods_total, total, actor_kind, actor_id, actor_label, on_behalf_of)
        SELECT gen_random_uuid(), company_id, 'X' || n, channel_id, customer_id, placed_at - n * interval '1 minute', placed_on, currency, tax_basis,
            payment_method, 0, 0, '', '', '', '' FROM orders_order, generate_series(1, 6000) n WHERE id = {template.pk} RETURNING id, company_id, placed_at, number)
        INSERT INTO orders_orderwords (order_id, company_id, placed_at, words) SELECT id, company_id, placed_at, lower(number) || CASE
            WHEN number = 'X5990' THEN ' 珍名 zzyzx@example.jp' WHEN number ~ '[05]$' THEN ' 佐藤一郎' WHEN number ~ '11$' THEN ' 小鳥遊 abcdef@example.jp' ELSE ' 鈴木花子' END
        FROM made""",
        prepare=False,
    )
    number = dict(Order.objects.values_list("id", "number"))

    assert [number[i] for i in found(shop, "珍名")] == ["X5990"] == [number[i] for i in found(shop, "zzyzx")]
    assert [number[i] for i in found(shop, "佐藤", limit=3)] == ["X5", "X10", "X15"]
    assert [number[i] for i in found(shop, "小鳥遊", limit=100)] == [f"X{n}" for n in range(11, 6000, 100)]
    assert [number[i] for i in found(shop, "小鳥遊")] == [f"X{n}" for n in range(11, 5000, 100)]
    assert [number[i] for i in found(shop, "小鳥遊", limit=40)] == [f"X{n}" for n in range(11, 4000, 100)]
    assert [number[i] for i in found(shop, "鳥遊 abcdef@example.jp x1511")] == ["X1511"]
    assert found(shop, "qq") == []
    assert [number[i] for i in found(shop, "鈴木 花子", limit=4_900)][-2:] == ["X5998", "X5999"]
    tidy_words()
    assert [number[i] for i in found(shop, "珍名")] == ["X5990"]


@needs_database
@pytest.mark.parametrize("plan", ["force_generic_plan", "force_custom_plan"])
def test_no_plan_reads_the_whole_table(plan: str):
    """The function fixes its own settings: whatever the session says, the words are reached by an index."""
    shop = a_shop()
    an_order(shop, (shop.variant(), 1))
    run(f"SET LOCAL plan_cache_mode = {plan}", prepare=False)
    before = scans()
    for typed in ("山田", "zzyzx", "090", "子", "12", "山田 0901", "u@example.jp"):
        found(shop, typed)
    assert scans() == before


def scans() -> int:
    rows("SELECT pg_stat_force_next_flush()", prepare=False)
    return rows(
        "SELECT coalesce(sum(pg_stat_get_xact_numscans(c.oid)), 0)::bigint AS n FROM pg_class c WHERE relname = 'orders_orderwords'",
        prepare=False,
    )[0].n


@needs_database
@pytest.mark.parametrize(("typed", "statements"), [("山田", 1), ("000", 2), ("ないもの", 2), ("98765432", 3)])
def test_a_box_takes_few_statements(typed: str, statements: int):
    """One; the number series are asked for figures, and today's customers where no order holds the words."""
    shop = a_shop()
    an_order(shop, (shop.variant(), 1))
    with CaptureQueriesContext(connection) as spent:
        found(shop, typed)
    assert len(spent) == statements, [q["sql"] for q in spent]


@needs_database
@pytest.mark.parametrize(("prefix", "digits"), [("", 6), ("{yyyy}-", 5), ("KO/{yy}-", 4), ("{yy}/{mm}-", 3)])
def test_a_number_of_any_form_is_kept_as_it_would_be_written_again(prefix: str, digits: int):
    shop = a_shop()
    open_number_series(shop.company.pk, kind="order", prefix=prefix, digits=digits, actor=SYSTEM)
    (result,) = placed(a_draft(shop, (shop.variant(), 1)))
    assert result.number.startswith(prefix[:2].replace("{y", "2"))
    assert write_order_words([result.order_id]) == 0


@needs_database
def test_whoever_was_forgotten_is_found_by_the_number_only():
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 1))
    cancel_orders([order.pk], reason="asked", actor=SYSTEM, at=AT)
    (erased,) = erase_customers([order.customer_id], reason="asked", actor=SYSTEM, at=AT + timedelta(days=1))
    assert not isinstance(erased, Refusal), erased
    assert found(shop, "山田") == []
    assert found(shop, order.number) == [order.pk]


@needs_database
def test_the_promise_notices_an_order_without_words():
    shop = a_shop()
    order = an_order(shop, (shop.variant(), 1))
    (promise,) = (p for p in invariants() if p.name == "orders.every_order_can_be_found")
    assert rows(promise.sql, {"company": None}) == []
    OrderWords.objects.filter(pk=order.pk).delete()
    assert [row.id for row in rows(promise.sql, {"company": None})] == [order.pk]
    assert write_order_words([order.pk]) == 1
    assert rows(promise.sql, {"company": None}) == []
