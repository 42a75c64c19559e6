from campaigns.models.campaign import Campaign, CampaignTarget
from campaigns.models.coupons import Coupon, CouponArticle, CouponUse
from campaigns.models.segments import Segment, SegmentCondition
from campaigns.models.sends import Message, Recipient, Send, SendingRule

__all__ = [
    "Campaign",
    "CampaignTarget",
    "Coupon",
    "CouponArticle",
    "CouponUse",
    "Message",
    "Recipient",
    "Segment",
    "SegmentCondition",
    "Send",
    "SendingRule",
]
