"""Which step of a repair, a collection or a purchase may follow which, and what each must say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.rules import PostageBearer
from orders.rules.service import (
    OPEN_SERVICES,
    STEPS,
    PayoutWay,
    ServiceDeed,
    ServiceKind,
    ServiceStanding,
    ServiceStatus,
    ServiceStep,
    deeds_open,
    fee_of,
    service_step_fault,
    step_of,
    was_done,
)

S, D, K = ServiceStatus, ServiceDeed, ServiceKind
WAYS = {
    "a repair that is agreed to": (K.REPAIR, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.ESTIMATE, S.ESTIMATED), (D.AGREE, S.AGREED),
                                              (D.REPAIR, S.REPAIRED)]),
    "a repair that is too dear": (K.REPAIR, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.ESTIMATE, S.ESTIMATED), (D.DISAGREE, S.DISAGREED),
                                             (D.ESTIMATE, S.ESTIMATED), (D.DISAGREE, S.DISAGREED), (D.GIVE_BACK, S.RETURNED)]),
    "goods that we buy": (K.RESALE, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.ESTIMATE, S.ESTIMATED), (D.AGREE, S.AGREED), (D.BUY, S.BOUGHT)]),
    "goods that nobody wants back": (K.RESALE, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.ESTIMATE, S.ESTIMATED),
                                                (D.DISAGREE, S.DISAGREED), (D.DISPOSE, S.DISPOSED)]),
    "a free collection": (K.COLLECTION, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.DISPOSE, S.DISPOSED)]),
    "a collection that we keep": (K.COLLECTION, [(D.ACCEPT, S.ACCEPTED), (D.RECEIVE, S.RECEIVED), (D.KEEP, S.KEPT)]),
    "one that is declined": (K.REPAIR, [(D.DECLINE, S.DECLINED)]),
    "one that is taken back": (K.COLLECTION, [(D.ACCEPT, S.ACCEPTED), (D.WITHDRAW, S.WITHDRAWN)]),
}  # fmt: skip


@pytest.mark.parametrize("_case", WAYS)
def test_each_way_leads_where_it_should(_case: str) -> None:
    kind, steps = WAYS[_case]
    status = S.REQUESTED

    for deed, after in steps:
        assert step_of(deed, kind=kind, status=status) is after
        assert was_done(deed, kind=kind, status=after)
        status = after

    assert status not in OPEN_SERVICES
    assert deeds_open(kind=kind, status=status) == frozenset()


@pytest.mark.parametrize("kind", list(K))
def test_every_open_state_of_a_kind_has_a_way_out_and_every_end_has_none(kind: ServiceKind) -> None:
    reached = {S.REQUESTED} | {after for _deed, kinds, _before, after in STEPS if kind in kinds}

    assert all(deeds_open(kind=kind, status=status) for status in reached if status in OPEN_SERVICES)
    assert not any(deeds_open(kind=kind, status=status) for status in S if status not in OPEN_SERVICES)


REPAIR = ServiceStanding(kind=K.REPAIR, status=S.AGREED, number="V1", amount=8_000)
OFFER = ServiceStanding(kind=K.RESALE, status=S.ESTIMATED, number="V1", amount=10_000)
FAULTS = {
    "a customer accepts her own": (REPAIR, ServiceStep(request_id=1, deed=D.REPAIR), True, "service.not_yours"),
    "a step too early": (REPAIR, ServiceStep(request_id=1, deed=D.RECEIVE), False, "service.wrong_step"),
    "another estimate than she saw": (OFFER, ServiceStep(request_id=1, deed=D.AGREE, amount=9_999, payout_way=PayoutWay.BANK), True, "service.other_estimate"),
    "nothing was seen": (OFFER, ServiceStep(request_id=1, deed=D.AGREE, payout_way=PayoutWay.BANK), True, "service.other_estimate"),
    "no word on how it is paid": (OFFER, ServiceStep(request_id=1, deed=D.AGREE, amount=10_000), True, "service.payout_missing"),
    "a dear purchase of nobody known": (replace(OFFER, status=S.AGREED), ServiceStep(request_id=1, deed=D.BUY), False, "service.identity_missing"),
    "an estimate of nothing said": (replace(REPAIR, status=S.RECEIVED), ServiceStep(request_id=1, deed=D.ESTIMATE), False, "service.amount_missing"),
    "postage that we bear": (REPAIR, ServiceStep(request_id=1, deed=D.REPAIR, postage=900), False, "service.postage_ours"),
    "a customer's goods on our shelf": (REPAIR, ServiceStep(request_id=1, deed=D.REPAIR, stock_item_id=1, location_id=1), False, "service.not_ours"),
    "half a shelf": (replace(OFFER, status=S.AGREED, amount=1), ServiceStep(request_id=1, deed=D.BUY, stock_item_id=1), False, "service.half_a_shelf"),
    "declined without a word": (replace(REPAIR, status=S.REQUESTED), ServiceStep(request_id=1, deed=D.DECLINE), False, "service.reason_missing"),
}  # fmt: skip


@pytest.mark.parametrize("_case", FAULTS)
def test_a_step_is_refused_with_its_reason(_case: str) -> None:
    standing, step, by_customer, code = FAULTS[_case]

    fault = service_step_fault(step, standing, by_customer=by_customer)

    assert fault is not None
    assert fault.code == code


@given(deeds=st.lists(st.sampled_from(D), max_size=12), kind=st.sampled_from(K), amount=st.integers(0, 10**6))
def test_whatever_is_tried_only_work_that_was_agreed_to_is_charged_and_at_most_once(
    deeds: list[ServiceDeed], kind: ServiceKind, amount: int
) -> None:
    standing = ServiceStanding(kind=kind, status=S.REQUESTED, number="V1", amount=amount, postage_out_by=PostageBearer.CUSTOMER)
    charged, agreed = [], False

    for deed in deeds:
        after = step_of(deed, kind=kind, status=standing.status)
        if after is None:
            continue
        agreed = standing.status is S.AGREED
        if fee := fee_of(deed, standing):
            charged.append((fee, agreed))
        standing = replace(standing, status=after)

    assert charged in ([], [(amount, True)])
