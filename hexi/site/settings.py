"""Django settings, made from Hexi's own options (`hexi options` prints them)."""

import os
import secrets
import tempfile
from pathlib import Path

import dj_database_url
from django.utils.translation import gettext_lazy as _

from hexi.kernel import clock
from hexi.kernel.options import OptionError
from hexi.site import options
from hexi.site.places import HEXI, folders, packages, places
from hexi.site.secret import keep_secret, new_rsa

DATA = options.DATA.value.resolve()
DEBUG = options.DEBUG.value
DEMO = options.DEMO.value
HEXI_PLACES = places(options.DOMAINS_OFF.value)
_shipped = HEXI / "packs" if (HEXI / "packs").is_dir() else HEXI.parent / "packs"  # of a wheel, of a checkout
HEXI_PACKS = Path(options.PACKS.value).resolve() if options.PACKS.value else _shipped
HEXI_REGION = options.REGION.value
HEXI_REGION_PACKS = options.REGION_PACKS.value
HEXI_EVENTS_URL = options.EVENTS_URL.value
HEXI_PORT = options.PORT.value
HEXI_EVENTS_PORT = options.EVENTS_PORT.value
for _name in HEXI_REGION_PACKS:
    if not (HEXI_PACKS / _name).is_dir():
        raise OptionError(f"{options.REGION_PACKS.key}: 没有这个文件夹 / there is no folder {HEXI_PACKS / _name}")
if DEMO:
    clock.use_file(DATA / "demo-clock")


def _secret() -> str:
    """The signing key: from the environment, else a file readable by the owner alone, made at the very first start."""
    if options.SECRET_KEY.value:
        return options.SECRET_KEY.value
    path = DATA / "keys" / "secret"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_secret(path, secrets.token_urlsafe(50))
    return path.read_text().strip()


def _signing_key() -> str:
    """What signs for other systems who somebody is (OpenID Connect): made at the very first start."""
    path = DATA / "keys" / "oidc.pem"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        keep_secret(path, new_rsa())
    return path.read_text()


SECRET_KEY = _secret()
IDP_OIDC_PRIVATE_KEY = _signing_key()
IDP_OIDC_ADAPTER = "hexi.blocks.people.provider.Adapter"
ALLOWED_HOSTS = [*options.HOSTS.value, *(["testserver"] if DEBUG else [])]
ROOT_URLCONF = "hexi.site.urls"
WSGI_APPLICATION = "hexi.site.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "allauth.idp.oidc",
    "django_q",
    *packages(HEXI_PLACES),
]
MIDDLEWARE = [
    "hexi.site.middleware.known_host",
    "hexi.site.middleware.client_address",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hexi.site.middleware.security_headers",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hexi.ui.middleware.preferences",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hexi.site.middleware.actor",
    "hexi.site.middleware.plain_errors",
]

_loader = {
    "context_processors": [
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "hexi.ui.environment.context",
    ]
}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": folders(HEXI_PLACES, "templates"),
        "OPTIONS": {"environment": "hexi.site.jinja.environment", **_loader},
    },
    {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": _loader},
]

# --- database: SQLite with one writer at a time, or what DATABASE_URL names -----------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", f"sqlite:///{DATA / 'hexi.sqlite3'}"), conn_max_age=600, conn_health_checks=True
    )
}
_database = DATABASES["default"]
if "sqlite" in _database["ENGINE"]:
    _database["ENGINE"] = "hexi.site.sqlite"
    _database["CONN_MAX_AGE"] = None
    _database["OPTIONS"] = {"timeout": 30, "transaction_mode": "IMMEDIATE"}
else:
    # pages ask many short questions: PostgreSQL would compile some of them for a second to answer them in 0.1 s
    _options = _database.setdefault("OPTIONS", {})
    _options["options"] = f"-c jit=off {_options.get('options', '')}".strip()
    # a read or write of a fixed shape (kernel/fixed.py) is planned by the server once a connection, not each time
    _options.setdefault("prepare_threshold", 1)
if "HEXI_TEST_DB" in os.environ:
    _name = os.environ["HEXI_TEST_DB"]
    _file = f"{tempfile.gettempdir()}/{_name}.sqlite3"
    _database["TEST"] = {"NAME": _file if "sqlite" in _database["ENGINE"] else f"test_{_name}"}
elif "sqlite" in _database["ENGINE"]:
    # threads of one test must see one database: a file, not each its own memory
    _database["TEST"] = {"NAME": DATA / "test.sqlite3"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "hexi.blocks.people.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "hexi.blocks.people.adapters.SocialAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "hexi.blocks.people.forms.SignUp"
ACCOUNT_FORMS = {
    "signup": "hexi.blocks.people.signing.SignUp",
    "add_email": "hexi.blocks.people.signing.AddEmail",
    "change_password": "hexi.blocks.people.signing.ChangePassword",
    "set_password": "hexi.blocks.people.signing.SetPassword",
    "reset_password": "hexi.blocks.people.signing.ResetPassword",
    "reset_password_from_key": "hexi.blocks.people.signing.ResetPasswordKey",
    "reauthenticate": "hexi.blocks.people.signing.Reauthenticate",
}
MFA_FORMS = {
    "authenticate": "hexi.blocks.people.signing.Authenticate",
    "reauthenticate": "hexi.blocks.people.signing.ReauthenticateCode",
    "activate_totp": "hexi.blocks.people.signing.ActivateTOTP",
    "add_webauthn": "hexi.blocks.people.signing.AddKey",
    "edit_webauthn": "hexi.blocks.people.signing.EditKey",
}
SOCIALACCOUNT_FORMS = {"signup": "hexi.blocks.people.signing.SocialSignUp"}
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"bind": "10/h/user", "mandate": "10/h/user"}
MFA_ADAPTER = "hexi.blocks.people.adapters.MFAAdapter"
# by a link: after a form our CSP (form-action) would stop the redirect to the other host; `state` still protects it
SOCIALACCOUNT_LOGIN_ON_GET = True
PASSWORD_RESET_TIMEOUT = 3600
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not options.HTTPS.value
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "hexi.site.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = options.HTTPS.value
SECURE_HSTS_SECONDS = 31_536_000 if options.HTTPS.value else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if options.HTTPS.value else None
CSRF_FAILURE_VIEW = "hexi.site.errors.csrf_failure"
SECURE_REDIRECT_EXEMPT = ["^health/$"]  # asked from this machine, without the proxy
SECURE_REFERRER_POLICY = "same-origin"

# --- language, time, files ------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("中文")), ("en", "English")]
LOCALE_PATHS = folders(HEXI_PLACES, "locale")
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "files"}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_IMMUTABLE_FILE_TEST = r"/built/assets/"
FILE_UPLOAD_HANDLERS = ["hexi.blocks.documents.uploads.Bounded"]
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000

Q_CLUSTER = {
    "name": "hexi",
    "orm": "default",
    "workers": 1,
    "timeout": 600,
    "retry": 900,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    "poll": 0.5,
    # of what ended well no row is kept: to keep the last thousand, all of them were read and locked after every job
    "save_limit": -1,
    # how the worker does is told to nobody: in the shared cache it was written twice a second
    "cache": "nowhere",
    "label": "hexi",
}
# rate limits of sign-in count over all processes, so not in each one's memory
# many entries, or guessing at many accounts at once would push out the counts themselves
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hexi_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "nowhere": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
