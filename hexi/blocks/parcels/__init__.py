"""Handing over: courier channels, tracking, pick-up codes, proof of delivery."""
