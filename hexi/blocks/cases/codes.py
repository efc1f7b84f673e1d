"""The code lists of service items in both languages. Pure data, below `items`.

GB/T 39046-2020 annex A: A.1 type, A.2 level, A.3 nature of the office, A.4 audience, A.5 form of handling, A.6 kind
of case; then those of the national implementation list (topics, reach, source of power). Codes are kept, words shown.
"""

from hexi.kernel.packs import Words


def _words(**pairs: str) -> dict[str, Words]:
    """`_words(c01="行政许可|permit")`: keys lose their leading c so that digits can be keys."""
    split = {(key[1:] if key[1:].isdigit() else key): text.split("|") for key, text in pairs.items()}
    return {key: Words(zh=zh, en=en) for key, (zh, en) in split.items()}


#: A.1 事项类型
ITEM_TYPES = _words(
    c01="行政许可|Administrative permit",
    c02="行政处罚|Administrative penalty",
    c03="行政强制|Administrative compulsion",
    c04="行政征收|Administrative levy",
    c05="行政给付|Administrative payment",
    c06="行政检查|Administrative inspection",
    c07="行政确认|Administrative confirmation",
    c08="行政奖励|Administrative award",
    c09="行政裁决|Administrative ruling",
    c10="其他行政权力|Other administrative power",
    c20="公共服务|Public service",
)
PERMIT = "01"

#: A.2 行使层级
LEVELS = _words(
    c1="国家级|National",
    c2="省级|Provincial",
    c3="市级|Prefecture",
    c4="县级|County",
    c5="镇（乡、街道）级|Township",
    c6="村（社区）级|Village",
    c7="分级管理|Several levels",
)

#: A.3 实施主体性质
NATURES = _words(
    c1="法定机关|Statutory authority",
    c2="授权组织|Authorised organisation",
    c3="受委托组织|Entrusted organisation",
    c9="其他|Other",
)

#: A.4 服务对象
AUDIENCES = _words(
    c1="自然人|Individuals",
    c2="企业法人|Enterprises",
    c3="事业法人|Public institutions",
    c4="社会组织法人|Social organisations",
    c5="行政机关|Government bodies",
    c6="其他组织|Other organisations",
)
INDIVIDUAL = "1"

#: A.5 办理形式
HANDLING = _words(
    c1="窗口办理|At the window",
    c2="电脑端办理|Online, computer",
    c3="移动端办理|Online, phone",
    c4="快递申请|By post or courier",
    c9="其他|Other",
)
WINDOW, COMPUTER, MOBILE, POST = "1", "2", "3", "4"

#: A.6 办件类型
CASE_TYPES = _words(instant="即办件|Done on the spot", promise="承诺件|Done within a promised time")

#: 权力来源
POWER_SOURCES = _words(
    statutory="法定本级行使|By law at this level",
    delegated="上级下放|Handed down by a higher level",
    authorised="上级授权|Authorised by a higher level",
    entrusted="上级委托|Entrusted by a higher level",
    other="其他|Other",
)

#: 事项状态
ITEM_STATES = _words(in_force="在用|In force", suspended="暂停|Suspended", cancelled="取消|Cancelled")

#: 通办范围
REACH = _words(
    nation="全国|Nationwide",
    cross_province="跨省|Across provinces",
    cross_city="跨市|Across prefectures",
    cross_county="跨县|Across counties",
    local="本辖区|This area only",
)

#: 审批结果类型
RESULT_TYPES = _words(
    certificate="出证|Certificate or licence",
    document="出文|Official document",
    approval="审批|Approval",
    other="其他|Other",
)

#: 网上办理深度, by the last step that can be taken online
DEPTHS = _words(
    c1="Ⅰ级（网上看指南、下载表格）|Level I: guide and forms online",
    c2="Ⅱ级（网上咨询、预约）|Level II: questions and appointments online",
    c3="Ⅲ级（网上申报、预审）|Level III: application and pre-check online",
    c4="Ⅳ级（全程网办）|Level IV: everything online",
)

