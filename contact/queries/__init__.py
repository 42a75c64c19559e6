"""What may be asked about cases."""

from contact.queries.customer_data import TABLES, complaining, held, told, unsolved_of
from contact.queries.figures import DeskFigures, desk_figures
from contact.queries.promises import invariants
from contact.queries.reasons import ReasonRow, reasons_of
from contact.queries.staff import StaffRow, staff_names, staff_of

__all__ = [
    "TABLES",
    "DeskFigures",
    "ReasonRow",
    "StaffRow",
    "complaining",
    "desk_figures",
    "held",
    "invariants",
    "reasons_of",
    "staff_names",
    "staff_of",
    "told",
    "unsolved_of",
]
