"""What is asked, in which order: YAML read, checked, compiled, stepped. Pure: all it needs comes in as values."""
