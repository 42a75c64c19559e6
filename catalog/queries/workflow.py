"""Which workflow profiles products may name: asked of the app that knows what they mean."""

from collections.abc import Sequence

from catalog.ports import WORKFLOW_SOURCE, NamedProfile


def named_profiles(company_ids: Sequence[int]) -> list[NamedProfile]:
    """The profiles of these companies, by code; none where nobody answers, or they have none."""
    found = {one.code: one for source in WORKFLOW_SOURCE.all() for one in source.workflow_profiles(company_ids)}
    return [found[code] for code in sorted(found)]
