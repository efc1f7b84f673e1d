"""Rules of publication for the national element: basis, limits, fees, result, steps, materials, decisions. Pure.

Sources: services.md §2.7 (a city's quality check), 国办函〔2017〕115号 (what users complained of), 行政许可法 arts
29–42, 716号令 art. 7. Each rule yields what is wrong; its name is the finding's `rule`.
"""

import string
from collections import Counter
from collections.abc import Iterator

from hexi.blocks.cases import codes
from hexi.blocks.cases.findings import Finding, wrong
from hexi.blocks.cases.items import DEMO_MAIN_ITEM, ServiceItem
from hexi.blocks.cases.parts import LETTER_FACTS, Material, Paper
from hexi.blocks.forms.answers import FACTS
from hexi.blocks.forms.conditions import names

Findings = Iterator[Finding]
#: a result's name tells its type (services.md §2.7)
RESULT_ENDINGS = {"证": "certificate", "执照": "certificate", "文": "document", "批复": "approval"}
#: what every procedure has: 受理、审核、审批、送达 (办结 is the step that ends it)
NEEDED_STAGES = ("accept", "examine", "decide", "deliver")
FEWEST_STEPS = 5
#: a certificate's field comes from an answer, or from a property of one of these (`results.facts_of`)
FACT_OWNERS = ("applicant.", "case.", "office.")
#: 行政许可法 art. 42(1): twenty days, once extended by ten
PERMIT_DAYS, PERMIT_EXTENSION = 20, 10
#: art. 42(2): several departments together
JOINT_DAYS, JOINT_EXTENSION = 45, 15


def basis_is_given(item: ServiceItem) -> Findings:
    """设定依据: a permit without a law behind it cannot be asked for (行政许可法 art. 17)."""
    if not item.basis:
        yield wrong(
            "设定依据",
            ("basis",),
            "没有写设定依据，请写明法律名称和条款",
            "no legal basis; name the law and its article",
        )


def base_code_fits(item: ServiceItem) -> Findings:
    """基本编码: region 00, the type of the item, and a made-up serial only where it is plain that it is one."""
    code = item.base_code
    if code[:2] != "00":
        yield wrong("基本编码", ("base_code",), "国家事项的基本编码应以 00 开头", "a national base code begins with 00")
    if code[2:4] != item.item_type:
        zh = f"基本编码第 3、4 位是 {code[2:4]}，与事项类型 {item.item_type} 不一致"
        yield wrong(
            "基本编码", ("base_code",), zh, f"digits 3 and 4 are {code[2:4]}, the item's type is {item.item_type}"
        )
    if item.is_demo and not code[4:].startswith(DEMO_MAIN_ITEM):
        zh = f"没有写编码出处的，主项编码要以 {DEMO_MAIN_ITEM} 开头，表明是示范编码"
        yield wrong(
            "基本编码",
            ("base_code",),
            zh,
            f"a code without source is made up: its main item begins with {DEMO_MAIN_ITEM}",
        )


def limit_has_basis(item: ServiceItem) -> Findings:
    """法定办结时限: who says so."""
    if not item.legal_limit.basis:
        yield wrong("法定办结时限", ("legal_limit",), "法定办结时限没有写依据", "the legal time limit has no basis")


def permit_limit_is_lawful(item: ServiceItem) -> Findings:
    """行政许可法 art. 42(1): 20 working days and once 10 more, unless another law says so."""
    limit, own = item.legal_limit, any("行政许可法" not in basis.law.zh for basis in item.legal_limit.basis)
    most, longer = (JOINT_DAYS, JOINT_EXTENSION) if item.joint else (PERMIT_DAYS, PERMIT_EXTENSION)
    if item.is_permit and limit.unit == "working_days" and limit.amount > most and not own:
        zh = "行政许可的期限超过 20 个工作日，要写出另有规定的法律、法规（行政许可法第四十二条）"
        en = "a permit may take more than 20 working days only if another law says so"
        yield wrong("法定办结时限", ("legal_limit",), zh, en)
    more = item.extension
    if item.is_permit and more and (more.unit != "working_days" or more.amount > longer):
        zh = "行政许可只能延长一次，最多 10 个工作日（行政许可法第四十二条）"
        yield wrong("特别程序", ("extension",), zh, "a permit may be extended once, by at most 10 working days")


