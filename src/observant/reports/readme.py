"""README.txt of a package: what an auditor reads first."""

from observant.model.period import Period
from observant.period.conclusion import PeriodResult
from observant.reports.csv import DEMO
from observant.reports.html import headline
from observant.reports.visible import visible
from observant.reports.words import moment_words

MARKER = "Observant audit package, format 1"
"""First line of README.txt: by it a folder is known to be a package."""


_REVIEWS = """\
  reviews/              access reviews: what each reviewer decided, as it was signed. To check one without us:
                        ssh-keygen -Y verify -f reviews/allowed_signers -I EMAIL -n observant-review \\
                            -s reviews/CAMPAIGN/NAME.csv.sig < reviews/CAMPAIGN/NAME.csv
                        EMAIL stands in the file; compare the key in allowed_signers with the reviewer's own
                        what a passkey signed: sh reviews/verify-passkey.sh NAME.csv NAME.csv.passkey.json
                        (it prints the key; compare with the line of reviews/passkeys); NAME.html is a copy to read
"""


def readme(result: PeriodResult, populations: list[str], *, reviews: bool = False) -> str:
    """The whole file. `populations` are the names of the population tables; `reviews`: whether there are any."""
    provenance = result.provenance
    period = Period(result.first, result.last)
    running = result.through < period.interval.end
    demo = f"\n*** {DEMO} ***\n" if provenance.demo else ""
    still = f"\nThe period is still running: judged up to {moment_words(result.through)}.\n" if running else ""
    listed = "".join(f"  {name}\n" for name in populations) or "  none\n"
    signed = _REVIEWS if reviews else ""
    return f"""{MARKER}
{demo}
Access evidence for the period {period} (UTC, both days included), as of {moment_words(provenance.as_of)}.
Made by {visible(provenance.tool)} from the log "{visible(provenance.origin)}".
{still}
{headline(result)}


HOW TO VERIFY IT

Nothing here needs the network. TRUST is a folder with the public keys of the company (log.vkey, statement.vkey,
allowed_signers). Do not take it from this package: see "Where trust comes from". Run these in this folder.

With stock tools (a POSIX shell, OpenSSL 3, OpenSSH):

  1.  ssh-keygen -Y verify -f TRUST/allowed_signers -I NAME -n observant-package -s SHA256SUMS.sig < SHA256SUMS
      (who signed; NAME is the first word of the line in allowed_signers)
  2.  sha256sum --check --strict --quiet SHA256SUMS
      (the files are those that were signed)
  3.  sh verify.sh --trust TRUST .
      (both again, that no file was added, and the log: every entry, its signature, its place in the tree)

With ours (Python and its "cryptography" package), which also opens every stored object:

  python3 verify.pyz --trust TRUST .       or, where Observant is installed:   observant verify --trust TRUST .

Exit code 0: everything is what was signed. 4: something is not; the first bad file is named. Compare also the log's
size and root below with those that the company, or an earlier package, told you: a later log must contain the earlier.

  log size  {provenance.size}
  log root  {provenance.root}

The verifiers also print for how many records which level is proven, and never a higher one: L0 unchanged; L1 signed;
L2 also kept in storage that was seen to refuse deletion; L3 also time-stamped from outside, before and after; L4 also
witnessed.

Each CSV states a SHA-256 over its rows. To recompute it:  LC_ALL=C grep -av '^#' exceptions.csv | sha256sum


WHAT IS IN IT

  report.html           the report; opens offline in any browser and prints
  controls.csv          each control with its conclusion
  checks.csv            each check: population, time by verdict, conclusion
  exceptions.csv        each stretch of time in which one member failed
  gaps.csv              each stretch of time that cannot be judged, with the reason
  occurrences.csv       what had to happen a number of times: recorded or missing
  coverage.csv          each collection of each scope: complete, with a gap, days without
  populations/          the full population of a check, with every verdict of every member, and every change, grant
                        and removal of access; sample from these, with `observant sample` or as its header says
  registers/            lists over the period and all clouds: last rotation of every principal, age and end of every
                        credential, last activity of every account, guests with their reviews, who held which
                        privilege, activations of roles, whom Conditional Access does not cover
{signed}  catalogue/            each check: what it judges, the query, how to re-perform it by hand
  period.json           everything the report says, for programs
  oscal-assessment-results.json   the same as OSCAL 1.1.2
  evidence/             the signed log itself: what was read, when, by whom, and whether it was complete
  trust/                a copy of the public keys, for comparison only
  verify.sh verify.pyz  the verifiers
  SHA256SUMS SHA256SUMS.sig   digest of every file, and the signature over them

Populations in this package:

{listed}
CSV files are UTF-8. To open one in Excel, import it (Data, From Text/CSV, UTF-8) instead of double-clicking it. A cell
that begins with an apostrophe was made harmless for spreadsheets; each file says how to undo that.


WHAT THE WORDS MEAN

  population      everything of one kind that existed at any time in the period, such as every access key
  exception       a stretch of time in which one member of the population did not do what the company wrote down.
                  Its start is the earliest moment at which it may have begun, the reading worse for the company.
  evidence gap    a stretch of time for which nobody can tell. It counts neither as good nor as bad.
  coverage        the days with a complete reading. A reading that was refused or cut short is never used as a list.
  operating effectively   no exception and no gap, for every member, over all of the time that was judged
  exceptions noted        at least one exception; gaps may come with it
  insufficient evidence   no exception was seen, but there are gaps, or required occurrences without a record
  not designed            the company wrote nothing down that could be tested, or no check shows the control

These are conclusions about the evidence. The opinion is the auditor's.


WHAT IT CANNOT PROVE

  - That what the cloud provider answered is true, or that an account, tenant or tool that was never connected is in
    order. Compare the scopes in report.html with what you know to be in scope.
  - That the person who runs Observant did not change the program that reads. Its version and the caller's identity are
    in every record; read a sample yourself and compare.
  - Anything about a moment between two readings that no event narrows down. The worse reading is used.
  - That records from before the first outside time stamp were not replaced as a whole. After it, changes, removals and
    back-dating are detectable offline; each record states the level that was shown for it.
  - Files that somebody handed in are recorded as they were given, with who gave them. They were not fetched.


WHERE TRUST COMES FROM

The keys in trust/ were put there by whoever made this package, so they prove nothing about who that was. Get the keys
and the fingerprint of the signing key from the company by another way (in person, or from an earlier engagement), keep
them, and give that folder to the verifiers. Keep the log's size and root, too: next year's log must continue this one.
A verifier that comes with what it verifies could be made to lie. verify.sh is short enough to be read, and both
verifiers are the same in every release of Observant: take them from there when in doubt.
"""
