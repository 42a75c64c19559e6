"""The database backend of the house."""
