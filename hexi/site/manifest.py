"""What the site itself adds: its options and commands."""

from pathlib import Path

from hexi.kernel.manifest import Command, Domain
from hexi.kernel.options import Option
from hexi.kernel.packs import Pack
from hexi.site import api, backups, checks, demo, health, new, options, prepare, processes, roles, stories
from hexi.ui.doors import Page, Panel

site = Domain(
    key="site",
    title="Hexi",
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *(value for value in vars(options).values() if isinstance(value, Option)),
        api.PER_MINUTE,
        Panel("ui.demo", roles.bar),
        Page("plain", "health/", health.health, "health", menu=False),
        Page("plain", "demo/role/", roles.switch_role, "demo", menu=False),
        Page("plain", "demo/clock/", roles.move_clock, "demo", menu=False),
        Pack("stories", stories.StoryFile, stories.load, rank=90, check=stories.check),
        Command("demo", demo.demo, "填入演示人物和办件 / people and cases for a demo", demo.arguments),
        Command(
            "new service", new.service, "新建事项：三个待填的 YAML / start a new service item", new.service_arguments
        ),
        Command(
            "new domain",
            new.domain,
            "新建领域：文件夹、清单和第一页 / start a new domain",
            new.domain_arguments,
        ),
        Command("setup", prepare.setup, "准备密钥、资源、数据表和内置数据 / make everything ready", prepare.arguments),
        Command("up", processes.up, "启动全部进程 / run all processes", processes.where),
        Command("serve", processes.serve, "网站服务 / the web server", processes.where),
        Command("work", processes.work, "后台任务 / the worker for later and repeated jobs"),
        Command(
            "listen",
            processes.listen,
            "浏览器实时消息和协议网关 / live events for browsers, and gateways",
            processes.what,
        ),
        Command("check", checks.check, "检查数据包和数据表 / check packs and tables", checks.arguments),
        Command("options", checks.show_options, "列出全部选项 / print every option", checks.options_arguments),
        Command(
            "backup", backups.backup, "备份数据库和文件 / database and files into one archive", backups.backup_arguments
        ),
        Command("restore", backups.restore, "恢复备份 / put a backup back", backups.restore_arguments),
    ),
)
