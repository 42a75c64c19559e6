"""What may be asked about cases."""

from contact.queries.cases import PREFIX, CaseRow, case_key, case_orders, case_rows, case_story, visible_to
from contact.queries.customer_data import TABLES, complaining, held, told, unsolved_of
from contact.queries.desk import CallerRow, DeskState, callers, desk_state
from contact.queries.figures import DeskFigures, desk_figures
from contact.queries.offered import FormOffer, channel_choices, form_offer
from contact.queries.promises import invariants
from contact.queries.reasons import ReasonRow, reasons_of
from contact.queries.staff import StaffRow, staff_names, staff_of

__all__ = [
    "PREFIX",
    "TABLES",
    "CallerRow",
    "CaseRow",
    "DeskFigures",
    "DeskState",
    "FormOffer",
    "ReasonRow",
    "StaffRow",
    "callers",
    "case_key",
    "case_orders",
    "case_rows",
    "case_story",
    "channel_choices",
    "complaining",
    "desk_figures",
    "desk_state",
    "form_offer",
    "held",
    "invariants",
    "reasons_of",
    "staff_names",
    "staff_of",
    "told",
    "unsolved_of",
    "visible_to",
]
