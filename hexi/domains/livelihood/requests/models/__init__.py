"""Tables of requests, by what they are about."""

from hexi.domains.livelihood.requests.models.calls import Call, Seat
from hexi.domains.livelihood.requests.models.elsewhere import SentOn
from hexi.domains.livelihood.requests.models.following import Digest, Follow, MailFollow
from hexi.domains.livelihood.requests.models.learning import Classifier, Topic, TopicOrder
from hexi.domains.livelihood.requests.models.orders import Answer, Attempt, Dispatch, PublicPhoto, Request, Verdict
from hexi.domains.livelihood.requests.models.reports import Allowance, Report, hour_of
from hexi.domains.livelihood.requests.models.rules import DispatchRule, Hotline, Subject, TimeLimit, in_force
from hexi.domains.livelihood.requests.models.social import Mention, Outgoing, SocialAccount
from hexi.domains.livelihood.requests.models.weixin import WeixinSender

__all__ = [
    "Allowance",
    "Answer",
    "Attempt",
    "Call",
    "Classifier",
    "Digest",
    "Dispatch",
    "DispatchRule",
    "Follow",
    "Hotline",
    "MailFollow",
    "Mention",
    "Outgoing",
    "PublicPhoto",
    "Report",
    "Request",
    "Seat",
    "SentOn",
    "SocialAccount",
    "Subject",
    "TimeLimit",
    "Topic",
    "TopicOrder",
    "Verdict",
    "WeixinSender",
    "hour_of",
    "in_force",
]
