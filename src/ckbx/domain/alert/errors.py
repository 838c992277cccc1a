"""Why is an acknowledgement, or a closing by hand, refused?"""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class AlertUnknown(InputRefused):
    code = "alert_unknown"
    message = "没有编号为 {alert} 的预警：请用 ckbx alerts --open --to 账号 核对编号"


class AlertNotYours(RuleRefusal):
    code = "alert_not_yours"
    message = "预警 {alert} 不是发给账号 {account} 的：请由收到它的人签收、办结，或核对账号"


class AlertNotOpen(RuleRefusal):
    code = "alert_not_open"
    message = "预警 {alert} 已撤销或已办结，不用再办：请用 ckbx alerts --open 查看还开着的"


class AlertClosesItself(RuleRefusal):
    code = "alert_closes_itself"
    message = (
        "预警 {alert}（{title}）不能手工办结：请办理并登记它要求的事项，登记后自动办结；"
        "只是已经知道的，请用 ckbx alerts ack 签收"
    )
