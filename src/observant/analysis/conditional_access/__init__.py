"""Effective Conditional Access coverage: who is held to a requirement, who is exempt and by which way, who is not.

Pure functions over typed inputs, no input or output:

1. `policy_of` reads a policy document as Graph answers it, or as the audit log has it
2. `Facts` says who exists, in which groups and roles; `Population` answers whom a policy means
3. `coverage` evaluates one of `REQUIREMENTS` over all policies, with bounds where something could not be read
4. `reasons` says why, for sets of people; `policies_about` for one

>>> document = {
...     "id": "p", "displayName": "MFA for all", "state": "enabled",
...     "conditions": {
...         "applications": {"includeApplications": ["All"]},
...         "users": {"includeUsers": ["All"], "excludeGroups": ["00000000-0000-4000-8000-00000000000a"]},
...     },
...     "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
... }
>>> contractors = {"00000000-0000-4000-8000-00000000000a": Group("Contractors", members=[2])}
>>> people = Population(Facts(count=3, users={}, kinds={"members": exactly(0b111)}, groups=contractors))
>>> found = coverage(REQUIREMENTS["mfa"], [policy_of(document, {})], people)
>>> bin(found.covered.surely), bin(found.exempt.surely)
('0b11', '0b100')
"""

from observant.analysis.conditional_access.coverage import STATES, Count, Coverage, Effect, counted, coverage
from observant.analysis.conditional_access.explain import Part, Reason, policies_about, reasons
from observant.analysis.conditional_access.grants import Strengths
from observant.analysis.conditional_access.groups import Group
from observant.analysis.conditional_access.people import Bounds, exactly, gathered, places
from observant.analysis.conditional_access.policy import Policy, policy_of
from observant.analysis.conditional_access.population import ACTIVATED, Activation, Facts, Population
from observant.analysis.conditional_access.requirements import REQUIREMENTS, Requirement, security_defaults

__all__ = [
    "ACTIVATED",
    "REQUIREMENTS",
    "STATES",
    "Activation",
    "Bounds",
    "Count",
    "Coverage",
    "Effect",
    "Facts",
    "Group",
    "Part",
    "Policy",
    "Population",
    "Reason",
    "Requirement",
    "Strengths",
    "counted",
    "coverage",
    "exactly",
    "gathered",
    "places",
    "policies_about",
    "policy_of",
    "reasons",
    "security_defaults",
]
