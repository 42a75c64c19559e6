"""17TRACK's tracking API v2.2: one interface for Yamato, Sagawa, Japan Post and two thousand others.

Its documents are public (https://api.17track.net/en/doc?version=v2.2): numbers are registered once, then asked about, forty at a time; an
answer sorts them into accepted and rejected. Carriers of Japan publish no interface of their own that one may call without a contract.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orders.adapters.calling import Line, answer_of
from orders.ports import Declined, NoAnswer, NoticeDoor
from orders.rules import TrackingAsk, TrackingSaid, TrackingState, sub, subs

code = "17track"
label = "17TRACK"
base_url = "https://api.17track.net"
secrets: Sequence[str] = ("token",)
most = 40

_UNREGISTERED = -18019902
_STATES: Mapping[str, TrackingState | None] = {
    "InfoReceived": None,  # a label was printed: the carrier does not have it yet
    "NotFound": None,
    "InTransit": TrackingState.IN_TRANSIT,
    "InTransit_PickedUp": TrackingState.ACCEPTED,
    "InTransit_Arrival": TrackingState.AT_DEPOT,
    "OutForDelivery": TrackingState.OUT_FOR_DELIVERY,
    "AvailableForPickup": TrackingState.WAITING_PICKUP,
    "DeliveryFailure": TrackingState.ATTEMPTED,
    "Delivered": TrackingState.DELIVERED,
    "Exception": TrackingState.EXCEPTION,
    "Exception_Returning": TrackingState.RETURNING,
    "Exception_Returned": TrackingState.RETURNED,
}


def events(asked: Sequence[TrackingAsk], door: NoticeDoor) -> Sequence[TrackingSaid]:
    """Everything it knows of these numbers; those it has not met are registered and known at the next asking."""
    line = Line(door, headers={"17token": door.secrets["token"]})
    told = _ask(line, "gettrackinfo", [one.number for one in asked])
    strangers = [
        str(one.get("number", ""))
        for one in subs(told, "rejected")
        if isinstance(one.get("error"), dict) and one["error"].get("code") == _UNREGISTERED
    ]
    if strangers:
        _ask(line, "register", strangers)
    carriers = {one.number: one.carrier for one in asked}
    found = []
    for parcel in subs(told, "accepted"):
        number = str(parcel.get("number", ""))
        if number in carriers:
            found += _said(parcel, number, carriers[number])
    return found


def _ask(line: Line, name: str, numbers: Sequence[str]) -> dict[str, Any]:
    answer = answer_of(line.post(f"/track/v2.2/{name}", json=[{"number": number} for number in numbers]))
    if answer.get("code") != 0:
        raise Declined(str(answer.get("code", "no_code"))[:40])
    data = answer.get("data")
    if not isinstance(data, dict):
        raise NoAnswer("unreadable")
    return data


def _said(parcel: Mapping[str, Any], number: str, carrier: str) -> list[TrackingSaid]:
    found = []
    tracking = sub(sub(parcel, "track_info"), "tracking")
    for event in (event for provider in subs(tracking, "providers") for event in subs(provider, "events")):
        at = _moment(event.get("time_utc") or event.get("time_iso"))
        word = str(event.get("sub_status") or event.get("stage") or "")
        if at is None or not word or word.split("_")[0] in ("InfoReceived", "NotFound"):
            continue
        found.append(
            TrackingSaid(
                tracking_number=number,
                code=word[:40],
                at=at,
                carrier=carrier,
                label=str(event.get("description") or "")[:200],
                place=str(event.get("location") or "")[:120],
                state=_STATES.get(word) or _STATES.get(word.split("_")[0]),
            )
        )
    return found


def _moment(text: Any) -> datetime | None:
    """A time with its zone; one without is of nobody's clock."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else None
