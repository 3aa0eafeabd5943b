"""Access reviews: a population frozen from the evidence, people who judge it, their signatures, and what became of it.

A campaign is the sum of its records in the log: `review-opened` freezes the population by digest and names who reviews
what, each `review-signed` carries one reviewer's decisions and signature, `review-closed` ends it. Decisions that are
not signed yet are drafts and lie outside of the log. This folder holds the rules; it reads and writes nothing.
"""
