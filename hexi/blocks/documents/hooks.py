"""What documents announce."""

from hexi.kernel.hooks import Hook

document_stored = Hook("documents.stored", ("document", "by"), "A document was handed in, or attached again.")
level_raised = Hook("documents.level_raised", ("document", "by"), "A document was checked against its original.")
virus_found = Hook("documents.virus_found", ("document",), "A late scan found a virus in a document already taken.")
