"""Reading photos: those of an order, those everybody may see, those that wait for the second look. Beside queries."""

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from hexi.blocks.cases.parties import strange
from hexi.blocks.documents.kinds import JPEG, PNG, WEBP
from hexi.blocks.documents.models import Document
from hexi.domains.livelihood.requests import blurring, queries
from hexi.domains.livelihood.requests.models import PublicPhoto, Request
from hexi.domains.livelihood.requests.states import HANDLE, PUBLISH, State
from hexi.kernel.actors import Actor, within
from hexi.kernel.fixed import Fixed, Given

#: kinds of the things that photos belong to: what the office did, and the copies for everybody
PICTURES = (JPEG, PNG, WEBP)
AFTER, COPIES = "requests.after", "requests.copies"
Side = PublicPhoto.Side


def missing() -> str:
    """What an official reads while no photo can be made public."""
    return _("没有安装照片遮挡组件（hexi[photos]）：照片一律不公开。请系统管理员安装。")


def copies(request: Request) -> list[PublicPhoto]:
    """The copies of an order, however far they are."""
    rows = _COPIES.all(request=request.pk)
    for row in rows:
        row.request = request
    return rows


_COPIES = Fixed(lambda: PublicPhoto.objects.filter(request_id=Given("request")).order_by("pk"))


def of_order(request: Request) -> QuerySet[Document]:
    """What was reported with it."""
    return queries.pictures(queries.ORDER, request.pk)


def afterwards(request: Request) -> QuerySet[Document]:
    """What the office took."""
    return queries.pictures(AFTER, request.pk)


def sources(request: Request) -> list[Document]:
    """Every picture of an order that may become public: before, then after."""
    return [one for one in (*of_order(request), *afterwards(request)) if one.blob.media_type in PICTURES]


def without_copies(most: int = 200) -> list[Request]:
    """Published orders with a photo of which no copy was made yet; none while the detectors are missing."""
    if not blurring.ready():
        return []
    made = PublicPhoto.objects.filter(source=OuterRef("pk"))
    lacking = Document.objects.present().filter(~Exists(made), of_kind__in=(queries.ORDER, AFTER))
    lacking = lacking.filter(blob__media_type__in=PICTURES).annotate(order=Cast("of_ref", BigIntegerField()))
    found = Request.objects.filter(public=True, secret=False, pk__in=lacking.values("order"))
    return list(found.select_related("case").order_by("pk")[:most])


def side_of(document: Document) -> str:
    """Before or after."""
    return Side.AFTER if document.of_kind == AFTER else Side.BEFORE


def reviewed(actor: Actor) -> QuerySet[PublicPhoto]:
    """Photos the actor may look at again and let go: of his hotline, never of his own order."""
    reach = within(actor.scopes(PUBLISH), "request__hotline_id", "request__hotline_region")
    found = PublicPhoto.objects.filter(reach, strange(actor, "request__case"), request__public=True)
    return found.select_related("request__case", "source", "copy").order_by("-pk")


def shown(request: Request) -> list[PublicPhoto]:
    """What everybody sees of an order, before first. Nothing while the detectors are missing."""
    open_ = request.public and not request.secret and blurring.ready()
    return _OF_ORDER.all(request=request.pk) if open_ else []


_OF_ORDER = Fixed(
    lambda: (
        PublicPhoto.objects.filter(
            request_id=Given("request"), state=PublicPhoto.State.RELEASED, source__removed_at=None
        )
        .select_related("copy")
        .order_by("source_id")
    )
)


def _shown(rows: QuerySet[PublicPhoto]) -> list[PublicPhoto]:
    """Of these rows, what was let go of a published order whose original is still there."""
    open_ = rows.filter(
        state=PublicPhoto.State.RELEASED, request__public=True, request__secret=False, source__removed_at=None
    )
    return list(open_.select_related("copy").order_by("source_id")) if blurring.ready() else []


def by_key(key: str) -> PublicPhoto | None:
    """The photo of a public address; None unless everybody may see it now."""
    return next(iter(_shown(PublicPhoto.objects.filter(key=key))), None)


def may_read_after(actor: Actor, document: Document) -> bool:
    """Reader: whoever sees the order, and who reported it."""
    request = Request.objects.select_related("case").filter(pk=document.of_ref).first()
    if request is None:
        return False
    return queries.is_caller(actor, request) or Request.objects.filter(queries.reach(actor), pk=request.pk).exists()


def may_add_after(actor: Actor, ref: str) -> bool:
    """Reader: the office that has the order, until it is over."""
    row = Request.objects.select_related("case").filter(pk=ref if ref.isdecimal() else 0).first()
    return row is not None and may_add(actor, row)


def may_add(actor: Actor, row: Request) -> bool:
    """The same of an order at hand."""
    if row.case.state not in (State.HANDLING, State.ANSWERED):
        return False
    return actor.may(HANDLE, row.case.department_id, row.case.region_code)


def nobody(actor: Actor, document: Document) -> bool:
    """Reader: copies are shown by the pages of photos alone."""
    return False
