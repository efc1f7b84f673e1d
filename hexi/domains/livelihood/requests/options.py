"""Settings of the hotline."""

from hexi.kernel.options import Option
from hexi.wire import weixin_sealed

PER_PERSON = Option(
    "requests.per_person_hour", int, 10, "一个账号一小时最多提交几件诉求。 / Reports one account may send in an hour."
)
PER_PHONE = Option(
    "requests.per_phone_hour",
    int,
    6,
    "未登录时同一电话一小时最多留在几件诉求里。 / Reports without sign-in that may give the same phone in an hour.",
)
PER_ADDRESS = Option(
    "requests.per_address_hour", int, 60,
    "未登录时同一网络地址一小时最多几件；全村可能共用一个地址，登录的人不受此限。 / "
    "Reports without sign-in from one address in an hour; a village may share it, so who signs in is not held up.",
)  # fmt: skip
BEGUN = Option(
    "requests.begun_per_address_hour", int, 200,
    "一个账号（未登录时一个网络地址）一小时最多开始写几件诉求，不论是否提交。 / "
    "Reports begun in an hour, sent or not, by one account or, without sign-in, from one address.",
)  # fmt: skip
PHOTOS = Option(
    "requests.photos_per_address_hour", int, 300,
    "一个账号（未登录时一个网络地址）一小时最多随诉求上传几张照片。 / "
    "Photos handed in with reports in an hour by one account or, without sign-in, from one address.",
)  # fmt: skip
LONGEST = Option("requests.longest_text", int, 5000, "一件诉求最多多少字。 / Characters a report may have.")
REOPEN_DAYS = Option(
    "requests.reopen_days",
    int,
    30,
    "办结后多少天内，受影响的人可以重新提出。 / Days after the end in which anyone affected may take it up again.",
)
REOPEN_MOST = Option(
    "requests.reopen_most",
    int,
    3,
    "别人提出接着办最多几次，再多由热线中心决定。 / "
    "Times others may have a report taken up again; after that the hotline decides.",
)
REOPENS_PER_PERSON = Option(
    "requests.reopens_per_person_hour",
    int,
    3,
    "一个人一小时最多提出接着办几次。 / Times one person may ask for reports to be taken up again in an hour.",
)
RETURN_HOURS = Option(
    "requests.return_hours", int, 24, "承办单位多少小时内可以退单。 / Hours in which an office may give an order back."
)
REDO_TIMES = Option(
    "requests.redo_times",
    int,
    1,
    "诉求人不满意可以要求重办几次；再不满意由热线裁定。 / "
    "Times an unsatisfied caller sends it back; then the hotline decides.",
)
SILENT_DAYS = Option(
    "requests.silent_days", int, 10, "答复后多少天没有评价即办结。 / Days after which an answer nobody rates is closed."
)
NEAR_METRES = Option(
    "requests.near_metres",
    int,
    200,
    "多少米以内的同类在办诉求会先给诉求人看。 / Open reports of the same matter this near are offered.",
)
NEAR_DAYS = Option(
    "requests.near_days", int, 30, "往回多少天找这样的诉求。 / Days back in which such reports are looked for."
)
MOST_PHOTOS = Option("requests.most_photos", int, 6, "一件诉求最多几张照片。 / Pictures one report may have.")
EXTEND_DAYS = Option(
    "requests.extend_days",
    int,
    10,
    "单位负责人最多可延长几个工作日。 / Most working days the head of an office may add.",
)
CONFIDENT = Option(
    "requests.confident", float, 0.8,
    "0 到 1：派单建议的把握达到这个数才预先填好，低于它由人自己选。 / "
    "From 0 to 1: a proposal this sure is filled in at the desk; below it a person chooses unaided.",
)  # fmt: skip
ALONE = Option(
    "requests.dispatch_alone", bool, False,
    "把握足够的派单建议不经人直接派出；紧急情况、保密来电和举报除外。 / "
    "Orders whose proposal is sure enough go out without a person; never emergencies, secret callers, reports of "
    "wrongdoing.",
)  # fmt: skip
TRAIN_MOST = Option(
    "requests.train_most", int, 8000, "分类器学习最近多少件诉求。 / Newest orders a classifier learns from."
)
TOPIC_DAYS = Option(
    "requests.topic_days",
    int,
    90,
    "往回多少天找重复诉求和热点。 / Days back in which repeated and hot topics are looked for.",
)
TOPIC_GAP = Option(
    "requests.topic_gap_days",
    int,
    14,
    "多少天没有新诉求，热点就算过去。 / Days without a further order after which a topic is over.",
)
TOPIC_LEAST = Option("requests.topic_least", int, 2, "几件诉求算一个话题。 / Orders that make a topic.")
OPEN311_PER_MINUTE = Option(
    "requests.open311_per_minute",
    int,
    120,
    "一把密钥每分钟最多经 Open311 提交几件。 / Requests one key may send by Open311 in a minute.",
)
WRONG_KEYS = Option(
    "requests.wrong_keys_per_minute",
    int,
    20,
    "同一网络地址一分钟内最多用错几次 Open311 密钥，之后这一分钟不再核对。 / "
    "Wrong Open311 keys one address may send in a minute; after that none is looked at until the minute is over.",
)
IMAP_HOST = Option(
    "requests.imap_host",
    str,
    "",
    "收诉求的信箱的 IMAP 服务器；留空不收。 / IMAP server of the mailbox orders come to; empty: none.",
)
IMAP_PORT = Option("requests.imap_port", int, 993, "IMAP 服务器端口。 / Port of the IMAP server.")
IMAP_SECURITY = Option(
    "requests.imap_security",
    str,
    "tls",
    "tls、starttls，留空为不加密。 / tls, starttls, or empty for a plain connection.",
)
IMAP_CA = Option(
    "requests.imap_ca",
    str,
    "",
    "IMAP 服务器的证书颁发机构文件；留空用系统的。 / "
    "File of the certificate authority of the IMAP server; empty: the system's.",
)
IMAP_USER = Option(
    "requests.imap_user", str, "", "IMAP 用户名，即信箱地址。 / Name at the IMAP server; the address of the mailbox."
)
IMAP_PASSWORD = Option("requests.imap_password", str, "", "IMAP 密码。 / Password at the IMAP server.", secret=True)
IMAP_FOLDER = Option("requests.imap_folder", str, "INBOX", "读取哪个文件夹。 / Folder that is read.")
MAIL_REGION = Option(
    "requests.mail_region",
    str,
    "",
    "邮件诉求归到哪个区划（12 位代码）。 / Division (12 digits) in which what comes by e-mail is put.",
)
ACCOUNTS_URL = Option(
    "requests.accounts_url",
    str,
    "",
    "政务账号适配器的地址（docs/accounts.md）；留空不接。 / "
    "Adapter of social accounts (docs/accounts.md); empty: none.",
)
ACCOUNTS_SECRET = Option(
    "requests.accounts_secret", str, "", "与该适配器共用的密钥。 / Secret shared with that adapter.", secret=True
)
ACCOUNTS_PRIVATE = Option(
    "requests.accounts_private", bool, False, "适配器可以在内网。 / The adapter may be inside a private network."
)
EXCHANGE_URL = Option(
    "requests.exchange_url",
    str,
    "",
    "电话交换机的地址（docs/telephony.md）；留空：不能从网页拨号。 / "
    "Telephone exchange (docs/telephony.md); empty: no call is made from here.",
)
EXCHANGE_SECRET = Option(
    "requests.exchange_secret",
    str,
    "",
    "与交换机共用的密钥；留空不收来电。 / Secret shared with the exchange; empty: no call is told to us.",
    secret=True,
)
EXCHANGE_PRIVATE = Option(
    "requests.exchange_private", bool, False, "交换机可以在内网。 / The exchange may be inside a private network."
)
EXCHANGE_REGION = Option(
    "requests.exchange_region",
    str,
    "",
    "来电没有写明线路时归哪个热线（区划 12 位代码）；留空：唯一的热线。 / "
    "Hotline (region, 12 digits) of a call that names no line; empty: the only hotline.",
)
RECORDINGS_URL = Option(
    "requests.recordings_url",
    str,
    "",
    "录音只从这个地址下取；留空：只从交换机的地址取。 / "
    "Recordings are fetched from below this address alone; empty: from the exchange's.",
)
CALL_DAYS = Option(
    "requests.call_days",
    int,
    180,
    "没有形成诉求的通话保留多少天。 / Days a call that became no order is kept.",
)
WEIXIN_TOKEN = Option(
    "requests.weixin_token",
    str,
    "",
    "微信公众号服务器配置里的 Token（docs/weixin.md）；留空：不收微信消息。 / "
    "Token of the Official Account's server settings (docs/weixin.md); empty: nothing comes in.",
    secret=True,
)
WEIXIN_KEYS = Option(
    "requests.weixin_aes_keys",
    list,
    [],
    "公众号安全模式的 EncodingAESKey，新的在前（docs/weixin.md）；留空：明文模式。 / "
    "EncodingAESKey of the account's encrypted mode, the newest first (docs/weixin.md); empty: plaintext mode.",
    secret=True,
    sound=lambda keys: [weixin_sealed.key_of(one) for one in keys],
)
WEIXIN_REGION = Option(
    "requests.weixin_region",
    str,
    "",
    "微信诉求归到哪个区划（12 位代码）。 / Division (12 digits) in which what comes by WeChat is put.",
)
WEIXIN_PICTURES = Option(
    "requests.weixin_pictures",
    list,
    ["mmbiz.qpic.cn", "mmbiz.qlogo.cn"],
    "只从这些主机取微信照片。 / Pictures of WeChat are fetched from these hosts alone.",
)
WEIXIN_PRIVATE = Option(
    "requests.weixin_private", bool, False, "这些主机可以在内网。 / These hosts may be inside a private network."
)
