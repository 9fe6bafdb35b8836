"""The figures of the annual report; `check` proves that they agree with each other."""

from __future__ import annotations

from typing import NamedTuple

INCOME: list[tuple[str, str, float, float]] = [  # line, note, 2024, 2023; millions of euros
    ("Passenger fares", "1", 128.4, 117.9),
    ("Freight and vehicles", "1", 46.7, 44.1),
    ("On-board sales", "", 21.3, 19.6),
    ("Other revenue", "", 5.2, 5.0),
    ("Revenue", "", 201.6, 186.6),
    ("Energy and fuel", "2", -31.8, -36.4),
    ("Crew and shore staff", "3", -72.5, -68.0),
    ("Maintenance and dry dock", "", -24.9, -23.1),
    ("Harbour dues", "", -13.6, -12.9),
    ("Other operating costs", "", -18.4, -17.2),
    ("EBITDA", "", 40.4, 29.0),
    ("Depreciation", "", -15.9, -14.2),
    ("Operating profit", "", 24.5, 14.8),
    ("Net finance costs", "4", -3.1, -3.4),
    ("Profit before tax", "", 21.4, 11.4),
    ("Income tax", "", -4.7, -2.5),
    ("Profit for the year", "", 16.7, 8.9),
]
TOTALS = ("Revenue", "EBITDA", "Operating profit", "Profit before tax", "Profit for the year")

YEARS = ("2020", "2021", "2022", "2023", "2024")
FIVE_YEARS: list[tuple[str, tuple[float, ...]]] = [
    ("Revenue", (118.2, 142.5, 168.9, 186.6, 201.6)),
    ("EBITDA", (8.1, 17.4, 24.3, 29.0, 40.4)),
    ("Operating profit", (-4.9, 4.2, 10.8, 14.8, 24.5)),
    ("Profit for the year", (-7.3, 1.6, 6.1, 8.9, 16.7)),
    ("Capital expenditure", (11.2, 19.5, 33.7, 38.2, 27.6)),
    ("Net debt", (61.0, 66.4, 78.1, 89.3, 80.5)),
    ("Equity", (88.4, 90.0, 96.1, 102.0, 114.7)),
]
PEOPLE: list[tuple[str, tuple[str, ...]]] = [
    ("Passengers (millions)", ("5.1", "6.8", "8.4", "9.1", "9.8")),
    ("Crossings (thousands)", ("41.7", "48.2", "52.6", "54.0", "55.3")),
    ("Employees (average)", ("842", "874", "921", "968", "1,004")),
]

ROUTES: list[tuple[str, int, int]] = [  # passengers in thousands, 2023 and 2024
    ("Osse–Brannet", 3150, 3420),
    ("Brannet–Marl", 2140, 2260),
    ("Osse–Fennick", 1870, 1980),
    ("Marl–Little Tern", 1250, 1310),
    ("Night line", 690, 830),
]

HARBOURS: list[tuple[str, str, int, float, int]] = [  # harbour, opened, berths, depth in metres, landed in thousands
    ("Osse", "1897", 6, 7.4, 3108),
    ("Brannet", "1901", 7, 6.8, 2846),
    ("Marl", "1903", 4, 5.9, 1782),
    ("Fennick", "1912", 3, 5.2, 993),
    ("Little Tern", "1926", 2, 3.6, 657),
    ("Mainland quay", "1931", 1, 8.1, 414),
]

CARBON_YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024)
CARBON_FLEET = (5.8, 5.6, 5.9, 5.1, 4.3, 3.4, 2.6)  # kg CO2e a passenger trip
CARBON_ROUTE = (5.2, 5.0, 5.1, 3.6, 2.1, 1.2, 0.7)


class Vessel(NamedTuple):
    name: str
    kind: str
    built: int
    length: str
    passengers: int
    cars: int
    drive: str
    port: str


