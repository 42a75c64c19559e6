"""What is shown of a person to those who need to tell customers apart but not to know them."""

from datetime import date

HIDDEN = "＊＊"


def masked_name(name: str) -> str:
    """The first letter of a name, the rest hidden: 山＊＊."""
    return f"{name.strip()[:1]}{HIDDEN}" if name.strip() else ""


def masked_phone(phone: str) -> str:
    """The last four digits, as callers are asked for: ＊＊5678."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"{HIDDEN}{digits[-4:]}" if digits else ""


def masked_email(email: str) -> str:
    """The first letter and the domain: h＊＊@example.com."""
    local, at, domain = email.partition("@")
    return f"{local[:1]}{HIDDEN}{at}{domain}" if email else ""


def masked_birth(born: date | None) -> str:
    """The decade: enough for a segment, not for a proof."""
    return f"{born.year // 10 * 10}～" if born else ""
