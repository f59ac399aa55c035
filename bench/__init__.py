"""What this machine makes of the house: steps a second, time to the first dial, bytes a report."""
