"""The card gateway: Stripe, or anything that speaks its protocol, such as the sandbox that `make run` starts."""

from config.settings.environment import env

CARDS = env.bool("CARDS", default=False)
"""Whether cards are taken at all."""

CARD_GATEWAY_URL = env.str("CARD_GATEWAY_URL", default="https://api.stripe.com")
CARD_SCRIPT_URL = env.str("CARD_SCRIPT_URL", default="https://js.stripe.com/v3/")
CARD_SECRET_KEY = env.str("CARD_SECRET_KEY", default="")
CARD_PUBLIC_KEY = env.str("CARD_PUBLIC_KEY", default="")
CARD_WEBHOOK_SECRETS = env.list("CARD_WEBHOOK_SECRETS", default=[])
"""More than one while it is being changed."""

CARD_THREE_D_SECURE = env.str("CARD_THREE_D_SECURE", default="any")
"""`any` asks for 3-D Secure whenever the card can; `automatic` leaves it to the gateway's rules."""
