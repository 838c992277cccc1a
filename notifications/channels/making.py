"""Which channel is made from which setting?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from notifications.channels.gateway import Sms, Webhook
from notifications.channels.group_bot import Dingtalk, Wecom
from notifications.channels.guard import Resolve
from notifications.channels.mail import Mail
from notifications.channels.record import Record
from notifications.channels.settings import (
    Channels,
    DingtalkSetting,
    EmailSetting,
    RecordSetting,
    Setting,
    SmsSetting,
    WebhookSetting,
    WecomSetting,
)
from notifications.message import Channel

Now = Callable[[], datetime]


def make_channels(
    channels: Channels, now: Now, resolve: Resolve | None = None
) -> dict[str, Channel]:
    """Every channel by name. ``now``: the UTC clock."""
    return {
        each.name: make_channel(each, channels.private, now, resolve) for each in channels.settings
    }


def make_channel(
    setting: Setting,
    private: frozenset[tuple[str, int | None]],
    now: Now,
    resolve: Resolve | None = None,
) -> Channel:
    """One channel, ready to send from any thread."""
    match setting:
        case EmailSetting():
            return Mail(setting, now, private, resolve)
        case WecomSetting():
            return Wecom(setting, private, resolve)
        case DingtalkSetting():
            return Dingtalk(setting, now, private, resolve)
        case WebhookSetting():
            return Webhook(setting, private, resolve)
        case SmsSetting():
            return Sms(setting, private, resolve)
        case RecordSetting():
            return Record(setting.name, setting.file)
    raise TypeError(setting.KIND)
