"""Japanese text made comparable: names, kana, phones, mail addresses, postal codes, addresses, search and cp932 files.

Pure: no Django. What a person typed is kept for printing; the keys made here are for finding and comparing only, and
may be recomputed at any time.
"""

from core.text.address import address_number_key, format_postal, postal_key, prefecture_in_full, prefecture_of
from core.text.cp932 import (
    Cp932Text,
    cp932_fold,
    cp932_safe,
    cp932_width,
    truncate_cp932,
)
from core.text.folding import (
    clean_line,
    clean_text,
    fold_dashes,
    fold_variants,
    has_unstorable,
    plain,
    whole_number,
    written_day,
)
from core.text.mail import EmailProblem, EmailReading, email_key, read_email
from core.text.names import kana_key, name_key, normalise_kana, normalise_name
from core.text.phones import PhoneKind, PhoneReading, PhoneWarning, format_phone, phone_key, read_phone
from core.text.searching import bigram_query, bigrams, like_pattern, search_key

__all__ = [
    "Cp932Text",
    "EmailProblem",
    "EmailReading",
    "PhoneKind",
    "PhoneReading",
    "PhoneWarning",
    "address_number_key",
    "bigram_query",
    "bigrams",
    "clean_line",
    "clean_text",
    "cp932_fold",
    "cp932_safe",
    "cp932_width",
    "email_key",
    "fold_dashes",
    "fold_variants",
    "format_phone",
    "format_postal",
    "has_unstorable",
    "kana_key",
    "like_pattern",
    "name_key",
    "normalise_kana",
    "normalise_name",
    "phone_key",
    "plain",
    "postal_key",
    "prefecture_in_full",
    "prefecture_of",
    "read_email",
    "read_phone",
    "search_key",
    "truncate_cp932",
    "whole_number",
    "written_day",
]
