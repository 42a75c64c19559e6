from core.admin import machinery, organisation

__all__ = ["machinery", "organisation"]
