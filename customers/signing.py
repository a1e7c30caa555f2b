"""Sign what we send to a neighbour and hold what comes back against its signature: HMAC-SHA256 under a shared secret.

The signature is 64 hex digits of the very bytes of the body and travels in the header `X-Signature`. The bank, the
carrier, the credit bureau and the signal sources all use it, each with a secret of its own. Source: RFC 2104.
"""

import hashlib
import hmac

HEADER = "X-Signature"


def sign(secret: str, content: bytes) -> str:
    """Hex HMAC-SHA256 of a body (or, for a request without one, of its path)."""
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


def signed_right(secret: str, content: bytes, signature: str) -> bool:
    """Does the signature hold? Compared in constant time."""
    return hmac.compare_digest(sign(secret, content).encode(), signature.encode("utf-8", "replace"))
