from hypothesis import given
from hypothesis import strategies as st

from observant.evidence.merkle import (
    Frontier,
    consistency_path,
    extends,
    includes,
    inclusion_path,
    leaf_hash,
    tree_root,
)

LEAVES = [leaf_hash(b"%d" % number) for number in range(70)]


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proven_in_its_place_only(size, data):
    index = data.draw(st.integers(0, size - 1))
    path, root = inclusion_path(LEAVES[:size], index), tree_root(LEAVES[:size])

    assert includes(LEAVES[index], index, size, path, root)
    assert not any(includes(LEAVES[index], other, size, path, root) for other in range(size) if other != index)
    assert not includes(LEAVES[index], index, size, [*path, b"\0" * 32], root)


@given(st.integers(0, 70), st.integers(0, 70))
def test_every_tree_begins_with_each_smaller_one(old, new):
    old, new = sorted((old, new))
    path = consistency_path(LEAVES[:new], old)

    assert extends(old, tree_root(LEAVES[:old]), new, tree_root(LEAVES[:new]), path)
    if 0 < old:
        assert not extends(old, b"\1" * 32, new, tree_root(LEAVES[:new]), path)


def test_the_frontier_knows_every_root():
    frontier = Frontier()
    for size in range(71):
        assert tree_root(LEAVES[:size]) == frontier.root()
        if size < 70:
            frontier.append(LEAVES[size])
