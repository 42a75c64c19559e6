from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The only place that knows all apps: wires hooks and handlers when Django is ready."""

    name = "config"

    def ready(self) -> None:
        from config import wiring

        wiring.connect()
