from core.admin import machinery, organisation, schedules, webhooks

__all__ = ["machinery", "organisation", "schedules", "webhooks"]
