"""Settings of articles."""

from hexi.kernel.options import Option

PER_ADDRESS = Option(
    "articles.feedback_per_address_hour", int, 30,
    "未登录时同一网络地址一小时最多几条知识反馈。 / Feedback on articles without sign-in from one address in an hour.",
)  # fmt: skip
PER_PERSON = Option(
    "articles.feedback_per_person_hour", int, 20,
    "一个账号一小时最多几条知识反馈。 / Feedback on articles one account may give in an hour.",
)  # fmt: skip
AGAIN_DAYS = Option(
    "articles.remind_again_days", int, 7,
    "知识逾期未复核，隔几天再提醒一次。 / Days after which the owner of an overdue article is told again.",
)  # fmt: skip
LONGEST_MONTHS = Option(
    "articles.longest_review_months", int, 36,
    "复核间隔最长几个月。 / Months that may at most pass between two reviews of an article.",
)  # fmt: skip
