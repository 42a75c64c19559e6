"""Same key, same answer: once, twice, raced, crashed."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from core import operations
from core.actor import SYSTEM
from core.db import rows, run
from core.errors import Malformed, Refused
from core.idempotency import Answer, KeyInvalid, KeyMissing, KeyReused, StillRunning, checked_key, fingerprint, once
from core.models import IdempotencyResult, TaxClass


def effect(code: str = "test") -> Answer:
    run("INSERT INTO core_taxclass (code, name) VALUES (%s, %s)", (code, code))
    return Answer(201, b'{"code":"test"}', location="/x/1")


def ask(key: str = "k1", *, client: str = "partner:1", body: bytes = b"{}", code: str = "test") -> Answer:
    return once(lambda: effect(code), client=client, key=key, seal=fingerprint("POST", "/x", body), actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_the_second_request_gets_the_first_answer_to_the_byte() -> None:
    first = ask()
    second = ask()

    assert first == Answer(201, b'{"code":"test"}', "application/json", "/x/1", replayed=False)
    assert second == Answer(201, b'{"code":"test"}', "application/json", "/x/1", replayed=True)
    assert TaxClass.objects.filter(code="test").count() == 1


@pytest.mark.django_db(transaction=True)
def test_keeping_an_answer_costs_two_statements(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2 + 1 + 2 + 1):  # begin and commit; the actor; look and keep; the effect's own
        ask()


@pytest.mark.django_db(transaction=True)
def test_another_body_under_the_same_key_is_refused() -> None:
    ask()

    with pytest.raises(KeyReused):
        ask(body=b'{"other": 1}', code="other")

    assert not TaxClass.objects.filter(code="other").exists()


@pytest.mark.django_db(transaction=True)
def test_keys_of_different_clients_are_strangers() -> None:
    ask(client="partner:1", code="one")
    ask(client="partner:2", code="two")

    assert TaxClass.objects.filter(code__in=["one", "two"]).count() == 2
    assert IdempotencyResult.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_refused_request_is_not_kept_and_the_key_stays_usable() -> None:
    def refuse() -> Answer:
        effect()
        raise Refused

    with pytest.raises(Refused):
        once(refuse, client="partner:1", key="k1", seal=fingerprint("POST", "/x", b"{}"), actor=SYSTEM)

    assert IdempotencyResult.objects.count() == 0
    assert ask().replayed is False


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_of_many_requests_with_one_key_one_has_the_effect() -> None:
    meet = Barrier(12)
    answers: list[Answer | str] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            meet.wait(timeout=10)
            answers.append(ask())
        except StillRunning:
            answers.append("busy")
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert raised == []
    assert len(answers) == 12
    assert len([answer for answer in answers if isinstance(answer, Answer) and not answer.replayed]) == 1
    assert {answer.body for answer in answers if isinstance(answer, Answer)} == {b'{"code":"test"}'}
    assert TaxClass.objects.filter(code="test").count() == 1


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_a_rival_that_commits_just_before_our_own_answer_wins_and_ours_is_undone() -> None:
    rivals: list[Answer] = []

    def slow() -> Answer:
        if not rivals:
            _as_if_the_rival_had_held_the_lock_before_us(rivals)
        return effect("mine")

    answer = once(slow, client="partner:1", key="k1", seal=fingerprint("POST", "/x", b"{}"), actor=SYSTEM)

    assert answer == Answer(201, b"rival", replayed=True)
    assert not TaxClass.objects.filter(code="mine").exists()


def _as_if_the_rival_had_held_the_lock_before_us(rivals: list[Answer]) -> None:
    def insert() -> None:
        run(
            "INSERT INTO core_idempotencyresult (client, key, fingerprint, status, body) VALUES ('partner:1', 'k1', %s, 201, %s)",
            (fingerprint("POST", "/x", b"{}"), b"rival"),
        )
        connection.close()

    rivals.append(Answer(201, b"rival"))
    thread = Thread(target=insert)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("_case", "key", "error"),
    [
        ("none", None, KeyMissing),
        ("empty", "", KeyInvalid),
        ("too long", "a" * 256, KeyInvalid),
        ("not ASCII", "鍵", KeyInvalid),
        ("space", "a b", KeyInvalid),
        ("two headers", "a,b", KeyInvalid),
        ("control", "a\x00", KeyInvalid),
    ],
)
def test_an_unusable_key_is_refused(_case: str, key: str | None, error: type[Malformed]) -> None:
    with pytest.raises(error):
        checked_key(key)


def test_a_key_of_255_visible_characters_is_fine() -> None:
    assert checked_key("~" * 255) == "~" * 255


def test_the_parts_of_a_fingerprint_do_not_run_together() -> None:
    assert fingerprint("POST", "/ab", b"c") != fingerprint("POST", "/a", b"bc")


@pytest.mark.django_db(transaction=True)
def test_answers_are_removed_after_their_time() -> None:
    ask("old", code="one")
    ask("new", code="two")
    run("UPDATE core_idempotencyresult SET recorded_at = now() - interval '8 days' WHERE key = 'old'")

    assert operations.prune_answers(actor=SYSTEM) == 1

    assert [row.key for row in rows("SELECT key FROM core_idempotencyresult")] == ["new"]
