"""The way in: passkeys, passwords with a second factor, single sign-on. django-allauth does the work.

settings.py         what allauth is told
adapters.py         where allauth asks: nobody signs up by themselves, secrets are encrypted, our words
forms.py            its forms, behind our limit of tries
routes.py           the views of allauth that exist here, each with a rule; its URL lists are not included
views.py            ours around them: limits, redirects
single_sign_on.py   providers by what observant.toml says; who may come in through them
script.py           the one script of the app: passkeys need one
sealing.py          how secrets of second factors lie in the database
"""
