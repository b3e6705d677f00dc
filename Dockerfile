# The site, its worker and its commands, in one image:
#   docker build --tag archive --build-arg RELEASE="$(git rev-parse --short HEAD)" .
#
# The tag names Python's minor version and Debian's release, so that a build takes today's security fixes. A
# build that must be the same byte for byte gives a digest: --build-arg BASE=python@sha256:…
ARG BASE=python:3.13-slim-trixie

FROM ${BASE} AS packages
COPY requirements.lock .
# Wheels only: nothing is compiled, and no package's setup code runs.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement requirements.lock \
    && /opt/venv/bin/python -m pip uninstall --yes pip


FROM ${BASE}
ARG RELEASE=""
# The id is fixed, for volumes and for orchestrators that ask for a number. Code and packages stay root's: the
# site cannot rewrite itself.
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin archive
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ENVIRONMENT=production \
    RELEASE=${RELEASE} \
    WEB_BIND=0.0.0.0:8000
WORKDIR /app
COPY . .
# Production's settings ask for all that they need; these values exist for this one step, reach nothing, and
# the key is forgotten with it.
RUN python -m compileall -q . \
    && SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        DATABASE_URL=postgresql://build@127.0.0.1/build \
        REDIS_URL=redis://127.0.0.1/0 \
        ALLOWED_HOSTS=build.invalid \
        SITE_URL=https://build.invalid \
        python manage.py collectstatic --no-input --verbosity 0 \
    # Django gives these files the strict modes of uploads; the site's user has to read them.
    && chmod -R a+rX var \
    # The folders that the site writes to, deliveries on their way in and fetched files. Mount volumes here.
    && install --directory --owner=archive --mode=700 var/spool \
    && install --directory --owner=archive --mode=755 var/media
USER archive
EXPOSE 8000
STOPSIGNAL SIGTERM
# Asks whether the process answers, nothing more: a restart mends no database. Patient, because a probe waits
# in the same queue as the readers.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=5 \
    CMD ["python", "-c", "import http.client, os; probe = http.client.HTTPConnection('127.0.0.1:' + os.environ['WEB_BIND'].rpartition(':')[2], timeout=9); probe.request('GET', '/livez'); raise SystemExit(probe.getresponse().status != 200)"]
CMD ["gunicorn"]
