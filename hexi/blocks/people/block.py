"""Persons, enterprises, identifiers, accounts, posts, sign-in, who may do what where."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from hexi.blocks.people import vault
from hexi.kernel.manifest import Block, Prepare

block = Block(
    key="people",
    title=_("人员"),
    about=__doc__,
    home=Path(__file__).parent,
    adds=(
        vault.DATA_KEY,
        Prepare("身份号码密钥 key of identity numbers", vault.write_key, rank=10),
    ),
)
