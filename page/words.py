"""Words: what the page says, in the browser's language, and the time in the browser's time zone."""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Literal

CHINESE = {
    "{id} - Nightlight": "{id} - 小夜灯",
    "Nightlight": "小夜灯",
    "all lamps": "所有的灯",
    "CounterFit": "CounterFit",
    "CSV": "CSV",
    # the lamp
    "LED of {id}: {state}": "{id} 的 LED：{state}",
    "on": "开",
    "off": "关",
    "unknown": "未知",
    "since {time}": "自 {time}",
    "light": "光线",
    "no reading yet": "还没有读数",
    "measured {time}": "测量于 {time}",
    "online since {time}": "在线，自 {time}",
    "online since before {time}": "在线，{time} 之前就已上线",
    "offline since {time}": "离线，自 {time}",
    "offline since before {time}": "离线，{time} 之前就已离线",
    "never heard": "从未收到消息",
    "it does not say whether it is online": "设备没有报告是否在线",
    "silent since {time}": "无读数，自 {time}",
    "the server decided": "由服务器决定",
    "the device decided alone": "由设备自己决定",
    "a person decided": "由人决定",
    "the server decided (for the group)": "由服务器决定（为整个分组）",
    "a person decided (for the group)": "由人决定（为整个分组）",
    "as last reported": "最后一次报告",
    "as commanded; this device does not report its LED": "按命令显示；此设备不报告 LED",
    "{ms} ms from light to LED": "从光线到 LED：{ms} 毫秒",
    "{ms} ms from switch to LED": "从开关到 LED：{ms} 毫秒",
    "{ms} ms from the group's decision to LED": "从分组决定到 LED：{ms} 毫秒",
    # the switch
    "Switch": "开关",
    "Switch for all": "全部的开关",
    "Switch for all of {group}": "{group} 全部的开关",
    "auto": "自动",
    "until I change it": "直到我改变",
    "for an hour": "一小时",
    "until the morning": "直到早晨",
    "How long": "多久",
    "The server decides by the light.": "由服务器根据光线决定。",
    "The server decides by the light of all.": "由服务器根据全部光线决定。",
    "The server decides for the group {group}.": "由服务器为分组 {group} 决定。",
    "A person decides for the group {group}: {state}.": "由人为分组 {group} 决定：{state}。",
    "You decide until {time}; then it is auto again.": "由你决定，直到 {time}，然后恢复自动。",
    "You decide, until you choose auto.": "由你决定，直到选择自动。",
    "Not sent: there is no connection to the broker.": "未发送：没有与代理的连接。",
    "asked; the server has not answered yet": "已请求，服务器尚未回应",
    # the sun
    "The sun": "太阳",
    "Light": "光线",
    "a day": "一天",
    "stop the day": "停止",
    "Create the light sensor": "创建光线传感器",
    "Create the LED": "创建 LED",
    "CounterFit has no light sensor on pin {pin}.": "CounterFit 的引脚 {pin} 上没有光线传感器。",
    "CounterFit has no LED on pin {pin}.": "CounterFit 的引脚 {pin} 上没有 LED。",
    "CounterFit does not answer.": "CounterFit 没有回应。",
    # the curve
    "The light": "光线曲线",
    "Curve of the light of {id}": "{id} 的光线曲线",
    "10 minutes": "10 分钟",
    "last night": "昨夜",
    "24 hours": "24 小时",
    "{days} days": "{days} 天",
    "Span": "时间范围",
    "dark below {threshold}": "低于 {threshold} 为暗",
    "LED": "LED",
    # the flow
    "The flow": "消息流",
    "light sensor": "光线传感器",
    "device": "设备",
    "broker": "代理",
    "server": "服务器",
    "offline": "离线",
    "silent": "无读数",
    "lost": "断开",
    "no answer": "无回应",
    "connected": "已连接",
    "answers": "有回应",
    "online": "在线",
    "Last messages": "最近的消息",
    "hold still": "暂停",
    "ignored: {problem}": "已忽略：{problem}",
    "nothing yet": "还没有",
    # the connection
    "No connection to the broker {broker} since {time}.": "自 {time} 起没有与代理 {broker} 的连接。",
    "Connecting to the broker {broker} ...": "正在连接代理 {broker} ……",
    "The history {problem}": "历史：{problem}",
    # many
    "1 lamp": "1 盏灯",
    "{count} lamps": "{count} 盏灯",
    "{count} on": "{count} 盏开",
    "{count} silent": "{count} 盏无读数",
    "{count} offline": "{count} 盏离线",
    "Nothing was heard yet. A lamp appears here by itself.": "还没有收到消息。灯会自动出现在这里。",
    "{first} to {last}": "{first} 到 {last}",
    "all groups": "所有分组",
    # a group
    "The group {group}": "分组 {group}",
    "Decision for {group}: {state}": "{group} 的决定：{state}",
    "since before {time}": "{time} 之前就已如此",
    "median of {sensors}: light {light}; dark below {threshold}": "{sensors}的中位数：光线 {light}；低于 {threshold} 为暗",
    "mean of {sensors}: light {light}; dark below {threshold}": "{sensors}的平均值：光线 {light}；低于 {threshold} 为暗",
    "quorum of {sensors}: dark for {dark}; dark below {threshold}": "{sensors}的多数：{dark} 个认为暗；低于 {threshold} 为暗",
    "1 fresh sensor": "1 个有效传感器",
    "{count} fresh sensors": "{count} 个有效传感器",
    "no sensor is fresh: what was decided last holds": "没有有效传感器：保持上次的决定",
    "No server answers. This was decided {time}.": "没有服务器回应。这是 {time} 的决定。",
    "members: {count}, left out: {left_out}": "成员：{count}，未计入：{left_out}",
    "{count} silent: no reading for {seconds} s": "{count} 个无读数：已超过 {seconds} 秒",
    "{count} of which no reading was heard": "{count} 个从未收到读数",
    "{count} disagree (light on the other side of {threshold}): probably broken": "{count} 个不同意（光线在 {threshold} 的另一侧）：可能已损坏",
    "most disagree: {count} (light on the other side of {threshold})": "多数不同意：{count} 个（光线在 {threshold} 的另一侧）",
    "{count} whose LED is not (yet) {state}": "{count} 个的 LED（还）不是{state}",
    "and {count} more": "还有 {count} 个",
    # who may come in
    "Password": "密码",
    "Come in": "进入",
    "That is not the password.": "密码不对。",
    "Too many wrong passwords. Try again in a minute.": "密码错误次数太多。请一分钟后再试。",
    "This page shows {served}, and {id} is not among them.": "此页面显示 {served}，其中没有 {id}。",
}