_FLEET = """
Avocet;Catamaran;2019;34.2;220;0;Battery;Osse
Bittern;Car ferry;1998;61.5;400;44;Diesel;Brannet
Curlew;Car ferry;2004;68.0;450;52;Hybrid;Brannet
Dabchick;Launch;2016;14.8;36;0;Battery;Little Tern
Dotterel;Launch;1989;15.2;40;0;Diesel;Fennick
Dunlin;Car ferry;2011;72.4;520;60;Battery;Brannet
Eider;Freight ferry;1994;80.1;12;38;Diesel;Marl
Fulmar;Freight ferry;2002;84.6;12;46;Diesel;Marl
Gannet;Night ferry;2009;96.3;380;85;Hybrid;Osse
Godwit;Catamaran;2021;36.0;240;0;Battery;Osse
Goldeneye;Launch;1985;13.9;32;0;Diesel;Marl
Grebe;Passenger ferry;2001;41.7;300;0;Hybrid;Fennick
Guillemot;Night ferry;2014;99.8;410;90;Hybrid;Osse
Kittiwake;Passenger ferry;1996;39.5;280;0;Diesel;Little Tern
Lapwing;Car ferry;2008;70.2;500;58;Battery;Osse
Merganser;Tug;1991;22.4;6;0;Diesel;Brannet
Oystercatcher;Car ferry;2006;69.1;470;54;Hybrid;Fennick
Petrel;Passenger ferry;2003;42.8;310;0;Hybrid;Marl
Plover;Launch;2018;14.8;36;0;Battery;Osse
Puffin;Passenger ferry;2012;44.0;320;0;Hybrid;Little Tern
Razorbill;Freight ferry;1999;82.3;12;42;Diesel;Brannet
Redshank;Car ferry;2000;66.7;440;50;Diesel;Osse
Sanderling;Catamaran;2023;38.5;260;0;Battery;Brannet
Sandpiper;Car ferry;2022;76.9;560;64;Battery;Brannet
Shelduck;Workboat;1993;19.6;8;0;Diesel;Brannet
Storm Tern;Rescue boat;2017;16.3;14;0;Diesel;Little Tern
Turnstone;Passenger ferry;2020;45.6;340;0;Battery;Marl
Whimbrel;Passenger ferry;2010;43.9;315;0;Hybrid;Fennick
"""


def _vessel(line: str) -> Vessel:
    name, kind, built, length, passengers, cars, drive, port = line.split(";")
    return Vessel(name, kind, int(built), length, int(passengers), int(cars), drive, port)


FLEET = [_vessel(line) for line in _FLEET.split("\n") if line]


def drives() -> dict[str, int]:
    """How many vessels have each propulsion."""
    return {drive: sum(vessel.drive == drive for vessel in FLEET) for drive in ("Battery", "Hybrid", "Diesel")}


def euros(value: float) -> str:
    """Millions with one decimal, losses and costs in brackets."""
    return f"({-value:.1f})" if value < 0 else f"{value:.1f}"


def check() -> None:
    """Raise ValueError unless sums, tables and charts agree."""
    facts = []
    for year in (2, 3):
        value = {row[0]: float(row[year]) for row in INCOME}
        names = [row[0] for row in INCOME]
        for total, first in (("Revenue", "Passenger fares"), ("EBITDA", "Revenue"), ("Operating profit", "EBITDA")):
            facts.append(
                (total, sum(value[name] for name in names[names.index(first) : names.index(total)]), value[total])
            )
        for total, first in (("Profit before tax", "Operating profit"), ("Profit for the year", "Profit before tax")):
            facts.append(
                (total, sum(value[name] for name in names[names.index(first) : names.index(total)]), value[total])
            )
        for name, values in FIVE_YEARS[:4]:
            facts.append((name, values[6 - year], value[name]))
    facts.append(("passengers 2023", sum(row[1] for row in ROUTES) / 1000, 9.1))
    facts.append(("passengers 2024", sum(row[2] for row in ROUTES) / 1000, 9.8))
    facts.append(("landed", sum(row[4] for row in HARBOURS) / 1000, 9.8))
    facts.append(("fleet", float(len(FLEET)), 28.0))
    facts += [(f"fleet: {drive}", drives()[drive], n) for drive, n in (("Battery", 9), ("Hybrid", 8), ("Diesel", 11))]
    ports = [vessel.port for vessel in FLEET]
    facts += [(f"fleet: {port}", ports.count(port), n) for port, n in (("Brannet", 8), ("Osse", 7), ("Little Tern", 4))]
    for what, found, wanted in facts:
        if abs(found - wanted) > 0.01:
            message = f"{what}: {found:.2f}, not {wanted:.2f}"
            raise ValueError(message)
