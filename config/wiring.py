"""Who answers which hook and who reacts to which event, on one page."""


def connect() -> None:
    """Register every hook implementation and event handler of the house."""
