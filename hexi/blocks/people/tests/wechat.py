"""A stand-in for WeChat: page of consent, tokens, who somebody is, template messages, pictures. A small HTTP server."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

APP_ID, SECRET, TOKEN = "wx0000000000000000", "secret-of-the-account", "token-of-the-push"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):  # noqa: N802 the library's name
        where = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(where.query).items()}
        self.server.wechat.asked[where.path] += 1
        do = {"/connect/oauth2/authorize": self._consent, "/sns/oauth2/access_token": self._code,
              "/sns/userinfo": self._userinfo, "/cgi-bin/token": self._token}.get(where.path)  # fmt: skip
        if do is not None:
            return do(given)
        picture = self.server.wechat.pictures.get(where.path)
        return self._send(200 if picture else 404, picture or b"", "image/jpeg")

    def _consent(self, given):
        assert (given["appid"], given["response_type"], given["scope"]) == (APP_ID, "code", "snsapi_userinfo")
        back = f"{given['redirect_uri']}?{urlencode({'code': 'code-1', 'state': given['state']})}"
        self.send_response(302)
        self.send_header("Location", back)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _code(self, given):
        right = (given["appid"], given["secret"], given["code"]) == (APP_ID, SECRET, "code-1")
        who = {"access_token": "of-a-person", "expires_in": 7200, "openid": self.server.wechat.openid}
        self._json(who if right else {"errcode": 40029, "errmsg": "invalid code"})

    def _userinfo(self, given):
        wechat = self.server.wechat
        right = (given["access_token"], given["openid"]) == ("of-a-person", wechat.openid)
        who = {"openid": wechat.openid, "nickname": wechat.nickname, "headimgurl": "http://x/1.jpg", "city": "酒泉"}
        # WeChat says text/plain
        self._json(who if right else {"errcode": 40001, "errmsg": "invalid credential"}, "text/plain")

    def _token(self, given):
        wechat = self.server.wechat
        if (given["appid"], given["secret"]) != (APP_ID, SECRET):
            return self._json({"errcode": 40125, "errmsg": "invalid appsecret"})
        if wechat.slow:
            threading.Event().wait(wechat.slow)
        with wechat.lock:
            wechat.tokens += 1
            return self._json({"access_token": f"token-{wechat.tokens}", "expires_in": 7200})

    def do_POST(self):  # noqa: N802 the library's name
        where = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        wechat = self.server.wechat
        assert where.path == "/cgi-bin/message/template/send"
        if parse_qs(where.query)["access_token"][0] != f"token-{wechat.tokens}":
            return self._json({"errcode": 40001, "errmsg": "invalid credential"})
        if wechat.code:
            return self._json({"errcode": wechat.code, "errmsg": "refused"})
        wechat.sent.append(body)
        return self._json({"errcode": 0, "errmsg": "ok", "msgid": len(wechat.sent)})

    def _json(self, content, kind="application/json"):
        self._send(200, json.dumps(content, ensure_ascii=False).encode(), kind)

    def _send(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Quiet."""


class WeChat:
    """Use it in a `with`. `tokens` counts those given, only the last is good; `code` is what messages are refused with."""

    def __init__(self):
        self.openid, self.nickname = "o-1", "小石头"
        self.tokens, self.code, self.slow = 0, 0, 0.0
        self.sent, self.pictures, self.asked, self.lock = [], {}, Counter(), threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.wechat = self

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"
