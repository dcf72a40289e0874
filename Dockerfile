# One image for web, worker, clock and migrations; which of them it is, the command says. No secret is in it.
FROM python:3.11-slim-bookworm AS packages
# requirements-keyless.txt has all of requirements.txt, and what docs/trust.md says of it.
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-keyless.txt constraints.txt /
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r "/$REQUIREMENTS"

FROM python:3.11-slim-bookworm
# The ssh client is for hosts that are registered as ssh://user@host.
RUN apt-get update && apt-get install -y --no-install-recommends openssh-client && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home loadline && install -d -o loadline -m 700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY fleet fleet
COPY dashboard dashboard
COPY templates templates
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOADLINE_DATA=/data
USER loadline
VOLUME /data
EXPOSE 8000
# Asks under a name that the site answers to, as if through the proxy in front of it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "\
import os, urllib.request as u; \
name = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0]; \
u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': name, 'X-Forwarded-Proto': 'https'}), timeout=4)"]
CMD ["gunicorn", "dashboard.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
