"""The health map and the roster: Mali's regions since 2023 and its cercles by name; the rest of it is invented."""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random

from msgspec import Struct

from bench.country import habits
from bot.people import Contact, Unit

REGIONS = {
    "Kayes": ("Kayes", "Bafoulabé", "Kéniéba", "Yélimané"),
    "Koulikoro": ("Koulikoro", "Kati", "Kangaba", "Kolokani", "Banamba"),
    "Sikasso": ("Sikasso", "Kadiolo", "Yorosso"),
    "Ségou": ("Ségou", "Barouéli", "Bla", "Macina", "Niono"),
    "Mopti": ("Mopti", "Djenné", "Ténenkou", "Youwarou"),
    "Tombouctou": ("Tombouctou", "Diré", "Goundam", "Gourma-Rharous", "Niafunké"),
    "Gao": ("Gao", "Ansongo", "Bourem"),
    "Kidal": ("Kidal", "Abeïbara", "Tessalit", "Tin-Essako"),
    "Taoudénit": ("Taoudénit",),
    "Ménaka": ("Ménaka",),
    "Bougouni": ("Bougouni", "Kolondiéba", "Yanfolila"),
    "Dioïla": ("Dioïla",),
    "Nioro": ("Nioro", "Diéma"),
    "Koutiala": ("Koutiala",),
    "Kita": ("Kita",),
    "Nara": ("Nara",),
    "Bandiagara": ("Bandiagara", "Bankass", "Koro"),
    "San": ("San", "Tominian"),
    "Douentza": ("Douentza",),
    "Bamako": tuple(f"Commune {number}" for number in ("I", "II", "III", "IV", "V", "VI")),
}
NAMES = ("Traoré", "Coulibaly", "Diarra", "Keïta", "Konaté", "Sangaré", "Dembélé", "Cissé", "Koné", "Sidibé")
FIRST = ("Awa", "Oumou", "Fatoumata", "Moussa", "Djénéba", "Salif", "Kadiatou", "Assitan", "Bakary", "Mariam")
PRODUCTS = ("TDR", "CTE", "SRO", "ZIN", "AMX", "PAR")


class Country(Struct, frozen=True):
    units: tuple[Unit, ...]
    people: tuple[Contact, ...]


def whole(random: Random, share: int = 1) -> Country:
    """The country, or one of so many like parts of it."""
    return built(random, habits.DISTRICTS // share, habits.DTC // share, habits.ASC // share)


def one_district(random: Random) -> Country:
    return built(random, 1, 4, 68)


def built(random: Random, districts: int, centres: int, asc: int) -> Country:
    """Regions, districts and centres in turn, so that each has as many as its neighbours."""
    units = [Unit("ML", "Mali", type="country")]
    paths: dict[str, str] = {"ML": "ML"}

    def add(code: str, name: str, parent: str, kind: str) -> None:
        units.append(Unit(code, name, parent, kind))
        paths[code] = f"{paths[parent]}/{code}"

    named = list(islice(_districts(), districts))
    for region in dict.fromkeys(region for region, _ in named):
        add(_region(region), region, "ML", "region")
    for number, (region, name) in enumerate(named):
        add(f"D{number}", name, _region(region), "district")
    for number in range(centres):
        district = number % districts
        add(f"C{number}", f"CSCom de {named[district][1]} {number // districts + 1}", f"D{district}", "cscom")
    return Country(tuple(units), tuple(_people(random, units, paths, asc)))


def _districts() -> Iterator[tuple[str, str]]:
    """Each cercle, and where a region has too few of them a second district of its seat."""
    yield from ((region, name) for region, names in REGIONS.items() for name in names)
    yield from ((region, f"{names[0]} Est") for region, names in REGIONS.items())


def _region(name: str) -> str:
    return f"R{list(REGIONS).index(name)}"


def _people(random: Random, units: list[Unit], paths: dict[str, str], asc: int) -> Iterator[Contact]:
    roles = {"country": "central", "region": "region", "district": "district", "cscom": "dtc"}
    leader: dict[str, str] = {}
    for number, unit in enumerate(units):
        msisdn = leader[unit.code] = f"+2236{6_000_000 + number}"
        yield _person(random, msisdn, roles[unit.type], unit.code, paths, leader.get(unit.parent, ""))
    centres = cycle([unit.code for unit in units if unit.type == "cscom"])
    for number, centre in zip(range(asc), centres, strict=False):
        yield _person(random, f"+2237{1_000_000 + number}", "asc", centre, paths, leader[centre])


def _person(
    random: Random, msisdn: str, role: str, unit: str, paths: dict[str, str], supervisor: str
) -> Contact:
    return Contact(
        msisdn=msisdn,
        name=f"{random.choice(FIRST)} {random.choice(NAMES)}",
        role=role,  # type: ignore[arg-type]  # one of the roles
        org_unit=unit,
        language="bm" if random.random() < habits.READS_BAMBARA else "fr",
        supervisor=supervisor,
        products=PRODUCTS if role == "asc" else (),
        path=paths[unit],
    )
