"""Made-up inhabitants of a region, for the demo and benches: numbers of nobody's division, names drawn by chance.

Beside operations: it registers them as any person is registered, so that it may run again.
"""

import random
from datetime import date, timedelta

from hexi.blocks.people import operations
from hexi.blocks.people.models import Person
from hexi.blocks.people.queries import CREDIT
from hexi.kernel.actors import Actor
from hexi.wire.checksums import make_credit_code, make_resident_id

#: a division that is not assigned: nobody real can hold such a number
AREA = "629999"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
GIVEN = "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂英玉兰志红文建国春梅海燕晓东雪莲永福天佑承德思远宁安"
BRANDS = ("沙枣", "祁连", "疏勒", "昌马", "玉泽", "戈壁绿", "花海", "赤金", "铁人", "清泉")
TRADES = ("商贸有限公司", "餐饮有限公司", "种植农民专业合作社", "建筑工程有限公司", "物流有限公司", "科技有限公司")
#: every how many persons a body is made
BODY_EVERY = 6


def inhabitants(number: int, *, regions: list[str], by: Actor) -> list[Person]:
    """`number` persons and bodies of the regions (12-digit codes), the same ones each time; bodies have a head."""
    chance = random.Random(629999)  # noqa: S311 - made up on purpose
    found: list[Person] = []
    for place in range(number):
        head = next((one for one in reversed(found) if one.natural), None)
        facts = {"region_code": chance.choice(regions), "phone": f"1001{place:07d}", "by": by}
        if place % BODY_EVERY == BODY_EVERY - 1:
            name = f"{chance.choice(BRANDS)}{chance.choice(SURNAMES)}氏{chance.choice(TRADES)}（演示）"
            code = make_credit_code("91", AREA, f"MB{place:06d}")
            found.append(
                operations.register_person(
                    name, number=code, type=CREDIT, kind=Person.Kind.ENTERPRISE, representative=head, **facts
                )
            )
        else:
            name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
            found.append(operations.register_person(name, number=_number(place), **facts))
    return found


def _number(place: int) -> str:
    """The identity number of the n-th: 37 and 21,000 have no common divisor, so that no birthday comes back."""
    return make_resident_id(AREA, date(1945, 1, 1) + timedelta(days=place * 37 % 21_000), 500 + place % 400)
