"""A segment's one statement answers what a plain program over the same customers answers, whatever is asked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Segment, SegmentCondition
from campaigns.queries import asked, in_words, meant_sql, segment_count, segment_members, segment_sample
from campaigns.rules import Condition, ConditionKind, fault_of_condition, question_of
from core.db import one_view, rows
from customers.rules import ConsentStatus
from tests.campaigns.world import AT, PREFECTURES, TODAY, World, a_world
from tests.factories.campaigns import a_reader, a_segment, a_sender, says
from tests.factories.customers import a_customer

pytestmark = pytest.mark.django_db

DAYS = st.sampled_from([0, 1, 10, 29, 30, 31, 89, 90, 91, 200, 365, 400, 800, 10_000_000])
Draw = Callable[[Any], Any]


def conditions(world: World, *, kinds: tuple[ConditionKind, ...] = tuple(ConditionKind)) -> st.SearchStrategy[Condition]:
    """Any condition that may be asked of the world."""

    @st.composite
    def one(draw: Draw) -> Condition:
        kind = draw(st.sampled_from(kinds))
        bound = {
            ConditionKind.RECENCY: DAYS, ConditionKind.FIRST_PURCHASE: DAYS, ConditionKind.DELIVERED: DAYS, ConditionKind.FREQUENCY: st.integers(0, 6),
            ConditionKind.AMOUNT: st.sampled_from([0, 500, 1_000, 3_000, 5_000, 20_000]), ConditionKind.BIRTH_MONTH: st.integers(1, 12),
        }.get(kind, st.none())  # fmt: skip
        low, high = draw(st.one_of(st.none(), bound)), draw(bound)
        low, high = draw(st.sampled_from([(low, high), (high, low)]))
        within = kind in (ConditionKind.PRODUCT, ConditionKind.CATEGORY, ConditionKind.SALES_CHANNEL, ConditionKind.WRITTEN_TO)
        return Condition(
            kind=kind,
            excluded=draw(st.booleans()),
            at_least=min(low, high) if low is not None and high is not None else low,
            at_most=max(low, high) if low is not None and high is not None else high,
            within_days=draw(st.one_of(st.none(), DAYS.filter(bool))) if within else None,
            product_id=draw(st.sampled_from(world.products)) if kind is ConditionKind.PRODUCT else None,
            category_id=draw(st.sampled_from(world.categories)) if kind is ConditionKind.CATEGORY else None,
            sales_channel_id=draw(st.sampled_from(world.channels)) if kind is ConditionKind.SALES_CHANNEL else None,
            rank_id=draw(st.sampled_from(world.ranks)) if kind is ConditionKind.RANK else None,
            tag_id=draw(st.sampled_from(world.tags)) if kind is ConditionKind.TAG else None,
            campaign_id=draw(st.sampled_from(world.campaigns)) if kind is ConditionKind.WRITTEN_TO else None,
            prefecture=draw(st.sampled_from(PREFECTURES)) if kind is ConditionKind.PREFECTURE else "",
        )

    return one()


def answered(world: World, wanted: list[Condition]) -> set[int]:
    sql, values = meant_sql(question_of(wanted), company_id=world.company.pk, on=TODAY, at=AT)
    with one_view():
        found = [row.id for row in rows(sql, values, prepare=False)]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_statement_answers_as_a_plain_program_does(seed: int):
    world = a_world(seed)

    @settings(max_examples=200)
    @given(wanted=st.lists(conditions(world), max_size=4))
    def agrees(wanted: list[Condition]) -> None:
        assert answered(world, wanted) == world.meant(wanted)

    agrees()


@pytest.mark.parametrize("kind", list(ConditionKind))
def test_what_a_condition_means_and_what_it_excludes_are_everybody(kind: ConditionKind):
    world = a_world()
    everybody = answered(world, [])

    @settings(max_examples=40)
    @given(one=conditions(world, kinds=(kind,)))
    def splits(one: Condition) -> None:
        assert fault_of_condition(one) is None
        meant = answered(world, [replace(one, excluded=False)])
        without = answered(world, [replace(one, excluded=True)])
        assert meant | without == everybody
        assert meant & without == set()

    splits()


def test_a_stored_segment_asks_what_its_rows_say_and_says_it_in_words():
    company = a_sender()
    segment = a_segment(
        company,
        {"kind": "recency", "at_most": 90},
        {"kind": "frequency", "at_least": 2, "at_most": 5},
        {"kind": "prefecture", "prefecture": "東京都"},
        {"kind": "prefecture", "prefecture": "大阪府"},
        {"kind": "consent", "excluded": True},
    )

    question = asked(segment.pk).question

    assert [(a.kind, len(a.any_of)) for a in question.alternatives] == [("recency", 1), ("frequency", 1), ("prefecture", 2)]
    assert in_words(segment.pk) == [
        "最終購入からの日数：90以下", "購入回数（F回数）：2〜5", "都道府県：東京都 または 大阪府", "除外 − 広告メールに同意している：可",
    ]  # fmt: skip


def test_a_segment_of_those_whose_parcel_arrived_is_stored_and_says_so():
    segment = a_segment(a_sender(), {"kind": "delivered", "at_least": 3, "at_most": 3})

    assert [a.kind for a in asked(segment.pk).question.alternatives] == ["delivered"]
    assert in_words(segment.pk) == ["最後の荷物が届いてからの日数：3"]


def test_the_count_tells_how_many_may_be_written_to():
    company = a_sender()
    for _ in range(3):
        a_reader(company)
    refuses = a_reader(company)
    says(refuses, ConsentStatus.WITHDRAWN)
    a_customer(company, email="silent@example.jp")
    without_mailbox = a_customer(company)
    says(without_mailbox)

    counted = segment_count(question_of([]), company_id=company.pk, at=AT)

    assert (counted.meant, counted.writable) == (6, 3)


def test_count_sample_and_export_ask_as_often_for_many_as_for_few():
    company = a_sender()
    for _ in range(30):
        a_reader(company)
    question = question_of([Condition(kind=ConditionKind.FREQUENCY, at_most=0)])
    segment_count(question, company_id=company.pk, at=AT)

    with CaptureQueriesContext(connection) as seen:
        segment_count(question, company_id=company.pk, at=AT)
        sample = segment_sample(question, company_id=company.pk, at=AT, most=12)
        exported = [who for page in segment_members(question, company_id=company.pk, at=AT) for who in page]

    assert sum("customers_customer" in query["sql"] for query in seen.captured_queries) == 4
    assert (len(sample), len(exported), all(who.writable for who in exported)) == (12, 30, True)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"kind": ConditionKind.RECENCY}, "campaigns.condition_unbounded"),
        ({"kind": ConditionKind.AMOUNT, "at_least": 5, "at_most": 4}, "campaigns.condition_empty"),
        ({"kind": ConditionKind.BIRTH_MONTH, "at_least": 13}, "campaigns.condition_month"),
        ({"kind": ConditionKind.PRODUCT}, "campaigns.condition_unnamed"),
        ({"kind": ConditionKind.PREFECTURE}, "campaigns.condition_unnamed"),
    ],
)
def test_a_condition_that_asks_nothing_is_refused_by_rule_and_by_the_database(condition: dict[str, Any], code: str):
    from django.db import IntegrityError, transaction

    fault = fault_of_condition(Condition(**condition))
    segment = a_segment(a_sender())

    assert fault is not None
    assert fault.code == code
    if code != "campaigns.condition_month":
        with pytest.raises(IntegrityError), transaction.atomic():
            a_segment(segment.company, condition)
    assert SegmentCondition.objects.filter(segment=segment).count() == 0
    assert Segment.objects.filter(pk=segment.pk).exists()
