"""Emergency events: a desk on duty day and night, plans, tasks with minutes, a log nobody changes."""
