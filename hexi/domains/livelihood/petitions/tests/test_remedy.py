"""What an opinion says may be done against it: the days and the law of the term in force, not a sentence of ours."""

import pytest
from pypdf import PdfReader

from hexi.blocks.documents import shelf
from hexi.blocks.people.tests import make as people
from hexi.domains.livelihood.petitions.models import Term
from hexi.domains.livelihood.petitions.operations import handling, petitioning
from hexi.domains.livelihood.petitions.tests import make
from hexi.kernel import clock

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("level", "step", "amount", "unit", "said"),
    [
        (1, "ask", None, "", "起30日内请求玉门市人民政府复查（《信访工作条例》第三十五条）"),
        (1, "ask", 45, "calendar_days", "起45日内请求玉门市人民政府复查（《玉门市信访办法》第九条）"),
        (2, "ask_re", None, "", "起30日内请求酒泉市人民政府复核（《信访工作条例》第三十六条第一款）"),
        (2, "ask_re", 60, "calendar_days", "起60日内请求酒泉市人民政府复核（《玉门市信访办法》第九条）"),
    ],
)  # fmt: skip
def test_the_opinion_names_the_days_and_the_law_of_the_term_in_force(
    level: int, step: str, amount: int | None, unit: str, said: str
) -> None:
    make.make_rules()
    if amount:
        facts = {"amount": amount, "unit": unit, "law": "玉门市信访办法", "clause": "第九条"}
        Term.objects.create(region_code=make.YUMEN, step=step, valid_from=clock.today(), **facts)
    account = people.make_citizen()
    petition, by = make.make_handling(make.make_petition(account)) if level == 1 else make.make_review(account)
    result = "support" if level == 1 else "upheld"
    handling.conclude(make.fresh(petition), result=result, by=by, **make.OPINION)
    paper = make.fresh(petition).rounds.get(level=level).letter.document
    pages = PdfReader(shelf.path(paper.blob_id)).pages
    assert said in "".join("".join(page.extract_text().split()) for page in pages)
    petitioning.receive_opinion(make.fresh(petition), by=people.acting(account))
    running = petition.case.clocks.get(kind=step)
    assert (running.amount, running.unit) == (amount or 30, unit or "calendar_days")
