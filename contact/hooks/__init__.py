"""What contact answers to the apps below: its rows about customers, its cards, its part of the customer's page, the pause of offers."""

from contact.hooks.cards import dashboard_cards
from contact.hooks.customer_data import erase, export, lanes, merge, objections, tables, timeline
from contact.hooks.desk import desk_actions, desk_panels
from contact.hooks.pausing import vetoed

__all__ = [
    "dashboard_cards",
    "desk_actions",
    "desk_panels",
    "erase",
    "export",
    "lanes",
    "merge",
    "objections",
    "tables",
    "timeline",
    "vetoed",
]
