"""The receipt of a payment: its number, its sum in words, its PDF. Beside operations, which keep it."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import translation

from hexi.blocks.documents import operations as documents
from hexi.blocks.documents import pdf
from hexi.blocks.documents.models import Document
from hexi.blocks.money import channels
from hexi.blocks.money.models import KIND, Payment
from hexi.kernel import clock
from hexi.kernel.actors import Actor
from hexi.ui.words import money, on_paper

FIGURES = "零壹贰叁肆伍陆柒捌玖"
#: what stands behind each figure of a group of four, and behind each group
PLACES, GROUPS = ("", "拾", "佰", "仟"), ("", "万", "亿", "万亿")


def capitals(fen: int) -> str:
    """A sum in the capital figures of papers about money (票据法, 支付结算办法 附件一): 12050 → 壹佰贰拾元伍角整."""
    yuan, rest = divmod(fen, 100)
    tenths, cents = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return (text or "零元") + "整"
    if tenths:
        text += f"{FIGURES[tenths]}角"
    elif yuan:
        text += "零"
    return text + (f"{FIGURES[cents]}分" if cents else "整")


def _whole(number: int) -> str:
    text, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        figure = number // 10**place % 10
        group, inside = divmod(place, 4)
        if figure:
            text += ("零" if gap else "") + FIGURES[figure] + PLACES[inside]
            gap = False
        else:
            gap = bool(text)
        if inside == 0 and number // 10**place % 10_000:
            text += GROUPS[group]
    return text


def keep(payment: Payment, number: str, *, by: Actor) -> Document:
    """Make the receipt's PDF and keep it with the payment, for its payer; in the caller's transaction."""
    charge, office = payment.charge, payment.department
    with translation.override("zh-hans"), on_paper():
        page = pdf.official(
            title="缴款收据", number=number, to=charge.payer_name, body=_body(payment), office=office.name,
            day=clock.today(), qr_url=f"/my/payments/{charge.number}/", demo=settings.DEMO,
        )  # fmt: skip
    return documents.keep(
        page, name=f"缴款收据 {number}.pdf", title="缴款收据", source=office.name, by=by, pages=1, owner=charge.payer,
        thing=(KIND, str(payment.pk)), slot="receipt",
    )  # fmt: skip


def _body(payment: Payment) -> Sequence[pdf.Part]:
    rows = [("项目", "标准", "减免", "应缴")]
    rows += [
        (item.title_zh, money(item.fen), f"{money(item.off)} {item.why_zh}" if item.off else "—", money(item.owed))
        for item in payment.charge.items.all()
    ]
    sentence = f"今收到{payment.charge.title_zh}（缴费单号 {payment.charge.number}）{money(payment.received)}，"
    parts: list[pdf.Part] = [
        sentence + f"人民币（大写）{capitals(payment.received)}。",
        pdf.Table(rows, widths=(3, 2, 3, 2)),
        f"缴款方式：{channels.title(payment.channel)}"
        + (f"，流水号 {payment.reference}" if payment.reference else "")
        + f"。经办：{payment.by_name}。",
    ]
    if payment.held:
        parts.append(f"其中 {money(payment.held)} 超出应缴金额，暂存待退，将按原渠道退还。")
    return parts
