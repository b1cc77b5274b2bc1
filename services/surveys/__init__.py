"""Surveys: what did the customer think of how the complaint was handled?

Hears complaint.registered, amended, declined, withdrawn, merged and reopened of intake, and
complaint.closed of routing.
Tells survey.invited, survey.reminded, survey.answered and survey.expired.
Keeps one invitation per complaint with every numbered form that was sent for it, and the scores.
"""
