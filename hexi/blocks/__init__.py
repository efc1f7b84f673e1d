"""Building blocks every domain is made of; a block may import those above it in ORDER, never those below."""

#: lowest first; `market` and `cases` are peers (and `devices` will be): neither imports the other
ORDER = (
    "audit", "regions", "calendars", "people", "notices", "search", "articles", "documents", "forms", "certificates",
    "money", "parcels", "alerts", "catalog", "indicators", "market", "cases",
)  # fmt: skip
