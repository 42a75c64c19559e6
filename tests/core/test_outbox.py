"""Committed means announced, rolled back means silent; handlers run at least once and in order."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from core import operations
from core.actor import SYSTEM, Actor, ActorKind
from core.db import current_actor, operation, rows, run
from core.errors import Refused
from core.events import Event
from core.hooks import no_reactions, reacting
from core.models import DeliveryState, OutboxDelivery, OutboxEvent
from core.operations.relaying import ATTEMPTS
from core.outbox import CHANNEL, announce

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
STAFF = Actor(ActorKind.STAFF, "7", "山田")


@dataclass(frozen=True)
class Baked(Event):
    name = "tests.Baked"
    cake_id: int
    layer: int = 0

    @property
    def stream(self) -> str:
        return f"cake:{self.cake_id}"


@operation
def announcing(events: tuple[Event, ...], *, actor: Actor) -> None:
    announce(*events)


def bake(*events: Event) -> None:
    announcing(events, actor=STAFF)


@contextmanager
def handling(*handlers: Callable[..., None]) -> Iterator[None]:
    with no_reactions(), ExitStack() as stack:
        for number, handler in enumerate(handlers):
            stack.enter_context(reacting(Baked, handler, name=f"tests.handler_{number}"))
        yield


def carry(**options: Any) -> operations.Carried:
    return operations.carry(at=lambda: AT, **options)


def make_due() -> None:
    run("UPDATE core_outboxdelivery SET due_at = clock_timestamp()")


class Recorder:
    """A handler that remembers, and fails where it is told to."""

    def __init__(self, *, failing: Callable[[Baked], bool] = lambda event: False) -> None:
        self.seen: list[Baked] = []
        self.failing = failing

    def __call__(self, event: Baked, *, at: datetime) -> None:
        assert at == AT
        if self.failing(event):
            raise Refused("tests.no", "No, 山田 says.")
        self.seen.append(event)


@pytest.mark.django_db(transaction=True)
def test_all_events_of_a_call_are_inserted_in_order_by_one_statement(django_assert_num_queries: Any) -> None:
    @operation
    def bake_twice(*, actor: Actor) -> None:
        with django_assert_num_queries(1):
            announce(Baked(2), Baked(1), Baked(2, layer=1))

    bake_twice(actor=STAFF)

    found = OutboxEvent.objects.order_by("id")
    assert [(e.name, e.stream, e.payload) for e in found] == [
        ("tests.Baked", "cake:2", {"cake_id": 2, "layer": 0}),
        ("tests.Baked", "cake:1", {"cake_id": 1, "layer": 0}),
        ("tests.Baked", "cake:2", {"cake_id": 2, "layer": 1}),
    ]
    assert {(e.actor_kind, e.actor_id) for e in found} == {("staff", "7")}


@pytest.mark.django_db
def test_announcing_outside_an_operation_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        announce(Baked(1))

    assert OutboxEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_stays_silent() -> None:
    recorder = Recorder()

    @operation
    def fail(*, actor: Actor) -> None:
        announce(Baked(1))
        raise ValueError

    with pytest.raises(ValueError):
        fail(actor=STAFF)

    with handling(recorder):
        assert carry().idle
    assert recorder.seen == []


@pytest.mark.django_db(transaction=True)
def test_each_handler_gets_each_event_once_and_then_never_again() -> None:
    one, two = Recorder(), Recorder()
    bake(Baked(1), Baked(2))

    with handling(one, two):
        carried = carry()
        again = carry()

    assert one.seen == two.seen == [Baked(1), Baked(2)]
    assert carried == operations.Carried(routed=2, done=4, failed=0)
    assert again.idle


@pytest.mark.django_db(transaction=True)
def test_events_of_one_stream_wait_for_the_one_before_them() -> None:
    recorder = Recorder()
    bake(Baked(1), Baked(1, layer=1), Baked(2), Baked(1, layer=2))

    with handling(recorder):
        first = carry(limit=2)
        seen_first = list(recorder.seen)
        carry()

    assert first.done == 2
    assert seen_first == [Baked(1), Baked(2)]
    assert [event.layer for event in recorder.seen if event.cake_id == 1] == [0, 1, 2]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_an_event_handed_out_while_the_one_before_it_is_being_done_gets_its_turn() -> None:
    seen: list[int] = []

    def meanwhile(event: Baked, *, at: datetime) -> None:
        seen.append(event.layer)
        if event.layer == 0:
            _in_another_thread(lambda: (bake(Baked(1, layer=1)), operations.relaying.route_events(limit=9, actor=SYSTEM)))

    bake(Baked(1))
    with handling(meanwhile):
        carry()
        assert list(OutboxDelivery.objects.order_by("id").values_list("state", flat=True)) == [DeliveryState.DONE, DeliveryState.WAITING]
        carry()

    assert seen == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_the_handlers_work_and_its_done_mark_commit_together() -> None:
    def write_then_fail(event: Baked, *, at: datetime) -> None:
        run("INSERT INTO core_taxclass (code, name) VALUES ('test', 'test')")
        raise ValueError("山田花子 09012345678")

    bake(Baked(1))

    with handling(write_then_fail):
        carried = carry()

    delivery = OutboxDelivery.objects.get()
    assert (carried.done, carried.failed) == (0, 1)
    assert rows("SELECT count(*) AS n FROM core_taxclass WHERE code = 'test'")[0].n == 0
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 1)
    assert "ValueError" in delivery.reason
    assert "write_then_fail" in delivery.reason
    assert "山田" not in delivery.reason


@pytest.mark.django_db(transaction=True)
def test_a_failing_handler_is_parked_after_its_attempts_and_holds_back_only_its_own_stream() -> None:
    stubborn, other = Recorder(failing=lambda event: event.cake_id == 1), Recorder()
    bake(Baked(1), Baked(1, layer=1), Baked(2))

    with handling(stubborn, other):
        for _ in range(ATTEMPTS + 3):
            carry()
            make_due()

    parked = OutboxDelivery.objects.get(state=DeliveryState.PARKED)
    assert (parked.handler, parked.stream, parked.attempts) == ("tests.handler_0", "cake:1", ATTEMPTS)
    assert "tests.no" in parked.reason
    assert stubborn.seen == [Baked(2)]
    assert other.seen == [Baked(1), Baked(2), Baked(1, layer=1)]
    assert OutboxDelivery.objects.filter(state=DeliveryState.WAITING).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_parked_delivery_can_be_tried_again_or_given_up() -> None:
    sick = [True]
    recorder = Recorder(failing=lambda event: sick[0])
    bake(Baked(1), Baked(1, layer=1), Baked(2))

    with handling(recorder):
        for _ in range(ATTEMPTS):
            carry()
            make_due()
        sick[0] = False
        first, second = OutboxDelivery.objects.filter(state=DeliveryState.PARKED).order_by("id").values_list("id", flat=True)
        assert operations.skip_deliveries([first], actor=STAFF, reason="burnt") == 1
        assert operations.skip_deliveries([first], actor=STAFF, reason="burnt") == 0
        assert operations.retry_deliveries([second], actor=STAFF) == 1
        carry()

    assert sorted(recorder.seen, key=lambda e: e.cake_id) == [Baked(1, layer=1), Baked(2)]
    assert "staff:7: burnt" in OutboxDelivery.objects.get(state=DeliveryState.SKIPPED).reason


@pytest.mark.django_db(transaction=True)
def test_a_payload_that_cannot_be_read_is_parked_at_once() -> None:
    recorder = Recorder()
    bake(Baked(1))
    run("UPDATE core_outboxevent SET payload = '{}'")

    with handling(recorder):
        carry()

    assert OutboxDelivery.objects.get().state == DeliveryState.PARKED


@pytest.mark.django_db(transaction=True)
def test_a_handler_acts_as_a_rule_on_behalf_of_who_caused_the_event() -> None:
    seen = []
    bake(Baked(1))

    with handling(lambda event, *, at: seen.append(current_actor())):
        carry()

    assert seen == [Actor(ActorKind.RULE, "tests.handler_0", "tests.handler_0", "staff:7")]


@pytest.mark.django_db(transaction=True)
def test_what_a_handler_announces_is_carried_too() -> None:
    def bake_more(event: Baked, *, at: datetime) -> None:
        if event.layer < 2:
            bake(Baked(event.cake_id, event.layer + 1))

    bake(Baked(1))

    with handling(bake_more):
        while not carry().idle:
            pass

    assert list(OutboxEvent.objects.order_by("id").values_list("payload__layer", flat=True)) == [0, 1, 2]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_late_with_a_lower_id_is_not_passed_over() -> None:
    recorder = Recorder()
    with psycopg.connect(**_parameters()) as late, handling(recorder):
        late.execute("INSERT INTO core_outboxevent (name, stream, payload) VALUES ('tests.Baked', 'cake:1', '{\"cake_id\": 1}')")
        bake(Baked(2))
        carry()
        assert recorder.seen == [Baked(2)]

        late.commit()
        carry()

    assert recorder.seen == [Baked(2), Baked(1)]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_several_relays_at_once_do_everything_once_and_in_order() -> None:
    recorder = Recorder()
    for layer in range(6):
        bake(*(Baked(cake, layer) for cake in range(1, 9)))
    meet = Barrier(4)
    raised: list[BaseException] = []

    def relay() -> None:
        try:
            meet.wait(timeout=10)
            while (
                OutboxEvent.objects.filter(routed_at__isnull=True).exists()
                or OutboxDelivery.objects.filter(state__in=["waiting", "pending"]).exists()
            ):
                carry(limit=5)
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    with handling(recorder):
        threads = [Thread(target=relay) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)

    assert raised == []
    assert len(recorder.seen) == 48
    for cake in range(1, 9):
        assert [event.layer for event in recorder.seen if event.cake_id == cake] == [0, 1, 2, 3, 4, 5]


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_a_delivery_another_relay_is_working_on_is_passed_by() -> None:
    recorder = Recorder()
    bake(Baked(1), Baked(2))
    with handling(recorder):
        operations.relaying.route_events(limit=10, actor=SYSTEM)
        with psycopg.connect(**_parameters()) as rival:
            rival.execute("SELECT 1 FROM core_outboxdelivery WHERE stream = 'cake:1' FOR UPDATE")
            assert carry().done == 1
            rival.rollback()
        assert carry().done == 1

    assert recorder.seen == [Baked(2), Baked(1)]


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_kills_the_process_is_counted_beforehand() -> None:
    class Killed(BaseException):
        """Stands for kill -9: nothing after it runs."""

    def kill(event: Baked, *, at: datetime) -> None:
        raise Killed

    bake(Baked(1))

    with handling(kill):
        for _ in range(ATTEMPTS - 1):
            with pytest.raises(Killed):
                carry(careful=True)
            make_due()
        carry(careful=True)

    delivery = OutboxDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PARKED, ATTEMPTS)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("_case", "listening", "calls"), [("a relay waits", True, 1), ("all relays are busy", False, 0)])
def test_the_commit_calls_a_relay_only_while_one_waits(_case: str, listening: bool, calls: int) -> None:
    operations.heartbeat("r1", listening=listening)
    with psycopg.connect(**_parameters(), autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        bake(Baked(1), Baked(2))

        heard = list(ear.notifies(timeout=0.2, stop_after=1))

    assert len(heard) == calls


@pytest.mark.django_db(transaction=True)
def test_events_everyone_has_had_are_removed_after_their_time() -> None:
    recorder = Recorder(failing=lambda event: event.cake_id == 2)
    bake(Baked(1), Baked(2))
    with handling(recorder):
        carry()
    assert operations.prune_outbox(actor=SYSTEM) == 0
    run("UPDATE core_outboxevent SET routed_at = clock_timestamp() - interval '30 days'")

    assert operations.prune_outbox(actor=SYSTEM) == 1

    assert list(OutboxEvent.objects.values_list("stream", flat=True)) == ["cake:2"]
    assert list(OutboxDelivery.objects.values_list("stream", flat=True)) == ["cake:2"]


def _parameters() -> dict[str, Any]:
    given = connection.get_connection_params()
    given.pop("cursor_factory", None)
    given.pop("context", None)
    return given


def _in_another_thread(work: Callable[[], Any]) -> None:
    def whole() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=whole)
    thread.start()
    thread.join(timeout=10)
