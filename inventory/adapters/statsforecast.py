"""Forecasts by the library statsforecast, where it is installed: requirements/forecast.txt, an extra for the worker that forecasts.

Imported inside the call only: it is large, starts slowly, and no web process needs it.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from inventory.rules.forecasting import Method

SHORTEST = 15
"""Two weeks and a day: what the seasonal methods must see at least."""
FEWEST = 8
"""A series with fewer days of demand is left to the plain methods: fitting it costs a third of a second and says nothing more."""


def is_installed() -> bool:
    """Whether the extra is here."""
    return find_spec("statsforecast") is not None


def predict(series: Sequence[Sequence[int]], *, days: int) -> Sequence[Mapping[str, Sequence[float]]]:
    """Each series by seasonal methods and by those for what sells now and then; too short ones by none."""
    long = [place for place, counts in enumerate(series) if len(counts) >= SHORTEST and sum(map(bool, counts)) >= FEWEST]
    if not long:
        return [{} for _counts in series]
    import numpy
    import pandas
    from statsforecast import StatsForecast
    from statsforecast.models import TSB, AutoETS, CrostonSBA, DynamicOptimizedTheta, SeasonalExponentialSmoothingOptimized, SeasonalNaive

    lengths = [len(series[place]) for place in long]
    table = pandas.DataFrame(
        {
            "unique_id": numpy.repeat(long, lengths),
            "ds": numpy.concatenate([numpy.arange(length) for length in lengths]),
            "y": numpy.concatenate([numpy.asarray(series[place], dtype=float) for place in long]),
        }
    )
    models = [
        AutoETS(season_length=7, alias=Method.EXPONENTIAL_SMOOTHING.value),
        SeasonalExponentialSmoothingOptimized(season_length=7, alias=Method.SEASONAL_SMOOTHING.value),
        DynamicOptimizedTheta(season_length=7, alias=Method.THETA.value),
        CrostonSBA(alias=Method.CROSTON.value),
        TSB(alpha_d=0.2, alpha_p=0.2, alias=Method.TSB.value),
    ]
    found = StatsForecast(models=models, freq=1, n_jobs=1, fallback_model=SeasonalNaive(season_length=7)).forecast(df=table, h=days)
    result: list[dict[str, Sequence[float]]] = [{} for _counts in series]
    for place, rows in found.groupby("unique_id"):
        for model in models:
            values = [float(value) for value in rows.sort_values("ds")[model.alias]]
            if all(value == value and abs(value) < 1e9 for value in values):  # a method that lost its way says "not a number"
                result[int(place)][model.alias] = [max(0.0, value) for value in values]
    return result
