"""A month of a country on a clock of ours: the real gateway, store and worker; invented people with real habits."""
