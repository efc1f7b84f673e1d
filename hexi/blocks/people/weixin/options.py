"""Settings of WeChat: the account, and where its interface answers. Stands beside `adapters`."""

from hexi.kernel.options import Option

APP_ID = Option(
    "people.weixin_app_id", str, "",
    "微信公众号的 AppID（docs/weixin.md）；留空：不用微信。 / AppID of the Official Account at WeChat; empty: none.",
)  # fmt: skip
SECRET = Option(
    "people.weixin_secret", str, "", "微信公众号的 AppSecret。 / AppSecret of the Official Account.", secret=True
)
AUTHORIZE_URL = Option(
    "people.weixin_authorize_url", str, "https://open.weixin.qq.com/connect/oauth2/authorize",
    "微信授权页的地址；电脑扫码登录用 …/connect/qrconnect。 / "
    "WeChat's page of consent; …/connect/qrconnect to sign in at a computer by QR code.",
)  # fmt: skip
API_URL = Option(
    "people.weixin_api_url", str, "https://api.weixin.qq.com", "微信接口的地址。 / Where WeChat's interface answers."
)
OPTIONS = (APP_ID, SECRET, AUTHORIZE_URL, API_URL)
