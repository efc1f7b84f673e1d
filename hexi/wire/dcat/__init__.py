"""DCAT 3: catalogues of data sets written as JSON-LD, Turtle and RDF/XML, and read from all three."""
