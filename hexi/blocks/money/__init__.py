"""Fees: what is owed, paid, given back, in a double-entry ledger, and compared with what the channels say."""
