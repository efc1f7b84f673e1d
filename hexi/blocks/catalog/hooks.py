"""What the catalogue announces."""

from hexi.kernel.hooks import Hook

entry_published = Hook(
    "catalog.entry_published", ("entry", "by"), "An entry, or a change of it, is in force; `current` says what."
)
entry_withdrawn = Hook(
    "catalog.entry_withdrawn", ("entry", "by"), "An entry is taken back: nobody may use it any more."
)
rows_refreshed = Hook("catalog.rows_refreshed", ("entry", "at"), "The rows of a data set were brought up to date.")
harvest_wanted = Hook("catalog.harvest_wanted", ("source",), "Somebody wants another catalogue to be asked now.")
load_wanted = Hook("catalog.load_wanted", ("load",), "A file's columns are confirmed: it can be loaded.")
asking_wanted = Hook("catalog.asking_wanted", ("source",), "Somebody wants an outside database or service asked now.")
piece_received = Hook(
    "catalog.piece_received", ("piece",), "A piece of another installation's feed came, the next in order."
)
sheet_wanted = Hook("catalog.sheet_wanted", ("run",), "A large file of entries was handed in, to be taken in by a job.")
