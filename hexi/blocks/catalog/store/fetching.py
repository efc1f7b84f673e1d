"""A document of an outside service fetched to a file: guarded like webhooks, bounded, no redirect followed."""

from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext as _

from hexi.blocks.catalog.store import files, options
from hexi.blocks.catalog.store.databases import Lost
from hexi.wire import webhooks_http

#: seconds a whole document may take, bytes read at once
PATIENCE, PIECE = 300.0, 1_000_000
ACCEPT = "application/json, application/x-ndjson, text/csv, application/vnd.apache.parquet, */*;q=0.1"


def fetch(url: str, path: Path, *, token: str = "") -> int:
    """Write what the address answers to `path`; its bytes. Raises `Lost` with what was wrong; nothing is left then.

    The address is looked up once, judged, and that very one connected to: addresses inside private networks are
    refused unless `catalog.fetch_private` is on.
    """
    if token and not url.lower().startswith("https://") and not options.PRIVATE.value:
        raise Lost(_("令牌只经 https:// 送出。请把地址改成 https://，或者不填令牌。"))
    given = {"accept": ACCEPT, **({"authorization": f"Bearer {token}"} if token else {})}
    try:
        with (
            webhooks_http.asked("GET", url, None, given, private=options.PRIVATE.value, patience=PATIENCE) as answer,
            path.open("xb") as file,
        ):
            if answer.status != 200:
                raise Lost(_("服务答复 HTTP %(status)s。") % {"status": answer.status})
            size = 0
            while piece := answer.read(PIECE):
                size += len(piece)
                if size > options.BYTES.value:
                    raise Lost(_("服务的答复超过 %(n)s MB，不取。") % {"n": options.BYTES.value // 1_000_000})
                files.room()
                file.write(piece)
            if answer.length:
                raise Lost(_("服务的答复中途断了。"))
            return size
    except BaseException as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(error, (webhooks_http.Refused, OSError)) and not isinstance(error, Lost):
            raise Lost(" ".join(f"{error}".split())[:300]) from error
        raise
