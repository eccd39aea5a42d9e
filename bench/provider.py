"""A provider of identities that is nothing but its keys: what a server needs to check a JWT.

The key is OpenSSL's; discovery and key set are two constant documents on a free port of loopback.
"""
import base64
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import time

AUDIENCE = "https://paddock.bench"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Provider:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="paddock-bench-")
        self.key = str(pathlib.Path(self.folder.name, "key.pem"))
        openssl("genrsa", "-out", self.key, "2048")
        modulus = openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().strip().split("=")[1]
        keys = {"keys": [{"kty": "RSA", "kid": "bench", "use": "sig", "alg": "RS256", "e": "AQAB",
                          "n": base64url(bytes.fromhex(modulus))}]}
        documents = {"/jwks": keys}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps(documents.get(self.path, {})).encode()
                self.send_response(200 if self.path in documents else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        documents["/.well-known/openid-configuration"] = {
            "issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks",
            "authorization_endpoint": f"{self.issuer}/auth", "token_endpoint": f"{self.issuer}/token",
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"]}
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def flags(self):
        """Of `paddock serve`."""
        return ["--oidc-issuer", self.issuer, "--oidc-client-id", "bench", "--oidc-public-client",
                "--oidc-audience", AUDIENCE]

    def token(self, subject):
        """A JWT that is good for an hour."""
        now = int(time.time())
        parts = [{"alg": "RS256", "kid": "bench", "typ": "at+jwt"},
                 {"iss": self.issuer, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 3600,
                  "scope": "write:resource"}]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        signature = openssl("dgst", "-sha256", "-sign", self.key, data=text.encode())
        return f"{text}.{base64url(signature)}"
