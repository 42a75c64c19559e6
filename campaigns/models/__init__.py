from campaigns.models.campaign import Campaign, CampaignTarget
from campaigns.models.segments import Segment, SegmentCondition
from campaigns.models.sends import Message, Recipient, Send, SendingRule

__all__ = ["Campaign", "CampaignTarget", "Message", "Recipient", "Segment", "SegmentCondition", "Send", "SendingRule"]
