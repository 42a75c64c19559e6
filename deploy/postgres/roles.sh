#!/bin/sh
# Runs once, when the database is made: the owner migrates, the application may do no more than it is granted (setup_roles).
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE daifuku_owner LOGIN PASSWORD :'owner';
CREATE ROLE daifuku_app LOGIN PASSWORD :'app';
CREATE DATABASE daifuku OWNER daifuku_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE daifuku FROM PUBLIC;
GRANT CONNECT ON DATABASE daifuku TO daifuku_app;
SQL
