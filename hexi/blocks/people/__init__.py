"""Persons, enterprises, identifiers, accounts, posts, sign-in, who may do what where."""
