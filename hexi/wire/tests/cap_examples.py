"""CAP messages for the tests: a whole one of ours, keys that sign, the public examples where they lie."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from hexi.wire.cap.model import Alert, Area, Info, Pair, Resource

SHARED = Path(__file__).parents[4] / "shared" / "data" / "cap"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the public CAP examples (shared/data/cap) are not here")

INFO = Info(
    language="zh-CN", categories=("Met",), event="暴雨", responses=("Shelter", "Monitor"), urgency="Expected",
    severity="Severe", certainty="Likely", audience="沿河村民", event_codes=(Pair("hexi", "rainstorm"),),
    effective="2026-11-29T09:30:00+08:00", onset="2026-11-29T10:00:00+08:00", expires="2026-11-29T18:00:00+08:00",
    sender_name="玉门市应急管理局", headline="暴雨橙色预警", description="三小时内降雨 50 毫米以上 <局部> & 山洪。",
    instruction="远离河道。", web="https://example.gov.cn/alerts/1/", contact="0937-0000001",
    parameters=(Pair("预警颜色", "橙色"),),
    resources=(Resource("雷达图", "image/png", size="1024", uri="https://example.gov.cn/radar.png"),),
    areas=(
        Area("下西号镇", polygons=("39.8,97.0 39.8,97.1 39.9,97.1 39.9,97.0 39.8,97.0",), circles=("39.85,97.05 5",),
             geocodes=(Pair("GB/T 2260", "620981106000"),), altitude="0", ceiling="5000"),
    ),
)  # fmt: skip
WHOLE = Alert(
    identifier="620981-20261129-0001", sender="alerts@example.gov.cn", sent="2026-11-29T09:30:00+08:00",
    status="Actual", kind="Alert", scope="Public", source="值班室", note="一", codes=("hexi:1",), infos=(INFO,),
)  # fmt: skip


@cache
def signer(kind="ec", name="玉门市应急管理局", begins=datetime(2026, 1, 1, tzinfo=UTC)):
    """A key and its certificate, valid for a year."""
    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins)
    return key, made.not_valid_after(begins + timedelta(days=365)).sign(key, hashes.SHA256())
