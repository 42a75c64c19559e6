"""Companies, sites, channels and number series."""

from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from core import operations, queries
from core.actor import SYSTEM
from core.db import acting, rows, run
from core.models import AuditEntry, ChannelKind, Company, LegalText, LegalTextKind, NumberSeries, Restart, SalesChannel, TaxRate
from core.operations import NewCompany
from core.tax import Rounding, TaxBasis
from tests.factories.core import a_brand, a_channel, a_company, a_site

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 21)


def test_a_company_is_japanese_and_includes_tax_unless_told_otherwise():
    company_id = rows("INSERT INTO core_company (code, name) VALUES ('daifuku', '大福商店') RETURNING id")[0].id

    company = queries.company_context(company_id)

    assert (company.country, company.currency, company.language, company.timezone) == ("JP", "JPY", "ja", "Asia/Tokyo")
    assert (company.tax_basis, company.tax_rounding) == (TaxBasis.INCLUDED, Rounding.FLOOR)
    assert company.business_date(datetime(2026, 12, 31, 15, 0, tzinfo=ZoneInfo("UTC"))) == date(2027, 1, 1)


def test_a_channel_comes_with_its_company_in_one_statement(django_assert_num_queries):
    channel = a_channel(a_company(code="daifuku", currency="USD", tax_basis=TaxBasis.EXCLUDED), code="web", kind=ChannelKind.PHONE)

    with django_assert_num_queries(1):
        found = queries.channel_context("web")

    assert (found.id, found.kind, found.company.code, found.company.currency, found.company.tax_basis) == (
        channel.id,
        ChannelKind.PHONE,
        "daifuku",
        "USD",
        TaxBasis.EXCLUDED,
    )
    assert queries.channel_context_by_id(channel.id) == found


def test_a_code_of_several_companies_needs_the_company():
    ours, theirs = a_company(), a_company()
    a_channel(ours, code="web")
    a_channel(theirs, code="web")

    assert queries.channel_context("web", company_id=theirs.id).company.id == theirs.id
    with pytest.raises(queries.AmbiguousChannel) as refused:
        queries.channel_context("web")
    assert refused.value.code == "channel.ambiguous"


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: queries.company_context(0), "company.not_found"),
        (lambda: queries.company_coded("nobody"), "company.not_found"),
        (lambda: queries.channel_context("nowhere"), "channel.not_found"),
        (lambda: queries.channel_context_by_id(0), "channel.not_found"),
        (lambda: queries.site_context("nowhere.example.com"), "site.not_found"),
    ],
)
def test_what_is_unknown_is_not_found(ask, code):
    with pytest.raises(queries.UnknownCompany.__base__) as refused:
        ask()

    assert refused.value.code == code
    assert refused.value.refusal.text()


def test_a_site_is_found_by_its_domain_with_its_web_channel():
    company = a_company()
    site = a_site(company, domain="shop.example.com", brand=a_brand(company, name="椿"))
    a_channel(company, kind=ChannelKind.CHAT, site=site)
    web = a_channel(company, site=site)

    found = queries.site_context("Shop.Example.com:8000")

    assert (found.id, found.company.id, found.channel.id, found.brand_id) == (site.id, company.id, web.id, site.brand_id)
    assert queries.sites() == [found]


def test_a_site_without_a_web_channel_says_so():
    a_site(domain="shop.example.com")

    assert queries.site_context("shop.example.com").channel is None


def test_opening_is_repeatable_and_answers_with_what_is_there():
    company = operations.open_company(NewCompany("daifuku", "大福商店", registration_number="T7000012050002"), actor=SYSTEM)
    again = operations.open_company(NewCompany("daifuku", "別の名前"), actor=SYSTEM)
    brand = operations.open_brand(company.id, code="tsubaki", name="椿", actor=SYSTEM)
    site = operations.open_site(company.id, code="main", domain="Shop.Example.com", name="本店", brand_id=brand, actor=SYSTEM)
    channel = operations.open_channel(company.id, code="web", name="本店", kind=ChannelKind.WEB, site_id=site, brand_id=brand, actor=SYSTEM)

    assert again == company
    assert queries.open_channels(company.id) == queries.open_channels() == [channel]
    assert queries.site_context("shop.example.com").channel == channel
    assert [c.code for c in queries.companies()] == ["daifuku"]


