"""Pages of documents: a person's own list, the contents under strict headers, and who gets 404."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hexi.blocks.audit.models import Entry
from hexi.blocks.documents import operations, queries
from hexi.blocks.documents.models import Document
from hexi.blocks.documents.tests import make
from hexi.blocks.people.tests.make import acting, make_account, make_citizen, make_official
from hexi.kernel.options import override

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen(client):
    account = make_citizen()
    account.actor = acting(account)
    client.force_login(account)
    return account


def get(client, name, *args, **heads):
    return client.get(reverse(f"documents.{name}", args=args), **heads)


def text(response) -> str:
    return response.content.decode()


def body(response) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize(
    ("name", "content", "media_type", "disposition"),
    [
        ("身份证.jpg", make.make_image(), "image/jpeg", "inline; filename*=utf-8''%E8%BA%AB%E4%BB%BD%E8%AF%81.jpg"),
        ("map.png", make.make_image("PNG"), "image/png", 'inline; filename="map.png"'),
        ("a.webp", make.make_image("WEBP"), "image/webp", 'inline; filename="a.webp"'),
        ("a.pdf", make.make_pdf(), "application/pdf", 'inline; filename="a.pdf"'),
        ("a.docx", make.make_docx(), operations.content.packages.DOCX, 'attachment; filename="a.docx"'),
        ("a.xlsx", make.make_xlsx(), operations.content.packages.XLSX, 'attachment; filename="a.xlsx"'),
        ("a.ofd", make.make_ofd(), "application/ofd", 'attachment; filename="a.ofd"'),
    ],
)
def test_contents_go_out_as_handed_in_under_headers_that_run_nothing(
    client, citizen, name, content, media_type, disposition
):
    document = make.make_document(citizen.person, content=content, name=name)
    response = get(client, "show", document.pk)
    assert body(response) == content
    assert (response["Content-Type"], response["Content-Disposition"]) == (media_type, disposition)
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-cache")
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("sandbox") is (media_type != "application/pdf")
    saved = get(client, "download", document.pk)
    assert saved["Content-Disposition"].startswith("attachment; ")
    assert saved["Content-Security-Policy"].endswith("sandbox")
    assert body(saved) == content


def test_what_has_not_changed_is_not_sent_again(client, citizen):
    document = make.make_document(citizen.person)
    tag = get(client, "show", document.pk)["ETag"]
    assert tag == f'"{document.blob_id}"'
    again = get(client, "show", document.pk, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["preview", "thumb"])
def test_previews_are_small_jpegs_and_only_of_pictures(client, citizen, name):
    picture = make.make_document(citizen.person, content=make.make_image("PNG", 3000, 1500))
    response = get(client, name, picture.pk)
    assert (response["Content-Type"], body(response)[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    paper = make.make_document(citizen.person, content=make.make_pdf(), name="a.pdf")
    assert get(client, name, paper.pk).status_code == 404


@pytest.mark.parametrize("name", ["show", "download", "preview", "thumb", "document"])
def test_strangers_get_404_and_visitors_are_asked_to_sign_in(client, name):
    document = make.make_document(make_citizen().person)
    assert get(client, name, document.pk).status_code == 302
    client.force_login(make_citizen())
    assert [get(client, name, pk).status_code for pk in (document.pk, 10**9)] == [404, 404]
    assert Entry.objects.filter(verb="look").count() == 0


def test_an_official_reads_as_the_manifest_says_and_the_owner_sees_it(client, citizen):
    document = make.make_document(citizen.person, thing=("tests.thing", "7"), title="身份证")
    official = make_official("examiner")
    client.force_login(official)
    with make.reader("tests.thing", lambda actor, found: actor.official, purpose=lambda found: "办理林木采伐许可"):
        for name in ("thumb", "preview", "show"):
            assert get(client, name, document.pk).status_code == 200
    client.force_login(citizen)
    page = text(get(client, "document", document.pk))
    assert page.count("办理林木采伐许可：身份证") == 1
    assert acting(official).name in page


def test_a_removed_document_is_gone_for_all(client, citizen):
    document = make.make_document(citizen.person)
    operations.remove(document, by=citizen.actor)
    assert [get(client, name, document.pk).status_code for name in ("show", "thumb", "document")] == [404] * 3


def test_the_list_shows_own_documents_and_takes_new_ones(client, citizen):
    make.make_document(make_citizen().person, title="别人的")
    assert "还没有文件" in text(get(client, "mine"))
    file = SimpleUploadedFile("IMG.jpg", make.make_image())
    answer = client.post(reverse("documents.mine"), {"title": "身份证正面", "file": file}, follow=True)
    assert ("已保存“身份证正面”" in text(answer), "别人的" in text(answer)) == (True, False)
    document = Document.objects.get(title="身份证正面")
    assert (document.owner, document.level, document.of_kind) == (citizen.person, "C", "")
    for name in ("thumb", "document", "download"):
        assert reverse(f"documents.{name}", args=[document.pk]) in text(answer)


def test_an_account_without_a_person_keeps_documents_too(client):
    account = make_account()
    client.force_login(account)
    client.post(reverse("documents.mine"), {"title": "身份证", "file": SimpleUploadedFile("a.pdf", make.make_pdf())})
    assert [one.title for one in queries.own(acting(account))] == ["身份证"]


@pytest.mark.parametrize(
    ("title", "content", "words"),
    [
        ("", make.make_image(), "请写明这是什么文件"),
        ("身份证", None, "请先选择文件"),
        ("身份证", b"MZ\0\0", "可执行程序"),
    ],
)
def test_a_refused_upload_says_why_and_keeps_what_was_entered(client, citizen, title, content, words):
    file = {} if content is None else {"file": SimpleUploadedFile("a.jpg", content)}
    answer = client.post(reverse("documents.mine"), {"title": title, **file})
    assert (answer.status_code, words in text(answer)) == (422, True)
    assert f'value="{title}"' in text(answer)
    assert Document.objects.count() == 0


def test_an_oversized_upload_names_limit_and_remedy(client, citizen):
    with override(operations.MAX_BYTES, 1_000):
        file = SimpleUploadedFile("a.jpg", make.make_image())
        answer = client.post(reverse("documents.mine"), {"title": "身份证", "file": file})
    assert "最多 1.0 kB" in text(answer)


def test_removal_and_its_undoing_by_page(client, citizen):
    document = make.make_document(citizen.person, title="身份证")
    answer = client.post(reverse("documents.remove", args=[document.pk]), follow=True)
    assert "最近删除的" in text(answer)
    answer = client.post(reverse("documents.restore", args=[document.pk]), follow=True)
    assert ("已恢复“身份证”" in text(answer), "最近删除的" in text(answer)) == (True, False)
    assert client.get(reverse("documents.remove", args=[document.pk])).status_code == 405


def test_what_was_submitted_has_no_button_to_delete_it(client, citizen):
    document = make.make_document(citizen.person, thing=("tests.thing", "7"))
    assert reverse("documents.remove", args=[document.pk]) in text(get(client, "document", document.pk))
    with make.reader("tests.thing", changeable=lambda ref, slot: False):
        assert reverse("documents.remove", args=[document.pk]) not in text(get(client, "document", document.pk))


@pytest.mark.parametrize("content", [make.make_image(), make.make_pdf(), make.make_docx()])
def test_the_page_of_one_document_shows_it_or_says_that_it_cannot(client, citizen, content):
    document = make.make_document(citizen.person, content=content)
    page = text(get(client, "document", document.pk))
    shown = [
        f'src="{reverse("documents.preview", args=[document.pk])}"' in page,
        "<object" in page,
        "请下载后打开" in page,
    ]
    assert shown.count(True) == 1
    assert document.blob_id in page
    assert "除您以外还没有人看过" in page


def test_lists_ask_the_same_number_of_questions_for_one_and_three_rows(client, citizen, django_assert_max_num_queries):
    counts = []
    for rows in (1, 2):
        for seed in range(rows):
            make.make_document(citizen.person, content=make.make_image(seed=rows * 10 + seed), title=f"{rows}{seed}")
        with django_assert_max_num_queries(100) as asked:
            get(client, "mine")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_pages_of_the_list(client, citizen):
    for seed in range(21):
        make.make_document(citizen.person, content=make.make_image("PNG", 9, 9, seed=seed), title=f"文件{seed:02d}号")
    first, second = text(get(client, "mine")), text(client.get(reverse("documents.mine") + "?page=2"))
    assert (first.count("文件20号") > 0, "文件00号" in first, "文件00号" in second) == (True, False, True)
    assert client.get(reverse("documents.mine") + "?page=x").status_code == 200
