"""Calls a second through both gateways, with TLS, signatures, rights and a log on each side, at 64 clients.

`make bench B=exchange`; SIZE=full for X-Road's own shape (5 threads × 500 × 2) and 64 and 300 clients for longer. Two
installations with SQLite, their two gateways, the service and the clients share this machine. The reference is the
direct call of the same service by the same client in the same run, over TLS with pinned certificates on both sides, as
two offices without gateways would call; what plain HTTP gives stands beside it. Errors are answers that are not 200,
messages lost from a log, and faults `hexi catalog verify-log` finds.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks import processes, report
from benchmarks.installation import free_port

THREADS, EACH, TIMES = 5, 500 if report.FULL else 50, 2
CLIENTS = (64, 300) if report.FULL else (64,)
SECONDS = 20 if report.FULL else 6
BYTES = 2_000


def measure() -> report.Result:
    """Both ways at each load, then what the logs hold."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    folder = Path(tempfile.mkdtemp(prefix="hexi_bench_exchange_"))
    os.environ["HEXI_SITE_DATA"] = str(folder / "own")  # settings are read by the helpers, nothing is kept there
    from hexi.blocks.catalog.tests.pair import prepared, wait_for

    port, secure = free_port(), free_port()
    template = os.environ.get("BENCH_EXCHANGE_TEMPLATE")  # a migrated SQLite file, to save a minute
    asks, offers, echo, own, _context = prepared(
        folder, Path(template) if template else None, service=f"http://127.0.0.1:{port}"
    )
    service = {place: _service(place, *more) for place, more in ((port, ()), (secure, (str(own),)))}
    try:
        for place, process in service.items():
            wait_for(place, process, folder / "none")
        offers.step("allow", service="ECHO", member="ASKS")
        asks.start("consumer")
        offers.start("provider")
        plain, direct = [f"http://127.0.0.1:{port}", ""], [f"https://127.0.0.1:{secure}", str(own)]
        through = [f"https://127.0.0.1:{asks.consumer}", str(own)]
        pids = {"consumer": _pids(asks), "provider": _pids(offers), "service": [service[port].pid]}
        found = {
            name: (_load(plain, clients, limit), _load(direct, clients, limit), _load(through, clients, limit, pids))
            for name, clients, limit in _loads()
        }
        _told(found)
        errors = sum(one["errors"] for three in found.values() for one in three)
        errors += _lost(asks, offers, sum(three[-1]["calls"] for three in found.values()))
    finally:
        asks.stop_all()
        offers.stop_all()
        echo.close()
        for process in service.values():
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    _plain, direct, through = found["64 clients"]
    return report.Result(
        "exchange", through["rate"], "calls/s", direct["rate"], "direct call, TLS with both certificates", errors
    )


def _loads() -> list[tuple[str, int, dict[str, int]]]:
    shape = [(f"{THREADS} threads × {EACH} × {TIMES}", THREADS, {"calls": THREADS * EACH * TIMES})]
    return shape + [(f"{clients} clients", clients, {"seconds": SECONDS}) for clients in CLIENTS]


def _told(found: dict[str, tuple[dict[str, Any], ...]]) -> None:
    """What each load came to, and whose processor time a call through the gateways takes."""
    heads = ("", "plain/s", "direct/s", "p50 ms", "p95", "exchange/s", "overhead ×", "p50 ms", "p95", "p99")
    rows = [
        [name, plain["rate"], *_row(direct)[:3], through["rate"], direct["rate"] / through["rate"], *_row(through)[1:]]
        for name, (plain, direct, through) in found.items()
    ]
    report.table(heads, rows)
    heads = ("CPU ms a call", "client", "consumer gateway", "provider gateway", "service", "client, direct")
    report.table(
        heads,
        [[name, *through["cpu"].values(), direct["cpu"]["client"]] for name, (_, direct, through) in found.items()],
    )


def _row(found: dict[str, float]) -> list[float]:
    return [found["rate"], found["p50"], found["p95"], found["p99"]]


def _service(port: int, *own: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "benchmarks.exchange", "serve", str(port), *own])