@pytest.mark.parametrize("wrong", [{"registration_number": "T123"}, {"currency": "yen"}, {"tax_basis": "sometimes"}, {"code": "daifuku"}])
def test_the_database_refuses_a_company_that_cannot_be(wrong):
    a_company(code="daifuku")

    with pytest.raises(IntegrityError), transaction.atomic():
        a_company(**wrong)
    assert Company.objects.count() == 1


def test_a_changed_company_leaves_a_trail_with_its_actor():
    company = a_company()

    with acting(SYSTEM, reason="moved"):
        Company.objects.filter(id=company.id).update(address="銀座1-1")

    entry = AuditEntry.objects.get()
    assert (entry.table_name, entry.row_key, entry.changes, entry.actor_kind, entry.reason) == (
        "core_company",
        str(company.id),
        {"address": ["", "銀座1-1"]},
        "system",
        "moved",
    )


def test_the_legal_text_in_force_is_the_latest_begun():
    company = a_company()
    for kind, on, title in [
        ("terms", date(2025, 1, 1), "旧"),
        ("terms", date(2026, 1, 1), "新"),
        ("terms", date(2027, 1, 1), "次"),
        ("privacy", date(2026, 1, 1), "個"),
    ]:
        LegalText.objects.create(company=company, kind=kind, title=title, body="本文", valid_from_on=on)

    texts = queries.legal_texts(company.id, on=DAY)

    assert {kind: text.title for kind, text in texts.items()} == {LegalTextKind.TERMS: "新", LegalTextKind.PRIVACY: "個"}


# Number series


def test_numbers_are_taken_in_one_statement_and_rise(django_assert_num_queries):
    series = operations.open_number_series(a_company().id, kind="order", prefix="A{yy}{mm}-", digits=3, actor=SYSTEM)

    with django_assert_num_queries(1):
        first = operations.take_numbers(series, count=3, on=DAY)
    rest = operations.take_numbers(series, count=1, on=date(2027, 1, 5))

    assert first == ["A2611-001", "A2611-002", "A2611-003"]
    assert rest == ["A2701-004"]
    assert operations.take_numbers(series, count=0, on=DAY) == []


def test_a_number_longer_than_its_digits_keeps_them_all():
    series = operations.open_number_series(a_company().id, kind="order", digits=2, start=99, actor=SYSTEM)

    assert operations.take_numbers(series, count=2, on=DAY) == ["99", "100"]
    assert rows(f"SELECT {series.sql(DAY)} AS number")[0].number == "101"


def test_a_series_numbers_the_rows_of_a_colleagues_statement():
    series = operations.open_number_series(a_company().id, kind="invoice", prefix="INV-", digits=4, actor=SYSTEM)

    taken = rows(f"SELECT {series.sql(DAY)} AS number FROM generate_series(1, 3)")

    assert [row.number for row in taken] == ["INV-0001", "INV-0002", "INV-0003"]


def test_a_channel_may_number_its_own_documents():
    channel = a_channel()
    common = operations.open_number_series(channel.company_id, kind="order", prefix="C", digits=1, actor=SYSTEM)
    own = operations.open_number_series(channel.company_id, kind="order", channel_id=channel.id, prefix="W", digits=1, actor=SYSTEM)

    assert queries.number_series(channel.company_id, kind="order", channel_id=channel.id) == own
    assert queries.number_series(channel.company_id, kind="order") == common
    assert operations.series_for(channel.company_id, kind="order", channel_id=a_channel(channel.company).id) == common


