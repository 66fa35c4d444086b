"""Run a small provider of OpenID Connect on this machine: its own key, discovery, keys, tokens for codes with PKCE."""

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "cellcause", "the secret of the client"


@dataclass
class Provider:
    """A provider; `claims` are put over those of the next token, `key` signs it."""

    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "k1"}))
    claims: dict[str, Any] = field(default_factory=dict)
    issued: dict[str, dict[str, str]] = field(default_factory=dict)
    signer: jwk.RSAKey | None = None
    server: ThreadingHTTPServer | None = None

    @property
    def issuer(self) -> str:
        """Its address."""
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_port}"

    def start(self) -> None:
        """Serve in a thread."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            """Answers as a provider does."""

            def do_GET(self) -> None:
                """Answer discovery and keys."""
                keys = jwk.KeySet([provider.key]).as_dict(private=False)
                is_keys = self.path == "/keys"
                self._answer(200, keys if is_keys else provider.discovery())

            def do_POST(self) -> None:
                """Answer a token for a code."""
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                shown = self.headers.get("Authorization", "")
                self._answer(*provider.token({k: v[0] for k, v in form.items()}, shown))

            def _answer(self, status: int, content: Any) -> None:
                """Answer JSON."""
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *given: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """End."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()

    def discovery(self) -> dict[str, str]:
        """What it tells of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def vouch(self, address: str) -> str:
        """Return the query with which a browser comes back from the address it was sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.issued)}"
        self.issued[code] = asked
        return f"state={asked['state']}&code={code}"

    def token(self, form: dict[str, str], shown: str) -> tuple[int, dict[str, Any]]:
        """Return the token for a code, if its verifier fits and the client is known."""
        asked = self.issued.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        basic = (
            "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".replace(" ", "%20").encode()).decode()
        )
        plain = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if asked is None or challenge != asked["code_challenge"] or shown not in (basic, plain):
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_request"}
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "chen",
            "groups": ["staff", "net-noc"],
            "area": ["west"],
        } | self.claims
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signer or self.key)
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": signed}
