"""依申请公开, answered: files put in by the office, wholly or in part, told in the law's own words, downloaded."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse
from pypdf import PdfReader

from hexi.blocks.cases import jobs, operations, rulings
from hexi.blocks.cases.letters import title_of
from hexi.blocks.cases.operations import concerned, giving
from hexi.blocks.cases.states import State
from hexi.blocks.cases.tests import make
from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import queries as papers
from hexi.blocks.documents import shelf
from hexi.blocks.documents.tests.make import make_pdf
from hexi.blocks.notices.models import Notice
from hexi.blocks.people.models import Post
from hexi.blocks.people.tests import make as people
from hexi.kernel import clock
from hexi.kernel.actors import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture
def villager():
    return make.make_citizen()


@pytest.fixture
def examiner(case):
    return make.make_official(make.EXAMINER, case.item)


@pytest.fixture
def head(case):
    return make.make_official(make.HEAD, case.item)


@pytest.fixture
def case(villager, at):
    """A request for information, accepted, being examined."""
    item = make.make_item("info-disclosure")
    case = make.make_case(
        item, answers={"information": "2025年补贴发放表"}, applicant=villager.account.person, by=villager
    )
    operations.accept(case, by=make.make_official(make.CLERK, item))
    return make.fresh(case)


def file(text="Subsidies 2025"):
    return ContentFile(make_pdf(text=text))


def to_decide(case, examiner):
    operations.examine(case, by=examiner, opinion="可以公开。")
    return make.fresh(case)


def letter_of(case):
    letter = make.fresh(case).letters.order_by("pk").last()
    return letter, re.sub(
        r"\s", "", "".join(page.extract_text() for page in PdfReader(shelf.path(letter.document.blob_id)).pages)
    )


def test_the_answer_comes_with_its_file(case, examiner, head, villager, client):
    given = giving.put_result(case, file(), name="发放表.pdf", by=examiner)
    assert (given.level, given.source, given.owner_id) == ("A", case.department.name, None)
    client.force_login(villager.account)
    download = reverse("documents.download", args=[given.pk])
    assert client.get(download).status_code in (403, 404)  # not before the decision
    assert "发放表.pdf" not in client.get(reverse("cases.mine", args=[case.number])).content.decode()
    operations.grant(to_decide(case, examiner), by=head, opinion="您要的发放表如下。", decision="grant")
    jobs.certify(case=case.pk)
    case = make.fresh(case)
    assert (case.state, case.decision) == (State.CLOSED, "grant")
    page = client.get(reverse("cases.mine", args=[case.number])).content.decode()
    assert "予以公开" in page
    assert download in page
    answer = client.get(download)
    assert b"".join(answer.streaming_content) == make_pdf(text="Subsidies 2025")
    letter, said = letter_of(case)
    assert str(title_of(letter)) == "政府信息公开告知书"
    for words in ("第三十六条第二项", "1．发放表.pdf", "在“我的办件”下载", "行政复议"):
        assert words in said
    assert "颁发" not in said
    assert "准予" not in said
    assert Notice.objects.filter(person=villager.account.person, key="cases.letter").count() == 1


def test_in_part_each_withheld_part_has_its_reason_and_law(case, examiner, head):
    giving.put_result(case, file(), name="发放表.pdf", by=examiner)
    case = to_decide(case, examiner)
    for parts in ({}, {"third_party": " "}, {"weather": "第三页"}):
        with pytest.raises(ValidationError, match="逐项写明哪些部分不在内"):
            operations.grant(case, by=head, opinion="答复如下。", decision="partial", parts=parts)
    parts = {"third_party": "农户的身份证号和银行账号", "other": "内部讨论记录：属于过程性信息（条例第十六条第二款）。"}
    operations.grant(case, by=head, opinion="答复如下。", decision="partial", parts=parts)
    letter, said = letter_of(case)
    assert (letter.kind, make.fresh(case).decision) == ("partly", "partial")
    for words in (
        "政府信息部分公开告知书", "第三十七条", "1．农户的身份证号和银行账号。理由：涉及商业秘密、个人隐私",
        "《中华人民共和国政府信息公开条例》第十五条", "2．内部讨论记录", "1．发放表.pdf", "行政复议",
    ):  # fmt: skip
        assert words in said


def test_without_a_file_it_says_where_the_information_is_to_be_had(case, examiner, head):
    case = to_decide(case, examiner)
    with pytest.raises(ValidationError) as refused:
        operations.grant(case, by=head, opinion="可以公开。")
    assert list(refused.value.message_dict) == ["where"]
    operations.grant(case, by=head, opinion="可以公开。", where="工作日到档案馆二楼查阅。")
    assert "方式、途径和时间：工作日到档案馆二楼查阅。" in letter_of(case)[1]


def test_a_refusal_is_worded_by_the_regulations(case, examiner, head):
    operations.refuse(to_decide(case, examiner), by=head, opinion="经检索没有这份文件。")
    letter, said = letter_of(case)
    assert str(title_of(letter)) == "政府信息不予公开告知书"
    assert "第三十六条" in said
    assert "行政许可法" not in said


def test_only_the_office_puts_files_in_and_only_before_it_decides(case, examiner, head, villager):
    clerk = make.make_official(make.CLERK, case.item)
    other = people.make_official(make.EXAMINER, department=people.make_department("elsewhere", "620982000000"))
    for stranger in (clerk, villager, people.acting(other)):
        with pytest.raises(Denied):
            giving.put_result(case, file(), name="x.pdf", by=stranger)
    with pytest.raises(ValidationError):
        giving.put_result(case, ContentFile(b"MZ\x90"), name="x.pdf", by=examiner)
    kept = giving.put_result(case, file(), name="a.pdf", by=examiner)
    assert giving.put_result(case, file(), name="a.pdf", by=examiner) == kept  # sent twice it is one
    drop = giving.put_result(case, file("draft"), name="b.pdf", by=examiner)
    giving.drop_result(case, drop.pk, by=head)  # a colleague may as well
    operations.grant(to_decide(case, examiner), by=head, opinion="如下。")
    with pytest.raises(ValidationError):
        giving.put_result(make.fresh(case), file("late"), name="c.pdf", by=examiner)
    assert rulings.files(make.fresh(case)) == [kept]


def test_a_file_that_slips_in_after_the_decision_is_nobody_elses(case, examiner, head, villager, client, at):
    giving.put_result(case, file(), name="a.pdf", by=examiner)
    operations.grant(to_decide(case, examiner), by=head, opinion="如下。")
    at("2026-11-24 10:05")
    late = documents.keep(make_pdf(text="late"), name="late.pdf", thing=case, slot=rulings.RESULTS, by=examiner)
    assert [one.name for one in rulings.files(make.fresh(case))] == ["a.pdf"]
    client.force_login(villager.account)
    assert client.get(reverse("documents.download", args=[late.pk])).status_code in (403, 404)


def test_what_was_prepared_does_not_go_out_with_a_refusal(case, examiner, head, villager, client):
    kept = giving.put_result(case, file(), name="发放表.pdf", by=examiner)
    operations.refuse(to_decide(case, examiner), by=head, opinion="属于国家秘密。")
    assert rulings.files(make.fresh(case)) == []
    client.force_login(villager.account)
    assert client.get(reverse("documents.download", args=[kept.pk])).status_code in (403, 404)
    assert "发放表.pdf" not in client.get(reverse("cases.mine", args=[case.number])).content.decode()
    client.force_login(head.account)
    assert client.get(reverse("documents.download", args=[kept.pk])).status_code == 200


def test_parts_to_be_left_out_do_not_vanish_in_a_whole_grant(case, examiner, head, client):
    giving.put_result(case, file(), name="发放表.pdf", by=examiner)
    case, parts = to_decide(case, examiner), {"third_party": "农户的银行账号"}
    with pytest.raises(ValidationError, match="写明了不在内的部分") as refused:
        operations.grant(case, by=head, opinion="答复如下。", decision="grant", parts=parts)
    assert list(refused.value.message_dict) == ["decision"]
    client.force_login(head.account)
    told = {
        "revision": case.revision, "grant__decision": "grant", "grant__opinion": "答复如下。",
        "grant__part_third_party": "农户的银行账号",
    }  # fmt: skip
    answer = client.post(reverse("cases.act", args=[case.number, "grant"]), told)
    assert (answer.status_code, "请选择部分给予的决定" in answer.content.decode()) == (422, True)
    assert make.fresh(case).outcome == ""
    operations.grant(case, by=head, opinion="答复如下。", decision="grant", parts={"third_party": " "})
    assert make.fresh(case).decision == "grant"


def test_what_an_official_puts_in_for_the_office_is_not_his_own_paper(case, examiner):
    kept = giving.put_result(case, file(), name="a.pdf", by=examiner)
    letter = concerned.name_party(case, name="某公司", why="商业秘密。", by=examiner).letters.get().document
    assert (letter.owner, letter.made_by) == (None, examiner.key)
    assert papers.may_read(examiner, kept)
    assert (list(papers.own(examiner)), papers.reusable(examiner, None)) == ([], [])
    assert not papers.is_own(examiner, kept)
    giving.drop_result(case, kept.pk, by=examiner)
    assert list(papers.removed(examiner)) == []


def test_who_left_the_post_reads_no_more_what_he_put_in(case, examiner):
    kept = giving.put_result(case, file(), name="a.pdf", by=examiner)
    Post.objects.filter(account=examiner.account).update(valid_to=clock.today())
    assert not papers.may_read(people.acting(examiner.account), kept)


def test_on_the_page_an_official_chooses_files_and_decides_in_part(case, examiner, head, client):
    client.force_login(examiner.account)
    page = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert "随决定提供的文件" in page
    upload = {"files": ContentFile(make_pdf(text="Subsidies"), name="发放表.pdf")}
    assert client.post(reverse("cases.results", args=[case.number]), upload).status_code == 302
    (given,) = rulings.files(case)
    assert client.post(reverse("cases.results", args=[case.number]), {"remove": given.pk}).status_code == 302
    assert rulings.files(case) == []
    upload = {"files": ContentFile(make_pdf(text="Subsidies"), name="发放表.pdf")}
    client.post(reverse("cases.results", args=[case.number]), upload)
    case = to_decide(case, examiner)
    client.force_login(head.account)
    page = client.get(reverse("cases.case", args=[case.number])).content.decode()
    assert "部分公开的，逐项写明哪些部分不在内" in page
    act = reverse("cases.act", args=[case.number, "grant"])
    told = {"revision": case.revision, "grant__decision": "partial", "grant__opinion": "答复如下。"}
    refused = client.post(act, told)
    assert refused.status_code == 422
    assert "逐项写明哪些部分不在内，并对应理由" in refused.content.decode()
    assert client.post(act, told | {"grant__part_secret": "第二页"}).status_code == 302
    assert make.fresh(case).decision == "partial"
