"""What rests sealed written anew under the newest key, and lookups under a key of it. Operations of the command line.

Sealed are the numbers here, second factors, and every model field of other blocks with an attribute `sealed_as`.
"""

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.models import F, Model, TextField, Value
from django.db.models.functions import Cast

from hexi.blocks.audit.operations import change
from hexi.blocks.people import hooks
from hexi.blocks.people.adapters import MFA_KIND
from hexi.blocks.people.models import Identifier, MandateOffer
from hexi.blocks.people.queries import RESIDENT
from hexi.blocks.people.vault import ring
from hexi.kernel.actors import System

BY = System("rekey")
BATCH = 500
Progress = Callable[[int], None]


def rekey(progress: Progress = lambda done: None) -> int:
    """Encrypt under the first key every sealed text that is not; returns how many. Safe while the service runs."""
    done = _column(Identifier, "number", F("type_id"), progress) + _factors()
    done += _column(MandateOffer, "number", Value(RESIDENT), progress)
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if hasattr(field, "sealed_as"):
                done += _column(model, field.name, Value(field.sealed_as), progress)
    return done


def _column(model: type[Model], field: str, kind: Any, progress: Progress) -> int:
    keys, done = ring(), 0
    # names no table has
    raw = model._base_manager.annotate(rekeyed_raw=Cast(field, TextField()), rekeyed_as=Cast(kind, TextField()))
    old = raw.exclude(rekeyed_raw=None).exclude(rekeyed_raw__startswith=f"{keys.first}:").order_by("pk")
    while rows := list(old.values_list("pk", "rekeyed_raw", "rekeyed_as")[:BATCH]):
        with change(BY, "people.rekey", model._meta.label_lower) as entry:
            for pk, text, as_what in rows:
                sealed = Value(keys.seal(keys.open(text, as_what), as_what), TextField())
                done += raw.filter(pk=pk, rekeyed_raw=text).update(**{field: sealed})
            entry.rows = [str(pk) for pk, _text, _kind in rows]
        progress(done)
    return done


def _factors() -> int:
    """Secrets of second factors: inside the JSON of allauth's table."""
    keys, done = ring(), 0
    for row in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk"):
        old = {name: row.data[name] for name in ("secret", "seed") if name in row.data}
        if all(text.startswith(f"{keys.first}:") for text in old.values()):
            continue
        fresh = {name: keys.seal(keys.open(text, MFA_KIND), MFA_KIND) for name, text in old.items()}
        with change(BY, "people.rekey", row):
            done += Authenticator.objects.filter(pk=row.pk, data=row.data).update(data=row.data | fresh)
    return done


def reindex() -> int:
    """Make every lookup anew under the first key, all or none. The service must be stopped: it looks up by the last."""
    keys, done = ring(), 0
    with change(BY, "people.reindex") as entry:
        held = Identifier.objects.order_by("pk").iterator(chunk_size=BATCH)
        while rows := list(islice(held, BATCH)):
            fresh = {row: keys.lookup(keys.open(row.number, row.type_id), row.type_id, newest=True) for row in rows}
            done += sum(Identifier.objects.filter(pk=row.pk).update(lookup=one) for row, one in fresh.items())
            hooks.lookups_moved.ring(moved={row.lookup: one for row, one in fresh.items()})
        for offer in MandateOffer.objects.order_by("pk").iterator(chunk_size=BATCH):
            fresh = keys.lookup(keys.open(offer.number, RESIDENT), RESIDENT, newest=True)
            done += MandateOffer.objects.filter(pk=offer.pk).update(lookup=fresh)
        hooks.lookups_renewed.ring(lookup=partial(keys.lookup, newest=True))
        entry.facts["rows"] = done
    return done
