"""What can be wrong with a message: each rule with its clause of the standard, its sentence in Chinese and English."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Rule:
    """One sentence of the standard. `must`: a message that breaks it is refused; else it is a piece of advice."""

    key: str
    clause: str
    zh: str
    en: str
    must: bool = True


@dataclass(frozen=True)
class Fault:
    """A rule broken at one place of a message: `element` is a path such as "alert/info[1]/area[2]/polygon[1]"."""

    rule: Rule
    element: str
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        """The rule's name, the same in every language."""
        return self.rule.key

    @property
    def must(self) -> bool:
        """True if the message is to be refused for it."""
        return self.rule.must

    @property
    def zh(self) -> str:
        """What is wrong and what to do, in Chinese."""
        return f"{self.element}：{self.rule.zh.format_map(dict(self.facts))}（CAP {self.rule.clause}）"

    @property
    def en(self) -> str:
        """The same in English."""
        return f"{self.element}: {self.rule.en.format_map(dict(self.facts))} (CAP {self.rule.clause})"

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


#: characters of a wrong value that a sentence repeats
SHOWN = 80


def fault(key: str, element: str, **facts: Any) -> Fault:
    """A fault of a rule named by its key; long values are cut."""
    said = {name: str(value) for name, value in facts.items()}
    short = {name: value if len(value) <= SHOWN else value[: SHOWN - 1] + "…" for name, value in said.items()}
    return Fault(RULES[key], element, tuple(short.items()))


def refused(faults: list[Fault]) -> list[Fault]:
    """Those for which a message is refused."""
    return [one for one in faults if one.must]


_TIME = ("写成 2026-11-29T09:30:00+08:00；协调世界时写 -00:00，不写 Z",
         "write 2026-11-29T09:30:00+08:00; UTC is -00:00, never Z")  # fmt: skip
