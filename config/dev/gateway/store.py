"""What the sandbox remembers, in a SQLite file of its own: objects, answers by idempotency key, effects, messages to send."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Thing = dict[str, Any]

_TABLES = """
CREATE TABLE IF NOT EXISTS things (id TEXT PRIMARY KEY, object TEXT NOT NULL, created REAL NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS effects (n INTEGER PRIMARY KEY, payment TEXT NOT NULL, intent TEXT NOT NULL, what TEXT NOT NULL, amount INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, body TEXT NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
"""


class Store:
    """One writer at a time; what is written is on disk before anybody is answered."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._line = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._line.execute("PRAGMA journal_mode=WAL")
        self._line.execute("PRAGMA synchronous=NORMAL")
        self._line.executescript(_TABLES)
        self._lock = threading.RLock()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Everything inside is kept, or nothing."""
        with self._lock:
            self._line.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._line.execute("ROLLBACK")
                raise
            self._line.execute("COMMIT")

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._line.execute(sql, values).fetchall()

    def get(self, id_: str, object_: str = "") -> Thing | None:
        found = self._rows("SELECT data FROM things WHERE id = ? AND (? = '' OR object = ?)", id_, object_, object_)
        return json.loads(found[0][0]) if found else None

    def all(self, object_: str) -> list[Thing]:
        return [json.loads(row[0]) for row in self._rows("SELECT data FROM things WHERE object = ? ORDER BY created DESC", object_)]

    def put(self, thing: Thing) -> Thing:
        """The thing stands as given; a new one gets its creation time."""
        thing.setdefault("created", int(time.time()))
        self._rows(
            "INSERT INTO things VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data",
            thing["id"],
            thing["object"],
            time.time(),
            json.dumps(thing),
        )
        return thing

    def answer(self, key: str) -> tuple[str, int, Thing] | None:
        found = self._rows("SELECT asked, status, body FROM answers WHERE key = ?", key)
        return (found[0][0], found[0][1], json.loads(found[0][2])) if found else None

    def keep_answer(self, key: str, asked: str, status: int, body: Thing) -> None:
        self._rows("INSERT INTO answers VALUES (?, ?, ?, ?)", key, asked, status, json.dumps(body))

    def note(self, payment: Thing, what: str, amount: int) -> None:
        """Something happened to real money: what an auditor of the card company would see."""
        self._rows(
            "INSERT INTO effects (payment, intent, what, amount) VALUES (?, ?, ?, ?)",
            payment["id"],
            payment["metadata"].get("intent", ""),
            what,
            amount,
        )

    def effects(self) -> list[Thing]:
        names = ("payment", "intent", "what", "amount")
        return [dict(zip(names, row, strict=True)) for row in self._rows("SELECT payment, intent, what, amount FROM effects ORDER BY n")]

    def tell(self, kind: str, thing: Thing) -> None:
        """A message about the thing as it is now is owed to the shop."""
        event = {
            "id": new_id("evt"), "object": "event", "type": kind, "created": int(time.time()), "livemode": False,
            "data": {"object": thing},
        }  # fmt: skip
        self._rows("INSERT INTO messages (id, body, due) VALUES (?, ?, ?)", event["id"], json.dumps(event), time.time())

    def due_messages(self, *, most: int) -> list[tuple[str, str, int]]:
        found = self._rows(
            "SELECT id, body, attempts FROM messages WHERE done = 0 AND due <= ? ORDER BY due, rowid LIMIT ?", time.time(), most
        )
        return [(row[0], row[1], row[2]) for row in found]

    def note_message(self, id_: str, *, taken: bool, again_in_s: float) -> None:
        self._rows("UPDATE messages SET done = ?, attempts = attempts + 1, due = ? WHERE id = ?", int(taken), time.time() + again_in_s, id_)

    def waiting_messages(self) -> int:
        return int(self._rows("SELECT count(*) FROM messages WHERE done = 0")[0][0])

    def close(self) -> None:
        with self._lock:
            self._line.close()


def new_id(prefix: str) -> str:
    """An id such as pi_3f…, not to be guessed."""
    return f"{prefix}_{secrets.token_hex(12)}"
