"""What the site itself adds: its options and commands."""

from pathlib import Path

from hexi.kernel.manifest import Command, Domain
from hexi.kernel.options import Option
from hexi.site import backups, checks, options, prepare, processes

site = Domain(
    key="site",
    title="Hexi",
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        *(value for value in vars(options).values() if isinstance(value, Option)),
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
