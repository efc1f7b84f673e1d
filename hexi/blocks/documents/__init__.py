"""Files people hand in or receive: content-addressed, checked, with a trust level."""
