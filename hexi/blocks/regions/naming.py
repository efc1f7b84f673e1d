"""How a division is read and called in English: pinyin as in place names, initials, "Xiaxihao Town". Pure.

Readings follow usage in place names of Gansu, Sichuan and Shaanxi, where pypinyin's dictionary knows other words
(民乐 is Minle, not folk music; 咀 is zui). Names on maps that are not plain pinyin stand in `KNOWN`.
"""

import re
from functools import cache
from typing import NamedTuple

#: characters with one reading in place names, whatever words they stand in
ALWAYS = {
    "咀": "zui", "大": "da", "巷": "xiang", "长": "chang", "冯": "feng", "扎": "zha", "乐": "le", "贾": "jia",
    "藏": "zang", "蔵": "zang", "柏": "bai", "卜": "bu", "什": "shi", "勒": "le", "佛": "fo", "朝": "chao",
    "都": "du", "碡": "zhou", "尾": "wei", "落": "luo", "藉": "ji", "重": "chong", "和": "he", "家": "jia",
    "地": "di", "翟": "zhai", "曾": "zeng", "湫": "qiu", "厦": "xia", "缪": "miao", "峒": "tong", "兴": "xing",
    "曲": "qu", "华": "hua", "番": "fan", "会": "hui", "沈": "shen", "头": "tou", "单": "shan",
}  # fmt: skip
#: surnames with a reading of their own, before 家
SURNAMES = {"解": "xie", "仇": "qiu", "查": "zha", "折": "she", "员": "yun", "种": "chong", "盖": "ge", "区": "ou"}
#: words in which a character reads otherwise
WORDS = {"宕昌": ("tan", "chang"), "吴堡": ("wu", "bu"), "崆峒": ("kong", "tong"), "校场": ("jiao", "chang")}

#: stems whose English is not their pinyin (GB/T 2260 and common usage)
KNOWN = {
    "陕西": "Shaanxi", "内蒙古": "Inner Mongolia", "西藏": "Xizang", "香港": "Hong Kong", "澳门": "Macao",
    "阿克塞": "Aksay", "舟曲": "Zhugqu", "卓尼": "Jonê", "迭部": "Têwo", "东大街": "East Street",
    "西大街": "West Street", "南大街": "South Street", "北大街": "North Street",
}  # fmt: skip
#: whole names of areas that are no units of their own kind
WHOLE = {
    "高新区": "High-tech Zone", "工业集中区": "Industrial Cluster Zone",
    "虚拟生活区": "Virtual Residential Area", "街道直辖村民小组": "Villagers' Groups under the Subdistrict",
}  # fmt: skip
PEOPLES = {
    "回族": "Hui", "藏族": "Tibetan", "蔵族": "Tibetan", "蒙古族": "Mongol", "裕固族": "Yugur", "哈萨克族": "Kazakh",
    "东乡族": "Dongxiang", "保安族": "Bonan", "撒拉族": "Salar", "土族": "Tu", "羌族": "Qiang", "彝族": "Yi",
    "满族": "Manchu", "维吾尔族": "Uyghur", "壮族": "Zhuang", "苗族": "Miao", "土家族": "Tujia", "朝鲜族": "Korean",
}  # fmt: skip

#: kinds of unit by their endings, the longest ending first; INNER is for what stands inside a name
VILLAGE = "村 村民委员会 村民委会 村委员会 村委会会 村委会 村村民委员会 村村民委会 村村委会"
COMMUNITY = "社区 社区居民委员会 社区居委会 社区委会 社区村委会 社区服务中心 村社区 居民委员会 居委会 村（居）委会"
KINDS = {
    "省": "Province", "自治区": "Autonomous Region", "自治州": "Autonomous Prefecture", "地区": "Prefecture",
    "市": "City", "县": "County", "自治县": "Autonomous County", "区": "District", "新区": "New Area",
    "镇": "Town", "乡": "Township", "族乡": "Ethnic Township",
    **dict.fromkeys(("街道", "街道办事处", "街道办事处街道"), "Subdistrict"),
    **dict.fromkeys(VILLAGE.split(), "Village"), **dict.fromkeys(COMMUNITY.split(), "Community"),
    "虚拟社区": "Virtual Community", "虚拟生活区": "Virtual Residential Area", "生活区": "Residential Area",
    **dict.fromkeys(("管理区", "管理区委员会", "管理区委员会办公室"), "Administration Area"),
    "工业园区": "Industrial Park", "园区": "Park", "开发区": "Development Zone", "示范区": "Demonstration Zone",
    "高新区": "High-tech Zone", "矿区": "Mining Area", "林区": "Forest Area",
}  # fmt: skip
INNER = {
    "东路": "East Road", "西路": "West Road", "南路": "South Road", "北路": "North Road", "中路": "Middle Road",
    "东街": "East Street", "西街": "West Street", "南街": "South Street", "北街": "North Street", "路": "Road",
    "街": "Street", "巷": "Lane", "林场": "Forest Farm", "农场": "Farm", "牧场": "Ranch", "马场": "Horse Farm",
    "园艺场": "Orchard", "良种场": "Seed Farm", "良种繁殖场": "Seed Farm", "绵羊育种场": "Sheep Breeding Farm",
    "林业总场": "Forestry Farm", "林业总厂": "Forestry Farm", "分场": "Branch", "建材厂": "Building Materials Factory",
    "治沙站": "Desert Control Station", "木材检查站": "Timber Checkpoint", "防风林实验站": "Windbreak Station",
    "火车站": "Railway Station", "森林公园": "Forest Park", "工业园": "Industrial Park", "工业园区": "Industrial Park",
    "工业集中区": "Industrial Cluster Zone", "示范区": "Demonstration Zone", "示范园区": "Demonstration Park",
    "开发区": "Development Zone", "经济": "Economic", "经济技术": "Economic and Technological", "高新技术": "High-tech",
    "工业": "Industrial", "农业": "Agricultural", "生态": "Ecological", "示范": "Demonstration", "矿化": "Mining",
    "科技养殖": "Scientific Husbandry", "农垦": "State Farms", "集团": "Group", "公司": "Company", "集团公司": "Group",
    "监狱企业": "Prison Enterprises", "煤电": "Coal and Power", "生态建设指挥部": "Ecological Construction Office",
    "号基地": "Base", "生活基地": "Residential Base", "石油": "Petroleum", "石油管理局": "Petroleum Administration",
    "生物研究所": "Institute of Biology", "移民": "Resettlement", "矿区": "Mining Area", "花园": "Garden",
    "社区居民委员会": "Community", "市": "City", "县": "County", "管委会": "Administrative Committee",
    "经济示范": "Economic Demonstration", "出口创汇": "Export",
}  # fmt: skip
#: a name of one syllable keeps the word for its kind: Huanxian County, not Huan County
SHORT = {"县": "xian", "镇": "zhen", "乡": "xiang", "村": "cun"}
#: divisions named before the thing itself: 天水市麦积区三阳工业示范区
BEFORE = re.compile(r"([^省市县区镇]{2,4}[省市县]|[^省市县区镇]{2,3}[区镇])(?=.{2})")


