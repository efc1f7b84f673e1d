"""Tables of cases: items and their versions, cases, clocks, tasks, events, letters, numbers; by meaning."""

from hexi.blocks.cases.models.acting import Agency, Entry
from hexi.blocks.cases.models.bundles import Bundle, BundlePart, BundlePromise, BundleVersion
from hexi.blocks.cases.models.case import (
    JOINT,
    PERMIT,
    RULES,
    Case,
    CaseQuerySet,
    Clock,
    Counter,
    DueChange,
    Event,
    Extension,
    Letter,
    Pause,
    Task,
    clocks_of,
    events_of,
)
from hexi.blocks.cases.models.items import Item, ItemDraft, ItemImport, ItemVersion, SelfCheck
from hexi.blocks.cases.models.promises import Breach, Concern, Deferred, FeeWaiver, Promise, Verification
from hexi.blocks.cases.models.together import FirstLevel, Hearing, JointReview, QuotaYear, SiteVisit, ThirdParty
from hexi.blocks.cases.models.watching import Rating, SupervisionOrder

__all__ = [
    "JOINT",
    "PERMIT",
    "RULES",
    "Agency",
    "Breach",
    "Bundle",
    "BundlePart",
    "BundlePromise",
    "BundleVersion",
    "Case",
    "CaseQuerySet",
    "Clock",
    "Concern",
    "Counter",
    "Deferred",
    "DueChange",
    "Entry",
    "Event",
    "Extension",
    "FeeWaiver",
    "FirstLevel",
    "Hearing",
    "Item",
    "ItemDraft",
    "ItemImport",
    "ItemVersion",
    "JointReview",
    "Letter",
    "Pause",
    "Promise",
    "QuotaYear",
    "Rating",
    "SelfCheck",
    "SiteVisit",
    "SupervisionOrder",
    "Task",
    "ThirdParty",
    "Verification",
    "clocks_of",
    "events_of",
]
