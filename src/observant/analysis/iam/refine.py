"""From "depends, statement by statement" to "depends, or not".

Kleene logic looks at each statement by itself: an Allow with MFA and an Allow without it leave both open, though one of
them always holds. Here the open keys are given values that between them make every test come out every way it can
(`samples`), and the question is put again for each combination. Where the samples are known to be all there is, the
answer is exact; where they are not, or there are too many combinations, "conditional" stays.
"""

from itertools import product

import msgspec

from observant.analysis.iam.context import Context, Special, Value
from observant.analysis.iam.samples import Samples, samples
from observant.analysis.iam.weigh import Question, Verdict, weigh
from observant.analysis.kleene import Kleene

CAP = 2048
"""Combinations of values that are tried."""


class Refined(msgspec.Struct, frozen=True):
    answer: Kleene
    keys: tuple[str, ...]


def refine(one: Question, context: Context, verdict: Verdict) -> Refined:
    """Try every combination of what the open keys may be."""
    statements = [each for said in verdict.said for each in said.statements]
    found = samples(statements, context, one.asked.resource)
    names = found.names
    count = 1
    for values in found.values.values():
        count *= len(values)
    if count > CAP or not found.values:
        return Refined(None, tuple(sorted(names.values())))
    keys = list(found.values)
    outcomes: dict[tuple[Value | Special, ...], Kleene] = {}
    for chosen in product(*(found.values[key] for key in keys)):
        outcomes[chosen] = weigh(one, context.with_values(dict(zip(keys, chosen, strict=True)))).answer
    return Refined(_all(outcomes, found), _decisive(keys, outcomes, found))


def _all(outcomes: dict[tuple[Value | Special, ...], Kleene], found: Samples) -> Kleene:
    answers = set(outcomes.values())
    return answers.pop() if len(answers) == 1 and found.complete else None


def _decisive(keys: list[str], outcomes: dict[tuple[Value | Special, ...], Kleene], found: Samples) -> tuple[str, ...]:
    """The keys that can turn the answer by themselves; all of them when none can."""
    deciding: set[str] = set()
    for place, key in enumerate(keys):
        seen: dict[tuple[Value | Special, ...], Kleene] = {}
        for chosen, answer in outcomes.items():
            rest = chosen[:place] + chosen[place + 1 :]
            if seen.setdefault(rest, answer) != answer:
                deciding.add(key)
                break
    return tuple(sorted(found.names[key] for key in (deciding or keys)))
