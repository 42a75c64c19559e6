"""Claiming one's past: codes, tries, and the ways into an account."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator

from core.actor import Actor, ActorKind
from core.errors import Refusal
from customers import operations, queries
from customers.models import Account, AccountAct, CustomerAccount, Identity, LinkCode
from customers.rules import (
    ACCOUNT_LIMITS,
    CODE_LIVES,
    CODE_TRIES,
    SUBJECT_LIMITS,
    AskCode,
    Counted,
    GiveCode,
    LinkAccount,
    LinkEvidence,
    TryAsk,
    TryKind,
)
from tests.factories import customers as make

pytestmark = pytest.mark.django_db
OWNER = Actor(ActorKind.CUSTOMER, "1", "花子")
NOON = make.NOON
LATER = NOON + timedelta(minutes=1)


def asks_for(account: Account, company_id: int, address: str = "hanako@example.com", *, at=NOON) -> object:
    return operations.ask_link_codes([AskCode(account_id=account.id, company_id=company_id, address=address)], actor=OWNER, at=at)[0]


def gives(account: Account, company_id: int, code: str, *, at=LATER) -> object:
    return operations.give_link_codes([GiveCode(account_id=account.id, company_id=company_id, code=code)], actor=OWNER, at=at)[0]


def sent(*, at=NOON) -> list[operations.CodeToSend]:
    return operations.take_link_codes(most=10, actor=OWNER, at=at)[1]


def test_the_code_mailed_to_the_ledgers_address_links_the_account(joined: Actor) -> None:
    customer, account = make.a_customer(email="Hanako@example.com"), make.an_account()

    asks_for(account, customer.company_id)
    (mail,) = sent()
    answer = gives(account, customer.company_id, mail.code)

    assert mail.to_address == "Hanako@example.com"
    assert answer.customer_ids == (customer.id,)
    link = CustomerAccount.objects.get()
    assert (link.account_id, link.evidence, link.ended_at) == (account.id, "mail_code", None)


@pytest.mark.parametrize("typed", ["{0}-{1}", " {0} {1} ", "full-width"])
def test_a_code_may_be_typed_as_people_type(joined: Actor, typed: str) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)
    code = sent()[0].code
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    answer = gives(account, customer.company_id, wide if typed == "full-width" else typed.format(code[:4], code[4:]))

    assert answer.customer_ids == (customer.id,)


def test_no_table_holds_the_code(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)
    code = sent()[0].code

    held = str(LinkCode.objects.values().get())

    assert code not in held.replace("-", "")


def test_an_unknown_address_gets_the_same_answer_and_no_mail(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()

    known = asks_for(account, customer.company_id)
    unknown = asks_for(account, customer.company_id, "nobody@example.com")

    assert type(known) is type(unknown)
    assert known.expires_at == unknown.expires_at
    assert LinkCode.objects.count() == 2
    assert sent() == []  # the first code ended with the second question


def test_an_address_of_another_company_or_an_erased_customer_gets_no_mail(joined: Actor) -> None:
    other = make.a_customer(email="hanako@example.com")
    gone = make.a_customer(email="hanako@example.com", status="erased")
    account = make.an_account()

    asks_for(account, gone.company_id)

    assert other.company_id != gone.company_id
    assert sent() == []


def test_a_code_works_once(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)
    code = sent()[0].code
    gives(account, customer.company_id, code)

    again = gives(account, customer.company_id, code)

    assert again.code == "customers.code_wrong"
    assert CustomerAccount.objects.count() == 1


def test_a_code_expires(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)
    code = sent()[0].code

    late = gives(account, customer.company_id, code, at=NOON + CODE_LIVES)

    assert late.code == "customers.code_wrong"
    assert CustomerAccount.objects.count() == 0


def test_guessing_ends_the_code_even_for_who_then_has_it(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)
    code = sent()[0].code
    wrong = "0" * 8 if code != "0" * 8 else "1" * 8

    answers = [gives(account, customer.company_id, wrong).code for _ in range(CODE_TRIES)]

    assert answers == ["customers.code_wrong"] * CODE_TRIES
    assert gives(account, customer.company_id, code).code == "customers.code_wrong"


def test_new_codes_do_not_buy_endless_guesses(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    most = ACCOUNT_LIMITS[TryKind.CODE].most
    for _ in range(most):
        gives(account, customer.company_id, "12345678")

    asks_for(account, customer.company_id)
    right = sent()[0].code

    assert gives(account, customer.company_id, right).code == "customers.too_many_tries"
    later = NOON + ACCOUNT_LIMITS[TryKind.CODE].window + timedelta(minutes=5)
    asks_for(account, customer.company_id, at=later)
    assert gives(account, customer.company_id, sent(at=later)[0].code, at=later).customer_ids == (customer.id,)


def test_somebody_elses_code_is_of_no_use(joined: Actor) -> None:
    customer, mine, other = make.a_customer(email="hanako@example.com"), make.an_account(), make.an_account()
    asks_for(mine, customer.company_id)
    code = sent()[0].code

    assert gives(other, customer.company_id, code).code == "customers.code_wrong"
    assert CustomerAccount.objects.count() == 0


def test_codes_are_not_sent_without_end_to_one_address_by_many_accounts(joined: Actor) -> None:
    customer = make.a_customer(email="hanako@example.com")
    most = SUBJECT_LIMITS[TryKind.MAIL].most
    answers = [asks_for(make.an_account(), customer.company_id) for _ in range(most + 1)]

    assert [isinstance(answer, Refusal) for answer in answers] == [False] * most + [True]
    assert answers[-1].code == "customers.too_many_tries"


def test_a_code_leaves_once(joined: Actor) -> None:
    customer, account = make.a_customer(email="hanako@example.com"), make.an_account()
    asks_for(account, customer.company_id)

    assert (len(sent()), len(sent())) == (1, 0)


def test_an_unreadable_address_is_refused_and_writes_nothing(joined: Actor) -> None:
    account, company = make.an_account(), make.a_company()

    assert asks_for(account, company.id, "nobody").code == "customers.email_unreadable"
    assert LinkCode.objects.count() == 0


def test_tries_are_counted_for_the_account_and_for_the_order(joined: Actor) -> None:
    company = make.a_company()
    accounts = [make.an_account() for _ in range(4)]
    ask = [TryAsk(account_id=a.id, company_id=company.id, kind=TryKind.ORDER, subject="D-1") for a in accounts]

    answers = operations.count_tries(ask * 3, actor=OWNER, at=NOON)

    assert {type(answer) for answer in answers} == {Refusal}  # twelve at one order number
    fresh = operations.count_tries(
        [TryAsk(account_id=accounts[0].id, company_id=company.id, kind=TryKind.ORDER, subject="D-2")], actor=OWNER, at=NOON
    )
    assert fresh == [Counted(left=1)]


def test_a_batch_of_tries_costs_one_statement(joined: Actor, django_assert_num_queries) -> None:
    company, account = make.a_company(), make.an_account()
    asks = [TryAsk(account_id=account.id, company_id=company.id, kind=TryKind.ORDER, subject=f"D-{n}") for n in range(40)]

    with django_assert_num_queries(1):
        operations.count_tries(asks, actor=OWNER, at=NOON)


@pytest.mark.parametrize(
    ("evidence", "refused"),
    [
        (LinkEvidence.ORDER_AND_PHONE, "customers.evidence_weak"),
        (LinkEvidence.SIGNED_IN_PURCHASE, "customers.evidence_weak"),
        (LinkEvidence.MAIL_CODE, None),
        (LinkEvidence.STAFF_CONFIRMED, None),
    ],
)
def test_what_stands_on_a_parcel_is_too_weak_once_somebody_is_linked(joined: Actor, evidence: LinkEvidence, refused: str | None) -> None:
    customer = make.a_customer()
    make.a_link(customer, make.an_account())
    ask = LinkAccount(customer_id=customer.id, account_id=make.an_account().id, evidence=evidence, note="D-1")

    (answer,) = operations.link_accounts([ask], actor=OWNER, at=NOON)

    assert getattr(answer, "code", None) == refused
    assert CustomerAccount.objects.count() == (1 if refused else 2)


def test_old_codes_and_counters_are_forgotten(joined: Actor) -> None:
    account, company = make.an_account(), make.a_company()
    asks_for(account, company.id)

    assert operations.forget_link_codes(before=NOON, actor=OWNER) == 0
    assert operations.forget_link_codes(before=NOON + timedelta(days=2), actor=OWNER) == 3
    assert LinkCode.objects.count() == 0


# ---------------------------------------------------------------------------------------------- ways in


def an_opened_account(email: str = "hanako@example.com", *, verified: bool = True) -> Account:
    account = Account(handle=f"u-{email}", email=email, kind="person")
    account.set_password("correct horse battery")
    operations.open_account(account, provider="email", subject=email, verified=verified, actor=OWNER, at=NOON)
    return account


def test_ids_are_told_with_what_may_be_done(joined: Actor) -> None:
    account = an_opened_account()
    operations.add_identity(account.id, provider="line", subject="U1", actor=OWNER, at=NOON)

    rows = queries.ids_of_account(account.id)

    assert [(row.provider, row.label, row.can_end) for row in rows] == [("email", "hanako@example.com", False), ("line", "LINE", True)]


def test_adding_an_id_twice_is_one_id(joined: Actor) -> None:
    account = an_opened_account()

    first = operations.add_identity(account.id, provider="line", subject="U1", actor=OWNER, at=NOON)
    second = operations.add_identity(account.id, provider="line", subject="U1", actor=OWNER, at=NOON)

    assert (first.repeated, second.repeated, first.id) == (False, True, second.id)
    assert AccountAct.objects.filter(kind="id_added").count() == 1


def test_an_id_is_ended_once_and_may_then_be_another_accounts(joined: Actor) -> None:
    mine, other = an_opened_account(), an_opened_account("jiro@example.com")
    operations.add_identity(mine.id, provider="line", subject="U1", actor=OWNER, at=NOON)
    line = queries.ids_of_account(mine.id)[1].id

    done = operations.end_identity(mine.id, id=line, actor=OWNER, at=NOON)
    again = operations.end_identity(mine.id, id=line, actor=OWNER, at=NOON)

    assert (done.repeated, again.repeated) == (False, True)
    assert operations.add_identity(other.id, provider="line", subject="U1", actor=OWNER, at=NOON).repeated is False


def test_the_last_usable_way_in_stays(joined: Actor) -> None:
    account = Account(handle="u-line", email="", kind="person", password="!")
    operations.open_account(account, provider="line", subject="U1", verified=True, actor=OWNER, at=NOON)
    (row,) = queries.ids_of_account(account.id)

    answer = operations.end_identity(account.id, id=row.id, actor=OWNER, at=NOON)

    assert (row.can_end, answer.code) == (False, "customers.last_id")
    assert Identity.objects.get().ended_at is None


@pytest.mark.parametrize("word", ["", "identity:", "identity:999999", "passkey:x", "identity:99999999999999999999999", "'; --"])
def test_an_id_that_is_not_there_is_refused(joined: Actor, word: str) -> None:
    assert operations.end_identity(an_opened_account().id, id=word, actor=OWNER, at=NOON).code == "customers.id_not_found"


def test_somebody_elses_id_can_not_be_ended(joined: Actor) -> None:
    mine, other = an_opened_account(), an_opened_account("jiro@example.com")
    operations.add_identity(other.id, provider="line", subject="U1", actor=OWNER, at=NOON)
    theirs = queries.ids_of_account(other.id)[1].id

    assert operations.end_identity(mine.id, id=theirs, actor=OWNER, at=NOON).code == "customers.id_not_found"
    assert len(queries.ids_of_account(other.id)) == 2


def test_the_address_is_changed_not_ended(joined: Actor) -> None:
    account = an_opened_account()
    operations.add_identity(account.id, provider="line", subject="U1", actor=OWNER, at=NOON)
    address = queries.ids_of_account(account.id)[0].id

    assert operations.end_identity(account.id, id=address, actor=OWNER, at=NOON).code == "customers.address_is_changed"


def test_closing_an_account_ends_everything_of_it_and_leaves_the_ledger(joined: Actor) -> None:
    account, customer = an_opened_account(), make.a_customer(email="hanako@example.com")
    make.a_link(customer, account)
    operations.add_identity(account.id, provider="line", subject="U1", actor=OWNER, at=NOON)

    done = operations.close_account(account.id, actor=OWNER, at=NOON)
    again = operations.close_account(account.id, actor=OWNER, at=NOON)

    account.refresh_from_db()
    assert (done.repeated, again.repeated) == (False, True)
    assert (account.is_active, account.email, account.display_name) == (False, "", "")
    assert account.has_usable_password() is False
    assert queries.ids_of_account(account.id) == []
    assert not Identity.objects.filter(subject__contains="hanako").exists()
    assert CustomerAccount.objects.get().ended_at == NOON
    customer.refresh_from_db()
    assert (customer.status, customer.family_name) == ("active", "山田")
    assert an_opened_account().id != account.id  # the address is free again


def test_a_staff_account_is_not_closed_by_its_owner(joined: Actor) -> None:
    staff = make.a_staff_account()

    assert operations.close_account(staff.id, actor=OWNER, at=NOON).code == "customers.account_not_found"


def test_resetting_factors_is_written_down_with_its_reason(joined: Actor) -> None:
    staff = make.a_staff_account()
    Authenticator.objects.create(user=staff, type="totp", data={"secret": "x"})

    done, missing = operations.reset_factors([staff.id, 999_999], reason="携帯を紛失", actor=make.STAFF, at=NOON)

    assert (done.id, missing.code) == (staff.id, "customers.account_not_found")
    assert queries.has_second_factor(staff.id) is False
    act = AccountAct.objects.get()
    assert (act.kind, act.reason, act.actor_label) == ("factors_reset", "携帯を紛失", make.STAFF.label)
