"""Evaluation of AWS IAM policies: pure, offline, in three values.

`api` is the way in: decisions, administrators, escalation, trust, MFA and inclusion, from documents as they are. The
rest is machinery, from the bottom up:

    glob, arn, template, context   patterns, resources, variables, what is known of a request
    operators, conditions          the Condition element
    document, principal            a policy read once; who asks
    statements, layers, weigh      what a statement, a layer, all layers say
    narrow                         what policies say about one action, and when two questions are the same
    language, samples, refine      every way in which patterns and tests can come out
    evaluate, inclusion            one question; everything one side allows and the other does not
    access                         many questions about one principal
    leftover                       which actions beyond some are left
    routes, administrator, escalation, exposure, mfa, trust, public    what auditors ask
    catalogue, refresh, data       AWS's actions, and rules that others found

Semantics and their sources stand in each module. What AWS's own documents leave open is answered with "conditional" or
"unknown", never guessed.
"""
