"""Evaluation of AWS IAM policies: pure, offline, in three values.

`api` is the way in: decisions, administrators, escalation, trust, MFA and inclusion, from documents as they are. The
rest is machinery, from the bottom up:

    glob, arn, template, context   patterns, resources, variables, what is known of a request
    operators, conditions          the Condition element
    document, principal            a policy read once; who asks
    statements, layers, weigh      what a statement, a layer, all layers say
    language, samples, refine      every way in which patterns and tests can come out
    evaluate, inclusion            one question; everything one side allows and the other does not
    access                         many questions about one principal
    routes, administrator, escalation, exposure, mfa, trust    what auditors ask
    catalogue, refresh, data       AWS's actions, and rules that others found

Semantics and their sources stand in each module. What AWS's own documents leave open is answered with "conditional" or
"unknown", never guessed.
"""
