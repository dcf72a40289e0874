"""Django's settings: what is fixed for every installation, and what docs/settings.md lets one change."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import quote

from csp.constants import NONE, SELF

from dashboard.env import Environment, writable_folder
from dashboard.logs import logging_settings

env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where this installation keeps what is its own
LOADLINE_DATA = writable_folder("LOADLINE_DATA", Path(env.text("LOADLINE_DATA", str(BASE_DIR / "var"))).absolute())
SECRET_KEY = env.secret("SECRET_KEY", keep_in=LOADLINE_DATA / "secret-key", make=lambda: secrets.token_urlsafe(50))
LOADLINE_SEALING_KEYS = env.sealing_keys("LOADLINE_SEALING_KEYS", keep_in=LOADLINE_DATA / "sealing-keys")

# What Loadline does
LOADLINE_SWEEP_SECONDS = env.whole_number("LOADLINE_SWEEP_SECONDS", 30, least=5, most=86_400)
LOADLINE_STALE_SECONDS = env.whole_number("LOADLINE_STALE_SECONDS", 300, least=10, most=604_800)
LOADLINE_LONG_JOBS = env.whole_number("LOADLINE_LONG_JOBS", 1, least=1, most=64)
LOADLINE_LOAD_LINE = env.whole_number("LOADLINE_LOAD_LINE", 80, least=0, most=100)
LOADLINE_LOCAL_ENVIRONMENT = env.text("LOADLINE_LOCAL_ENVIRONMENT", "production")
LOADLINE_ALLOWED_REGISTRIES = env.words("LOADLINE_ALLOWED_REGISTRIES")
LOADLINE_INFRASTRUCTURE_IMAGES = env.words("LOADLINE_INFRASTRUCTURE_IMAGES")
# Days; packs and the audit trail are kept for good unless somebody says otherwise, because a claim of last spring
# rests on them.
LOADLINE_KEEP_GONE = env.whole_number("LOADLINE_KEEP_GONE", 90, least=1, most=36_500)
LOADLINE_KEEP_CHANGES = env.whole_number("LOADLINE_KEEP_CHANGES", 400, least=30, most=36_500)
LOADLINE_KEEP_RULE_DAYS = env.whole_number("LOADLINE_KEEP_RULE_DAYS", 400, least=31, most=36_500)
LOADLINE_KEEP_DAYS = env.whole_number("LOADLINE_KEEP_DAYS", 3660, least=400, most=36_500)
LOADLINE_KEEP_PACKS = env.whole_number("LOADLINE_KEEP_PACKS", 0, least=0, most=36_500)
LOADLINE_KEEP_AUDIT = env.whole_number("LOADLINE_KEEP_AUDIT", 0, least=0, most=36_500)
# Mail, for reports: whoever can send it must say who sends, and where its links lead.
EMAIL_SETTINGS = env.mail("EMAIL_URL")
globals().update(EMAIL_SETTINGS)
EMAIL_CONFIGURED = bool(EMAIL_SETTINGS)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.sender("EMAIL_FROM", needed="EMAIL_URL" if EMAIL_CONFIGURED else "")
LOADLINE_URL = env.site("LOADLINE_URL", needed="EMAIL_URL" if EMAIL_CONFIGURED else "")
LOADLINE_METRICS_TOKEN = env.secret_or_none("LOADLINE_METRICS_TOKEN")

# Who may reach it, and how
DEBUG = env.flag("DEBUG")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
LOADLINE_HTTPS = env.flag("LOADLINE_HTTPS")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = LOADLINE_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LOADLINE_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if LOADLINE_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = LOADLINE_HTTPS
# Probes and scrapers come from inside and speak plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "loadline_session", "loadline_csrf"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

INSTALLED_APPS = [
    "fleet",
    "dashboard",
    # Whose pages are loaded by dashboard.urls: commands have none, and loading them takes longer than a quiet sweep.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "auditlog",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboard.page_times.PageTimes",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dashboard.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.audit_trail.AuditTrail",
    # Last, so that a locked-out sign-in is answered by axes and still wears every header above.
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Only its tag is used: as an app every command would load it, and forms of PostgreSQL with it.
            "libraries": {"django_tables2": "django_tables2.templatetags.django_tables2"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dashboard.context.shell_context",
            ],
        },
    }
]

FORM_RENDERER = "dashboard.form_drawing.Drawn"

# The database decides what is due and who claimed it; the queue is only a hint.
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{quote(str(LOADLINE_DATA))}/loadline.sqlite3")}
DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
EMBEDDED_DATABASE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if EMBEDDED_DATABASE:
    # Without IMMEDIATE four of five concurrent writers fail at once with "database is locked", whatever the
    # timeout; with it they queue, for up to five seconds when saturated, hence twenty.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # Rows with facts are several pages each: mapped, a fleet is judged in a third less time.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        " PRAGMA mmap_size=134217728;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CELERY_BROKER_URL = env.broker("CELERY_BROKER_URL", "filesystem-atomic://localhost")
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("filesystem-atomic:")

# Sign-in
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "/", "login"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
# Ten wrong passwords for one name from one address close that pair for a quarter of an hour:
# by name alone anybody could lock the admin out, by address alone one proxy locks out everybody.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
# Behind a proxy the peer is always the proxy, and the pair would be the name alone.
AXES_CLIENT_IP_CALLABLE = "dashboard.addresses.address_of"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_ENABLE_ACCESS_FAILURE_LOG = False

# Style sheets and scripts: collected once by `up` under names that carry their hash, else served as they are.
STATIC_URL = "static/"
STATIC_ROOT = writable_folder("LOADLINE_DATA", LOADLINE_DATA / "static")
STATIC_COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() and not DEBUG
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

FILTERS_EMPTY_CHOICE_LABEL = "Any"
DJANGO_TABLES2_TEMPLATE = "components/table.html"
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
# Every process carries its own short memory: nothing that must be shared is ever cached.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.one_of("LOG_FORMAT", "text", ("text", "json"))
LOGGING = logging_settings(level=LOG_LEVEL, form=LOG_FORMAT)
SILENCED_SYSTEM_CHECKS: list[str] = []
