"""PostgreSQL and Redis."""

from config.addresses import redis_addresses
from config.settings.environment import PATIENCE, PROCESS, env

lock, statement, idle = PATIENCE[PROCESS]

DATABASES = {"default": env.db("DATABASE_URL", default="postgresql://daifuku_app@localhost/daifuku")}
DATABASES["default"].update({"ENGINE": "config.postgres", "ATOMIC_REQUESTS": False, "CONN_HEALTH_CHECKS": True})
# An address may carry driver options of its own (?sslmode=require): ours are added to them.
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "application_name": f"daifuku-{PROCESS}",
    "options": f"-c lock_timeout={lock} -c statement_timeout={statement} -c idle_in_transaction_session_timeout={idle}",
}
if PROCESS == "web" and env.int("WEB_THREADS", default=1) > 1:  # the driver's pool pays only where threads share a process
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": env.int("DATABASE_POOL", default=8), "timeout": 10}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600

REDIS = redis_addresses(env.str("REDIS_URL", default="redis://localhost:6379"))
CACHES = {
    "default": {
        "BACKEND": "config.cache.ForgivingRedisCache",
        "LOCATION": REDIS.cache,
        "KEY_PREFIX": "daifuku",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}
