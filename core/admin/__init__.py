from core.admin import machinery, organisation, schedules

__all__ = ["machinery", "organisation", "schedules"]