def test_a_series_is_opened_when_it_is_first_asked_for():
    company = a_company()

    series = operations.series_for(company.id, kind="shipment", prefix="S")

    assert operations.series_for(company.id, kind="shipment") == series
    assert NumberSeries.objects.count() == 1
    assert operations.take_numbers(series, count=1, on=DAY) == ["S00000001"]


@pytest.mark.parametrize("prefix", ["'); DROP TABLE x; --", "%s", "{day}", "注"])
def test_a_prefix_that_could_hurt_a_statement_is_refused(prefix):
    with pytest.raises(IntegrityError):
        operations.open_number_series(a_company().id, kind="order", prefix=prefix, actor=SYSTEM)


def test_a_dropped_series_takes_its_sequence_along():
    series = operations.open_number_series(a_company().id, kind="order", actor=SYSTEM)

    with acting(SYSTEM):
        run("DELETE FROM core_numberseries WHERE id = %s", (series.id,))

    assert rows("SELECT to_regclass(%s::text) AS sequence", (series.sequence,))[0].sequence is None


def a_monthly_series(**given: Any) -> queries.NumberSeriesContext:
    return operations.open_number_series(
        a_company().id, kind="order", **{"prefix": "A{yy}{mm}-", "digits": 3, "restarts": Restart.MONTHLY, **given}, actor=SYSTEM
    )


def test_a_series_counts_anew_every_month():
    series = a_monthly_series(start=11)

    taken = [operations.take_numbers(series, count=2, on=on) for on in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 11, 30))]

    assert taken == [["A2611-011", "A2611-012"], ["A2612-011", "A2612-012"], ["A2611-013", "A2611-014"]]
    assert rows(f"SELECT {series.sql(date(2026, 12, 1))} AS number")[0].number == "A2612-013"


def test_a_series_counts_anew_every_year():
    series = a_monthly_series(prefix="R{yyyy}-", restarts=Restart.YEARLY)

    taken = [operations.take_numbers(series, count=1, on=on)[0] for on in (date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))]

    assert taken == ["R2026-001", "R2026-002", "R2027-001"]


def test_a_series_that_begins_to_count_anew_repeats_no_number():
    series = a_monthly_series(restarts=Restart.NEVER)
    assert operations.take_numbers(series, count=3, on=date(2026, 11, 1))[-1] == "A2611-003"
    with acting(SYSTEM):
        run("UPDATE core_numberseries SET restarts = 'monthly' WHERE id = %s", (series.id,))
    monthly = queries.number_series(
        rows("SELECT company_id FROM core_numberseries WHERE id = %s", (series.id,))[0].company_id, kind="order"
    )
    assert monthly is not None

    assert operations.take_numbers(monthly, count=1, on=date(2026, 11, 30)) == ["A2611-004"]
    assert operations.take_numbers(monthly, count=1, on=date(2026, 12, 1)) == ["A2612-001"]


@pytest.mark.parametrize(
    ("restarts", "prefix"), [(Restart.MONTHLY, "A{yy}-"), (Restart.MONTHLY, "A{mm}-"), (Restart.YEARLY, "A-"), (Restart.YEARLY, "{mm}")]
)
def test_a_prefix_that_does_not_name_the_period_is_refused(restarts: Restart, prefix: str):
    with pytest.raises(IntegrityError, match="names_its_period"):
        a_monthly_series(restarts=restarts, prefix=prefix)


def test_the_next_period_stands_ready_before_it_begins():
    series = a_monthly_series()

    operations.open_number_periods(actor=SYSTEM, at=datetime(2026, 11, 28, 15, 0, tzinfo=UTC))

    names = [row.relname for row in rows("SELECT relname FROM pg_class WHERE relname LIKE %s ORDER BY 1", (f"{series.sequence}_%",))]
    assert names == [f"{series.sequence}_202611", f"{series.sequence}_202612"]


