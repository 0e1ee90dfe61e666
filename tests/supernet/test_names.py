"""Ids of nodes as names of modules."""

from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ssrdsl.supernet.names import escape, unescape


def test_a_dot_is_written_as_a_slash():
    assert escape("quarter.joint[2].(d,s)=(4,2).conv_2") == "quarter/joint[2]/(d,s)=(4,2)/conv_2"


@given(st.text(alphabet="ab./%2F5[](),=_·", min_size=1))
def test_every_id_comes_back_and_is_the_name_of_a_module(node):
    assert unescape(escape(node)) == node
    assert list(nn.ModuleDict({escape(node): nn.Identity()})) == [escape(node)]


@given(st.lists(st.text(alphabet="a./%2F5", min_size=1), unique=True))
def test_different_ids_have_different_names(nodes):
    assert len({escape(node) for node in nodes}) == len(nodes)
