"""Warnings by area and severity (CAP): composed by one, approved by another, signed, published, confirmed."""
