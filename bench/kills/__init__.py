"""Processes killed at random moments while thousands of phones report; what is left, and what the phones heard."""
