"""By which way news go back to who has no account here: as he came."""

from hexi.blocks.notices.channels import MAIL_HOST, SMS_URL
from hexi.domains.livelihood.requests.channels import mail, news, weixin
from hexi.domains.livelihood.requests.models import Request


def back(request: Request, kind: str) -> bool:
    """Tell him what became of his order; False if he is told otherwise or cannot be. WeChat said at once that it came.

    Raises `OSError` to be tried again.
    """
    if request.contact.get("weixin"):
        return kind != "received" and weixin.back(request, kind)
    if request.contact.get("mail") and MAIL_HOST.value:
        return mail.back(request, kind)
    return news.by_sms(request, kind)


def reaches(request: Request) -> bool:
    """True if `back` may find a way to him: what is told otherwise, or to nobody, needs no job."""
    ways = request.contact.get("weixin") or (request.contact.get("mail") and MAIL_HOST.value) or SMS_URL.value
    return bool(ways) and not request.case.applicant_id
