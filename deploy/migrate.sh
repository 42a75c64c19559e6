#!/bin/sh
# Runs at every start, as the owner: brings schema, rights and reference data up to this release. Again changes nothing.
set -eu
cd "$(dirname "$0")/.."
python manage.py migrate --no-input
python manage.py setup_roles
python manage.py seed_reference
