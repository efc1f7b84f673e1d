"""Teaching the classifier: from the region's own orders, or from the sentences that ship; one row a training."""

import hashlib
import time
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hexi.blocks.audit.operations import change
from hexi.domains.livelihood.requests import learning, options, proposing
from hexi.domains.livelihood.requests.models import Classifier, Hotline
from hexi.domains.livelihood.requests.states import PLAN
from hexi.kernel import clock
from hexi.kernel.actors import Actor, require

#: fewer examples or classes teach nothing
LEAST, CLASSES = 20, 2


def train(
    region: str, *, by: Actor, examples: Sequence[learning.Example] | None = None, source: str = ""
) -> Classifier:
    """Learn, measure on a tenth kept out, put in force (`requests.plan`). `examples` instead of the region's orders.

    The same data is not learnt twice: the row in force stays. Raises `Denied`, `ValidationError`.
    """
    hotline = Hotline.objects.filter(region_code=region).first()
    if hotline is None:
        raise ValidationError(_("地区 %(region)s 没有热线中心。") % {"region": region})
    require(by, PLAN, hotline.department_id, hotline.region_code)
    own, offices, corrected = proposing.examples_of(region, options.TRAIN_MOST.value)
    examples = own if examples is None else [*examples, *own]
    if len(examples) < LEAST or len({path for _text, path in examples}) < CLASSES:
        raise ValidationError(
            _("可学习的诉求只有 %(n)s 件，至少要 %(least)s 件、分属两类。先办结一些，或用 --synthetic。")
            % {"n": len(examples), "least": LEAST}
        )
    digest = learning.digest(examples)
    kept = Classifier.objects.filter(region_code=region, in_force=True, data_digest=digest).first()
    return kept or _learn(hotline, examples, offices, by=by, digest=digest, corrected=corrected, source=source)


def _learn(
    hotline: Hotline, examples: Sequence[learning.Example], offices: dict[str, dict[str, int]], *, by: Actor,
    digest: str, corrected: int, source: str,
) -> Classifier:  # fmt: skip
    """The long part runs outside the transaction; the row is put in force in one short step."""
    began = time.perf_counter()
    ordered = sorted(examples)
    model, measured = learning.fit(ordered)
    content = model.packed()
    row = Classifier(
        region_code=hotline.region_code, made_at=clock.now(), by_name=by.name, source=source or _("本热线的诉求"),
        examples=len(examples), corrections=corrected, data_digest=digest, offices=offices, content=content,
        digest=hashlib.sha256(content).hexdigest(),
        metrics=measured.kept() | {"seconds": round(time.perf_counter() - began, 1)},
    )  # fmt: skip
    with change(by, "requests.train", examples=row.examples, data=digest, accuracy=row.metrics["accuracy"]) as note:
        Hotline.objects.select_for_update().get(pk=hotline.pk)
        Classifier.objects.filter(region_code=hotline.region_code, in_force=True).update(in_force=False)
        row.save()
        note.thing = row
    return row
