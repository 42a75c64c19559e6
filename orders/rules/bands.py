"""The times of day a buyer may wish a delivery for: one list for every counter. Pure."""

from typing import Final

from core.words import gettext_noop as _

BANDS: Final = {
    "0812": _("Morning"),
    "1214": "12:00–14:00",
    "1416": "14:00–16:00",
    "1618": "16:00–18:00",
    "1820": "18:00–20:00",
    "1921": "19:00–21:00",
    "1821": "18:00–21:00",
}
"""Every band a carrier of ours knows, by the house's code. Bands that carriers gave up stay in old orders as their code."""

TIME_BANDS: Final = ("", "0812", "1416", "1618", "1820", "1921")
"""What may be wished where a company has no delivery services of its own: what the largest carrier offers."""


def band_words(band: str) -> str:
    """How a band is told; one that is offered no more by its code."""
    return BANDS.get(band, band)