def extension_is_countable(item: ServiceItem) -> Findings:
    """延长: counted on the legal limit, so in working days both."""
    if item.extension and {item.extension.unit, item.legal_limit.unit} != {"working_days"}:
        zh = "可以延长的事项，法定期限和延长期限都用工作日计算"
        yield wrong("特别程序", ("extension",), zh, "limit and extension are both counted in working days")


def fee_is_complete(item: ServiceItem) -> Findings:
    """收费: charged means items, standards and their basis; free means none of them."""
    fee = item.fee
    if fee.charged and not fee.items:
        yield wrong(
            "收费项目",
            ("fee",),
            "收费的事项要列出收费项目和标准",
            "a charged matter lists what is charged and how much",
        )
    if not fee.charged and fee.items:
        yield wrong(
            "是否收费",
            ("fee", "charged"),
            "写了收费项目，却写着不收费",
            "charges are listed, yet it says free of charge",
        )
    for index, one in enumerate(fee.items):
        if not one.basis:
            where = ("fee", "items", index)
            yield wrong(
                "收费依据", where, f"收费项目「{one.name.zh}」没有依据", f"the charge “{one.name.en}” has no basis"
            )
        if one.reducible and one.reduction is None:
            where = ("fee", "items", index, "reducible")
            yield wrong(
                "允许减免依据",
                where,
                f"「{one.name.zh}」可减免，要写明谁可以减免",
                f"say who pays less for “{one.name.en}”",
            )


def fee_conditions_are_sound(item: ServiceItem) -> Findings:
    """When an item is charged or reduced: by answers there are, and never by more than it costs."""
    known = {field.key for _section, field in item.form.fields()} | set(FACTS)
    for index, one in enumerate(item.fee.items):
        where = ("fee", "items", index)
        for name in sorted({*names(one.when), *names(one.reduction_when)} - known):
            yield wrong("收费条件", where, f"「{one.name.zh}」的条件里没有字段 {name}", f"no field {name} to charge by")
        if one.reduction_when is not False and not one.reducible:
            yield wrong(
                "允许减免依据", where, f"「{one.name.zh}」写了减免条件，却不可减免", "reduced, yet not reducible"
            )
        if one.reduction_fen is not None and one.reduction_fen > (one.fen or 0):
            yield wrong("允许减免依据", where, f"「{one.name.zh}」减免的比收的多", "reduced by more than it costs")


def conditions_of_steps_are_sound(item: ServiceItem) -> Findings:
    """What depends on answers depends on answers there are; only examination and review can be left out."""
    known = {field.key for _section, field in item.form.fields()} | set(FACTS)
    for place, things in (("steps", item.steps), ("special_procedures", item.special_procedures)):
        for index, one in enumerate(things):
            for name in sorted(set(names(one.when)) - known):
                zh = f"条件里没有字段 {name}"
                yield wrong("办理流程", (place, index, "when"), zh, f"no field {name} to decide by")
    for index, step in enumerate(item.steps):
        if step.when is not True and step.stage not in ("examine", "review"):
            zh = "只有审查、审核环节可以写条件（when）"
            yield wrong("办理流程", ("steps", index, "when"), zh, "only examination and review can be left out")


def result_fits_its_name(item: ServiceItem) -> Findings:
    """审批结果类型 by the last character of the result's name (services.md §2.7)."""
    name, kind = item.result.name.zh, item.result.type
    for ending, wanted in RESULT_ENDINGS.items():
        if name.endswith(ending) and kind != wanted:
            words = codes.RESULT_TYPES[wanted]
            where = ("result", "type")
            yield wrong(
                "审批结果类型",
                where,
                f"结果名称以「{ending}」结尾，结果类型应为「{words.zh}」",
                f"the type should be “{words.en}”",
            )


def result_has_a_sample(item: ServiceItem) -> Findings:
    """审批结果样本, and the type of certificate if it is one."""
    if item.result.sample is None:
        yield wrong(
            "审批结果样本",
            ("result",),
            "没有结果样本，请说明结果是什么样子",
            "no sample of the result; say what it looks like",
        )
    if item.result.type == "certificate" and item.result.certificate is None:
        yield wrong(
            "审批结果名称", ("result", "type"), "结果是证照，要写证照类型", "the result is a certificate; name its type"
        )


def result_facts_exist(item: ServiceItem) -> Findings:
    """What fills the certificate is asked in the form or known of applicant, case or office."""
    known = {field.key for _, field in item.form.fields()}
    for name, source in item.result.facts.items():
        if not source.startswith(FACT_OWNERS) and source not in known:
            where = ("result", "facts", name)
            yield wrong(
                "审批结果",
                where,
                f"证照内容「{name}」取自「{source}」，表单里没有这一项",
                f"the form has no field “{source}”",
            )


