"""What the back office of every app is built from: lists, ledgers, verbs, columns and the dashboard."""

from core.admin_site.columns import money_column, shown_money, status_column
from core.admin_site.dashboard import dashboard
from core.admin_site.exports import ExportColumn, ExportLayout, ListExport
from core.admin_site.house_admin import HouseAdmin, HouseInline, LedgerAdmin, LedgerInline
from core.admin_site.people import PersonalData, actor_of, company_of
from core.admin_site.seen import SeenForm
from core.admin_site.verbs import ReasonForm, Verb, VerbCall, VerbForm

__all__ = [
    "ExportColumn",
    "ExportLayout",
    "HouseAdmin",
    "HouseInline",
    "LedgerAdmin",
    "LedgerInline",
    "ListExport",
    "PersonalData",
    "ReasonForm",
    "SeenForm",
    "Verb",
    "VerbCall",
    "VerbForm",
    "actor_of",
    "company_of",
    "dashboard",
    "money_column",
    "shown_money",
    "status_column",
]
