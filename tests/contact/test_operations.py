"""Cases are opened, spoken in, handed over, solved and reopened: once, in order, and with what was refused left alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns.rules import MessageKind
from contact import hooks, operations
from contact.models import Case, CaseOrder, CaseReason, Interaction
from contact.queries import invariants
from contact.rules import (
    Added,
    CaseState,
    CauseClass,
    Desk,
    Direction,
    HandOver,
    Moved,
    NameCaller,
    NewInteraction,
    OpenCase,
    Opened,
    Priority,
    Solution,
    SolveCase,
)
from core.db import rows, run
from core.errors import Refusal
from core.models import OutboxEvent
from customers.operations import erase_customers, merge_customers
from customers.rules import ContactChannel, MergeAsk, Visibility
from tests.factories import contact as make
from tests.factories import customers as people

pytestmark = pytest.mark.django_db
DOING, NOON = make.DOING, people.NOON


@pytest.fixture(autouse=True)
def _promises_hold() -> Any:
    yield
    for promise in invariants():
        assert rows(promise.sql, {"company": None}) == [], promise.name


def told() -> list[str]:
    return list(OutboxEvent.objects.order_by("id").values_list("name", flat=True))


def code(answer: object) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.code


def test_a_call_becomes_a_case_with_its_first_words() -> None:
    customer, ref = people.a_customer(), uuid4()

    (opened,) = operations.open_cases([make.an_ask(customer, order_refs=(ref, ref))], **DOING)

    assert isinstance(opened, Opened)
    case = Case.objects.get()
    assert (case.number, opened.number, opened.case_id) == ("CS-000001", "CS-000001", case.id)
    assert (case.state, case.desk, case.complaint, case.reason.code) == ("open", "support", False, "delivery")
    assert (case.occurred_at, case.due_at, case.last_at) == (NOON, NOON + timedelta(hours=24), NOON)
    assert CaseOrder.objects.get().order_ref == ref
    first = Interaction.objects.get()
    assert (first.channel, first.direction, first.body, first.author_label) == ("call", "inbound", "いつ届きますか", "佐々木 美咲")
    assert told() == ["contact.CaseOpened"]


def test_a_case_is_solved_in_the_same_breath() -> None:
    customer = people.a_customer()
    solution = Solution(resolution="お届け予定日をご案内", cause_class=CauseClass.DELIVERY)

    operations.open_cases([make.an_ask(customer, solution=solution, occurred_at=NOON - timedelta(minutes=5))], **DOING)

    case = Case.objects.get()
    assert (case.state, case.solved_at, case.cause_class, case.resolution) == ("solved", NOON, "delivery", "お届け予定日をご案内")
    assert list(Interaction.objects.order_by("id").values_list("deed", flat=True)) == ["talk", "solution"]
    assert told() == ["contact.CaseOpened", "contact.CaseSolved"]


def test_a_complaint_is_due_sooner_and_haste_shortens_it() -> None:
    customer = people.a_customer()

    operations.open_cases([make.an_ask(customer, reason="complaint", priority=Priority.URGENT)], **DOING)

    case = Case.objects.get()
    assert (case.complaint, case.due_at) == (True, NOON + timedelta(hours=2))


def test_a_key_opens_one_case_however_often() -> None:
    customer = people.a_customer()
    ask = make.an_ask(customer, once_key="mail:1")

    together = operations.open_cases([ask, ask], **DOING)
    later = operations.open_cases([ask], **DOING)

    assert Case.objects.count() == Interaction.objects.count() == 1
    assert [answer.repeated for answer in (*together, *later) if isinstance(answer, Opened)] == [False, True, True]
    assert told() == ["contact.CaseOpened"]


@pytest.mark.parametrize(
    ("_case", "given", "refused"),
    [
        ("no theme", {"theme": "  "}, "contact.text_missing"),
        ("too long", {"theme": "あ" * 201}, "contact.text_too_long"),
        ("unstorable", {"body": "a\x00b"}, "contact.text_unstorable"),
        ("tomorrow", {"occurred_at": NOON + timedelta(days=1)}, "contact.in_future"),
        ("reason", {"reason": "nothing"}, "contact.reason_unknown"),
        ("owner", {"owner_id": 999_999}, "contact.owner_unknown"),
        ("nobody", {"customer_id": 999_999}, "customers.not_found"),
        ("endless", {"customer_id": 2**63 - 1}, "customers.not_found"),
        ("among us", {"direction": Direction.INTERNAL}, "contact.nobody_spoke"),
        ("unsolved", {"solution": Solution(resolution="")}, "contact.text_missing"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_leaves_nothing(_case: str, given: dict[str, Any], refused: str) -> None:
    customer = people.a_customer()

    (answer,) = operations.open_cases([make.an_ask(customer, **given)], **DOING)

    assert code(answer) == refused
    assert (Case.objects.count(), Interaction.objects.count(), told()) == (0, 0, [])


def test_a_customer_of_another_company_is_not_found() -> None:
    customer, company = people.a_customer(), people.a_company()

    (answer,) = operations.open_cases([make.an_ask(customer, company_id=company.pk)], **DOING)

    assert code(answer) == "customers.not_found"


def test_an_unknown_caller_is_kept_and_named_later() -> None:
    customer = people.a_customer()
    ask = OpenCase(company_id=customer.company_id, theme="折り返し希望", caller_name="ヤマダ様", caller_contact="090-1234-5678")
    (opened,) = operations.open_cases([ask], **DOING)
    assert isinstance(opened, Opened)
    asked = [NameCaller(case_id=opened.case_id, customer_id=customer.pk)]

    first = operations.name_callers(asked, **DOING)
    again = operations.name_callers(asked, **DOING)
    other = operations.name_callers([NameCaller(case_id=opened.case_id, customer_id=people.a_customer(customer.company).pk)], **DOING)

    assert [first[0], again[0]] == [Moved(case_id=opened.case_id), Moved(case_id=opened.case_id, repeated=True)]
    assert code(other[0]) == "contact.caller_known"
    assert Case.objects.get().customer_id == customer.pk


def test_words_move_the_turn_and_the_customers_word_reopens() -> None:
    case = make.a_case()
    hour = timedelta(hours=1)

    def say(direction: Direction, *, waits: bool = False, later: int) -> str:
        ask = NewInteraction(case_id=case.id, body="はい", direction=direction, waits=waits, channel=ContactChannel.MAIL)
        (answer,) = operations.add_interactions([ask], actor=people.STAFF, at=NOON + later * hour)
        assert isinstance(answer, Added)
        case.refresh_from_db()
        return str(case.state)

    assert say(Direction.OUTBOUND, waits=True, later=1) == "waiting"
    assert say(Direction.INTERNAL, later=2) == "waiting"
    assert say(Direction.INBOUND, later=3) == "open"
    operations.solve_cases([SolveCase(case_id=case.id, solution=Solution(resolution="ご案内済み"))], actor=people.STAFF, at=NOON + 4 * hour)
    assert say(Direction.OUTBOUND, waits=True, later=5) == "solved"
    assert say(Direction.INBOUND, later=6) == "open"
    assert (case.reopened_count, case.solved_at, case.last_at) == (1, None, NOON + 6 * hour)
    assert told().count("contact.CaseReopened") == 1


def test_a_word_is_kept_once_per_key_and_case() -> None:
    case = make.a_case()
    ask = NewInteraction(case_id=case.id, body="追記", once_key="m-2")

    answers = operations.add_interactions([ask, ask], **DOING) + operations.add_interactions([ask], **DOING)

    assert Interaction.objects.count() == 2
    assert [answer.repeated for answer in answers if isinstance(answer, Added)] == [False, True, True]
    assert len({answer.interaction_id for answer in answers if isinstance(answer, Added)}) == 1


@pytest.mark.parametrize(
    ("_case", "given", "refused"),
    [
        ("nothing said", {"body": " "}, "contact.text_missing"),
        ("no channel", {"channel": None}, "contact.channel_missing"),
        ("shown", {"direction": Direction.INTERNAL, "visibility": Visibility.CUSTOMER}, "contact.not_for_customers"),
        ("later", {"at": NOON + timedelta(days=1)}, "contact.in_future"),
        ("no case", {"case_id": 999_999}, "contact.case_not_found"),
        ("endless", {"case_id": 2**70}, "contact.case_not_found"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(_case: str, given: dict[str, Any], refused: str) -> None:
    case = make.a_case()

    (answer,) = operations.add_interactions([NewInteraction(**{"case_id": case.id, "body": "はい", **given})], **DOING)

    assert code(answer) == refused
    assert Interaction.objects.count() == 1


def test_a_case_is_handed_to_a_person_and_to_a_desk() -> None:
    case, owner = make.a_case(), people.a_staff_account(display_name="高橋 涼")

    to_person = operations.hand_over([HandOver(case_id=case.id, owner_id=owner.pk, note="折り返しをお願いします")], **DOING)
    again = operations.hand_over([HandOver(case_id=case.id, owner_id=owner.pk)], **DOING)
    case.refresh_from_db()
    assert (case.owner_id, case.handover_note) == (owner.pk, "折り返しをお願いします")
    to_desk = operations.hand_over([HandOver(case_id=case.id, desk=Desk.SUCCESS, priority=Priority.HIGH)], **DOING)

    case.refresh_from_db()
    assert (case.owner_id, case.desk, case.priority) == (None, "success", "high")
    assert [answer.repeated for answer in (*to_person, *again, *to_desk) if isinstance(answer, Moved)] == [False, True, False]
    whom = list(Interaction.objects.filter(deed="handover").order_by("id").values_list("to_whom", flat=True))
    assert whom == ["高橋 涼", "desk:success"]


def test_a_handover_needs_somebody_and_an_unsolved_case() -> None:
    case, person = make.a_case(), people.an_account()
    solved = make.a_case(solution=Solution(resolution="済み"))

    answers = operations.hand_over(
        [HandOver(case_id=case.id), HandOver(case_id=case.id, owner_id=person.pk), HandOver(case_id=solved.id, desk=Desk.SUCCESS)], **DOING
    )

    assert [code(answer) for answer in answers] == ["contact.to_nobody", "contact.owner_unknown", "contact.case_solved"]


def test_solving_and_reopening_twice_changes_nothing_more() -> None:
    case = make.a_case()
    ask = SolveCase(case_id=case.id, solution=Solution(resolution="再送しました", cause_class=CauseClass.DELIVERY))

    solved = operations.solve_cases([ask, ask], **DOING) + operations.solve_cases([ask], **DOING)
    reopened = operations.reopen_cases([case.id], reason="まだ届かない", **DOING) + operations.reopen_cases(
        [case.id], reason="また", **DOING
    )

    assert [answer.repeated for answer in (*solved, *reopened) if isinstance(answer, Moved)] == [False, True, True, False, True]
    case.refresh_from_db()
    assert (case.state, case.reopened_count, case.resolution) == (CaseState.OPEN, 1, "再送しました")
    assert told() == ["contact.CaseOpened", "contact.CaseSolved", "contact.CaseReopened"]


def test_unknown_cases_are_not_found() -> None:
    nothing = Solution(resolution="済み")

    assert code(operations.solve_cases([SolveCase(case_id=1, solution=nothing)], **DOING)[0]) == "contact.case_not_found"
    assert code(operations.reopen_cases([1], reason="再開", **DOING)[0]) == "contact.case_not_found"
    assert code(operations.hand_over([HandOver(case_id=1, desk=Desk.SUPPORT)], **DOING)[0]) == "contact.case_not_found"
    assert code(operations.name_callers([NameCaller(case_id=1, customer_id=1)], **DOING)[0]) == "contact.case_not_found"


def test_a_thousand_cases_take_no_more_statements_than_two() -> None:
    customer = people.a_customer()
    make.a_case(customer)
    counts = []
    for size in (2, 50):
        with CaptureQueriesContext(connection) as spent:
            opened = operations.open_cases([make.an_ask(customer, once_key=f"{size}-{n}") for n in range(size)], **DOING)
            ids = [one.case_id for one in opened if isinstance(one, Opened)]
            operations.add_interactions([NewInteraction(case_id=i, body="はい") for i in ids], **DOING)
            operations.solve_cases([SolveCase(case_id=i, solution=Solution(resolution="済み")) for i in ids], **DOING)
        counts.append(len([q for q in spent if "outbox" not in q["sql"]]))
        assert len(ids) == size

    assert counts[0] == counts[1]


def test_what_was_said_is_never_rewritten() -> None:
    make.a_case()

    with pytest.raises(DatabaseError), transaction.atomic():
        run("UPDATE contact_interaction SET body = 'もっと前に'")


def test_erasing_a_customer_blanks_what_was_said_and_waits_for_open_cases() -> None:
    customer = people.a_customer()
    case = make.a_case(customer, caller_name="山田花子", body="体調が悪くなりました")

    (refused,) = erase_customers([customer.pk], reason="ご本人の請求", **DOING)
    operations.solve_cases([SolveCase(case_id=case.id, solution=Solution(resolution="返金しました"))], **DOING)
    (erased,) = erase_customers([customer.pk], reason="ご本人の請求", **DOING)

    assert code(refused) == "contact.case_unsolved"
    assert not isinstance(erased, Refusal)
    case.refresh_from_db()
    assert (case.theme, case.caller_name, case.resolution, case.state) == ("", "", "", "solved")
    assert set(Interaction.objects.values_list("body", flat=True)) == {""}
    left = rows("SELECT 1 FROM core_auditpersonal p JOIN core_auditentry e ON e.id = p.entry_id WHERE e.table_name LIKE 'contact_%%'")
    assert left == []
    (late,) = operations.open_cases([make.an_ask(customer)], **DOING)
    assert code(late) == "customers.erased"


def test_an_open_complaint_of_the_group_vetoes_offers_only() -> None:
    company = people.a_company()
    customer, twin, other = (people.a_customer(company) for _ in range(3))
    case = make.a_case(twin, reason="complaint")
    merge_customers([MergeAsk(principal_id=customer.pk, merged_id=twin.pk)], reason="同一人物", **DOING)
    everybody = [customer.pk, twin.pk, other.pk]

    assert hooks.vetoed(everybody, kind=MessageKind.OFFER, at=NOON) == {customer.pk, twin.pk}
    assert hooks.vetoed(everybody, kind=MessageKind.DIALOGUE, at=NOON) == set()
    operations.solve_cases([SolveCase(case_id=case.id, solution=Solution(resolution="済み"))], **DOING)
    assert hooks.vetoed(everybody, kind=MessageKind.OFFER, at=NOON) == set()


def test_reasons_are_seeded_once_and_stay_as_people_changed_them() -> None:
    company = people.a_company()

    new = operations.seed_reasons(company.pk, actor=people.STAFF)
    again = operations.seed_reasons(company.pk, actor=people.STAFF)

    assert (new, again) == (CaseReason.objects.count(), 0)
