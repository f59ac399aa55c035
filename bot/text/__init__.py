"""Words as the network counts and shows them, and as people type them: pure functions, no file, no clock."""
