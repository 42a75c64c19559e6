"""Structured logs: a line of JSON per event, with the request's id, without personal data."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Names of fields that carry a person. Their values never reach a log, whoever logs them.
PERSONAL = re.compile(
    r"(?i)(^|_)(name|kana|e?mail|phone|address|line1|line2|postal|birth|password|passwd|secret|token|authorization|cookie|session|card|note|message_body|username|handle)(_|$)"
)
NOT_PERSONAL = {"logger_name", "task_name", "event_name", "handler_name", "file_name", "host_name"}
MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
LONG_DIGITS = re.compile(r"(?<![\w-])\+?\d[\d-]{9,}\d(?![\w-])")


def without_personal_data(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Values under a person's field names are dropped; mail addresses and phone numbers inside text are blanked."""
    for key, value in line.items():
        if PERSONAL.search(key) and key not in NOT_PERSONAL:
            line[key] = "[personal]"
        elif isinstance(value, str) and key not in {"timestamp", "request_id"}:
            line[key] = LONG_DIGITS.sub("[digits]", MAIL_ADDRESS.sub("[mail]", value))
    return line


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    without_personal_data,
]


def logging_for(*, level: str, readable: bool) -> dict[str, Any]:
    """Django's LOGGING: everything through structlog; JSON for machines, plain lines for a person at a terminal."""
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0) if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR"},  # it quotes addresses; core.api.gate writes one line per request
            "django.db.backends": {"level": "INFO"},
            "celery": {"level": "INFO"},
            "celery.beat": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},  # it names every address it asks, with references of cards in it
            "axes": {"level": "ERROR"},  # it names people; what it sees is stored in its own tables
        },
    }
