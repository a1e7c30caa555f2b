"""All settings, from the environment. Embedded by default, real when asked, by these variables alone:

DEBUG                  1 gives safe defaults for a developer's machine; never in production
PLAIN_ERRORS           1 beside DEBUG: the customers' own error pages instead of the technical ones (the demo sets it)
SECRET_KEY             required without DEBUG
FIELD_KEYS             comma-separated Fernet keys for personal data, newest first; required without DEBUG
INDEX_KEY              key of the blind indexes over personal identifiers; required without DEBUG
ALLOWED_HOSTS          comma-separated
DATABASE_URL           default sqlite under var/
CELERY_BROKER_URL      default a folder under var/; redis://... for the real thing
REDIS_URL              cache shared between web processes; default a folder under var/
EMAIL_URL              smtp+tls://...; default: mails are written to var/mail (another folder: filemail:////four/slashes)
PAYMENT_GATEWAY_URL, PAYMENT_GATEWAY_SECRET, SMS_GATEWAY_URL, SMS_GATEWAY_SECRET,
BUREAU_URL, BUREAU_SECRET, DEVICE_SIGNALS_URL, DEVICE_SIGNALS_SECRET (and PHONE_, TRANSACTIONS_), PUBLIC_URL
"""

from __future__ import annotations

import os
from pathlib import Path

import environ
import structlog
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))
env = environ.Env()

DEVELOPING = env.bool("DEBUG", default=False)
DEBUG = DEVELOPING and not env.bool("PLAIN_ERRORS", default=False)


def _secret(name: str, debug_default: str) -> str:
    value = env.str(name, default="")
    if value:
        return value
    if DEVELOPING:
        return debug_default
    raise ImproperlyConfigured(f"{name} is not set. Set it in the environment (or DEBUG=1 on a developer's machine).")


SECRET_KEY = _secret("SECRET_KEY", "insecure-only-for-a-developers-machine-0123456789-abcdefghijklm")
FIELD_KEYS = _secret("FIELD_KEYS", "Zm9yLWEtZGV2ZWxvcGVycy1tYWNoaW5lLW9ubHktMzI=").split(",")
INDEX_KEY = _secret("INDEX_KEY", "insecure-index-key-only-for-a-developers-machine")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "testserver"] if DEVELOPING else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
LENDER_NAME = env.str("LENDER_NAME", default="Loanbook")

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "simple_history",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "rules",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_celery_results",
    "django_structlog",
    "health_check",
    "anymail",
    "customers",
    "scoring",
    "lending",
    "lending.regulation",
    "lending.products",
    "lending.applications",
    "lending.ledger",
    "lending.loans",
    "lending.repayments",
    "lending.servicing",
    "lending.collections",
    "lending.portal",
    "lending.api",
    "lending.demo",
    "compliance",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lending.security.RequestLog",
    "customers.languages.SavedLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lending.security.AdminContentPolicy",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "lending.urls"
WSGI_APPLICATION = "lending.wsgi.application"
ASGI_APPLICATION = "lending.asgi.application"

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
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# --- data ---------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'loanbook.sqlite3'}")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-20000;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR_DIR / "cache"}
}

SIMPLE_HISTORY_DATE_INDEX = "composite"
SIMPLE_HISTORY_REVERT_DISABLED = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False

# --- people and sessions ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "customers.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "customers.account_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*", "password1*", "password2*"]
ACCOUNT_PHONE_VERIFICATION_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True  # the way in for a customer who forgot her password
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_CHANGE_EMAIL = False
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "customers.account_adapter.attempted_name"  # a customer's phone only as its blind index
AXES_SENSITIVE_PARAMETERS = ["username", "login", "phone", "password1", "password2", "ip_address"]
AXES_LOCKOUT_TEMPLATE = "account/locked.html"

# --- language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Asia/Shanghai")
USE_I18N = True
USE_TZ = True

