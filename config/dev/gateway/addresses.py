"""What a process must be told to use the sandbox gateway."""

from config.dev.gateway.server import PUBLIC_KEY, SECRET_KEY, WEBHOOK_SECRET


def environment(port: int) -> dict[str, str]:
    """Cards are on, and charged by the sandbox on this port."""
    url = f"http://127.0.0.1:{port}"
    return {
        "CARDS": "1",
        "CARD_GATEWAY_URL": url,
        "CARD_SCRIPT_URL": f"{url}/v3/",
        "CARD_SECRET_KEY": SECRET_KEY,
        "CARD_PUBLIC_KEY": PUBLIC_KEY,
        "CARD_WEBHOOK_SECRETS": WEBHOOK_SECRET,
    }
