from customers.queries.accounts import (
    FactorRow,
    IdRow,
    LinkNews,
    LinkRow,
    SessionRow,
    factors_of_account,
    has_second_factor,
    ids_of_account,
    is_address_proven,
    link_news,
    links_of_account,
    sessions_of_account,
)
from customers.queries.buying import buyer_details
from customers.queries.credit import CreditLimit, credit_limits
from customers.queries.desk import DeskView, desk_view, json_row, open_candidates, pairs_of
from customers.queries.earning import earned_points, point_terms
from customers.queries.groups import group_of, groups_of
from customers.queries.held import TABLES, held, told
from customers.queries.keys import customer_keys, customers_by_number
from customers.queries.ledger import PREFIX, CustomerRow, customer_behind, customer_rows, customers_of_account, visible_to
from customers.queries.own import (
    ConsentWord,
    OwnAddress,
    OwnContactPoint,
    OwnDetails,
    PointMove,
    consent_words,
    export_of,
    own_addresses,
    own_contact_points,
    own_details,
    point_moves,
)
from customers.queries.promises import invariants
from customers.queries.ranking import rank_codes
from customers.queries.relations import NoteRow, PointBalance, consent_in_force, open_notes, point_balances
from customers.queries.searching import search_customers
from customers.queries.timeline import EVERY_LANE, Place, StoryPage, rights_of_lanes, story_page
from customers.queries.viewing import CustomerView, customer_page, customer_views, customers_meant
from customers.queries.webhooks import webhook_types

__all__ = [
    "EVERY_LANE",
    "PREFIX",
    "TABLES",
    "ConsentWord",
    "CreditLimit",
    "CustomerRow",
    "CustomerView",
    "DeskView",
    "FactorRow",
    "IdRow",
    "LinkNews",
    "LinkRow",
    "NoteRow",
    "OwnAddress",
    "OwnContactPoint",
    "OwnDetails",
    "Place",
    "PointBalance",
    "PointMove",
    "SessionRow",
    "StoryPage",
    "buyer_details",
    "consent_in_force",
    "consent_words",
    "credit_limits",
    "customer_behind",
    "customer_keys",
    "customer_page",
    "customer_rows",
    "customer_views",
    "customers_by_number",
    "customers_meant",
    "customers_of_account",
    "desk_view",
    "earned_points",
    "export_of",
    "factors_of_account",
    "group_of",
    "groups_of",
    "has_second_factor",
    "held",
    "ids_of_account",
    "invariants",
    "is_address_proven",
    "json_row",
    "link_news",
    "links_of_account",
    "open_candidates",
    "open_notes",
    "own_addresses",
    "own_contact_points",
    "own_details",
    "pairs_of",
    "point_balances",
    "point_moves",
    "point_terms",
    "rank_codes",
    "rights_of_lanes",
    "search_customers",
    "sessions_of_account",
    "story_page",
    "told",
    "visible_to",
    "webhook_types",
]
