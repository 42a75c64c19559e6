# Daifuku in an image: one for web, relay, worker, beat and migrate. docs/deployment.md tells how they work together.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --require-hashes --no-deps -r /tmp/base.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /home/daifuku daifuku \
 && mkdir -p /app/var/media /app/var/private && chown -R daifuku:daifuku /app/var
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY core ./core
COPY customers ./customers
COPY catalog ./catalog
COPY inventory ./inventory
COPY billing ./billing
COPY orders ./orders
COPY subscriptions ./subscriptions
COPY campaigns ./campaigns
COPY contact ./contact
COPY storefront ./storefront
COPY config ./config
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings.production WEB_THREADS=8
# Static files belong to the image. Collecting reads no secret: these values go no further than this line.
RUN python -m compileall -q . \
 && DJANGO_SETTINGS_MODULE=config.settings.base python manage.py collectstatic --no-input -v 0
USER daifuku
VOLUME /app/var/media /app/var/private
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "--no-ws", "config.wsgi:application"]
