"""Building blocks every domain is made of; a block may import those above it in ORDER, never those below."""

#: lowest first; `devices`, `market` and `cases` will be peers at the end
ORDER = (
    "audit", "regions", "calendars", "people", "notices", "search", "documents", "forms", "certificates", "cases",
)  # fmt: skip