def established_is_known(item: ServiceItem) -> Findings:
    """Whom a result establishes is named by answers that are always given."""
    made = item.result.establishes
    if made is None:
        return
    kinds = {field.key: field.kind for _section, field in item.form.fields() if field.when is True and field.required}
    wanted = {made.name: "text"} | ({made.address: "address"} if made.address else {})
    if made.kind == "person":
        wanted |= {made.born or "born": "date", made.gender or "gender": "choice"}
    for key, kind in wanted.items():
        if kinds.get(key) != kind:
            where = ("result", "establishes")
            zh, en = f"没有总要填写的 {kind} 字段「{key}」", f"no {kind} question “{key}” that is always asked"
            yield wrong("审批结果", where, zh, en)
    if item.result.certificate is None:
        where = ("result", "establishes")
        yield wrong("审批结果", where, "设立的主体要有证照", "whom it establishes needs a certificate")


def replaced_is_a_certificate(item: ServiceItem) -> Findings:
    """What a result replaces is a certificate somebody holds already, so it brings nobody into being."""
    if item.result.replaces and (item.result.certificate is None or item.result.establishes):
        zh = "换发（replaces）的要写明证照类型，并且不能同时设立主体"
        en = "what replaces a certificate names its type and establishes nobody"
        yield wrong("审批结果", ("result", "replaces"), zh, en)


def topics_fit_the_audience(item: ServiceItem) -> Findings:
    """服务对象 and the two topic lists go together."""
    people = codes.INDIVIDUAL in item.audience
    bodies = any(code != codes.INDIVIDUAL for code in item.audience)
    for serves, topics, name, zh, en in (
        (people, item.topics.person, "person", "面向自然人事项主题分类", "topics for individuals"),
        (bodies, item.topics.corporate, "corporate", "面向法人事项主题分类", "topics for enterprises and bodies"),
    ):
        if serves != bool(topics):
            verb = "没有写" if serves else "多写了"
            yield wrong(
                zh, ("topics", name), f"服务对象与主题分类不一致：{verb}{zh}", f"the audience does not fit the {en}"
            )


def steps_are_enough(item: ServiceItem) -> Findings:
    """办理流程: at least five steps, with acceptance, examination, decision and delivery among them."""
    if len(item.steps) < FEWEST_STEPS:
        zh = f"办理流程只有 {len(item.steps)} 个环节，至少要有受理、审核、审批、办结、送达 5 个"
        yield wrong(
            "办理流程", ("steps",), zh, f"{len(item.steps)} steps; at least 5 are needed, from acceptance to delivery"
        )
    stages = [step.stage for step in item.stages]
    for stage in NEEDED_STAGES:
        if stage not in stages:
            yield wrong(
                "办理流程",
                ("steps",),
                f"办理流程缺少环节 stage: {stage}",
                f"the procedure has no step with stage: {stage}",
            )


def steps_are_in_order(item: ServiceItem) -> Findings:
    """Stages come in the order of 行政许可法 arts 32–44, each once."""
    order = ("preview", "accept", "examine", "review", "decide", "certify", "deliver")
    places = [order.index(step.stage) for step in item.stages if step.stage]
    if places != sorted(set(places)):
        zh = "环节顺序应为预审、受理、审查、审核、决定、制证、送达，每个只出现一次"
        yield wrong("办理流程", ("steps",), zh, "stages come in their order, each once: " + ", ".join(order))


def steps_are_described(item: ServiceItem) -> Findings:
    """国办函〔2017〕115号: a quarter of the platforms gave names of steps and nothing more."""
    for index, step in enumerate(item.steps):
        if len(step.about.zh.strip()) < 8:
            where = ("steps", index)
            yield wrong(
                "办理流程",
                where,
                f"环节「{step.name.zh}」只有名称，请说明这一步做什么",
                f"step “{step.name.en}” is not described",
            )
        if step.limit is None:
            where = ("steps", index)
            yield wrong(
                "办理流程", where, f"环节「{step.name.zh}」没有时限", f"step “{step.name.en}” has no time limit"
            )


