"""Proof that a message comes from whom it says: a signature over its very bytes. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Sequence


def signed(raw: bytes, *, header: str, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets made this signature of these very bytes; all are compared, each in constant time."""
    given = header.strip().encode()
    proofs = [base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()) for secret in secrets if secret]
    return any([hmac.compare_digest(proof, given) for proof in proofs])
