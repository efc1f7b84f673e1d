"""The Action API of CKAN 2.11: what clients ask, what they are answered, and what other CKANs answer us."""
