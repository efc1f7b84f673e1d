"""The service hall: guides people can act on, topics, life events; applications run on the cases block."""
