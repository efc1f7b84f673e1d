"""The site puts the house together: settings, addresses, processes, command line."""