def two_check_on_site(item: ServiceItem) -> Findings:
    """行政许可法 art. 34(3): two officers or more."""
    visits = [one for one in item.special_procedures if one.kind == "site_visit"]
    if visits and all(step.officers < 2 for step in item.steps):
        zh = "有现场核查，要写明由两名以上工作人员进行（行政许可法第三十四条）"
        yield wrong("特别程序", ("special_procedures",), zh, "a check on site takes two officers or more (art. 34)")


def special_procedures_have_basis(item: ServiceItem) -> Findings:
    """特别程序: who says so."""
    for index, one in enumerate(item.special_procedures):
        if not one.basis:
            where = ("special_procedures", index)
            yield wrong(
                "特别程序", where, f"特别程序「{one.title.zh}」没有依据", f"the procedure “{one.title.en}” has no basis"
            )


def questions_are_answered(item: ServiceItem) -> Findings:
    """常见问题: at least one."""
    if not item.faq:
        yield wrong(
            "常见问题", ("faq",), "至少要有一个常见问题和答案", "at least one frequent question with its answer"
        )


def rights_and_remedies_are_told(item: ServiceItem) -> Findings:
    """行政许可法 arts 7 and 38: rights, duties, reconsideration and lawsuit."""
    if not item.rights or not item.duties:
        yield wrong("权利义务", ("rights",), "要写明申请人的权利和义务", "tell the applicant's rights and duties")
    told = item.remedies.zh
    if item.item_type != "20" and not ("复议" in told and "诉讼" in told):
        zh = "要告知可以申请行政复议、提起行政诉讼（行政许可法第三十八条）"
        yield wrong("救济途径", ("remedies",), zh, "tell of reconsideration and of going to court (art. 38)")


def materials_are_complete(item: ServiceItem) -> Findings:
    """材料: sample, blank form, basis, copies, and no demand for what can be shared."""
    for index, one in enumerate(item.materials):
        for element, zh, en in _gaps(one):
            where = ("materials", index)
            yield wrong(element, where, f"材料「{one.title.zh}」{zh}", f"material “{one.title.en}”: {en}")


def _gaps(one: Material) -> Iterator[tuple[str, str, str]]:
    if one.need != "optional" and one.sample is None:
        yield "示例样表", "没有示例样表", "no filled-in sample"
    if one.type == "filled" and one.blank is None:
        yield "空白表格", "由申请人填写，要有空白表格", "filled in by the applicant, but there is no blank form"
    if any(_is_empty(paper) for paper in (one.blank, one.sample)):
        yield "示例样表", "的表格或样表没有内容", "the blank form or sample has no text"
    if one.need != "optional" and not one.basis:
        yield "要求提供材料的依据", "没有写要求提供的依据", "no legal basis for asking it"
    if one.format != "electronic" and one.originals + one.copies == 0:
        yield "纸质材料份数", "可交纸质，要写份数", "may be on paper, but no number of copies is given"
    if one.source == "government" and not (one.have_it or set(one.levels) & {"A", "B"}):
        zh = "由政府部门核发，能共享的不得要求提供（716号令第七条），要允许用电子证照或已核验材料代替"
        yield "来源渠道", zh, "issued by a public office: what can be shared may not be demanded (order 716, art. 7)"


def _is_empty(paper: Paper | None) -> bool:
    return paper is not None and paper.source == "text" and paper.body is None


def conditions_of_materials_are_told(item: ServiceItem) -> Findings:
    """材料必要性: a condition is there both for the form and for people."""
    for index, one in enumerate(item.materials):
        conditional = one.when is not True
        if (one.need == "conditional") != conditional or conditional != (one.when_words is not None):
            where = ("materials", index)
            zh = f"材料「{one.title.zh}」视条件必要的，要写 when 和 when_words；其他的不写"
            yield wrong(
                "材料必要性",
                where,
                zh,
                f"“{one.title.en}”: a conditional material, and only such, has when and when_words",
            )


def main_materials_come_first(item: ServiceItem) -> Findings:
    """容缺受理: only secondary materials may follow later (services.md §2.5)."""
    required = [one for one in item.materials if one.need == "required"]
    if required and all(one.deferrable for one in required):
        zh = "不能所有必要材料都可容缺，主要材料要先交齐"
        yield wrong(
            "容缺受理", ("materials",), zh, "not every required material may follow later: the main ones come first"
        )


def keys_are_unique(item: ServiceItem) -> Findings:
    """Materials, checks and decisions have one key each."""
    for name, element in (("materials", "材料"), ("checklist", "审查要点"), ("decisions", "审批结果")):
        counted = Counter(one.key for one in getattr(item, name))
        for key in (key for key, count in counted.items() if count > 1):
            yield wrong(element, (name,), f"「{key}」写了不止一次", f"“{key}” is there more than once")