# --- files and pages ----------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPING
MEDIA_ROOT = VAR_DIR / "media"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=5 * 1024 * 1024)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}
if not DEVELOPING:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- outside the house --------------------------------------------------------------------------------------------
globals().update(env.email_url("EMAIL_URL", default=f"filemail:///{VAR_DIR / 'mail'}"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Loanbook <no-reply@loanbook.example>")
PAYMENT_GATEWAY_URL = env.str("PAYMENT_GATEWAY_URL", default="")
PAYMENT_GATEWAY_SECRET = _secret("PAYMENT_GATEWAY_SECRET", "a-shared-secret-of-the-simulated-bank")
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_SECRET = _secret("SMS_GATEWAY_SECRET", "a-shared-secret-of-the-simulated-carrier")
BUREAU_URL = env.str("BUREAU_URL", default="")
BUREAU_SECRET = _secret("BUREAU_SECRET", "a-shared-secret-of-the-simulated-bureau")
# Sources of signals (lending.applications.signals): none is connected until its address is set, and then with a secret.
SIGNAL_SOURCES = {
    name: {
        "url": env.str(f"{name.upper()}_SIGNALS_URL"),
        "secret": _secret(f"{name.upper()}_SIGNALS_SECRET", "a-shared-secret-of-the-simulated-sources"),
    }
    for name in ("device", "phone", "transactions")
    if env.str(f"{name.upper()}_SIGNALS_URL", default="")
}

# --- workers ------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    _queue, _processed = VAR_DIR / "broker" / "queue", VAR_DIR / "broker" / "control"
    for folder in (_queue, _processed):
        folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_processed),
    }
CELERY_RESULT_BACKEND = "django-db"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = TIME_ZONE
CELERY_ENABLE_UTC = True
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
DJANGO_CELERY_BEAT_TZ_AWARE = True

# --- REST ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "COERCE_DECIMAL_TO_STRING": True,
    "EXCEPTION_HANDLER": "lending.api.refusals.answer",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": env.str("API_RATE", default="600/min"), "sign_in": "20/min"},
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Loanbook",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- logs: facts of the process, never of a person ------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": structlog.stdlib.ProcessorFormatter, "processor": structlog.processors.JSONRenderer()},
        "plain": {
            "()": structlog.stdlib.ProcessorFormatter,
            # A traceback with the values of variables would print people into the log.
            "processor": structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        },
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain" if DEVELOPING else "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING" if DEVELOPING else "INFO")},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

SILENCED_SYSTEM_CHECKS: list[str] = []

# --- the officers' desk -------------------------------------------------------------------------------------------
# The portal's colours: paper and ink for the page, jade for what can be done.
UNFOLD = {
    "SITE_TITLE": "Loanbook",
    "SITE_HEADER": "Loanbook",
    "SITE_SUBHEADER": _("Officers' desk"),
    "SITE_URL": "/admin/",
    "SITE_ICON": lambda request: f"{STATIC_URL}img/mark.svg",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: f"{STATIC_URL}img/mark.svg"}],
    "STYLES": [lambda request: f"{STATIC_URL}css/desk.css"],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "DASHBOARD_CALLBACK": "lending.desk.dashboard.callback",
    "SIDEBAR": {"show_search": False, "navigation": "lending.desk.navigation.navigation"},
    "COLORS": {
        "base": {
            "50": "#faf8f2",
            "100": "#f3efe4",
            "200": "#e4dece",
            "300": "#cfc7b2",
            "400": "#9aa39b",
            "500": "#5d6d66",
            "600": "#4f625c",
            "700": "#36504a",
            "800": "#21403a",
            "900": "#15302b",
            "950": "#0c1f1b",
        },
        "primary": {
            "50": "#eef6f2",
            "100": "#e2efe8",
            "200": "#c2ded2",
            "300": "#93c4b3",
            "400": "#5aa593",
            "500": "#2b8675",
            "600": "#14675a",
            "700": "#115a4e",
            "800": "#0d4a40",
            "900": "#0b3b34",
            "950": "#06251f",
        },
    },
}
