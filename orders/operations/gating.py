"""Workflow profiles are asked of orders: what stands in the way of placing, what holds them, and what is written down of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from core.errors import Refusal
from orders.rules import (
    TOLD_GATES,
    Gate,
    GatedLine,
    GateFacts,
    OrderDraft,
    ProfileRow,
    Profiles,
    RaisedHold,
    Sums,
    Unmet,
    Workflow,
    each_once,
    gate_facts,
    gate_holds,
    leading,
    profiles_of,
    strictest,
    unmet_gates,
)

LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """What the profiles of an order's goods come to: the strictest of each, what is not met, and whose say it is."""

    facts: GateFacts
    profiles: Sequence[ProfileRow]
    needs: Workflow
    unmet: Sequence[Unmet]

    @property
    def asks(self) -> tuple[Gate, ...]:
        """What the buyer has to be told or asked, and was not."""
        return tuple(gate for gate in TOLD_GATES if any(one.refusal.code == f"order.gate_{gate}" for one in self.unmet))

    @property
    def wishes(self) -> tuple[Refusal, ...]:
        """What of the order itself has to be another: its payment, its gifts."""
        told = {f"order.gate_{gate}" for gate in TOLD_GATES}
        return each_once(one.refusal for one in self.unmet if one.refusal.code not in told)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Everything that stands in the way of placing, each reason once."""
        return each_once(one.refusal for one in self.unmet)

    def holds(self, *, elsewhere: bool) -> tuple[RaisedHold, ...]:
        """The holds it is placed with; what was agreed ``elsewhere`` is held by gates that would refuse it else."""
        return gate_holds(self.facts, self.unmet if elsewhere else (), told)


def told(unmet: Unmet) -> str:
    """Why an order is held by a gate, as staff read it."""
    return unmet.refusal.text(gettext)[:LONGEST]


def gated(draft: OrderDraft, sums: Sums, *, profiles: Profiles) -> Gated | None:
    """What the profiles of a priced draft come to; None where none has a say."""
    if not profiles.rows:
        return None
    return gated_facts(gate_facts(draft, [(line.offer.sku, line.offer.workflow_profile) for line in sums.lines], profiles))


def gated_facts(facts: GateFacts) -> Gated | None:
    """The same of facts that are at hand."""
    own = profiles_of(facts.lines)
    return Gated(facts=facts, profiles=own, needs=strictest(own), unmet=unmet_gates(facts)) if own else None


def kept_columns(found: Gated) -> dict[str, Any]:
    """What is written down of an order: who led and why, with what its buyer was told."""
    led = leading(found.profiles)
    assert led is not None
    others = sorted((p for p in found.profiles if p.id != led.id), key=lambda p: p.weight, reverse=True)
    return {
        "code": led.code, "name": led.name, "gates": _named(found.needs.gates), "told": _named(found.facts.told),
        "because": [
            {
                "name": p.name, "code": p.code, "form": str(p.form), "gates": _named(p.needs.gates), "skus": _skus(found.facts.lines, p)
            }
            for p in (led, *others)
        ],
    }  # fmt: skip


def _skus(lines: Sequence[GatedLine], profile: ProfileRow) -> list[str]:
    return sorted({line.sku for line in lines if line.profile is not None and line.profile.id == profile.id})


def _named(gates: Collection[Gate]) -> list[str]:
    return [str(gate) for gate in Gate if gate in gates]
