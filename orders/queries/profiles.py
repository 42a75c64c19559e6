"""The workflow profiles of a company, and what was decided of an order by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.db import rows
from core.queries import kept
from orders.rules import DEFAULT_PROFILE, Gate, GiftPart, GiftRule, ProfileRow, Profiles, PurchaseForm, Workflow

_PROFILES = """
SELECT to_jsonb(p) AS told FROM orders_workflowprofile p WHERE company_id = %s AND ended_at IS NULL ORDER BY code, form
"""


def workflow_profiles(company_id: int) -> Profiles:
    """The profiles in force, as kept for up to five seconds; whoever prices anything has them with ``delivery_masters``."""
    return kept(("workflow profiles", company_id), load=lambda: profiles_told([row.told for row in rows(_PROFILES, (company_id,))]))


def profiles_told(told: Sequence[Mapping[str, Any]]) -> Profiles:
    """Profiles as their rows tell them."""
    found = [
        ProfileRow(
            id=row["id"], code=row["code"], form=PurchaseForm(row["form"]), name=row["name"], role_id=row["role_id"], needs=_needs(row)
        )
        for row in told
    ]
    return Profiles({(row.code, row.form): row for row in found})


def _needs(row: Mapping[str, Any]) -> Workflow:
    gifts = {part: GiftRule(row[part]) for part in GiftPart}
    return Workflow(
        gates=frozenset(gate for gate in Gate if row[f"needs_{gate}"]),
        gifts={part: rule for part, rule in gifts.items() if rule is not GiftRule.OFFERED},
        without_groups=frozenset(row["without_groups"]),
        scripts=frozenset({(row["name"], row["script"])} if row["script"].strip() else ()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReason:
    """A profile that had a say in an order: by which goods, and which gates it asks."""

    name: str
    code: str
    form: str
    skus: tuple[str, ...]
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowView:
    """What an order needs, by which profiles, the leading one first; and what its buyer was told or asked."""

    code: str
    name: str
    gates: tuple[Gate, ...]
    told: tuple[Gate, ...]
    because: tuple[ProfileReason, ...]


_WORKFLOW = "SELECT code, name, gates, told, because FROM orders_orderworkflow WHERE order_id = %s"


def workflow_of(order_id: int) -> WorkflowView | None:
    """What was decided of an order; None where no profile had a say."""
    found = rows(_WORKFLOW, (order_id,))
    if not found:
        return None
    (row,) = found
    return WorkflowView(
        code=row.code, name=row.name, gates=_gates(row.gates), told=_gates(row.told),
        because=tuple(
            ProfileReason(name=one["name"], code=one["code"], form=one["form"], skus=tuple(one["skus"]), gates=_gates(one["gates"]))
            for one in row.because
        ),
    )  # fmt: skip


def _gates(names: Sequence[str]) -> tuple[Gate, ...]:
    return tuple(gate for gate in Gate if gate in names)


@dataclass(frozen=True, slots=True)
class ProfileChoice:
    """A profile's code as it is offered to whoever describes goods."""

    code: str
    name: str


_CHOICES = """
SELECT code, min(name) AS name FROM orders_workflowprofile WHERE company_id = ANY(%s::bigint[]) AND ended_at IS NULL AND code <> %s
GROUP BY code ORDER BY code
"""


_GOODS = """
SELECT p.id, coalesce((SELECT t.name FROM catalog_producttext t WHERE t.product_id = p.id ORDER BY t.language = 'ja' DESC, t.language LIMIT 1),
    p.code) AS name, count(*) OVER ()::int AS count
FROM catalog_product p WHERE p.company_id = %s AND p.workflow_profile = %s AND p.status <> 'ended' ORDER BY p.code LIMIT %s
"""


def goods_of_profile(company_id: int, code: str, *, limit: int = 10) -> tuple[int, list[tuple[int, str]]]:
    """How many products name the code, and keys and names of the first of them. One statement."""
    found = rows(_GOODS, (company_id, code, limit))
    return (found[0].count if found else 0), [(row.id, row.name) for row in found]


def profile_choices(company_ids: Sequence[int]) -> list[ProfileChoice]:
    """The codes that products of these companies may name. One statement."""
    return [ProfileChoice(code=row.code, name=row.name) for row in rows(_CHOICES, (list(company_ids), DEFAULT_PROFILE))]
