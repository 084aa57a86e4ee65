"""All settings, read from the environment (``.env`` beside manage.py is read too,
or the file that ENV_FILE names).

Every variable may also be given as ``NAME_FILE``: the path of a file that holds it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.templatetags.static import static
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.FileAwareEnv()
environ.Env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DEVELOPMENT_KEY = "development-only-change-me-development-only-change-me"

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_KEY)
FIELD_KEYS: list[str] = env.list("FIELD_KEYS", default=[DEVELOPMENT_KEY])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where people reach the hub, for sign-ins that come back to it from elsewhere.
PUBLIC_URL = env.str("PUBLIC_URL", default="")

INSTALLED_APPS = [
    "integration_hub",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_q",
    "integration_hub.core",
    "connectors",
    "mapping",
    "flows",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "integration_hub.core.authors.AuthorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "integration_hub.urls"
WSGI_APPLICATION = "integration_hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]


def database() -> dict[str, Any]:
    """The one database: SQLite unless DATABASE_URL says PostgreSQL.

    The connection is kept between tasks because django-q2 closes it after each one
    otherwise, and no pool is used because the workers fork.
    """
    config: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'hub.sqlite3'}"
    )
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    return config


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A mapping of hundreds of rules, and a conditional table of 50 rows, is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hub_cache",
    }
}

# ------------------------------------------------------------------ waits, in seconds
# call deadline < task timeout < lease < quiet period < queue retry
CALL_DEADLINE = env.float("CALL_DEADLINE", default=60.0)
TASK_BUDGET = env.float("TASK_BUDGET", default=30.0)
TASK_TIMEOUT = env.int("TASK_TIMEOUT", default=120)
LEASE_SECONDS = env.float("LEASE_SECONDS", default=150.0)
QUIET_SECONDS = env.float("QUIET_SECONDS", default=180.0)
QUEUE_RETRY = env.int("QUEUE_RETRY", default=600)
TICK_SECONDS = env.float("TICK_SECONDS", default=60.0)
RETRY_SECONDS: list[float] = [
    float(x) for x in env.list("RETRY_SECONDS", default=["30", "120", "600", "3600"])
]
DEAF_SECONDS = env.float("DEAF_SECONDS", default=150.0)
RETENTION_DAYS = env.int("RETENTION_DAYS", default=90)

Q_CLUSTER = {
    "name": "hub",
    "label": "Tasks",
    "orm": "default",
    "workers": env.int("WORKERS", default=2),
    "queue_limit": env.int("WORKERS", default=2),
    "bulk": 1,
    "poll": env.float("QUEUE_POLL", default=0.5),
    "timeout": TASK_TIMEOUT,
    "retry": QUEUE_RETRY,
    "ack_failures": True,
    "max_attempts": 1,
    "catch_up": False,
    "scheduler": False,
    "recycle": 500,
    "max_rss": 400_000,
    "save_limit": -1,
    "guard_cycle": 0.5,
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("nl", "Nederlands")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Amsterdam")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# ------------------------------------------------------------------------- security
HTTPS = env.bool("HTTPS", default=False)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "redact": {"()": "integration_hub.core.redaction.RedactingFilter"},
    },
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["redact"],
            "formatter": "line",
        },
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        # These write whole envelopes and addresses with secrets at DEBUG.
        "zeep": {"level": "INFO"},
        "urllib3": {"level": "INFO"},
        "requests_oauthlib": {"level": "INFO"},
        "oauthlib": {"level": "INFO"},
        "django-q": {"level": env.str("QUEUE_LOG_LEVEL", default="WARNING")},
    },
}

UNFOLD = {
    "SITE_TITLE": "Integration Hub",
    "SITE_HEADER": "Integration Hub",
    "SITE_SYMBOL": "sync_alt",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("hub/favicon.svg"),
        }
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "#eef8f7",
            "100": "#d5eeec",
            "200": "#aeddd9",
            "300": "#7cc5c0",
            "400": "#48a7a2",
            "500": "#2c8a86",
            "600": "#1f6f6d",
            "700": "#1b5a59",
            "800": "#194948",
            "900": "#183d3d",
            "950": "#092425",
        },
    },
    "DASHBOARD_CALLBACK": "integration_hub.dashboard.fill",
    "STYLES": [lambda request: static("hub/hub.css")],
    "SCRIPTS": [lambda request: static("hub/hub.js")],
    "SIDEBAR": {"navigation": "integration_hub.navigation.list_groups"},
}
