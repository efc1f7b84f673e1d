"""Answers at rest move to a new key with `hexi people rekey`."""

from hexi.blocks.forms.models import Draft
from hexi.blocks.forms.tests.make import make_draft
from hexi.blocks.people import rekeying, vault
from hexi.blocks.people.tests.make import acting, make_citizen
from hexi.kernel.options import override


def test_drafts_open_under_the_new_key_alone_once_rekeyed(db, declared):
    old, new = vault.new_key(), vault.new_key()
    with override(vault.DATA_KEY, [old]):
        draft = make_draft(acting(make_citizen(name="石建国")))
        answers = Draft.objects.get(pk=draft.pk).answers
        assert "石建国" in str(answers)
    with override(vault.DATA_KEY, [new, old]):
        assert rekeying.rekey() == 2  # the identity number and the answers
        assert rekeying.rekey() == 0
    with override(vault.DATA_KEY, [new]):
        assert Draft.objects.get(pk=draft.pk).answers == answers