class Names(NamedTuple):
    """What a division's name gives for searching and for English pages."""

    pinyin: str
    initials: str
    english: str


def names(name: str) -> Names:
    """Pinyin without spaces ("xiaxihaozhen"), initials ("xxhz") and English ("Xiaxihao Town") of a division."""
    read = readings(name)
    plain = [syllable.replace("ü", "v") for syllable in read]
    return Names("".join(plain), "".join(syllable[0] for syllable in plain), _english(name, read))


def readings(name: str) -> list[str]:
    """One syllable for each character, as in place names; what is not Chinese stays as it is, in lower case."""
    from pypinyin import lazy_pinyin  # half a second: only where a region is named

    read = [syllable.lower() for syllable in lazy_pinyin(name, errors=list, v_to_u=True)]
    for place, sign in enumerate(name):
        if sign == "堡" and read[place] == "bu":
            read[place] = "bao"
        elif name[place + 1 : place + 2] == "家" and sign in SURNAMES:
            read[place] = SURNAMES[sign]
        else:
            read[place] = ALWAYS.get(sign, read[place])
    for word, syllables in WORDS.items():
        start = name.find(word)
        if start >= 0:
            read[start : start + len(word)] = syllables
    return read


def _english(name: str, read: list[str]) -> str:
    if name in WHOLE:
        return WHOLE[name]
    stem, kind = _split(name, KINDS, least=1)
    peoples: list[str] = []
    if kind.startswith(("Autonomous", "Ethnic")):
        stem, peoples = _peoples(name.removesuffix("乡") if kind == "Ethnic Township" else stem)
    kept = [SHORT[name[1]]] if len(name) == 2 and name[1] in SHORT else []
    proper = _joined([read[0], *kept]) if kept else _proper(stem, read)
    return " ".join(part for part in (proper, _listed(peoples), kind) if part)


def _proper(stem: str, read: list[str]) -> str:
    """The proper name: known, or pinyin; roads, farms, parks in it in English, and the division named before it."""
    if stem in KNOWN or not stem:
        return KNOWN.get(stem, "")
    inner, kind = _split(stem, INNER, least=2)
    if kind:
        return f"{_proper(inner, read)} {kind}"
    if len(stem) > 4 and (before := BEFORE.match(stem)):
        cut = before.end()
        return f"{_english(stem[:cut], read[:cut])} {_proper(stem[cut:], read[cut:])}"
    return _joined(read[: len(stem)])


def _split(name: str, kinds: dict[str, str], *, least: int) -> tuple[str, str]:
    """(stem, English kind) by the longest ending that leaves at least so many characters before it."""
    for ending in _longest_first(frozenset(kinds)):
        if name.endswith(ending) and len(name) - len(ending) >= least:
            return name.removesuffix(ending), kinds[ending]
    return name, ""


@cache
def _longest_first(endings: frozenset[str]) -> list[str]:
    return sorted(endings, key=lambda ending: (-len(ending), ending))


def _peoples(name: str) -> tuple[str, list[str]]:
    """The name without the peoples at its end, and their English names in the order written."""
    found: list[str] = []
    while ending := next((people for people in PEOPLES if name.endswith(people)), None):
        name = name.removesuffix(ending)
        found.insert(0, PEOPLES[ending])
    return name, found


def _listed(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), "".join(words[-1:])) if part)


def _joined(syllables: list[str]) -> str:
    """One word with a capital, an apostrophe before a vowel inside it (GB/T 16159): Xi'an."""
    parts = [f"'{one}" if place and one[0] in "aoe" else one for place, one in enumerate(syllables)]
    word = "".join(parts)
    return word[:1].upper() + word[1:]
