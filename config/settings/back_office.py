"""The back office's looks."""

from typing import Any

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

INDIGO = {
    "50": "oklch(97.2% .012 262)",
    "100": "oklch(94.0% .026 262)",
    "200": "oklch(88.5% .052 262)",
    "300": "oklch(80.0% .090 262)",
    "400": "oklch(68.5% .125 262)",
    "500": "oklch(56.5% .140 262)",
    "600": "oklch(47.5% .135 262)",
    "700": "oklch(40.5% .118 262)",
    "800": "oklch(34.5% .094 262)",
    "900": "oklch(30.0% .072 262)",
    "950": "oklch(21.5% .050 262)",
}


def _styles(_request: Any) -> str:
    return static("core/back_office.css")


def _shortcuts(_request: Any) -> str:
    return static("core/back_office.js")


UNFOLD = {
    "SITE_TITLE": "Daifuku 大福帳",
    "SITE_HEADER": "Daifuku 大福帳",
    "SITE_SUBHEADER": _("The merchant's ledger"),
    "SITE_SYMBOL": "menu_book",
    "SITE_URL": "/",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": INDIGO},
    "DASHBOARD_CALLBACK": "core.admin_site.dashboard",
    "STYLES": [_styles],
    "SCRIPTS": [_shortcuts],
    "SIDEBAR": {
        "show_search": True,
        "command_search": False,
        "show_all_applications": False,
        "navigation": "config.admin_navigation.navigation",
    },
}