def _pids(side: Any) -> list[int]:
    """A gateway's processes: their CPU seconds are the same whatever others do on the machine."""
    return [pid for one in side.processes.values() for pid in processes.tree(one.pid)]


def _load(
    where: list[str], clients: int, limit: dict[str, Any], pids: dict[str, list[int]] | None = None
) -> dict[str, Any]:
    facts = json.dumps({**limit, "pids": pids or {}})
    command = [sys.executable, "-m", "benchmarks.exchange", "load", *where, str(clients), facts]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _lost(asks: Any, offers: Any, calls: int) -> int:
    """Messages that are not in a log, and faults of the logs."""
    lost = sum(abs(2 * calls - side.step("count")) for side in (asks, offers))
    began = time.monotonic()
    faults = sum(side.hexi("catalog", "verify-log")[0] for side in (asks, offers))
    print(f"{4 * calls:,} messages in both logs, {lost} lost; proved in {time.monotonic() - began:.0f} s", flush=True)
    return lost + faults


# --- processes of their own -------------------------------------------------------------------------------------------
def serve(port: int, own: str = "") -> None:
    """The service: a small answer to whatever comes. `own`: key and certificate, for TLS to who shows the same."""
    import ssl

    from aiohttp import web

    context = None
    if own:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version, context.verify_mode = ssl.TLSVersion.TLSv1_3, ssl.CERT_REQUIRED
        context.load_cert_chain(own)
        context.load_verify_locations(own)

    body = json.dumps({"rows": ["x" * (BYTES - 20)]}).encode()

    async def answer(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async def main() -> None:
        runner = web.ServerRunner(web.Server(answer, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, backlog=1024, ssl_context=context).start()
        await asyncio.Event().wait()

    import uvloop

    uvloop.run(main())


async def load(
    address: str, own: str, clients: int, pids: dict[str, list[int]], calls: int = 10**9, seconds: float = 10**9
) -> dict[str, Any]:
    """So many clients, each with a connection of its own, one call after the other; whose CPU ms a call took."""
    import ssl

    import aiohttp

    context: Any = False
    if own:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the client's check is not measured
        context.load_cert_chain(own)
    from hexi.blocks.catalog.tests.pair import CLIENT, SERVICE

    times: list[float] = []
    state = {"errors": 0, "begun": 0}
    connector = aiohttp.TCPConnector(limit=clients, ssl=context)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:

        async def one() -> None:
            while state["begun"] < calls and time.perf_counter() < end:
                state["begun"] += 1
                began = time.perf_counter()
                try:
                    async with session.get(address + SERVICE, headers={"X-Road-Client": CLIENT}) as got:
                        await got.read()
                        state["errors"] += got.status != 200
                except aiohttp.ClientError:
                    state["errors"] += 1
                times.append(time.perf_counter() - began)

        end = time.perf_counter() + 60
        begun, calls = calls, clients
        await asyncio.gather(*(one() for _ in range(clients)))  # opens every connection: not measured
        warmed, calls = len(times), begun
        times.clear()
        state["begun"], used, began = 0, _used(pids), time.perf_counter()
        end = began + seconds
        await asyncio.gather(*(one() for _ in range(clients)))
        spent = time.perf_counter() - began
        used = {who: (now - used[who]) / len(times) * 1_000 for who, now in _used(pids).items()}
    cut = quantiles(times, n=100, method="inclusive")
    return {
        "calls": len(times) + warmed, "errors": state["errors"], "rate": len(times) / spent, "p50": cut[49] * 1000,
        "p95": cut[94] * 1000, "p99": cut[98] * 1000, "cpu": used,
    }  # fmt: skip


def _used(pids: dict[str, list[int]]) -> dict[str, float]:
    """CPU seconds of this process and of others by name."""
    return {"client": time.process_time()} | {who: sum(map(processes.seconds, each)) for who, each in pids.items()}


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]), *sys.argv[3:])
    else:
        import uvloop

        print(json.dumps(uvloop.run(load(sys.argv[2], sys.argv[3], int(sys.argv[4]), **json.loads(sys.argv[5])))))