def test_a_dropped_series_takes_the_counters_of_its_periods_along():
    series = a_monthly_series()
    operations.take_numbers(series, count=1, on=DAY)
    with acting(SYSTEM):
        run("DELETE FROM core_numberseries WHERE id = %s", (series.id,))

    assert rows("SELECT relname FROM pg_class WHERE relname LIKE %s", (f"{series.sequence}%",)) == []


def test_what_is_no_period_opens_nothing():
    series = a_monthly_series()
    with pytest.raises(DataError, match="No period"), transaction.atomic():
        rows("SELECT core_next_number(%s, %s)", (series.id, "2026'; DROP TABLE core_company"))


@pytest.mark.races
@pytest.mark.django_db(transaction=True)
def test_two_who_open_the_same_series_get_one():
    company = a_company()
    together, found = Barrier(4), []

    def ask() -> None:
        together.wait()
        found.append(operations.open_number_series(company.id, kind="order", actor=SYSTEM))
        connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [found[0]] * 4


# Kept rows


@pytest.mark.django_db(transaction=True)
def test_a_kept_row_costs_nothing_and_is_forgotten_by_its_own_process(django_assert_num_queries):
    channel = a_channel(code="web")
    before = queries.channel_context("web")

    with django_assert_num_queries(0):
        assert queries.channel_context("web") == before
    with acting(SYSTEM):
        SalesChannel.objects.filter(id=channel.id).update(name="新しい名前")
        queries.forget_kept()

    assert queries.channel_context("web").name == "新しい名前"


@pytest.mark.django_db(transaction=True)
def test_what_a_rolled_back_transaction_read_is_not_kept():
    with transaction.atomic():
        a_channel(code="web")
        assert queries.channel_context("web")
        transaction.set_rollback(True)

    with pytest.raises(queries.UnknownChannel):
        queries.channel_context("web")


# Tax rates


@pytest.fixture
def rates():
    operations.seed_reference()


@pytest.mark.parametrize(
    ("on", "standard", "reduced"),
    [
        (date(1989, 3, 31), None, None),
        (date(1989, 4, 1), 300, None),
        (date(1997, 3, 31), 300, None),
        (date(1997, 4, 1), 500, None),
        (date(2014, 3, 31), 500, None),
        (date(2014, 4, 1), 800, None),
        (date(2019, 9, 30), 800, None),
        (date(2019, 10, 1), 1000, 800),
        (date(2026, 11, 21), 1000, 800),
    ],
)
def test_the_rate_is_the_one_in_force_on_the_day(rates, on, standard, reduced):
    found = queries.tax_rates_on(on)

    assert (found.get("standard"), found.get("reduced")) == (standard, reduced)
    assert (found["zero"], found["exempt"], found["out_of_scope"]) == (0, 0, 0)


def test_seeding_twice_changes_nothing_and_keeps_what_people_changed(rates):
    with acting(SYSTEM):
        run("UPDATE core_taxclass SET name = '標準' WHERE code = 'standard'")
        run("UPDATE core_taxrate SET valid_until_on = '2027-04-01' WHERE tax_class_id = 'reduced' AND country = 'JP'")
    before = list(TaxRate.objects.order_by("id").values_list())

    operations.seed_reference()

    assert list(TaxRate.objects.order_by("id").values_list()) == before
    assert queries.tax_classes()["standard"].name == "標準"
    assert list(queries.tax_classes()) == ["standard", "reduced", "zero", "exempt", "out_of_scope"]


def test_no_day_has_two_rates_of_one_class(rates):
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRate.objects.create(tax_class_id="standard", rate_bp=1200, valid_from_on=date(2027, 4, 1))


def test_a_missing_rate_is_refused_rather_than_guessed(rates):
    with pytest.raises(queries.NoTaxRate) as refused:
        queries.tax_rate_bp("reduced", on=date(2019, 9, 30))

    assert (refused.value.code, refused.value.params["tax_class"]) == ("tax.rate_missing", "reduced")
    assert queries.tax_rate_bp("reduced", on=DAY) == 800
