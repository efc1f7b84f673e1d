"""Issuing: what the record, the row, the file and the log say; once for each case; who may."""

import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from hexi.blocks.audit import queries as log
from hexi.blocks.certificates import hooks, keys, operations, paper, proof, queries
from hexi.blocks.certificates.models import Certificate, Counter, Key
from hexi.blocks.certificates.proof import Verdict
from hexi.blocks.certificates.tests.make import AUTHORITY, BY, FACTS, PACK, make_certificate, make_key, make_type
from hexi.blocks.documents import queries as documents
from hexi.blocks.documents import shelf
from hexi.blocks.people.tests.make import (
    acting,
    credit_number,
    make_citizen,
    make_department,
    make_enterprise,
    make_official,
    make_person,
    resident_number,
)  # fmt: skip
from hexi.kernel import clock
from hexi.kernel import hooks as kernel_hooks
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


def file_of(certificate) -> bytes:
    return shelf.path(certificate.document.blob_id).read_bytes()


def words_of(certificate) -> str:
    return "".join(PdfReader(io.BytesIO(file_of(certificate))).pages[0].extract_text().split())


def test_the_record_says_everything_the_standard_asks_for():
    number = resident_number()
    holder, issuer = make_person("李玉兰", number=number), make_department(demo=False)
    made = make_certificate(
        holder,
        issuer=issuer,
        valid_from=date(2026, 11, 24),
        valid_to=date(2027, 11, 23),
        item=("林木采伐许可", "4" * 31),
    )
    type_code = f"{AUTHORITY}011"
    assert made.metadata == {
        "certificate_identifier": f"1.2.156.3005.2.{type_code}.{issuer.uscc}.20260000001.001.{made.identifier[-1]}",
        "type_name": "林木采伐许可证",
        "type_code": type_code,
        "number": "玉门市林业和草原局〔2026〕000001号",
        "name": "林木采伐许可证",
        "version": "001",
        "issuing_authority_name": "玉门市林业和草原局",
        "issuing_authority_code": issuer.uscc,
        "issuing_authority_date": "2026-11-24",
        "define_authority_name": "演示林业和草原主管部门",
        "define_authority_code": AUTHORITY,
        "validate_start": "2026-11-24",
        "validate_end": "2027-11-23",
        "area_code": "620981000000",
        "holder_name": "李玉兰",
        "holder_code": f"{number[:4]}**********{number[-4:]}",
        "holder_type": "111",
        "holder_type_name": "公民身份号码",
        "related_item_name": "林木采伐许可",
        "related_item_code": "4" * 31,
        "extend_info": {**FACTS, "remark": ""},
        "file_url": "http://localhost:8000",
        "status": "01",
        "demo": False,
    }
    assert (made.identifier, made.number) == (made.metadata["certificate_identifier"], made.metadata["number"])
    assert (made.state, made.region_code, made.issuer_name) == ("01", "620981000000", "玉门市林业和草原局")
    assert number not in str(vars(made)) + file_of(made).decode("latin-1")


def test_a_body_is_named_by_its_whole_public_code():
    number = credit_number()
    made = make_certificate(make_enterprise("玉门市石河子种植专业合作社", number=number))
    assert (made.holder_code, made.metadata["holder_type"]) == (number, "001")
    assert number in words_of(made)


def test_the_file_is_signed_kept_and_given_to_its_holder():
    signer = make_key()
    made = make_certificate()
    found = proof.check(file_of(made), keys.trusted())
    assert (found.verdict, found.metadata, found.sha256, found.key) == (
        Verdict.VALID,
        made.metadata,
        made.sha256,
        signer.id,
    )
    document = made.document
    assert (document.level, document.owner, document.source) == ("A", made.holder, "玉门市林业和草原局")
    assert (document.of_kind, document.of_ref, document.name) == (
        "certificates.certificate",
        made.identifier,
        f"林木采伐许可证 {made.number}.pdf",
    )
    assert (Key.objects.get().pk, Key.objects.get().algorithm, Key.objects.get().demo) == (signer.id, "Ed25519", False)


def test_the_page_prints_what_was_signed():
    made = make_certificate(valid_from=date(2026, 11, 24), valid_to=date(2027, 11, 23))
    printed = words_of(made)
    for words in (
        "林木采伐许可证", "Tree-fellingpermit", made.number, f"准予{made.holder_name}在下西号镇石河子村一组北渠采伐林木。",
        "46.5立方米", "2026年11月24日至2027年11月23日", "采伐完成后次年内完成更新造林。", made.identifier, made.holder_code,
        "玉门市林业和草原局",
    ):  # fmt: skip
        assert words.replace(" ", "") in printed, words
    assert "演示" not in printed
    page = file_of(made)[: file_of(made).rfind(proof.MARK)]
    assert page == paper.make(operations.definitions.of(made.type), made.metadata)


