"""Two desks at once: a key opens one case, a case is solved once, and every word said meanwhile stays."""

import pytest

from contact import operations
from contact.models import Case, Interaction
from contact.queries import invariants
from contact.rules import Added, Moved, NewInteraction, Opened, Solution, SolveCase
from core.db import rows
from core.models import OutboxEvent
from tests.factories import contact as make
from tests.factories import customers as people
from tests.races.contention import contend

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.races]
THREADS = 6


def test_a_key_used_by_many_at_once_opens_one_case() -> None:
    customer = people.a_customer()
    operations.seed_reasons(customer.company_id, actor=people.STAFF)
    ask = make.an_ask(customer, once_key="mail:1")

    answers = contend([lambda: operations.open_cases([ask], **make.DOING)[0]] * THREADS, threads=THREADS)

    opened = [answer for answer in answers if isinstance(answer, Opened)]
    assert len(opened) == THREADS, answers
    assert [answer.repeated for answer in opened].count(False) == 1
    assert (Case.objects.count(), Interaction.objects.count(), OutboxEvent.objects.count()) == (1, 1, 1)


def test_a_case_is_solved_once_while_others_speak() -> None:
    case = make.a_case()
    solving = [lambda: operations.solve_cases([SolveCase(case_id=case.id, solution=Solution(resolution="済み"))], **make.DOING)[0]] * 3
    speaking = [lambda: operations.add_interactions([NewInteraction(case_id=case.id, body="もしもし")], **make.DOING)[0]] * 3

    answers = contend([job for pair in zip(solving, speaking, strict=True) for job in pair], threads=THREADS)

    assert sum(isinstance(answer, Added) for answer in answers) == 3, answers
    assert sum(isinstance(answer, Moved) for answer in answers) == 3, answers
    assert Interaction.objects.filter(deed="talk").count() == 4
    solved = Interaction.objects.filter(deed="solution").count()
    case.refresh_from_db()
    assert solved == 1 + case.reopened_count - (case.state == "open" and case.reopened_count > 0)
    assert [p.name for p in invariants() if rows(p.sql, {"company": None}, prepare=False)] == []
