"""`hexi`: every command that the site, the blocks and the domains add."""

import argparse
import gc
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import OperationalError, ProgrammingError

from hexi.kernel.manifest import Command, added
from hexi.kernel.options import OptionError, check
from hexi.kernel.packs import PackError


def parser() -> argparse.ArgumentParser:
    """A parser for all commands; "audit verify" becomes a command within a command."""
    top = argparse.ArgumentParser(prog="hexi", description="Hexi (河西)")
    groups = {(): top.add_subparsers(metavar="command", required=True)}
    for command in sorted(added(Command), key=lambda one: one.name):
        *path, name = command.name.split()
        for depth in range(len(path)):
            key = tuple(path[: depth + 1])
            if key not in groups:
                inner = groups[key[:-1]].add_parser(key[-1], help=", ".join(_inside(key)))
                groups[key] = inner.add_subparsers(metavar="command", required=True)
        own = groups[tuple(path)].add_parser(name, help=command.about, description=command.about)
        own.set_defaults(run=command.run)
        if command.arguments:
            command.arguments(own)
    return top


def _inside(path: tuple[str, ...]) -> list[str]:
    """The commands of a group, as `hexi --help` lists them beside its name."""
    start = " ".join(path) + " "
    return sorted(one.name.removeprefix(start) for one in added(Command) if one.name.startswith(start))


def _ready(words: list[str] | None) -> argparse.Namespace:
    """Load everything and read the command."""
    gc.disable()  # what is loaded now stays: to look through it for garbage took a sixth of the start
    try:
        django.setup()
        check()
        arguments = parser().parse_args(words)
        gc.freeze()
        return arguments
    finally:
        gc.enable()


def main(words: list[str] | None = None) -> int:
    """Run one command; errors a person can mend are one sentence on standard error."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hexi.site.settings")
    try:
        arguments = _ready(words)
        return arguments.run(arguments) or 0
    except (OptionError, PackError, ImproperlyConfigured) as error:
        print(f"✗ {error}", file=sys.stderr)
        return 2
    except (OperationalError, ProgrammingError) as error:  # it does not answer, or has no tables yet
        said = " ".join(str(error).split())
        print(f"✗ 数据库 / database: {said}（先运行 hexi setup / has hexi setup been run?）", file=sys.stderr)
        return 2
    except ValidationError as error:
        print("✗ " + "\n✗ ".join(error.messages), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