def test_the_code_leads_to_the_public_page_with_ten_digits_of_the_record():
    made = make_certificate()
    assert (
        paper.address(made.metadata)
        == f"http://localhost:8000/verify/{made.identifier}/?c={proof.short(made.metadata)}"
    )


@pytest.mark.parametrize(("demo_key", "demo_office"), [(True, False), (False, True), (True, True)])
def test_what_a_demo_key_or_office_signs_says_demo(demo_key, demo_office):
    make_key(demo=demo_key)
    made = make_certificate(issuer=make_department("other", demo=demo_office))
    assert made.demo is True
    printed = words_of(made)
    assert ("演示专用" in printed, "演示证照，无法律效力。" in printed) == (True, True)


def test_without_an_end_it_says_so():
    made = make_certificate()
    assert (made.valid_to, made.metadata["validate_end"], "至长期" in words_of(made)) == (None, "", True)


@pytest.mark.parametrize("layout", ["landscape", "portrait"])
def test_long_texts_stay_on_one_page_above_the_seal(layout):
    make_type(PACK.replace("authority:", f"layout: {layout}\n    authority:", 1))
    made = make_certificate(
        facts={"place": "下西号镇石河子村一组北渠" * 16, "volume": "46.5 立方米", "remark": "说明" * 60}
    )
    reader = PdfReader(io.BytesIO(file_of(made)))
    size = [round(float(side)) for side in reader.pages[0].mediabox[2:]]
    assert (len(reader.pages), size == ([842, 595] if layout == "landscape" else [595, 842])) == (1, True)
    assert words_of(made).count("一组北渠") == 32


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({"place": "x"}, {"volume": ["证照上的“采伐蓄积”是空的，请补上。"]}),
        ({"place": "", "volume": "1"}, {"place": ["证照上的“采伐地点”是空的，请补上。"]}),
        ({**FACTS, "species": "杨"}, {"species": ["证照“林木采伐许可证”没有这一栏。"]}),
    ],
)
def test_missing_and_unknown_fields_are_named_and_no_number_is_lost(facts, fields):
    with pytest.raises(ValidationError) as error:
        make_certificate(facts=facts)
    assert error.value.message_dict == fields
    assert Counter.objects.count() == 0


@pytest.mark.parametrize(("holder", "make_holder"), [("natural", make_enterprise), ("body", make_person)])
def test_the_kind_of_holder_is_checked(holder, make_holder):
    make_type(PACK.replace("authority:", f"holder: {holder}\n    authority:", 1))
    with pytest.raises(ValidationError, match="不能发给这一类持证人"):
        make_certificate(make_holder())


def test_a_case_has_one_certificate_however_often_it_is_asked_for():
    case, holder = make_person("任何一件"), make_person()
    first = make_certificate(holder, case=case)
    assert make_certificate(holder, case=case) == first
    assert (Certificate.objects.count(), Counter.objects.get().value) == (1, 1)
    assert list(queries.of_case("people.person", case.pk)) == [first]


def test_serials_run_by_type_office_and_year():
    other = make_department("other", demo=False)
    made = [
        make_certificate(),
        make_certificate(),
        make_certificate(issuer=other),
        make_certificate(valid_from=date(2027, 1, 1)),
    ]
    assert [one.identifier.split(".")[7][-4:] for one in made] == ["0001", "0002", "0001", "0001"]


def test_a_number_that_names_no_year_is_given_once_in_all_years():
    make_type(PACK.replace("    text:", "    number: JY{region}{serial:04d}\n    text:", 1))
    issuer = make_department(demo=False)
    numbers = [
        make_certificate(issuer=issuer, valid_from=date(year, 11, 24)).number[-4:] for year in (2026, 2027, 2026)
    ]
    assert numbers == ["0001", "0002", "0003"]


def test_where_it_was_counted_by_year_it_goes_on_above_the_highest():
    kind = make_type(PACK.replace("    text:", "    number: JY{region}{serial:04d}\n    text:", 1))
    issuer, other = make_department(demo=False), make_department("other", demo=False)
    for year, value in ((2025, 7), (2026, 3)):
        Counter.objects.create(key=f"{kind.pk}:{issuer.pk}:{year}", value=value)
    Counter.objects.create(key=f"{kind.pk}:{other.pk}:2026", value=9)
    found = [make_certificate(issuer=one).number[-4:] for one in (issuer, other)]
    assert found == ["0010", "0011"]


