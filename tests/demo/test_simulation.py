"""The same seed gives the same figures; another seed, other ones."""

from datetime import date, timedelta

import pytest

from config.demo.loading import load_base
from config.simulation.chance import Chance
from config.simulation.figures import figures_of
from config.simulation.life import Asked, live
from core.db import rows, run
from core.operations import AnotherHistory
from core.queries import company_coded, forget_kept
from tests.demo.test_loading import NOW

DAYS, PER_DAY = 3, 7


def _live(seed: int):
    load_base(now=NOW, say=lambda step: None, days=DAYS, orders_per_day=PER_DAY)
    run("DELETE FROM core_historyrun")
    forget_kept()
    return _go_on(seed)


def _go_on(seed: int):
    company = company_coded("daifuku-demo")
    today = date(2026, 11, 22)
    asked = Asked(company, seed, PER_DAY, today - timedelta(days=DAYS - 1), today, NOW)
    assert live(asked, tell=lambda progress: None)
    return figures_of(company.id)


KNOWN: dict[int, object] = {}


@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.parametrize(("_case", "seed"), [("one", 1), ("the same again", 1), ("another", 2)])
def test_the_same_seed_gives_the_same_figures(_case, seed):
    figures = _live(seed)

    assert figures.orders > DAYS * PER_DAY // 3
    assert KNOWN.setdefault(seed, figures) == figures
    assert len({one.fingerprint for one in KNOWN.values()}) == len(KNOWN)


@pytest.mark.django_db(transaction=True)
def test_a_company_lived_with_one_seed_is_not_gone_on_with_by_another():
    _live(1)
    before = rows("SELECT count(*) AS orders FROM orders_order")[0].orders

    with pytest.raises(AnotherHistory):
        _go_on(2)

    assert rows("SELECT count(*) AS orders FROM orders_order")[0].orders == before


def test_a_throw_depends_on_its_name_alone():
    chance = Chance(7)

    assert chance.share("a", 1) == Chance(7).share("a", 1)
    assert len({chance.share("a", n) for n in range(1000)}) == 1000
    assert sum(chance.happens(0.3, "b", n) for n in range(10_000)) == pytest.approx(3_000, rel=0.05)
    assert {chance.between(2, 4, n) for n in range(100)} == {2, 3, 4}
