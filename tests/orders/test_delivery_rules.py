"""Services, fees and days: the worked tables of docs/algorithms/delivery.md, and what holds for any order."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.queries import WorkingDays
from orders.rules import NO_MASTERS, ClosureKind, DeliveryMasters, FeeKind, FeeRow, ParcelSize
from orders.rules.carriage import Carriage, carriage
from orders.rules.delivery import Area, Closure, LeadTime, Origin, Service, Stop, ThingToSend, Zone, consignments
from orders.rules.delivery_days import Leg, can_come, offer_days, plan_leg, wish_fault
from orders.rules.fees import FreeRow
from orders.rules.parcel_sizes import Goods, pack, read_size

PAGE = Path(__file__).parents[2].joinpath("docs/algorithms/delivery.md").read_text(encoding="utf-8")
KANTO, OKINAWA, HOKKAIDO, ISLANDS = 1, 2, 3, 9
PARCEL = Service(
    service_id=1, carrier="yamato", code="parcel", name="宅急便", temperatures=frozenset({"ambient", "chilled", "frozen"}),
    most_size=ParcelSize.S160, most_grams=25_000, bands=("0812", "1416", "1618", "1820", "1921"),
)  # fmt: skip
PACKET = Service(
    service_id=2, carrier="yamato", code="packet", name="ネコポス", temperatures=frozenset({"ambient"}), most_size=ParcelSize.PACKET,
    most_grams=1_000, most_pieces=1, takes_day=False, takes_cash=False,
)  # fmt: skip
ZONES = (
    Zone(zone_id=KANTO, name="関東", areas=(Area("東京都"), Area("神奈川県"))),
    Zone(zone_id=OKINAWA, name="沖縄", areas=(Area("沖縄県"),)),
    Zone(zone_id=HOKKAIDO, name="北海道", areas=(Area("北海道"),)),
    Zone(zone_id=ISLANDS, name="離島", is_remote=True, areas=(Area(postal_prefix="10001"), Area(postal_prefix="907"))),
)
SHIZUOKA = Origin(location_id=1, name="静岡倉庫", prefecture="静岡県", cutoff_at=time(14), open_days=WorkingDays())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Tokyo"))


def a_fee(amount: int, kind: FeeKind = FeeKind.SHIPPING, **told: object) -> FeeRow:
    usual = {"label": "", "channel_id": None, "method": None, "prefecture": "", "from_goods_total": 0, "tax_class": "standard"}
    return FeeRow(**{**usual, "kind": kind, "amount": amount, **told})


MASTERS = DeliveryMasters(
    fees=(
        a_fee(600, zone_id=KANTO, up_to_size=ParcelSize.S60), a_fee(800, zone_id=KANTO, up_to_size=ParcelSize.S100),
        a_fee(1_300, zone_id=OKINAWA, up_to_size=ParcelSize.S60), a_fee(1_500, zone_id=OKINAWA, up_to_size=ParcelSize.S100),
        a_fee(220, FeeKind.COOL), a_fee(330, FeeKind.COOL, temperature="frozen"), a_fee(1_000, FeeKind.REMOTE, zone_id=ISLANDS),
        a_fee(440, FeeKind.CASH_ON_DELIVERY, method="cash_on_delivery"),
    ),
    free=(
        FreeRow(label="5,400円以上", from_goods_total=5_400), FreeRow(label="沖縄 20,000円以上", zone_id=OKINAWA, from_goods_total=20_000),
        FreeRow(label="離島", zone_id=ISLANDS),
    ),
    services=(PARCEL,),
    zones=ZONES,
    lead_times=(LeadTime(days=1), LeadTime(days=2, zone_id=HOKKAIDO, first_band="1416"), LeadTime(days=4, zone_id=ISLANDS)),
    closures=(
        Closure(kind=ClosureKind.SHIPPING, from_on=date(2026, 12, 29), until_on=date(2027, 1, 4)),
        Closure(kind=ClosureKind.DELIVERY, from_on=date(2027, 1, 1), until_on=date(2027, 1, 2)),
    ),
    origins={1: SHIZUOKA},
)  # fmt: skip


def table(name: str) -> list[list[str]]:
    body = PAGE.split(f"<!-- table: {name} -->\n")[1].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in body[2:]]


@given(articles=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 25_000)), min_size=1, max_size=5), most=st.integers(25_000, 40_000))
def test_no_piece_is_heavier_than_a_carrier_takes(articles, most):
    packed = pack([Goods(quantity=quantity, grams=grams) for quantity, grams in articles], most_grams=most, most_pieces=10**6)

    free: list[int] = []
    for grams in sorted((g for quantity, g in articles for _n in range(quantity)), reverse=True):
        fits = next((n for n, left in enumerate(free) if left >= grams), None)
        if fits is None:
            free.append(most - grams)
        else:
            free[fits] -= grams
    assert packed is not None
    assert -(-packed.grams // most) <= packed.pieces <= len(free) + 1
    assert packed.pieces * most >= packed.grams


def goods_of(text: str) -> list[tuple[Goods, str]]:
    found = []
    for part in text.split(","):
        quantity, _, rest = part.strip().partition(" × ")
        words = rest.split()
        grams = int(words[2]) * 1_000 if "at" in words else None
        temperature = words[1] if len(words) == 2 else "ambient"
        found.append((Goods(quantity=int(quantity), size=read_size(words[0]), grams=grams), temperature))
    return found


def things(text: str) -> list[ThingToSend]:
    return [ThingToSend(line=n, destination=1, temperature=cold, goods=goods) for n, (goods, cold) in enumerate(goods_of(text))]


def a_stop(**told: object) -> Stop:
    return Stop(**{"place": 1, "prefecture": "東京都", "postal_code": "100-0001", "method": "bank_transfer", **told})


def carried(stop: Stop, text: str, *, goods_total: int = 1_000, masters: DeliveryMasters = MASTERS) -> Carriage | Refusal:
    return carriage([stop], things(text), masters=masters, channel_id=1, goods_total=goods_total, on=date(2026, 12, 1))


@pytest.mark.parametrize(("goods", "most", "kg", "size", "pieces"), table("sizes"))
def test_goods_are_packed_as_the_page_says(goods, most, kg, size, pieces):
    found = pack(
        [one for one, _cold in goods_of(goods)],
        most=ParcelSize(most) if most else None,
        most_grams=int(kg) * 1_000 if kg else None,
        most_pieces=1 if most == "packet" else 99,
    )

    assert ((found.size, found.pieces) if found else None) == ((size, int(pieces)) if pieces else None)


@pytest.mark.parametrize(("to", "goods", "total", "fees"), table("fees"))
def test_fees_are_those_of_the_page(to, goods, total, fees):
    prefecture, code = to.split()

    found = carried(a_stop(prefecture=prefecture, postal_code=code), goods, goods_total=int(total.replace(",", "")))

    words = {FeeKind.SHIPPING: "postage", FeeKind.COOL: "cool", FeeKind.REMOTE: "remote"}
    assert " + ".join(f"{words[f.kind]} {f.amount:,d}" for f in found.fees) == fees.replace("free", "")
    assert fees != "free" or [w.kind for w in found.waived] == [FeeKind.SHIPPING]


def test_a_fee_says_what_decided_and_a_waived_one_by_which_condition():
    masters = replace(MASTERS, fees=(a_fee(700, service_id=1, zone_id=KANTO, up_to_size=ParcelSize.S160, rule_id=5),))

    paid = carried(a_stop(), "9 × 120", masters=masters)
    free = carried(a_stop(), "1 × 60", goods_total=5_400, masters=masters)

    assert [(f.amount, f.rule_id, f.explanation, f.destination) for f in paid.fees] == [(2_800, 5, "宅急便 · 関東 · 160 · × 4", 1)]
    assert (free.fees, [(f.amount, f.waived) for f in free.waived]) == ((), [(700, "5,400円以上")])


def test_rules_hold_from_a_day_until_a_day():
    masters = replace(MASTERS, fees=(a_fee(600), a_fee(700, valid_from_on=date(2027, 1, 1))), free=())

    before = carriage([a_stop()], things("1 × 60"), masters=masters, channel_id=1, goods_total=0, on=date(2026, 12, 31))
    after = carriage([a_stop()], things("1 × 60"), masters=masters, channel_id=1, goods_total=0, on=date(2027, 1, 1))

    assert [f.amount for c in (before, after) for f in c.fees] == [600, 700]


def test_what_is_picked_up_goes_by_no_service_and_pays_nothing():
    found = carried(a_stop(is_pickup=True), "1 × 60 frozen")

    assert found == Carriage()


@pytest.mark.parametrize(
    ("_case", "stop", "goods", "service", "code", "field"),
    [
        ("the first that can do it", a_stop(), "1 × packet", "packet", "", ""),
        ("too thick for the letter box", a_stop(), "2 × packet", "parcel", "", ""),
        ("a wished day rules the packet out", a_stop(wished_on=date(2026, 12, 9)), "1 × packet", "parcel", "", ""),
        ("cash rules it out too", a_stop(method="cash_on_delivery"), "1 × packet", "parcel", "", ""),
        ("the buyer's choice", a_stop(service="parcel"), "1 × packet", "parcel", "", ""),
        ("a choice that cannot", a_stop(service="packet"), "1 × 60", "", "delivery.too_large", "/lines"),
        ("a choice there is not", a_stop(service="drone"), "1 × 60", "", "delivery.unknown_service", "/destinations/0/service"),
        ("not where it is left out", a_stop(prefecture="沖縄県", postal_code="9071801"), "1 × 60", "", "delivery.not_served", "/destinations/0/place/postal_code"),
        ("frozen neither", a_stop(prefecture="北海道", postal_code="0600001"), "1 × 60 frozen", "parcel", "", ""),
        ("no band there", a_stop(time_band="1214"), "1 × 60", "", "delivery.no_band", "/destinations/0/time_band"),
        ("nobody takes it", a_stop(), "1 × 200", "", "delivery.too_large", "/lines"),
    ],
)  # fmt: skip
def test_the_first_service_that_can_do_all_that_is_wished_takes_it(_case, stop, goods, service, code, field):
    parcel = replace(PARCEL, leaves_out=(Area(postal_prefix="907"),))
    packet = replace(PACKET, leaves_out=(Area(postal_prefix="907"),))

    found = consignments([stop], things(goods), masters=replace(MASTERS, services=(packet, parcel)))

    if code:
        assert (found.code, found.field) == (code, field)
    else:
        assert [part.service.code for part in found] == [service]


def test_a_day_that_was_agreed_elsewhere_is_never_refused():
    stop = a_stop(wished_on=date(2026, 12, 9), time_band="1214", is_agreed=True)

    found = consignments([stop], things("1 × 60"), masters=MASTERS)
    nobody = consignments([stop], things("1 × 200"), masters=MASTERS)

    assert ([p.service.code for p in found], [p.service for p in nobody]) == (["parcel"], [None])


def test_a_service_goes_where_the_narrowest_area_says():
    service = replace(PARCEL, goes_to=(Area("東京都"), Area(postal_prefix="1000101")), leaves_out=(Area(postal_prefix="1000"),))

    served = [service.serves(prefecture="東京都", code=code) for code in ("1500001", "1000001", "1000101")]

    assert served == [True, False, True]
    assert not service.serves(prefecture="千葉県", code="2600001")
    assert service.serves(prefecture="", code="")


def a_leg(to: str = "Kanto", **told: object) -> Leg:
    zone = {"Kanto": KANTO, "Hokkaido": HOKKAIDO}[to]
    zones = tuple(z for z in ZONES if z.zone_id == zone)
    return Leg(**{"service": PARCEL, "origin": SHIZUOKA, "zones": zones, **told})


@pytest.mark.parametrize(("ordered", "to", "leaves", "earliest", "wished", "band", "answer"), table("days"))
def test_days_are_those_of_the_page(ordered, to, leaves, earliest, wished, band, answer):
    now, leg = at(ordered), a_leg(to)

    found = offer_days([leg], now=now, masters=MASTERS)
    fault = wish_fault(found, wished_on=date.fromisoformat(wished), band=band, at="/destinations/0")
    plan = plan_leg(leg, wished_on=date.fromisoformat(wished), band=band, now=now, masters=MASTERS)

    assert (str(found.ship_on), str(found.earliest_on)) == (leaves, earliest)
    if answer.startswith("from"):
        assert (fault.params.get("next") or fault.params["earliest"]) == answer.removeprefix("from ")
        assert not plan.in_time
    else:
        assert (fault, str(plan.ship_on), plan.deliver_on.isoformat()) == (None, answer, wished)


def test_a_destination_waits_for_its_slowest_part():
    now = at("2026-12-02 09:00")
    late = a_leg(ready_on=date(2026, 12, 10))

    found = offer_days([a_leg(), late], now=now, masters=MASTERS)

    assert (found.earliest_on, found.days[0].on) == (date(2026, 12, 11), date(2026, 12, 11))


def test_a_carrier_keeps_a_parcel_only_so_long():
    short = a_leg(service=replace(PARCEL, early_days=3))

    found = offer_days([short], now=at("2026-12-28 10:00"), masters=MASTERS)

    assert date(2027, 1, 4) not in [d.on for d in found.days]
    assert date(2027, 1, 5) in [d.on for d in found.days]


def test_without_a_lead_time_no_day_is_promised():
    found = offer_days([a_leg()], now=at("2026-12-02 09:00"), masters=replace(MASTERS, lead_times=()))

    assert (found.ship_on, found.earliest_on, found.days) == (date(2026, 12, 2), None, ())
    assert wish_fault(found, wished_on=date(2026, 12, 9), band="", at="").code == "delivery.no_day"


def test_the_way_named_most_closely_is_the_one_that_counts():
    masters = replace(
        MASTERS,
        lead_times=(
            LeadTime(days=9),
            LeadTime(days=3, origin_prefecture="静岡県"),
            LeadTime(days=2, location_id=1),
            LeadTime(days=5, zone_id=KANTO),
        ),
    )

    found = offer_days([a_leg()], now=at("2026-12-02 09:00"), masters=masters)
    north = offer_days([a_leg("Hokkaido")], now=at("2026-12-02 09:00"), masters=masters)

    assert (found.earliest_on, north.earliest_on) == (date(2026, 12, 7), date(2026, 12, 4))


def test_no_masters_ask_nothing():
    assert consignments([a_stop()], things("1 × 60"), masters=NO_MASTERS) == ()
    assert carried(a_stop(), "1 × 60", masters=NO_MASTERS) == Carriage()


_days = st.dates(date(2026, 11, 1), date(2027, 2, 28))


@given(
    now=st.integers(0, 92 * 24).map(lambda hours: at("2026-11-01 00:00") + timedelta(hours=hours)), to=st.sampled_from(["Kanto", "Hokkaido"]), days=st.integers(0, 6),
    closed=st.lists(st.tuples(st.sampled_from(ClosureKind), _days, st.integers(1, 12)), max_size=5), early=st.integers(0, 9),
    first_band=st.sampled_from(["", "1416", "1921"]),
)  # fmt: skip
def test_every_offered_day_can_be_planned_and_no_other(now, to, days, closed, early, first_band):
    closures = tuple(Closure(kind=kind, from_on=on, until_on=on + timedelta(days=n)) for kind, on, n in closed)
    masters = replace(MASTERS, closures=closures, lead_times=(LeadTime(days=days, first_band=first_band),))
    leg = a_leg(to, service=replace(PARCEL, early_days=early, latest_days=24))

    found = offer_days([leg], now=now, masters=masters)

    offered = {day.on: day.bands for day in found.days}
    for n in range(28):
        on = now.date() + timedelta(days=n)
        for band in ("", *PARCEL.bands):
            possible = on in offered and (not band or band in offered[on])
            plan = plan_leg(leg, wished_on=on, band=band, now=now, masters=masters)
            assert can_come([leg], wished_on=on, band=band, now=now, masters=masters) == possible
            assert (wish_fault(found, wished_on=on, band=band, at="") is None) == possible
            if possible:
                assert plan.in_time
                assert now.date() <= plan.ship_on <= on - timedelta(days=days)
                assert SHIZUOKA.open_days.includes(plan.ship_on)
                assert not any(c.kind is ClosureKind.SHIPPING and c.from_on <= plan.ship_on < c.until_on for c in closures)
    assert not offered or found.earliest_on == min(offered)


@given(
    goods=st.lists(
        st.tuples(st.integers(1, 30), st.sampled_from(["60", "60/4", "80/2", "100", "packet/3", ""]), st.integers(0, 5_000)),
        min_size=1,
        max_size=6,
    ),
    most=st.sampled_from([ParcelSize.S60, ParcelSize.S120, ParcelSize.S160]),
)
def test_more_goods_never_make_a_smaller_parcel(goods, most):
    told = [Goods(quantity=n, size=read_size(size), grams=grams) for n, size, grams in goods]
    larger = [replace(g, quantity=g.quantity + 1) for g in told]

    small = pack(told, most=most, most_grams=25_000, most_pieces=99)
    large = pack(larger, most=most, most_grams=25_000, most_pieces=99)

    if large is not None:
        assert small is not None
        assert small.pieces <= large.pieces
    if small is not None:
        assert small.grams <= 25_000 * small.pieces
