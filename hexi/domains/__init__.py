"""The plan's twelve actions; a domain knows neither a door nor another domain."""
