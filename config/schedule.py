"""What the clock starts, on one page: a name, the task, how often. Staff can change the times in the back office."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "send due mails": {"task": "core.send_mails", "schedule": 10.0},
    "send webhooks": {"task": "core.send_webhooks", "schedule": 2.0, "options": {"expire_seconds": 4}},
    "carry on sends": {"task": "campaigns.sweep", "schedule": 10.0},
    "ask the card gateway": {"task": "billing.work_gateway", "schedule": 10.0},
    "make renewals": {"task": "subscriptions.generate_renewals", "schedule": 60.0},
    "remind of renewals": {"task": "subscriptions.remind", "schedule": 600.0},
    "send link codes": {"task": "customers.send_link_codes", "schedule": 3.0},
    "forget link codes": {"task": "customers.forget_link_codes", "schedule": 3600.0},
    "expire points": {"task": "customers.expire_due_points", "schedule": 600.0},
    "exchange files": {"task": "inventory.exchange_files", "schedule": 300.0},
    "tell channels their figures": {"task": "inventory.tell_channels", "schedule": 60.0},
    "expire stock quotas": {"task": "inventory.expire_due_quotas", "schedule": 60.0},
    "expire reservations": {"task": "inventory.expire_due_reservations", "schedule": 60.0},
    "expire lots": {"task": "inventory.expire_lots", "schedule": 600.0},
    "forecast demand": {"task": "inventory.make_forecasts", "schedule": 21_600.0},
    "give goods to who waits": {"task": "orders.allocate_waiting", "schedule": 60.0},
    "take in outside orders": {"task": "orders.work_intake", "schedule": 10.0},
    "fetch outside orders": {"task": "orders.fetch_counters", "schedule": 30.0, "options": {"expire_seconds": 60}},
    "tell outside counters": {"task": "orders.tell_counters", "schedule": 30.0},
    "ask about parcels": {"task": "orders.ask_about_parcels", "schedule": 300.0},
    "follow parcels": {"task": "orders.follow_parcels", "schedule": 900.0},
    "follow pickups": {"task": "orders.follow_pickups", "schedule": 600.0},
    "exchange order files": {"task": "orders.exchange_intake", "schedule": 300.0},
    "forget what counters handed in": {"task": "orders.forget_intake", "schedule": 86_400.0},
    "set papers": {"task": "orders.set_papers", "schedule": 2.0, "options": {"expire_seconds": 4}},
    "forget papers": {"task": "orders.forget_papers", "schedule": 3600.0},
    "tidy the words of orders": {"task": "orders.tidy_words", "schedule": 60.0},
    "tidy up": {"task": "core.tidy_up", "schedule": 3600.0},
}
