"""The web app. Each page reads from the board, or calls one use case of `observant.app`; no judgement is made here.

    serve.py      migrate, first administrator, server
    settings.py   Django's settings, made from the workspace
    access.py     who may open which route: no route without a rule
    routes.py     all of them
    board.py      what pages read: one evaluation, kept until the log or the policy changes
    state/        accounts, invitations, visits: Django models in `<workspace>/web/state.sqlite3`
    pages/        one module per page

Django is imported by `observant serve` alone.
"""
