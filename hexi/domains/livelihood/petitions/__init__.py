"""Petitions (信访): told to the state in writing, handled within the days of the law, reviewed and reviewed again."""