Language = Literal["en", "zh"]


class Words:
    """Called with an English text, it says that in its language, with what stands in braces filled in."""

    def __init__(self, accepted: str = "") -> None:
        """`accepted` is what the browser says of its user (RFC 9110 section 12.5.4): `zh-CN,zh;q=0.9,en;q=0.8`."""
        self.language: Language = _preferred(accepted)
        self.zone: tzinfo | None = None
        """The browser's time zone; None for that of this machine."""

    def __call__(self, text: str, **values: object) -> str:
        return (CHINESE[text] if self.language == "zh" else text).format(**values)

    def clock(self, seconds: float, now: float) -> str:
        """A time of day, with the day if that is another one. Both in seconds since the epoch."""
        try:
            then, today = (datetime.fromtimestamp(time, self.zone) for time in (seconds, now))
        except (ValueError, OverflowError, OSError):  # beyond what this system knows
            return "?"
        if then.date() == today.date():
            return f"{then:%H:%M:%S}"
        return f"{then:%Y-%m-%d %H:%M}"

    def set_zone(self, name: str, minutes: int) -> None:
        """The browser's time zone by its name or, where that is not known here, by its minutes behind UTC."""
        try:
            self.zone = zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            self.zone = timezone(timedelta(minutes=-max(-1439, min(1439, minutes))))

    def next_morning(self, now: float) -> float:
        """Seven o'clock, the next time that it comes."""
        then = datetime.fromtimestamp(now, self.zone).replace(hour=7, minute=0, second=0, microsecond=0)
        return (then if then.timestamp() > now else then + timedelta(days=1)).timestamp()

    def last_night(self, now: float) -> tuple[float, float]:
        """From six yesterday evening to eight this morning, as far as that is over."""
        morning = datetime.fromtimestamp(now, self.zone).replace(hour=8, minute=0, second=0, microsecond=0)
        evening = (morning - timedelta(days=1)).replace(hour=18)
        return evening.timestamp(), min(morning.timestamp(), now)


def _preferred(accepted: str) -> Language:
    best: tuple[float, Language] = (0.0, "en")
    for part in accepted[:1000].lower().split(","):
        name, _, weight = part.strip().partition(";q=")
        language: Language | None = "zh" if re.match(r"zh\b", name) else "en" if re.match(r"en\b", name) else None
        try:
            quality = float(weight or 1)
        except ValueError:
            quality = 0.0
        if language and quality > best[0]:
            best = quality, language
    return best[1]
