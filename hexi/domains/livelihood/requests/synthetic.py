"""Sentences made from the class tree, marked as such: what a classifier starts from where no order is closed yet."""

import random

from django.utils.translation import gettext as _

from hexi.domains.livelihood.requests import learning, operations, proposing
from hexi.domains.livelihood.requests.models import Classifier, Hotline, Subject
from hexi.kernel.actors import System

BY = System("synthetic")
#: sentences for each class of the last level
EACH = 8
OPENINGS = ("", "您好，", "领导好，", "我是本地居民，", "我想反映一下，", "请问，", "打了几次电话了，")
PLACES = ("我们小区", "村里", "街上", "单位附近", "镇上", "学校门口", "老城区", "我家")
TROUBLES = (
    "{place}的{word}问题好几天没人管", "{place}{word}，影响大家生活", "关于{word}，{place}一直没有说法",
    "{word}的事情在{place}拖了一个月", "想了解{place}{word}怎么办理", "{place}有人反映{word}，至今没解决",
)  # fmt: skip
ENDINGS = ("。", "，请尽快处理。", "，希望有关部门来看看。", "，请给个答复。", "，找谁？", "，谢谢。")


def examples(each: int = EACH) -> list[learning.Example]:
    """For each class of the last level some sentences with its title and words. The same every time."""
    ways, found = proposing.paths(), []
    above = {one.code: one for one in Subject.objects.filter(active=True)}
    inner = {one.parent_code for one in above.values()}
    for code, one in sorted(above.items()):
        if code not in inner:
            chance = random.Random(code)  # noqa: S311  it must be the same every time
            words = [one.title, *one.words]
            found += [(_sentence(chance, words, number), ways[code]) for number in range(each)]
    return found


def _sentence(chance: random.Random, words: list[str], number: int) -> str:
    word = words[number % len(words)]
    middle = chance.choice(TROUBLES).format(place=chance.choice(PLACES), word=word)
    return chance.choice(OPENINGS) + middle + chance.choice(ENDINGS)


def tell() -> int:
    """The demo's classifiers, learnt from these sentences and the demo's own closed orders; and its topics, found."""
    made = 0
    for hotline in Hotline.objects.order_by("pk"):
        operations.find_topics(hotline, by=BY)
        if not Classifier.objects.filter(region_code=hotline.region_code).exists():
            operations.train(hotline.region_code, by=BY, examples=examples(), source=_("合成语句（演示）"))
            made += 1
    return made