def materials_are_checked(item: ServiceItem) -> Findings:
    """审查工作细则: every material is checked at a stage that exists."""
    known, stages = {one.key for one in item.materials}, {step.stage for step in item.stages}
    checked = {check.material for check in item.checklist}
    for index, one in enumerate(item.materials):
        if one.need != "optional" and one.key not in checked:
            zh = f"审查要点没有写怎样核对「{one.title.zh}」"
            yield wrong(
                "审查要点", ("materials", index), zh, f"the checklist does not say how to check “{one.title.en}”"
            )
    for index, check in enumerate(item.checklist):
        if check.material and check.material not in known:
            yield wrong(
                "审查要点", ("checklist", index), f"没有材料「{check.material}」", f"no material “{check.material}”"
            )
        if check.stage not in stages:
            where = ("checklist", index, "stage")
            yield wrong(
                "审查要点", where, f"办理流程没有环节 {check.stage}", f"the procedure has no stage {check.stage}"
            )


def decisions_are_complete(item: ServiceItem) -> Findings:
    """行政许可法 art. 38: granting, refusing, and reasons for a refusal."""
    for grants, zh, en in ((True, "准予", "grant"), (False, "不予", "refuse")):
        if not any(one.grants == grants for one in item.decisions):
            yield wrong("审批结果", ("decisions",), f"决定里缺少「{zh}」", f"no decision to {en}")
    for index, one in enumerate(item.decisions):
        if not one.grants and not one.reasons:
            zh = "不予的决定要列出法定理由（行政许可法第三十八条）"
            yield wrong("审批结果", ("decisions", index), zh, "a refusal lists its lawful reasons (art. 38)")


def letters_name_known_facts(item: ServiceItem) -> Findings:
    """Letters name only facts that a letter knows."""
    for kind, words in item.notices.items():
        for text in (words.zh, words.en):
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            for name in sorted(names - LETTER_FACTS):
                listed = "、".join(sorted(LETTER_FACTS))
                where = ("notices", kind)
                yield wrong(
                    "文书模板", where, f"文书里没有 {{{name}}}，可用：{listed}", f"a letter knows no {{{name}}}"
                )


def dates_make_sense(item: ServiceItem) -> Findings:
    """计划生效、取消日期, and what follows after the end."""
    if item.valid_to and item.valid_to < item.valid_from:
        yield wrong("计划取消日期", ("valid_to",), "取消日期早于生效日期", "it ends before it begins")
    if item.valid_to and item.ending is None:
        yield wrong(
            "计划取消日期", ("valid_to",), "有取消日期的，要告诉群众以后怎么办", "it ends: tell people what follows"
        )


def everyday_words_find_it(item: ServiceItem) -> Findings:
    """国办函〔2017〕115号: search on 22 % of the platforms found nothing; people do not type official names."""
    if not any(alias.strip() for alias in item.aliases):
        zh = "没有写别名，请写群众常说的词，如「砍树」"
        en = "no aliases; give the words people use, such as “cut trees”"
        yield wrong("事项名称", ("aliases",), zh, en, severity="warning")


def basis_was_read(item: ServiceItem) -> Findings:
    """At least one legal basis was read in its text."""
    if item.basis and not any(basis.verified for basis in item.basis):
        zh = "设定依据都没有核对过原文，请找到法规原文核对"
        yield wrong(
            "设定依据", ("basis",), zh, "nobody has read any of the legal bases in its text", severity="warning"
        )


RULES = (
    basis_is_given, base_code_fits, limit_has_basis, permit_limit_is_lawful, extension_is_countable, fee_is_complete,
    fee_conditions_are_sound, result_fits_its_name, result_has_a_sample, result_facts_exist,
    established_is_known, replaced_is_a_certificate, topics_fit_the_audience,
    conditions_of_steps_are_sound,
    steps_are_enough, steps_are_in_order, steps_are_described, two_check_on_site, special_procedures_have_basis,
    questions_are_answered,
    rights_and_remedies_are_told, materials_are_complete, conditions_of_materials_are_told, main_materials_come_first,
    keys_are_unique, materials_are_checked, decisions_are_complete, letters_name_known_facts, dates_make_sense,
    everyday_words_find_it, basis_was_read,
)  # fmt: skip
