"""nginx with `deploy/nginx.conf`: the very file, with the ports, names and folders of a test in the marked places."""

import datetime
import os
import re
import shutil
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import ROOT, Server, ServerError, free_port

CONF = ROOT / "deploy" / "nginx.conf"


def nginx_program() -> str | None:
    """nginx, also where the PATH of people has no folder of the system's programs."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def certificate(folder: Path) -> Path:
    """A key and a certificate for localhost that signs itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    return folder / "cert.pem"


class Nginx(Server):
    """In front of these ports, over TLS on `port`, and over plain HTTP on `plain_port`."""

    name = "nginx"

    def __init__(self, folder: Path, *, upstream: Sequence[int], static: Path, port: int | None = None) -> None:
        super().__init__(folder, port=port)
        self.plain_port = free_port()
        self.upstream = list(upstream)
        self.static = static
        self.tls = ssl.create_default_context(cafile=str(certificate(folder)))

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"wss://localhost:{self.port}/ws/"

    @property
    def error_log(self) -> str:
        path = self.folder / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def command(self) -> list[str]:
        program = nginx_program()
        if program is None:
            raise ServerError("nginx is not installed; `make test` says what is missing")
        conf = self.folder / "nginx.conf"
        conf.write_text(self.configuration())
        return [program, "-p", str(self.folder), "-c", str(conf), "-e", str(self.folder / "error.log")]

    def configuration(self) -> str:
        """The deployed file; a place that is not there any more is an error."""
        text = CONF.read_text()
        servers = "".join(f"        server 127.0.0.1:{port} max_fails=0;\n" for port in self.upstream)
        balance = "        least_conn;\n" if len(self.upstream) > 1 else ""
        temporary = "".join(
            f"    {kind}_temp_path {self.folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        places = [
            (r"^user .*\n", "user root;\n" if os.geteuid() == 0 else ""),
            (r"^pid .*\n", f"pid {self.folder}/nginx.pid;\ndaemon off;\n"),
            (r"^worker_processes .*\n", "worker_processes 2;\n"),
            (r"^worker_rlimit_nofile .*\n", ""),
            (r"^(    worker_connections) .*\n", r"\1 1024;\n"),
            (r"^http \{\n", f"http {{\n{temporary}"),
            (r"/var/log/nginx/", f"{self.folder}/"),
            (r"^ +server 127\.0\.0\.1:8001 .*# here\n", balance + servers),
            (r"^ +listen \[::\].*# here\n", ""),
            (r"^( +listen) 80;  # here$", rf"\1 127.0.0.1:{self.plain_port};"),
            (r"^( +listen) 443 (.*);  # here$", rf"\1 127.0.0.1:{self.port} \2;"),
            (r"(server_name) chat\.example\.org;  # here", r"\1 localhost;"),
            (r"(ssl_certificate) \S+;  # here", rf"\1 {self.folder}/cert.pem;"),
            (r"(ssl_certificate_key) \S+;  # here", rf"\1 {self.folder}/key.pem;"),
            (r"(alias) \S+;  # here", rf"\1 {self.static}/;"),
        ]
        for pattern, replacement in places:
            text, count = re.subn(pattern, replacement, text, flags=re.MULTILINE)
            if not count:
                raise ServerError(f"{CONF.name} has no {pattern} any more")
        if "# here" in text:
            raise ServerError(f"{CONF.name} has a place that the tests do not fill")
        return text

    def ready(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1) as plain:
            self.tls.wrap_socket(plain, server_hostname="localhost").close()
        return True
