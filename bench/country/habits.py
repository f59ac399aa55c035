"""How people behave, as numbers. Marked [w]: published about Mali or a programme like it; [=]: our own assumption."""

from collections.abc import Mapping

ASC = 5_123
"""Working in 2022-24 (the ministry's SDESR, S4)."""
DTC = 275
"""One for each CSCom that supervises: 18.6 ASC each; a supervisor of Muso has 18 [w]."""
DISTRICTS = 75
"""Sanitary districts in DHIS2, 2022 [w]."""

READS_BAMBARA = 0.5
"""[=] How many choose Bambara is not known (reading it is rarer than speaking it)."""
WRITES_SMS = 0.3
"""[=] Report by SMS; the others dial."""
DILIGENCE = (8.0, 2.0)
"""Beta of somebody's chance to report unasked: mean 0.80; cStock's arms 0.79 and 0.94, Mali's RMA in time 0.71 [w]."""
SILENT = 0.03
"""[=] Say nothing all month: gone, no phone, no network."""
WRONG_NUMBER = 0.02
"""[=] Of ASC and of leaders: numbers of the roster that the network refuses."""
STOPS = 0.004
"""[=] Write STOP in a month."""
HEEDS_REMINDER = 0.55
"""[=] Report within some hours of a reminder. Reminders took Malawi's reporting from half to four fifths [w]."""
BECOMES_ABSENT = 0.01
"""[=] A day, of those at work: leave, illness, training, and in the centre and the north insecurity."""
ABSENCE_DAYS = (2, 10)
SAYS_ABSENT = 0.7
"""[=] Of those who leave, say so."""
ABSENCES: Mapping[int, float] = {1: 0.30, 2: 0.25, 3: 0.35, 4: 0.08, 5: 0.02}
"""[=] The reasons as the menu numbers them: ill, training, leave, insecurity, displaced."""
NOBODY_ILL = 0.35
"""[=] Check-ins on which nobody was seen."""

STARTS_OUT = 0.06
"""A product at zero when the month begins. Half of the sites had the whole basket in 2015 [w]: 0.89 to the sixth."""
STARTS_WITH = (0.5, 2.0)
"""[=] Months of stock otherwise."""
RESUPPLY_WEEKS = (1, 2)
"""[=] Resupply goes with the monthly meeting at the CSCom [w]; the week of it differs."""
RESUPPLIED = 0.85
"""[=] Of what should come, comes. cStock's enhanced arm brought stock-outs from 33 to 22 % [w]."""
USE_SPREAD = 0.5
"""[=] A week uses a quarter of the monthly use, more or less so much of it."""

PAID = 0.8
"""[=] Were paid last month: communes are in arrears (Kadiolo 2018 [w])."""
SUSPECTS = 0.002
"""[=] An outbreak suspected, a week and ASC."""
DROPS = 0.04
"""[=] Calls that are cut, and dialled again at once."""

DIALS_THROUGH = 0.6
"""[=] Calls dialled with all their answers, `*123*1*1*1#`. Set high to spare the bench requests that keep nothing."""

ACKNOWLEDGES = 0.7
"""[=] Supervisors who answer an alert with OK. The aim is one day (domain.md §2.7)."""
ACKNOWLEDGES_WITHIN = 20.0
"""[=] Hours, by day."""
DELIVERED, FAILED = 0.95, 0.03
"""[=] Of what the network took; of the rest no report ever comes."""
