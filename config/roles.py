"""The database roles of an installation."""

OWNER = "daifuku_owner"  # owns the tables: migrates, and runs the tests
APP = "daifuku_app"  # what web, relay and workers connect as; may not change or delete in ledgers
