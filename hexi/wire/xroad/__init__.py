"""X-Road's message protocol for REST (PR-REST): names, messages, hashes, errors, and archives of a message log."""
