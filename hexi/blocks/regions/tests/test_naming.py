"""Readings and English names of real divisions."""

import pytest

from hexi.blocks.regions.naming import names, readings

ENGLISH = {
    "甘肃省": "Gansu Province",
    "陕西省": "Shaanxi Province",
    "山西省": "Shanxi Province",
    "内蒙古自治区": "Inner Mongolia Autonomous Region",
    "酒泉市": "Jiuquan City",
    "玉门市": "Yumen City",
    "临夏回族自治州": "Linxia Hui Autonomous Prefecture",
    "下西号镇": "Xiaxihao Town",
    "石河子村委会": "Shihezi Village",
    "王家沟村村民委员会": "Wangjiagou Village",
    "杨坝村": "Yangba Village",
    "民乐县": "Minle County",
    "宕昌县": "Tanchang County",
    "秦安县": "Qin'an County",
    "塔儿嘴村委会": "Ta'erzui Village",
    "环县": "Huanxian County",
    "崆峒区": "Kongtong District",
    "舟曲县": "Zhugqu County",
    "都江堰市": "Dujiangyan City",
    "吴堡县": "Wubu County",
    "兰州新区": "Lanzhou New Area",
    "东乡族自治县": "Dongxiang Autonomous County",
    "积石山保安族东乡族撒拉族自治县": "Jishishan Bonan, Dongxiang and Salar Autonomous County",
    "七墩回族东乡族乡": "Qidun Hui and Dongxiang Ethnic Township",
    "独山子东乡族乡": "Dushanzi Dongxiang Ethnic Township",
    "四族镇": "Sizu Town",
    "临夏路街道": "Linxia Road Subdistrict",
    "藉水北路社区居委会": "Jishui North Road Community",
    "东街社区": "Dongjie Community",
    "东大街社区": "East Street Community",
    "绿化社区": "Lühua Community",
    "湘乐林场生活区": "Xiangle Forest Farm Residential Area",
    "国营饮马农场": "Guoyingyinma Farm",
    "虚拟生活区": "Virtual Residential Area",
    "天水市麦积区三阳工业示范区": "Tianshui City Maiji District Sanyang Industrial Demonstration Zone",
    "炭山岭镇石界子社区居委会": "Tanshanling Town Shijiezi Community",
}


@pytest.mark.parametrize(("chinese", "english"), ENGLISH.items())
def test_english(chinese, english):
    assert names(chinese).english == english


def test_pinyin_and_initials_are_of_the_whole_name():
    assert names("下西号镇")[:2] == ("xiaxihaozhen", "xxhz")
    assert names("绿化社区")[:2] == ("lvhuashequ", "lhsq")


@pytest.mark.parametrize(
    ("chinese", "pinyin"),
    [
        ("民乐路", "min le lu"),
        ("葛家巷道", "ge jia xiang dao"),
        ("朝阳", "chao yang"),
        ("长丰", "chang feng"),
        ("十里堡", "shi li pu"),
        ("堡子", "bao zi"),
        ("单家庄", "shan jia zhuang"),
        ("解家湾", "xie jia wan"),
        ("解放路", "jie fang lu"),
        ("大夫村", "da fu cun"),
        ("华藏寺", "hua zang si"),
        ("咀头", "zui tou"),
        ("第3社区A", "di 3 she qu a"),
    ],
)
def test_place_names_are_read_as_place_names(chinese, pinyin):
    assert readings(chinese) == pinyin.split()
