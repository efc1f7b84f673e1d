"""CAP, the Common Alerting Protocol (OASIS 1.2; 1.1 and 1.0 are read): parse, write, check, sign, feeds.

`reading.parse` gives the message as written, `checks.check` every broken rule with its clause, element and remedy.
"""
