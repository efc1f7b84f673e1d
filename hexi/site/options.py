"""Options of the installation itself: where data lies, who may reach it, which region it serves."""

from pathlib import Path

from hexi.kernel.options import Option

DATA = Option("site.data", Path, Path("var"), "Folder of the database, files and keys; it must lie on a local disk.")
DEBUG = Option("site.debug", bool, False, "Show technical error pages; never on a reachable machine.")
DEMO = Option("site.demo", bool, False, "Demo: roles are switched in one click and the clock can be moved.")
HOSTS = Option("site.hosts", list, ["localhost", "127.0.0.1"], "Host names the site answers to, comma separated.")
HTTPS = Option("site.https", bool, False, "The site is reached by HTTPS: secure cookies, HSTS and redirects.")
PORT = Option("site.port", int, 8000, "Port of the web server on this machine.")
EVENTS_PORT = Option("site.events_port", int, 8001, "Port of the small server for live events (server-sent events).")
EVENTS_URL = Option(
    "site.events_url",
    str,
    "",
    "Origin browsers reach live events at, such as https://hexi.example; empty: this host, events_port.",
)
PACKS = Option("site.packs", str, "", "Folder that holds your own region packs; empty: those that ship with Hexi.")
REGION_PACKS = Option("site.region_packs", list, ["gansu", "chengdu", "yulin"], "Folders of packs/ to load, in order.")
REGION = Option("site.region", str, "620000000000", "12-digit division code the portal opens with.")
DOMAINS_OFF = Option("site.domains_off", list, [], "Domains to switch off, such as livelihood.hall.")
SECRET_KEY = Option(
    "site.secret_key", str, "", "Signs sessions and forms; empty: read from DATA/keys/secret (hexi setup).", secret=True
)
WORKERS = Option("site.workers", int, 0, "Web worker processes; 0: one for each core.")
