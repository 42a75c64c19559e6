"""How customers and staff sign in: allauth, with axes in front against guessing."""

from typing import Any

from config.settings.environment import env

SIGN_IN_APPS = [
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.line",  # their order is that of the buttons
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.apple",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/mypage/"

# The account's login word is a handle that is never null; people sign in with their e-mail address.
ACCOUNT_ADAPTER = "customers.adapters.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_CHANGE_EMAIL = True  # one address per account: a new one takes the old one's place once it is confirmed
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# Nothing on a page tells whether an address has an account: the address is confirmed first, by a code in the same browser.
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("ALLAUTH_TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}

MFA_ADAPTER = "customers.adapters.factors.FactorsAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # shoppers confirm theirs before they are let in, staff are made by staff
# Staff have to set up a second factor before they see anything else of the back office.
REQUIRE_STAFF_MFA = env.bool("REQUIRE_STAFF_MFA", default=False)

# Shoppers may sign in with these where an installation has keys for them; without keys there is no button.
SOCIALACCOUNT_ADAPTER = "customers.adapters.social.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
SOCIAL_ORIGINS: list[str] = []
"""Where the buttons lead: the pages' content policy lets a form go there."""


def _provider(name: str, origin: str, *, client_id: str, secret: str, **settings: Any) -> None:
    if client_id and secret:
        app = {"client_id": client_id, "secret": secret, "key": settings.pop("key", ""), "settings": settings.pop("app_settings", {})}
        SOCIALACCOUNT_PROVIDERS[name] = {"APPS": [app], **settings}
        SOCIAL_ORIGINS.append(origin)


_provider(
    "line",
    "https://access.line.me",
    client_id=env.str("LINE_LOGIN_CHANNEL_ID", default=""),
    secret=env.str("LINE_LOGIN_CHANNEL_SECRET", default=""),
    SCOPE=["profile", "openid", "email"],
)
_provider(
    "google",
    "https://accounts.google.com",
    client_id=env.str("GOOGLE_CLIENT_ID", default=""),
    secret=env.str("GOOGLE_CLIENT_SECRET", default=""),
    SCOPE=["openid", "email"],
    OAUTH_PKCE_ENABLED=True,
)
_provider(
    "apple",
    "https://appleid.apple.com",
    client_id=env.str("APPLE_SERVICE_ID", default=""),
    secret=env.str("APPLE_KEY_ID", default=""),
    key=env.str("APPLE_TEAM_ID", default=""),
    app_settings={"certificate_key": env.str("APPLE_PRIVATE_KEY", default="").replace("\\n", "\n")},
)

AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "config.sign_in.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "config.sign_in.login_word"
AXES_VERBOSE = False
