"""Options of the exchange; stands beside models."""

from pathlib import Path

from hexi.kernel.options import Option

CONSUMER_PORT = Option(
    "catalog.consumer_port", int, 0,
    "调用方网关的端口（本单位的系统从这里调用别人）；0：不启动。 / "
    "Port of the consumer gateway, through which our systems call others; 0: not started.",
)  # fmt: skip
PROVIDER_PORT = Option(
    "catalog.provider_port", int, 0,
    "提供方网关的端口（别的网关从这里调用我们的服务）；0：不启动。 / "
    "Port of the provider gateway, where other gateways call our services; 0: not started.",
)  # fmt: skip
SERVICE_NETWORKS = Option(
    "catalog.service_networks", str, "",
    "本单位的服务可以在哪些网段（逗号分隔，例如 10.8.0.0/16）；留空：除本机和链路本地以外都可以。 / "
    "Networks our services may be in (by commas, e.g. 10.8.0.0/16); empty: all but loopback and link-local.",
)  # fmt: skip
MOST_BYTES = Option(
    "catalog.most_bytes", int, 10_000_000, "一条报文正文最多多少字节。 / Most bytes of a message's body."
)
LOG_BODIES = Option(
    "catalog.log_bodies", bool, True,
    "报文正文也存入日志；关掉只存摘要，签名仍可核验，内容不能再出示。 / "
    "Keep bodies in the message log; off: only their digests, which proves less.",
)  # fmt: skip
OFF_SECONDS = Option(
    "catalog.clock_tolerance", int, 300,
    "两边网关的时钟最多差多少秒。 / How many seconds the clocks of two gateways may differ.",
)  # fmt: skip
TSA_URL = Option(
    "catalog.tsa_url", str, "",
    "时间戳服务（RFC 3161）地址；留空：不加时间戳。 / "
    "Address of the time-stamping authority (RFC 3161); empty: no time-stamps.",
)  # fmt: skip
TSA_ROOTS = Option(
    "catalog.tsa_roots", Path, Path(),
    "时间戳服务的根证书文件（PEM，可多张）。 / File with the authority's root certificates (PEM).",
)  # fmt: skip
TSA_FAILURE = Option(
    "catalog.tsa_failure_seconds", int, 14_400,
    "时间戳连续失败超过多少秒就不再收发报文（X-Road：14400）。 / "
    "After how many seconds without time-stamps messages are refused (X-Road: 14400).",
)  # fmt: skip
ARCHIVE_BYTES = Option(
    "catalog.archive_bytes", int, 32 << 20,
    "一个日志归档最多多少字节报文（X-Road：32 MiB）。 / Most bytes of messages in one archive (X-Road: 32 MiB).",
)  # fmt: skip
KEEP_DAYS = Option(
    "catalog.log_days", int, 30,
    "归档后的报文在数据库里再留多少天（X-Road：30）。 / Days archived messages stay in the database (X-Road: 30).",
)  # fmt: skip
ALL = (
    CONSUMER_PORT, PROVIDER_PORT, MOST_BYTES, LOG_BODIES, OFF_SECONDS, TSA_URL, TSA_ROOTS, TSA_FAILURE, ARCHIVE_BYTES,
    KEEP_DAYS, SERVICE_NETWORKS,
)  # fmt: skip
