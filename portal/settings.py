"""The one settings file. Everything that differs between installations is in the environment.

README.md has the table of names. `portal/checks.py` verifies what is put together here.
"""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from portal import environment

# Lets admin classes name their models in brackets, as the type checker wants them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))

DEBUG = False
PORT = environment.integer("PORT", 8000, least=1, most=65535)

# Security follows the address. It is a name: cookies and passkeys are bound to one.
BASE_URL, HOST, HTTPS = environment.base_url(f"http://localhost:{PORT}")
# Anywhere else than on this machine a real key is asked for, and no demo is loaded.
EMBEDDED = HOST == "localhost" and not HTTPS
SECRET_KEY = environment.secret_key(VAR_DIR / "secret-key", embedded=EMBEDDED)
# Keys from before: sessions and sealed links (members/seals.py) made with them go on to count.
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or (
    [HOST, "localhost", "127.0.0.1", "[::1]"] if EMBEDDED else [HOST]
)
TRUSTED_PROXIES = environment.networks("TRUSTED_PROXIES")
ADMIN_NETWORKS = environment.networks("ADMIN_NETWORKS")
WEB_BIND = os.environ.get("WEB_BIND", "127.0.0.1")
WEB_WORKERS = environment.integer("WEB_WORKERS", 2, least=1)
WEB_THREADS = environment.integer("WEB_THREADS", 4, least=1)

# What the pages say about the association.
ASSOCIATION = os.environ.get("ASSOCIATION", "中小企业合作发展促进中心秘书处")
# On this machine the pages are the demo's; its number reaches nobody.
CONTACT = os.environ.get("CONTACT", "样例电话 010-00000000" if EMBEDDED else "")
ICP_NUMBER = os.environ.get("ICP_NUMBER", "")
POLICE_NUMBER = os.environ.get("POLICE_NUMBER", "")

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "members",
    "newsletter",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "csp",
    "django_filters",
    "huey.contrib.djhuey",
]

MIDDLEWARE = [
    "portal.middleware.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Static files are the only thing served before the gate, and need no page's headers.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.CompressionMiddleware",
    "portal.middleware.BodySizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before CSRF, so that a stranger's POST gets the same answer at every address.
    "members.middleware.AccessMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
                "portal.views.site_context",
            ],
        },
    },
]

# Widgets' templates are looked for where all others are.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Databases ---------------------------------------------------------------------------------
DATABASES = {"default": environment.database(VAR_DIR / "portal.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE: with DEFERRED, half of the concurrent read-then-write transactions failed.
    # FULL: an acknowledged commit survives a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
        ),
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": environment.cache("db://")}
HUEY = environment.queue(VAR_DIR / "queue.sqlite3")
STORAGES = {
    "default": environment.storage(VAR_DIR / "media"),
    "staticfiles": {"BACKEND": "portal.storage.StaticStorage"},
}

# E-mail ------------------------------------------------------------------------------------
_email = environment.email(VAR_DIR / "mail")
EMAIL_BACKEND = _email["EMAIL_BACKEND"]
EMAIL_FILE_PATH = _email.get("EMAIL_FILE_PATH")
EMAIL_HOST = _email.get("EMAIL_HOST", "")
EMAIL_PORT = _email.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = _email.get("EMAIL_TIMEOUT")
DEFAULT_FROM_EMAIL = os.environ.get("FROM_EMAIL", f"财税动态 <no-reply@{HOST}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Without a mail server nobody would read them: then every reminder is a telephone call.
REMINDER_LETTERS = environment.switch(
    "REMINDER_LETTERS", default=EMBEDDED or "EMAIL_HOST" in _email
)

# Language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = ["portal.formats"]

# Static files ------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Bodies of requests, in bytes: files come from editors alone, articles are long.
MAX_UPLOAD = 64 * 1024 * 1024
MAX_FORM = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.backends.MemberBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "members.passwords.LengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "newsletter:home"
ACCOUNT_ADAPTER = "members.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "member_number"
# One box takes member number, phone or e-mail (members/backends.py looks them up), so to
# allauth every one of them is "the username".
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "〔财税动态〕"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {"login": "members.forms.SignInForm"}
# Redeeming an invitation (members/views/joining.py), counted as allauth counts sign-in.
ACCOUNT_RATE_LIMITS = {
    "redeem": "30/m/ip",
    "apply": "5/h/ip",
    "propose": "30/h/user",
    "own_data": "20/h/user",
}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"

# How many days an invitation can be used: by e-mail, and on a login slip.
INVITATION_DAYS = environment.integer("INVITATION_DAYS", 7, least=1, most=365)
SLIP_DAYS = environment.integer("SLIP_DAYS", 30, least=1, most=365)
# Whether a new person whom a firm's contact proposes has a seat at once (members/proposals.py).
TRUST_CONTACTS = environment.switch("TRUST_CONTACTS", default=False)

# Whether strangers find a form at /apply/ (members/applications.py).
APPLICATIONS_OPEN = environment.switch("APPLICATIONS_OPEN", default=False)

# How many days what the law bids to keep of an erased person stays sealed (members/seals.py):
# 网络安全法 art. 21(3) asks for six months at least.
AUDIT_RETENTION_DAYS = environment.integer("AUDIT_RETENTION_DAYS", 183, least=183, most=3660)

# Sessions: in the database, so that a lost cache signs nobody out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 90 * 24 * 3600
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
# A stranger's choice of type and light (members/display.py).
DISPLAY_COOKIE_NAME = "__Host-display" if HTTPS else "display"
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Transport and headers ---------------------------------------------------------------------
# portal.middleware.ProxyMiddleware drops the header unless a trusted proxy sent it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Preloading can hardly be undone and binds the whole domain: that is for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Logging: one line an event on standard error; requests are the web server's business.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_tokens": {"()": "portal.logs.WithoutTokens"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_tokens"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        # It brings a handler of its own, and would say everything twice.
        "huey": {"handlers": ["stderr"], "propagate": False, "level": "WARNING"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
