"""Marks English source text for translation where Django may not be imported."""


def gettext_noop(message: str) -> str:
    """Return the message unchanged; the extractor finds it here, the counter translates it when it speaks."""
    return message
