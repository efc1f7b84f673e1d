"""Writing a secret: whole, readable by the owner alone, and only if it is not there."""

import os
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def new_rsa() -> str:
    """A fresh RSA key as PEM."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def keep_secret(path: Path, content: str) -> None:
    """Write the file unless it is there; of several processes that try at once, the first one's content stays."""
    if path.exists():
        return
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    try:
        os.link(name, path)  # fails if another process was faster, and never shows half a file
    except FileExistsError:
        pass
    finally:
        os.unlink(name)