_ALL = (
    # the file itself
    Rule("size", "4.2", "文件 {size} 字节，超过上限 {most}；请缩小（附件用 uri 链接）",
         "{size} bytes are more than {most}; make it smaller (link to resources by uri)"),
    Rule("xml", "4.2", "不是完整的 XML：{why}；请检查这一处", "not well-formed XML: {why}; mend this place"),
    Rule("doctype", "3.3.3", "不能有 DOCTYPE 和自定义实体；请删去，特殊字符写 &amp; &lt; 或 Unicode",
         "a DOCTYPE or entities of one's own are not taken; remove them and write &amp; &lt; or Unicode"),
    Rule("namespace", "4.2", "根元素 {name} 不是 CAP 的 alert；应为 {{urn:oasis:names:tc:emergency:cap:1.2}}alert",
         "the root {name} is not CAP's alert; it should be {{urn:oasis:names:tc:emergency:cap:1.2}}alert"),
    # the schema
    Rule("unknown-element", "3.4", "这里不能有元素 {name}；请删去或检查拼写",
         "the element {name} may not stand here; remove it or check its spelling"),
    Rule("order", "3.4", "元素 {name} 的位置不对，应在 {before} 之前",
         "the element {name} should stand before {before}"),
    Rule("missing", "3.4", "缺少必需的元素 {name}；请补上", "the required element {name} is missing; add it"),
    Rule("repeated", "3.4", "元素 {name} 只能出现一次；请合并或删去", "the element {name} may stand once only"),
    Rule("attribute", "3.4", "不能有属性 {name}；请删去", "the attribute {name} is not allowed; remove it"),
    Rule("stray-text", "3.4", "元素之间有文字“{text}”；请删去或放进元素里",
         "there is text “{text}” between elements; remove it or put it into one"),
    Rule("children", "3.4", "只能是文字，不能再有元素 {name}", "holds text only, no element {name}"),
    Rule("value", "3.4", "“{value}”不在允许的值里；应为 {allowed} 之一", "“{value}” is not one of {allowed}"),
    Rule("time", "3.3.2", "“{value}”不是有效的时间；" + _TIME[0], "“{value}” is no valid time; " + _TIME[1]),
    Rule("language", "3.2.2", "“{value}”不是语言代码；写成 zh-CN 或 en-US",
         "“{value}” is no language code; write zh-CN or en-US"),
    Rule("number", "3.4", "“{value}”不是数字；只写数字，不带单位",
         "“{value}” is no number; digits only, without a unit"),
    # the message, §3.2.1
    Rule("identifier", "3.2.1", "“{value}”不能为空，也不能有空格、逗号、< 或 &；请换成字母、数字、点和连字符",
         "“{value}” may not be empty nor hold spaces, commas, < or &; use letters, digits, dots and hyphens"),
    Rule("sender", "3.2.1", "“{value}”不能为空，也不能有空格、逗号、< 或 &；写成 alerts@example.gov.cn 这样的名称",
         "“{value}” may not be empty nor hold spaces, commas, < or &; write a name such as alerts@example.gov.cn"),
    Rule("restriction", "3.2.1", "scope 为 Restricted 时，必须在 restriction 里写明限制规则",
         "with the scope Restricted the restriction must say who may have it"),
    Rule("restriction-unused", "3.2.1", "只有 scope 为 Restricted 才写 restriction；请删去或改 scope",
         "restriction is used with the scope Restricted only; remove it or change the scope", must=False),
    Rule("addresses", "3.2.1", "scope 为 Private 时，必须在 addresses 里写明收件人",
         "with the scope Private the addresses must name the recipients"),
    Rule("quotes", "3.2.1", "双引号没有成对；名称里有空格时前后各加一个双引号",
         "the double quotes are not in pairs; put one before and one after a name with spaces"),
    Rule("references", "3.2.1", "“{value}”应写成 发送者,编号,发送时间，各条以空格分开",
         "“{value}” should be sender,identifier,sent, with spaces between several"),
    Rule("references-needed", "3.2.1", "msgType 为 {kind} 时，必须在 references 里写明所指的消息",
         "with the msgType {kind} the references must name the messages meant"),
    Rule("references-itself", "3.2.1", "references 指向消息自己；请写被更新或取消的消息",
         "the references name the message itself; name the one it updates or cancels"),
    Rule("references-later", "3.2.1", "所指的消息 {value} 晚于本消息；请核对时间",
         "the message referred to, {value}, is later than this one; check the times", must=False),
    Rule("note-error", "3.2.1", "msgType 为 Error 时，应在 note 里说明原因",
         "with the msgType Error the note should say why", must=False),
    Rule("note-exercise", "3.2.1", "status 为 Exercise 时，应在 note 里写明演练名称",
         "with the status Exercise the note should name the exercise", must=False),
    Rule("info-needed", "3.2.1", "msgType 为 {kind} 的消息应有 info，说明是什么、在哪里",
         "a message with the msgType {kind} should have an info that says what and where", must=False),
    # what happens, §3.2.2
    Rule("empty", "3.2", "不能为空；请填写", "may not be empty; fill it in"),
    Rule("uri", "3.2.2", "“{value}”不是完整的网址；以 https:// 开头写全", "“{value}” is no absolute URI; begin with https://"),
    Rule("expires-order", "3.2.2", "失效时间 {value} 不晚于 {other}；请改正",
         "it expires at {value}, not after {other}; correct it", must=False),
    Rule("headline-long", "3.2.2", "标题 {length} 字，最好不超过 160 字",
         "the headline has {length} characters; 160 are a good limit", must=False),
    Rule("acronym", "3.2.2", "缩写“{value}”应写成大写、不带点", "the acronym “{value}” should be capitals without dots",
         must=False),
    Rule("value-name", "3.2.2", "valueName 不能为空；请写明这个值是什么", "valueName may not be empty; name the value"),
    # resources, §3.2.3
    Rule("mime-type", "3.2.3", "“{value}”不是媒体类型；写成 image/jpeg 这样",
         "“{value}” is no media type; write image/jpeg"),
    Rule("size-negative", "3.2.3", "大小不能为负数", "the size may not be negative"),
    Rule("resource-uri", "3.2.3", "没有 derefUri 时，“{value}”应为完整的网址",
         "without a derefUri “{value}” should be an absolute URI"),
    Rule("resource-empty", "3.2.3", "应有 uri 或 derefUri，否则收到的人打不开",
         "there should be a uri or a derefUri, or nobody can open it", must=False),
    Rule("base64", "3.2.3", "derefUri 不是 Base64", "derefUri is not Base64"),
    Rule("digest", "3.2.3", "“{value}”不是 SHA-1（40 位十六进制数）", "“{value}” is no SHA-1 (40 hexadecimal digits)"),
    Rule("digest-wrong", "3.2.3", "digest 与 derefUri 的内容不符；请重新计算", "the digest does not fit the derefUri"),
    # areas, §3.2.4
    Rule("coordinate", "3.3.1", "“{value}”不是 纬度,经度（WGS 84，十进制度）",
         "“{value}” is no latitude,longitude (WGS 84)"),
    Rule("range", "3.3.1", "“{value}”超出范围：纬度 -90 到 90，经度 -180 到 180；先写纬度再写经度",
         "“{value}” is out of range: latitude -90 to 90, longitude -180 to 180; the latitude comes first"),
    Rule("polygon-points", "3.2.4", "多边形只有 {number} 个点，至少要 4 个（首尾相同）",
         "the polygon has {number} pairs; at least 4 are needed, the first and last the same"),
    Rule("polygon-open", "3.2.4", "多边形没有闭合：最后一个点应与第一个点 {first} 相同",
         "the polygon is not closed: its last pair should be the first one, {first}"),
    Rule("polygon-crossing", "3.2.4", "多边形自己相交（在 {at} 附近）；请按顺序绕一圈列出各点",
         "the polygon crosses itself near {at}; list the pairs in order around it"),
    Rule("polygon-flat", "3.2.4", "多边形没有面积；请检查各点", "the polygon encloses nothing; check its pairs"),
    Rule("polygon-large", "3.2.4", "多边形有 {number} 个点，没有检查是否自相交；请减少点数",
         "the polygon has {number} pairs and was not checked for crossing itself; use fewer", must=False),
    Rule("circle", "3.2.4", "“{value}”应写成 纬度,经度 半径（千米），如 39.8,97.0 5",
         "“{value}” should be latitude,longitude radius (kilometres), such as 39.8,97.0 5"),
    Rule("radius", "3.2.4", "半径 {value} 不对：0 到 20038 千米", "the radius {value} is wrong: 0 to 20038 kilometres"),
    Rule("ceiling-alone", "3.2.4", "有 ceiling 就必须有 altitude", "a ceiling needs an altitude"),
    Rule("ceiling-low", "3.2.4", "ceiling {value} 应高于 altitude {other}",
         "the ceiling {value} should be above the altitude {other}"),
    Rule("geocode-alone", "3.2.4", "只有区划代码；尽可能也给出多边形或圆",
         "there are only geocodes; give a polygon or circle as well where possible", must=False),
    # signatures, §3.3.4.1
    Rule("signature-false", "3.3.4.1", "签名不对：{why}；请向发布单位核实，不要转发",
         "the signature is false: {why}; ask the issuer and do not pass it on"),
    Rule("signature-form", "3.3.4.1", "签名的形式不能接受：{why}；应为对整条消息的封内签名",
         "the form of the signature is not taken: {why}; it should be one enveloped signature over the whole message"),
    Rule("signature-unknown", "3.3.4.1", "签名人 {who} 不在信任名单里；消息可以看，但来源未经核实",
         "the signer {who} is not among those trusted; the message is shown but its origin is not proven", must=False),
    Rule("signature-none", "3.3.4.1", "没有签名；来源未经核实",
         "it is not signed; its origin is not proven", must=False),
)  # fmt: skip
RULES = {rule.key: rule for rule in _ALL}
