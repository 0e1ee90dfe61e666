"""The units of a class: the code of its operators and inner instances, one for all members."""

from __future__ import annotations

from collections.abc import Mapping

from ssrdsl.emission.drafts.draft import Draft
from ssrdsl.emission.drafts.equalities import merge_equal, name_only_width
from ssrdsl.emission.drafts.objects import object_unit
from ssrdsl.emission.drafts.operators import operator_unit
from ssrdsl.emission.drafts.optional import make_optional
from ssrdsl.emission.drafts.signature import Signature


def assembled(draft: Draft, signatures: Mapping[str, Signature]) -> Draft:
    """The draft with the code of all slots. `signatures` are those of inner instances, by scope.

    Raises `Unfit` if the members differ in more than numbers.
    """
    for number, slot in enumerate(draft.template.slots):
        is_operator = slot.first.node is not None
        draft.units.append(
            operator_unit(draft, number, slot) if is_operator else object_unit(draft, number, slot, signatures)
        )
    make_optional(draft)
    merge_equal(draft)
    if not draft.is_network:
        name_only_width(draft)
    return draft
