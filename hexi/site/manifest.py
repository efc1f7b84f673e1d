"""What the site itself adds: its options and commands."""

from pathlib import Path

from hexi.kernel.manifest import Command, Domain
from hexi.kernel.options import Option
from hexi.site import backups, checks, demo, new, options, prepare, processes, roles
from hexi.ui.doors import Page, Panel

site = Domain(
    key="site",
    title="Hexi",
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *(value for value in vars(options).values() if isinstance(value, Option)),
        Panel("ui.demo", roles.bar),
        Page("plain", "demo/role/", roles.switch_role, "demo"),
        Page("plain", "demo/clock/", roles.move_clock, "demo"),
        Command("demo", demo.demo, "Fill a demo installation with people and cases.", demo.arguments),
        Command(
            "new service", new.service, "Start a new service item: three YAML files to fill in.", new.service_arguments
        ),
        Command(
            "new domain",
            new.domain,
            "Start a new domain: its folder with a manifest and a first page.",
            new.domain_arguments,
        ),
        Command("setup", prepare.setup, "Make keys, assets, tables and shipped data ready (again).", prepare.arguments),
        Command("up", processes.up, "All processes for a laptop.", processes.where),
        Command("serve", processes.serve, "The web server.", processes.where),
        Command("work", processes.work, "The worker for later and repeated jobs."),
        Command("listen", processes.listen, "Live events for browsers.", processes.where),
        Command("check", checks.check, "Check packs and tables; every fault with file and line.", checks.arguments),
        Command("options", checks.show_options, "Print every option."),
        Command("backup", backups.backup, "Database and files into one archive.", backups.backup_arguments),
        Command("restore", backups.restore, "Put a backup back.", backups.restore_arguments),
    ),
)
