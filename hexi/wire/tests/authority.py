"""A time-stamping authority of our own for tests: `openssl ts` behind a small HTTP server."""

import subprocess
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _signed(subject, key, issuer, issuer_key, *extensions):
    now = datetime.now(UTC)
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])  # noqa: E731
    built = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
    built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
    built = built.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    built = built.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    for extension in extensions:
        built = built.add_extension(extension, critical=True)
    return built.sign(issuer_key, hashes.SHA256())


class Authority:
    """The running authority: `url`, `root` (its certificate as PEM); `down` True: it answers 503."""

    def __init__(self, folder):
        self.folder, self.down, self.asked = Path(folder), False, 0
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _signed("Test root", root_key, "Test root", root_key, x509.BasicConstraints(True, None))
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        cert = _signed("Test TSA", key, "Test root", root_key, usage)
        pem = serialization.Encoding.PEM
        (self.folder / "root.pem").write_bytes(root.public_bytes(pem))
        (self.folder / "tsa.pem").write_bytes(cert.public_bytes(pem))
        (self.folder / "tsa.key").write_bytes(
            key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(_CONFIG.format(folder=self.folder))
        self.root = self.folder / "root.pem"

    def answer(self, question):
        """The time-stamp response to a request, both DER."""
        self.asked += 1
        (self.folder / "question").write_bytes(question)
        command = ["openssl", "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "question"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, check=True)
        return done.stdout


@contextmanager
def running(folder):
    """An authority that answers at `url` until the end of the `with`."""
    authority = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):  # noqa: N802
            question = self.rfile.read(int(self.headers["Content-Length"]))
            body = b"" if authority.down else authority.answer(question)
            self.send_response(503 if authority.down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_port}/"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
