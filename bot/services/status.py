"""What a leader hears of `STATUT`, her team today, and of `OK 4712`."""

from collections.abc import Callable, Sequence

from bot.services.alerts import NONE
from bot.services.at_hand import AtHand
from bot.services.leading import Led
from bot.text.fold import to_gsm
from bot.text.gsm import septets

SEGMENT = 160


def status(say: Callable[..., str], hand: AtHand) -> str:
    """Who is missing is named as far as there is room, and then counted."""
    counts = {"checked": hand.checked, "asc": hand.asc, "open": hand.open}
    if hand.checked == hand.asc:
        return say("sms.status.all", **counts)
    names = [_short(one.name) for one in hand.missing]
    for shown in range(len(names), 0, -1):
        text = say("sms.status", **counts, missing=_some(names, shown, hand))
        if septets(to_gsm(text)) <= SEGMENT:
            return text
    return say("sms.status", **counts, missing=_some(names, 0, hand))


def _some(names: list[str], shown: int, hand: AtHand) -> str:
    rest = hand.asc - hand.checked - shown
    return ", ".join([*names[:shown], *([f"+{rest}"] if rest else [])])


def _short(name: str) -> str:
    """`Awa T.`: enough among a dozen who know one another."""
    first, *others = name.split()
    return f"{first} {others[-1][0]}." if others else first


def taken(say: Callable[..., str], numbers: Sequence[int], led: Led) -> str:
    """What became of `OK 4712 4713`: those she follows now, then each that she does not."""
    handled = {number: led.handled.get(number, NONE) for number in numbers}
    done = [number for number, one in handled.items() if one.outcome == "done"]
    parts = [say("sms.ok.several", numbers=", ".join(map(str, done)))] if len(done) > 1 else []
    for number, one in handled.items():
        if not parts or number not in done:
            who = one.alert.acknowledged_name if one.alert else ""
            parts.append(say(f"sms.ok.{one.outcome}", number=number, who=who))
    return " ".join(parts)
