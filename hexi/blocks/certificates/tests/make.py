"""A sample type, key and certificates, for the tests of all blocks and for the demo."""

from pathlib import Path

from hexi.blocks.certificates import definitions, keys, operations
from hexi.blocks.certificates.models import Certificate, CertificateType
from hexi.blocks.people.tests.make import make_department, make_person
from hexi.kernel.actors import System
from hexi.kernel.packs import parse
from hexi.wire.checksums import make_credit_code

BY = System("make")
AUTHORITY = make_credit_code("11", "629999", "80000001")
PACK = f"""
certificates:
  - key: felling_permit
    code: "{AUTHORITY}011"
    title: {{zh: 林木采伐许可证, en: Tree-felling permit}}
    authority: 演示林业和草原主管部门
    text: 根据《中华人民共和国森林法》第五十六条，准予{{holder}}在{{place}}采伐林木。
    note: 采伐完成后次年内完成更新造林。
    fields:
      - key: place
        label: {{zh: 采伐地点, en: Place}}
        wide: true
      - key: volume
        label: {{zh: 采伐蓄积, en: Volume}}
      - key: remark
        label: {{zh: 说明, en: Remark}}
        required: false
"""
FACTS = {"place": "下西号镇石河子村一组北渠", "volume": "46.5 立方米"}


def make_type(text: str = PACK) -> CertificateType:
    """The types of a pack; the first of them."""
    content = parse(text, definitions.Licences, Path("felling.yaml"))
    definitions.load(Path("felling.yaml"), content)
    return CertificateType.objects.get(key=content.certificates[0].key)


def make_key(*, demo: bool = False) -> keys.Signer:
    """A new signing key in DATA/keys, in force from now on."""
    keys.make(demo=demo)
    return keys.signer()


def make_certificate(holder=None, *, by=BY, **facts) -> Certificate:
    """A felling permit. `facts`: issuer, valid_from, valid_to, case, item, facts."""
    if not CertificateType.objects.exists():
        make_type()
    if not any(keys.folder().glob("certificate-*.pem")):
        make_key()
    given = {"issuer": facts.pop("issuer", None) or make_department(demo=False), "facts": FACTS}
    return operations.issue("felling_permit", holder=holder or make_person(), by=by, **(given | facts))
