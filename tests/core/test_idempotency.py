"""Same key, same answer: once, twice, raced, crashed."""

from collections.abc import Sequence
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection

from core import operations
from core.actor import SYSTEM
from core.db import rows, run
from core.errors import HouseError, Malformed, Refused
from core.idempotency import Answer, KeyInvalid, KeyMissing, KeyReused, StillRunning, checked_key, fingerprint, once, once_each
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


SEAL = fingerprint("POST", "/x", b"{}")


def ask_each(*keys: str, refused: tuple[int, ...] = (), seals: dict[str, bytes] | None = None) -> list[Answer | HouseError]:
    """Several requests of one partner at once; those at the ``refused`` places are refused."""

    def effects(places: Sequence[int]) -> list[Answer | HouseError]:
        for place in places:
            if place not in refused:
                effect(f"{keys[place]}-{place}")
        return [Refused() if place in refused else Answer(201, f"{place}".encode(), location=f"/x/{place}") for place in places]

    asks = [(key, (seals or {}).get(key, SEAL)) for key in keys]
    return once_each(effects, client="partner:1", asks=asks, actor=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_requests_answered_together_are_kept_one_by_one() -> None:
    first = ask_each("k1", "k2", "k3")
    again = ask_each("k3", "k4", "k1")

    assert first == [Answer(201, b"%d" % n, location=f"/x/{n}") for n in range(3)]
    assert again == [
        Answer(201, b"2", location="/x/2", replayed=True),
        Answer(201, b"1", location="/x/1"),
        Answer(201, b"0", location="/x/0", replayed=True),
    ]
    assert set(TaxClass.objects.filter(code__contains="-").values_list("code", flat=True)) == {"k1-0", "k2-1", "k3-2", "k4-1"}
    assert ask("k2", body=b"{}").replayed is True


@pytest.mark.django_db(transaction=True)
def test_keeping_many_answers_costs_two_statements_too(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2 + 1 + 2 + 5):  # begin and commit; the actor; look and keep; the effects' own
        ask_each("k1", "k2", "k3", "k4", "k5")


@pytest.mark.django_db(transaction=True)
def test_of_several_requests_the_refused_ones_are_not_kept() -> None:
    answers = ask_each("k1", "k2", refused=(0,))

    assert isinstance(answers[0], Refused)
    assert answers[1] == Answer(201, b"1", location="/x/1")
    assert list(IdempotencyResult.objects.values_list("key", flat=True)) == ["k2"]
    assert ask("k1").replayed is False


@pytest.mark.django_db(transaction=True)
def test_one_key_twice_in_a_batch_has_one_effect() -> None:
    answers = ask_each("k1", "k1")

    assert answers[0] == Answer(201, b"0", location="/x/0")
    assert isinstance(answers[1], StillRunning)
    assert TaxClass.objects.filter(code__contains="-").count() == IdempotencyResult.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_another_body_under_a_kept_key_is_refused_among_others() -> None:
    ask_each("k1")

    answers = ask_each("k1", "k2", seals={"k1": fingerprint("POST", "/x", b"other")})

    assert isinstance(answers[0], KeyReused)
    assert answers[1] == Answer(201, b"1", location="/x/1")


@pytest.mark.django_db(transaction=True)
def test_what_is_raised_undoes_the_whole_batch() -> None:
    def fail(places: Sequence[int]) -> list[Answer | HouseError]:
        effect()
        raise ValueError

    with pytest.raises(ValueError):
        once_each(fail, client="partner:1", asks=[("k1", SEAL), ("k2", SEAL)], actor=SYSTEM)

    assert not TaxClass.objects.filter(code="test").exists()
    assert not IdempotencyResult.objects.exists()


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_batches_that_share_keys_have_each_effect_once() -> None:
    answers: list[list[Answer | HouseError] | str] = []

    def work(keys: tuple[str, ...]) -> None:
        try:
            answers.append(ask_each(*keys))
        except IntegrityError:  # the rival committed between our look and our lock: each is then asked alone
            answers.append("undone")
        finally:
            connection.close()

    threads = [Thread(target=work, args=(keys,)) for keys in [("k1", "k2", "k3"), ("k3", "k2", "k1"), ("k2", "k3", "k4")] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(answers) == 9
    effects = [code.split("-")[0] for code in TaxClass.objects.filter(code__contains="-").values_list("code", flat=True)]
    assert sorted(effects) == sorted(IdempotencyResult.objects.values_list("key", flat=True)) == ["k1", "k2", "k3", "k4"]
