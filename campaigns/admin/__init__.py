from campaigns.admin import masters, messages, segments, sends

__all__ = ["masters", "messages", "segments", "sends"]