#: 材料必要性, 材料类型, 材料形式, 来源渠道
NEEDS = _words(required="必要|Required", optional="非必要|Optional", conditional="视条件必要|Required in some cases")
MATERIAL_TYPES = _words(
    original="原件|Original",
    copy="复印件|Copy",
    both="原件和复印件|Original and copy",
    filled="申请人填写的表格|Form filled in by you",
    photo="照片|Photograph",
)
FORMATS = _words(paper="纸质|Paper", electronic="电子|Electronic", either="纸质或电子|Paper or electronic")
SOURCES = _words(
    applicant="申请人自备|Yours",
    government="政府部门核发|Issued by a public office",
    other="其他|Issued by somebody else",
)

#: trust levels of 国办函〔2016〕108号 (services.md §2.9)
TRUST = _words(
    A="签发机构提供，可直接使用|Issued by the authority, used directly",
    B="窗口已核对原件|Checked against the original at a window",
    C="本人上传，须核对原件|Uploaded by you, the original is to be checked",
    D="本人自述并承诺|Written by you, with your word that it is true",
)

#: 面向自然人事项主题分类
PERSON_TOPICS = _words(
    birth="生育收养|Birth and adoption",
    household="户籍办理|Household register",
    nationality_religion="民族宗教|Ethnicity and religion",
    education="教育科研|Education and research",
    military="入伍服役|Military service",
    employment="就业创业|Work and business",
    establishment="设立变更|Setting up and changing",
    licensing="准营准办|Permission to operate",
    qualification="职业资格|Professional qualification",
    payment="行政缴费|Fees and payments",
    marriage="婚姻登记|Marriage",
    preferential="优待抚恤|Preferential treatment",
    housing="住房保障|Housing",
    social_insurance="社会保障|Social security",
    documents="证件办理|Personal documents",
    traffic="交通出行|Transport",
    travel="旅游观光|Tourism",
    border="出境入境|Leaving and entering the country",
    consumer="消费维权|Consumer rights",
    safety="公共安全|Public safety",
    justice="司法公证|Justice and notaries",
    intellectual_property="知识产权|Intellectual property",
    greening="环保绿化|Environment and greening",
    culture="文化体育|Culture and sport",
    utilities="公用事业|Utilities",
    health="医疗卫生|Health",
    retirement="离职退休|Retirement",
    death="死亡殡葬|Death and burial",
    other="其他|Other",
)

#: 面向法人事项主题分类
CORPORATE_TOPICS = _words(
    establishment="设立变更|Setting up and changing",
    licensing="准营准办|Permission to operate",
    accreditation="资质认证|Accreditation",
    annual="年检年审|Annual checks",
    tax="税收财务|Tax and finance",
    staff="人力资源|Staff",
    social_insurance="社会保障|Social security",
    investment="投资审批|Investment",
    finance="融资信贷|Finance and credit",
    pledge="抵押质押|Mortgage and pledge",
    trade="商务贸易|Trade",
    bidding="招标拍卖|Tenders and auctions",
    customs="海关口岸|Customs and ports",
    foreign="涉外服务|Foreign affairs",
    agriculture="农林牧渔|Farming, forestry, fishing",
    land="国土和规划建设|Land, planning, building",
    transport="交通运输|Transport",
    environment="环保绿化|Environment and greening",
    emergency="应急管理|Emergency management",
    health="医疗卫生|Health",
    innovation="科技创新|Innovation",
    culture="文体教育|Culture, sport, education",
    intellectual_property="知识产权|Intellectual property",
    quality="质量技术|Quality and standards",
    inspection="检验检疫|Inspection and quarantine",
    safety="安全生产|Work safety",
    fire="公安消防|Police and fire",
    justice="司法公证|Justice and notaries",
    utilities="公用事业|Utilities",
    closing="法人注销|Closing down",
    archives="档案文物|Archives and relics",
    other="其他|Other",
)

#: 生命周期: what happens in a life, or in the life of an enterprise
LIFE_EVENTS = _words(
    having_a_child="生孩子|Having a child",
    going_to_school="上学|Going to school",
    finding_work="找工作|Finding work",
    starting_a_business="开办企业|Starting a business",
    running_a_business="经营企业|Running a business",
    changing_a_business="变更企业|Changing a business",
    opening_a_restaurant="开饭店|Opening a restaurant",
    marrying="结婚|Marrying",
    moving="搬家落户|Moving home",
    travelling="出门旅行|Travelling",
    farming="种地种树|Farming and forestry",
    falling_ill="看病就医|Health care",
    living_with_disability="残疾人服务|Living with a disability",
    growing_old="养老|Growing old",
)
