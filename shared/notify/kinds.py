"""By which names do channels stand in metrics and records? A closed list: no contact can add a word to it."""

from __future__ import annotations

MAIL = "mail"
NONE = "none"
"""The channel of a notice that never got as far as one."""
OTHER = "other"
"""Whatever Apprise knows besides."""
_CHATS = [
    "bark",
    "discord",
    "dingtalk",
    "feishu",
    "gchat",
    "googlechat",
    "gotify",
    "json",
    "lark",
    "mailto",
    "matrix",
    "mattermost",
    "mmost",
    "msteams",
    "ntfy",
    "opsgenie",
    "pagerduty",
    "pover",
    "rocket",
    "ryver",
    "signal",
    "slack",
    "sns",
    "splunk",
    "syslog",
    "teams",
    "telegram",
    "tgram",
    "twilio",
    "victorops",
    "webex",
    "wecom",
    "wecombot",
    "workflows",
    "wxpusher",
    "wxteams",
    "xml",
    "zulip",
    "form",
]
KINDS = frozenset({MAIL, NONE, OTHER, *_CHATS})


def kind_of(scheme: str) -> str:
    """The name for a URL's scheme; encrypted and plain (`jsons`, `json`) are one channel."""
    name = scheme.lower()
    for known in (name, name.removesuffix("s")):
        if known in _CHATS:
            return known
    return OTHER
