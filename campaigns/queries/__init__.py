from campaigns.queries.asking import meant_sql
from campaigns.queries.coupons import CouponAsk, OwnCoupon, coupon_terms, own_coupon_uses, own_coupons
from campaigns.queries.customer_data import TABLES, held_campaigns, held_coupons, held_messages, send_figures, told
from campaigns.queries.letters import Wording, addressee_of, letter, sample_addressee, sample_letter, send_letter
from campaigns.queries.links import SAMPLE, Leaver, leaver, unsubscribe_path, unsubscribe_url
from campaigns.queries.promises import invariants
from campaigns.queries.segments import (
    Asked,
    Meant,
    SegmentCount,
    UnknownSegment,
    asked,
    segment_count,
    segment_count_of,
    segment_members,
    segment_sample,
)
from campaigns.queries.sends import DueSend, Progress, Result, Why, due_sends, progress, reasons, result, running_sends, sender, sender_of
from campaigns.queries.words import in_words

__all__ = [
    "SAMPLE",
    "TABLES",
    "Asked",
    "CouponAsk",
    "DueSend",
    "Leaver",
    "Meant",
    "OwnCoupon",
    "Progress",
    "Result",
    "SegmentCount",
    "UnknownSegment",
    "Why",
    "Wording",
    "addressee_of",
    "asked",
    "coupon_terms",
    "due_sends",
    "held_campaigns",
    "held_coupons",
    "held_messages",
    "in_words",
    "invariants",
    "leaver",
    "letter",
    "meant_sql",
    "own_coupon_uses",
    "own_coupons",
    "progress",
    "reasons",
    "result",
    "running_sends",
    "sample_addressee",
    "sample_letter",
    "segment_count",
    "segment_count_of",
    "segment_members",
    "segment_sample",
    "send_figures",
    "send_letter",
    "sender",
    "sender_of",
    "told",
    "unsubscribe_path",
    "unsubscribe_url",
]
