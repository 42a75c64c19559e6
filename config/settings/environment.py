"""What this process was told from outside."""

from pathlib import Path

import environ

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parents[2]

# Which kind of process this is: it decides the database timeouts and whether connections are pooled.
PROCESS = env.str("DAIFUKU_PROCESS", default="command")

# (lock_timeout, statement_timeout, idle_in_transaction_session_timeout) in milliseconds; 0 waits for ever.
PATIENCE = {
    "web": (3_000, 15_000, 30_000),
    "relay": (10_000, 600_000, 30_000),
    "worker": (10_000, 600_000, 30_000),
    "command": (10_000, 0, 0),
}
