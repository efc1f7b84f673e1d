"""Options of the installation itself: where data lies, who may reach it, which region it serves."""

from pathlib import Path

from hexi.kernel.options import Option

DATA = Option(
    "site.data", Path, Path("var"),
    "数据库、文件和密钥的目录；必须在本机磁盘上。 / "
    "Folder of the database, files and keys; it must lie on a local disk.",
)  # fmt: skip
DEBUG = Option(
    "site.debug", bool, False,
    "显示技术错误页；别人能访问的机器上绝不打开。 / Show technical error pages; never on a reachable machine.",
)  # fmt: skip
DEMO = Option(
    "site.demo", bool, False,
    "演示：一键切换身份，时钟可以拨快。 / Demo: roles are switched in one click and the clock can be moved.",
)  # fmt: skip
HOSTS = Option(
    "site.hosts", list, ["localhost", "127.0.0.1"],
    "本站应答的主机名，逗号分隔。 / Host names the site answers to, comma separated.",
)  # fmt: skip
HTTPS = Option(
    "site.https", bool, False,
    "本站经 HTTPS 访问：安全 Cookie、HSTS 和跳转。 / The site is reached by HTTPS: secure cookies, HSTS and redirects.",
)  # fmt: skip
PORT = Option("site.port", int, 8000, "本机网站服务器的端口。 / Port of the web server on this machine.")
EVENTS_PORT = Option(
    "site.events_port", int, 8001,
    "实时消息（服务器推送）小服务器的端口。 / Port of the small server for live events (server-sent events).",
)  # fmt: skip
EVENTS_URL = Option(
    "site.events_url", str, "",
    "浏览器取实时消息的地址，例如 https://hexi.example；留空：本机，events_port。 / "
    "Origin browsers reach live events at, such as https://hexi.example; empty: this host, events_port.",
)  # fmt: skip
PACKS = Option(
    "site.packs", str, "",
    "您自己的地区数据包目录；留空：Hexi 自带的。 / "
    "Folder that holds your own region packs; empty: those that ship with Hexi.",
)  # fmt: skip
REGION_PACKS = Option(
    "site.region_packs", list, ["gansu", "chengdu", "yulin"],
    "载入 packs/ 下的哪些目录，按顺序。 / Folders of packs/ to load, in order.",
)  # fmt: skip
REGION = Option(
    "site.region", str, "620000000000", "门户打开时的区划，12 位代码。 / 12-digit division code the portal opens with."
)
DOMAINS_OFF = Option(
    "site.domains_off", list, [], "关掉的领域，例如 livelihood.hall。 / Domains to switch off, such as livelihood.hall."
)
SECRET_KEY = Option(
    "site.secret_key", str, "",
    "给会话和表单签名；留空：读 DATA/keys/secret（hexi setup）。 / "
    "Signs sessions and forms; empty: read from DATA/keys/secret (hexi setup).",
    secret=True,
)  # fmt: skip
WORKERS = Option(
    "site.workers", int, 0, "网站工作进程数；0：每个核一个。 / Web worker processes; 0: one for each core."
)
