"""The two gateways of the exchange, each a process of `hexi listen`: our systems call out, other gateways call in."""