def test_where_it_was_counted_over_all_years_each_year_goes_on_above_it():
    make_type(PACK.replace("    text:", '    number: "{office}{serial:04d}"\n    text:', 1))
    issuer, other = make_department(demo=False), make_department("other", demo=False)
    first = make_certificate(issuer=issuer)
    make_type()
    again = [make_certificate(issuer=one, valid_from=first.valid_from) for one in (issuer, issuer, other)]
    assert [one.identifier.split(".")[7][-4:] for one in again] == ["0002", "0003", "0001"]
    make_type(PACK.replace("    text:", '    number: "{office}{serial:04d}"\n    text:', 1))
    make_certificate(issuer=issuer, valid_from=first.valid_from)
    make_type()  # back and forth within a year
    last = make_certificate(issuer=issuer, valid_from=first.valid_from)
    assert last.identifier.split(".")[7][-4:] == "0005"


@pytest.mark.parametrize("number", ["JY{region}{serial:04d}", "{region}{year}{serial:04d}"])
def test_a_number_that_tells_the_region_only_is_given_once_in_it(number):
    make_type(PACK.replace("    text:", f'    number: "{number}"\n    text:', 1))
    here, beside = make_department(demo=False), make_department("other", demo=False)
    there = make_department("guazhou", "620922000000", demo=False)
    assert [make_certificate(issuer=one).number[-4:] for one in (here, beside, there, here)] == [
        "0001", "0002", "0001", "0003",
    ]  # fmt: skip
    make_type()  # by office again: above what its region gave
    assert make_certificate(issuer=beside).identifier.split(".")[7][-4:] == "0004"


def test_who_may_issue():
    here, there = make_department(demo=False), make_department("elsewhere", demo=False)
    head = acting(make_official("head", department=here))
    assert make_certificate(issuer=here, by=head).issuer_name == here.name
    for issuer, by in (
        (there, head),
        (here, acting(make_citizen())),
        (here, acting(make_official("examiner", department=there))),
    ):
        with pytest.raises(Denied):
            make_certificate(issuer=issuer, by=by)
    assert Certificate.objects.count() == 1


def test_the_log_and_the_hook_tell(monkeypatch):
    heard = []
    listen = kernel_hooks.Listen(
        hooks.certificate_issued, lambda certificate, by: heard.append((certificate.identifier, by.key))
    )
    added = kernel_hooks.added
    monkeypatch.setattr(
        kernel_hooks, "added", lambda kind: (*added(kind), *([listen] if kind is kernel_hooks.Listen else []))
    )
    made = make_certificate()
    assert heard == [(made.identifier, BY.key)]
    entry = log.of(made).get()
    assert (entry.verb, entry.facts) == ("certificates.issue", {"identifier": made.identifier, "sha256": made.sha256})
    change = made.changes.get()
    assert (change.before, change.after, change.actor_key) == ("", "01", BY.key)


def test_older_certificates_stay_good_after_the_key_was_replaced():
    first_key, first = make_key(), make_certificate()
    second_key, second = make_key(), make_certificate()
    assert (first.key_id, second.key_id) == (first_key.id, second_key.id)
    for path in keys.folder().glob("*"):
        path.unlink()
    verdicts = [proof.check(file_of(one), queries.public_keys()).verdict for one in (first, second)]
    assert verdicts == [Verdict.VALID, Verdict.VALID]


def test_a_holders_good_certificates_need_not_be_handed_in_again():
    holder, today = make_citizen().person, clock.today()
    good = make_certificate(holder, valid_to=today)
    make_certificate(holder, valid_from=today - timedelta(9), valid_to=today - timedelta(1))
    make_certificate(holder, valid_from=today + timedelta(1))
    make_certificate()
    assert list(queries.good(holder.pk, "felling_permit")) == [good]
    assert list(queries.good(holder.pk, "other")) == []
    usable = documents.reusable(acting(holder.account), holder.pk)
    assert good.document in usable
    assert len(usable) == 2  # not yet begun is usable, expired is not


@pytest.mark.parametrize("text", ["{identifier}", "  {identifier}\n", "{number}"])
def test_certificates_are_found_by_identifier_or_number(text):
    made = make_certificate()
    assert queries.find(text.format(identifier=made.identifier, number=made.number)) == made


def test_a_number_that_two_offices_gave_finds_nothing():
    first = make_certificate()
    make_certificate(issuer=make_department("other", demo=False))
    assert [queries.find(text) for text in (first.number, "", "x")] == [None, None, None]
