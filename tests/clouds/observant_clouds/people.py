"""What Harbourlight's HR system exports on each day, and which accounts are declared. Nothing here is real.

- Dana's last day is 12 June; her notice is known from 15 May on. She owns the backup's user, and nobody takes it over.
- Nils is a contractor until 19 December. From 18 May on the list has him again, from 1 June until the end of November.
- Farid was to start on 4 May and never came: on 11 May he is taken off the list. His account was made on 20 April.
"""

from datetime import date

PEOPLE_FILE, ACCOUNTS_FILE = "people.csv", "accounts.csv"

_STAFF = {
    "ada": ("1001", "Ada Moreau", "2021-03-01", "Platform", ""),
    "bjorn": ("1002", "Bjorn Lind", "2021-06-14", "Platform", "1001"),
    "chidi": ("1003", "Chidi Okafor", "2022-01-10", "Development", "1001"),
    "dana": ("1004", "Dana Weiss", "2022-05-02", "Development", "1003"),
    "emre": ("1005", "Emre Kaya", "2023-02-01", "Development", "1003"),
    "grace": ("1006", "Grace Njeri", "2023-09-18", "Support", "1001"),
    "hana": ("1007", "Hana Ito", "2024-01-08", "Support", "1006"),
    "ivan": ("1008", "Ivan Petrov", "2024-08-19", "Finance", "1001"),
    "elif": ("1009", "Elif Demir", "2026-01-12", "Development", "1003"),
    "farid": ("1010", "Farid Haddad", "2026-05-04", "Development", "1003"),
    "jonas": ("1012", "Jonas Vogel", "2023-05-02", "Development", "1003"),
    "kim": ("1013", "Kim Lee", "2022-09-01", "People", "1017"),
    "lena": ("1014", "Lena Brandt", "2023-03-01", "Sales", "1017"),
    "mira": ("1015", "Mira Costa", "2024-02-05", "Sales", "1014"),
    "noor": ("1016", "Noor Aziz", "2024-06-03", "Development", "1003"),
    "oskar": ("1017", "Oskar Lund", "2020-01-07", "Management", ""),
    "nils": ("1011", "Nils Berg", "2025-04-01", "Development", "1003"),
}
_KNOWN_FROM = {"elif": date(2025, 12, 1), "farid": date(2026, 4, 1)}
_NEVER_CAME = {"farid": date(2026, 5, 11)}
_LEAVES = {"dana": (date(2026, 5, 15), "2026-06-12"), "nils": (date(2025, 4, 1), "2025-12-19")}
_RETURNS = {"nils": (date(2026, 5, 18), "2026-06-01", "2026-11-30")}
"""Known from, first day and last day of the second time."""

SOURCE = """
[[sources.people]]
name = "hr"
file = "people.csv"
accounts = "accounts.csv"
zone = "Europe/Berlin"
holidays = [2026-06-04]
links = ["email-name"]

[sources.people.columns]
id = "Employee"
name = "Name"
email = "Mail"
start = "First day"
end = "Last day"
manager = "Manager"
department = "Department"
"""
"""For `observant.toml`."""

ACCOUNTS = """account,scope,kind,owner,reason
ci-deploy,aws:111122223333,service,1002,the pipeline deploys with it
backup,aws:111122223333,service,1004,nightly copies
vendor-acme-migration,aws:111122223333,service,1001,migration by Acme until the end of November 2025
svc-*,entra:*,service,1002,scanners and the meeting room
emergency-*,entra:*,break-glass,1001,kept in the safe
petra_*,entra:*,guest,1002,migration by Acme until the end of November 2025
tomas_*,entra:*,guest,1002,Acme
olu_*,entra:*,guest,1008,auditor
wim_*,entra:*,guest,1014,designs for us
"""


def people(day: date) -> str:
    """`people.csv` as exported on that day."""
    lines = ["Employee,Name,Mail,First day,Last day,Department,Manager"]
    for short, (number, name, start, department, manager) in _STAFF.items():
        if day < _KNOWN_FROM.get(short, day) or day >= _NEVER_CAME.get(short, date.max):
            continue
        told, last = _LEAVES.get(short, (date.max, ""))
        if short in _RETURNS and day >= _RETURNS[short][0]:
            told, start, last = _RETURNS[short]
        mail = f"{short}@harbourlight.example"
        lines.append(f"{number},{name},{mail},{start},{last if day >= told else ''},{department},{manager}")
    return "\n".join(lines) + "\n"
