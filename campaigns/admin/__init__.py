from campaigns.admin import coupons, masters, messages, segments, sends

__all__ = ["coupons", "masters", "messages", "segments", "sends"]
