"""A real IMAP server (Debian's dovecot) on a port of this machine, with a mailbox of its own, spoken to by TLS."""

import getpass
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "hotline@example.org", "mailbox-of-a-test"
PROGRAM = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
#: whose the mailbox is if root runs the server, which keeps no mail of root's
NOBODY = 65534
CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
mail_location = maildir:{home}/mail
first_valid_uid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def certificate(home):
    """A certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(day).not_valid_after(day + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (home / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (home / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))  # fmt: skip


@contextmanager
def running(home):
    """The port of a server with an empty mailbox; ended afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    certificate(home)
    # as root its parts run as its own users; as anybody else all runs as he himself
    root = os.geteuid() == 0
    names = {"user": "dovecot", "group": "dovecot"} if root else dict.fromkeys(("user", "group"), getpass.getuser())
    ids = {"uid": NOBODY, "gid": NOBODY} if root else {"uid": os.getuid(), "gid": os.getgid()}
    if root:
        os.chown(home, ids["uid"], ids["gid"])
        home.chmod(0o755)
    (home / "dovecot.conf").write_text(CONFIG.format(home=home, port=port, password=PASSWORD, **names, **ids))
    server = subprocess.Popen([PROGRAM, "-F", "-c", str(home / "dovecot.conf")])  # noqa: S603
    try:
        _wait(home, port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait(home, port):
    for _try in range(100):
        with suppress(OSError, imaplib.IMAP4.error), signed_in(home, port):
            return
        time.sleep(0.1)
    raise AssertionError((home / "log").read_text() if (home / "log").exists() else "dovecot does not answer")


@contextmanager
def signed_in(home, port):
    """A client of the mailbox."""
    context = ssl.create_default_context(cafile=str(home / "cert.pem"))
    with imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=context, timeout=10) as box:
        box.login(USER, PASSWORD)
        box.select("INBOX")
        yield box


def put(home, port, *letters):
    """Letters that arrive."""
    with signed_in(home, port) as box:
        for letter in letters:
            box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), letter)


def unseen(home, port):
    """How many are still new."""
    with signed_in(home, port) as box:
        return len(box.uid("SEARCH", "UNSEEN")[1][0].split())


def flagged(home, port):
    """How many are marked as not dealt with."""
    with signed_in(home, port) as box:
        return len(box.uid("SEARCH", "FLAGGED")[1][0].split())
