"""What the exchange adds to the manifest: gateways, keys, options, commands, jobs and pages. Stands beside `block`."""

from django.utils.translation import gettext_lazy as _

from hexi.blocks.catalog import commands, exchange_keys, exchange_options, hooks, jobs_exchange
from hexi.blocks.catalog.gateways import listeners
from hexi.blocks.catalog.operations import push, rehashing
from hexi.blocks.catalog.pages import exchange, grants, looks, network
from hexi.blocks.catalog.queries import reads
from hexi.blocks.catalog.queries.exchange import GRANT, LOG, OFFER, TRUST, USE, count_grants, grants_of
from hexi.blocks.catalog.sampling import Reads
from hexi.blocks.catalog.uses import Uses
from hexi.blocks.people.hooks import lookups_moved, lookups_renewed
from hexi.kernel.hooks import Later, Listen
from hexi.kernel.jobs import Schedule
from hexi.kernel.manifest import Command, Listener, Prepare
from hexi.ui.doors import Page, Panel

ADDS = (
    *exchange_options.ALL,
    exchange_keys.KEY,
    Prepare("数据交换密钥 keys of the exchange", exchange_keys.prepare, rank=10),
    Listener("consumer", listeners.consumer, exchange_options.CONSUMER_PORT, "调用方网关 / gateway of those who call"),
    Listener(
        "provider", listeners.provider, exchange_options.PROVIDER_PORT, "提供方网关 / gateway of those who offer"
    ),
    Schedule(jobs_exchange.stamp, minutes=1),
    Schedule(jobs_exchange.archive, minutes=6 * 60),
    Schedule(jobs_exchange.close_grants, minutes=60),
    Schedule(jobs_exchange.push_pieces, minutes=1),
    Listen(hooks.rows_refreshed, push.announce),
    Listen(hooks.entry_published, push.announce_change),
    Listen(hooks.entry_withdrawn, push.announce_end),
    Later(hooks.rows_refreshed, jobs_exchange.push_pieces),
    Schedule(jobs_exchange.take_pieces, minutes=1),
    Later(hooks.piece_received, jobs_exchange.take_pieces),
    Listen(lookups_moved, rehashing.move),
    Listen(lookups_renewed, rehashing.renew),
    Reads("granted", reads.granted),
    Uses("grants", _("数据授权"), grants_of, count_grants),
    Command(
        "catalog verify-log", commands.verify_log, "核验交换日志 / prove the message log", commands.verify_arguments
    ),
    Command(
        "catalog gateway", commands.gateway, "登记本系统的网关 / register our own gateway", commands.gateway_arguments
    ),
    Command("catalog card", commands.card, "输出本网关的名片 / print our gateway's card for others"),
    Command("catalog trust", commands.trust, "信任另一个网关 / trust another gateway", commands.trust_arguments),
    Command(
        "catalog distrust", commands.distrust, "不再信任另一个网关 / trust another gateway no more",
        commands.distrust_arguments,
    ),
    Command("catalog archive-log", commands.archive_log, "立即归档交换日志 / stamp and archive the log now"),
    Page("citizen", "my/looks/earlier/", looks.earlier, looks.EARLIER.title, signed_in=True),
    Panel("people.looks", looks.panel),
    Page(
        "workbench", "exchange/", exchange.members, _("数据交换成员"), menu=_("数据交换"), icon="network", order=21,
        verb=OFFER,
    ),
    Page("workbench", "exchange/new/", exchange.add_member, _("加入成员"), verb=OFFER),
    Page("workbench", "exchange/<int:pk>/", exchange.member, _("交换成员"), verb=OFFER),
    Page("workbench", "exchange/<int:pk>/subsystem/", exchange.add_subsystem, _("登记子系统"), verb=OFFER),
    Page("workbench", "exchange/systems/<int:pk>/", exchange.change_subsystem, _("证书与启停"), verb=OFFER),
    Page("workbench", "exchange/<int:pk>/service/", exchange.add_service, _("登记服务"), verb=OFFER),
    Page("workbench", "exchange/services/<int:pk>/", exchange.service, _("交换服务"), verb=OFFER),
    Page("workbench", "exchange/services/<int:pk>/allow/", exchange.allow, _("允许调用"), verb=OFFER),
    Page("workbench", "exchange/services/<int:pk>/rights/<int:right>/", exchange.forbid, _("收回调用权"), verb=OFFER),
    Page("workbench", "exchange/services/<int:pk>/switch/", exchange.switch, _("停用或启用"), verb=OFFER),
    Page("workbench", "exchange/gateways/", network.gateways, _("网关"), verb=TRUST),
    Page("workbench", "exchange/gateways/card/", network.own_card, _("网关名片"), verb=TRUST),
    Page("workbench", "exchange/gateways/trust/", network.trust, _("信任另一个网关"), verb=TRUST),
    Page("workbench", "exchange/gateways/<int:pk>/", network.gateway, _("网关"), verb=TRUST),
    Page("workbench", "exchange/gateways/<int:pk>/distrust/", network.distrust, _("不再信任"), verb=TRUST),
    Page("workbench", "exchange/groups/", network.groups, _("访问组"), verb=OFFER),
    Page("workbench", "exchange/groups/new/", network.add_group, _("新建访问组"), verb=OFFER),
    Page("workbench", "exchange/groups/<int:pk>/", network.group, _("访问组"), verb=OFFER),
    Page("workbench", "exchange/groups/<int:pk>/add/", network.put_in, _("加入子系统"), verb=OFFER),
    Page(
        "workbench", "exchange/groups/<int:pk>/systems/<int:subsystem>/", network.take_out, _("移出访问组"), verb=OFFER
    ),
    Page("workbench", "exchange/feeds/", network.feeds, _("数据推送"), verb=GRANT),
    Page("workbench", "exchange/received/", network.received, _("收到的推送"), verb=USE),
    Page("workbench", "exchange/feeds/<int:pk>/stop/", network.stop_feed, _("停止推送"), verb=GRANT),
    Page(
        "workbench", "grants/", grants.grant_list, _("数据授权"), menu=_("数据授权"), icon="key", order=22, verb=USE,
    ),
    Page("workbench", "grants/new/", grants.give_to, _("给子系统授权"), verb=GRANT),
    Page("workbench", "grants/new/<int:entry>/<int:subsystem>/", grants.give, _("给子系统授权"), verb=GRANT),
    Page("workbench", "grants/<int:pk>/", grants.grant, _("数据授权"), verb=USE),
    Page("workbench", "grants/<int:pk>/change/", grants.change_grant, _("办理授权"), verb=GRANT),
    Page("workbench", "grants/<int:pk>/push/", network.follow, _("推送更新"), verb=GRANT),
    Page(
        "workbench", "exchange/log/", exchange.message_list, _("交换日志"), menu=_("交换日志"), icon="list-check",
        order=23, verb=LOG,
    ),
    Page("workbench", "exchange/log/<int:pk>/", exchange.message, _("交换报文"), verb=LOG),
)  # fmt: skip
