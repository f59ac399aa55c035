"""`/api/v1`: the programme as other systems read it."""
