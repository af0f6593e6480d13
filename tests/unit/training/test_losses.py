"""The triplet loss by hand: which way it pulls, and how hard."""

from __future__ import annotations

import pytest
import torch
from asa_training.losses import fixed_triplets, graded_margin, graded_triplets, triplet
from hypothesis import given
from hypothesis import strategies as st


def at(*degrees: float) -> torch.Tensor:
    """Vectors of length three at these angles. Shape: (n, 2)."""
    angle = torch.deg2rad(torch.tensor(degrees))
    return 3 * torch.stack([angle.cos(), angle.sin()], dim=1)


def test_by_hand():
    # cos 60 = 0.5 to the positive, cos 90 = 0 to the negative: relu(0 - 0.5 + 1) = 0.5.
    loss = triplet(at(0), at(60), at(90), margin=torch.ones(1))
    torch.testing.assert_close(loss, torch.tensor([0.5]), atol=1e-6, rtol=0)
    # cos 180 = -1: relu(-1 - 0.5 + 1) = 0.
    assert triplet(at(0), at(60), at(180), margin=torch.ones(1)).item() == 0


@given(
    good=st.floats(5, 175), near=st.floats(5, 175), far=st.floats(5, 175), margin=st.floats(0, 1.5)
)
def test_a_negative_pulled_in_costs_and_a_positive_pulled_in_pays(good, near, far, margin):
    near, far = sorted((near, far))
    margins = torch.tensor([margin])
    pulled_in = triplet(at(0), at(good), at(near), margin=margins)
    pushed_out = triplet(at(0), at(good), at(far), margin=margins)
    assert pulled_in >= pushed_out - 1e-6
    assert triplet(at(0), at(near), at(good), margin=margins) <= (
        triplet(at(0), at(far), at(good), margin=margins) + 1e-6
    )


def test_a_step_down_the_gradient_pushes_the_negative_out():
    anchor, positive = at(0), at(40)
    negative = at(50).requires_grad_()
    triplet(anchor, positive, negative, margin=torch.ones(1)).sum().backward()
    moved = negative.detach() - 0.1 * negative.grad
    cosine = torch.nn.functional.cosine_similarity
    assert cosine(anchor, moved) < cosine(anchor, negative.detach())


def test_the_margin_grows_with_the_gap():
    gaps = torch.tensor([0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
    wanted = torch.tensor([0.25, 0.5, 1.0, 1.5, 1.5, 1.5])
    torch.testing.assert_close(graded_margin(gaps), wanted)


def test_all_pairs_that_differ_by_hand():
    # Severities 0, 0.05, 0.4: the pairs (0, 0.4) and (0.05, 0.4) count, (0, 0.05) does not.
    embeddings = at(0, 30, 90, 60)[None]
    cos = {30: 0.8660254, 60: 0.5, 90: 0.0}
    first = max(cos[60] - cos[30] + 1.0, 0)
    second = max(cos[60] - cos[90] + 0.875, 0)
    found = graded_triplets(embeddings, torch.tensor([[0.0, 0.05, 0.4]]))
    assert found.item() == pytest.approx((first + second) / 2, abs=1e-5)


def test_no_pairs_no_loss_and_still_a_gradient_path():
    embeddings = at(0, 30, 90)[None].requires_grad_()
    loss = graded_triplets(embeddings, torch.tensor([[0.3, 0.35]]))
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(embeddings.grad).all()


@given(st.permutations(range(4)), st.integers(0, 99))
def test_the_order_of_the_performances_does_not_matter(order, seed):
    torch.manual_seed(seed)
    embeddings, severity = torch.randn(2, 5, 6), torch.rand(2, 4)
    shuffled = torch.cat([embeddings[:, :1], embeddings[:, 1:][:, list(order)]], dim=1)
    torch.testing.assert_close(
        graded_triplets(shuffled, severity[:, list(order)]), graded_triplets(embeddings, severity)
    )


def test_embeddings_in_the_order_of_their_severity_cost_nothing():
    severity = torch.tensor([[0.0, 0.2, 0.4]])
    # Cosines 1, 0.4, -0.6: gaps of at least 2.5 times the gap in severity.
    angles = torch.rad2deg(torch.acos(torch.tensor([1.0, 0.4, -0.6])))
    ordered = at(0, *angles.tolist())[None]
    assert graded_triplets(ordered, severity).item() == pytest.approx(0, abs=1e-5)
    assert graded_triplets(ordered, severity.flip(1)).item() > 1


def test_a_fixed_margin_by_hand():
    # Severities 0.2 and 0.1 are good (labels 80 and 90), 0.61 is poor (39), 0.6 is neither (40).
    embeddings = at(0, 30, 60, 90, 120)[None]
    cos = {30: 0.8660254, 60: 0.5, 90: 0.0}
    pairs = [cos[90] - cos[30] + 1.0, cos[90] - cos[60] + 1.0]
    found = fixed_triplets(embeddings, torch.tensor([[0.2, 0.1, 0.61, 0.6]]))
    assert found.item() == pytest.approx(sum(pairs) / 2, abs=1e-5)
    wider = fixed_triplets(embeddings, torch.tensor([[0.2, 0.1, 0.61, 0.6]]), margin=1.5)
    assert wider.item() == pytest.approx(sum(pairs) / 2 + 0.5, abs=1e-5)


@given(near=st.floats(5, 175), far=st.floats(5, 175), good=st.floats(5, 175))
def test_with_a_fixed_margin_a_negative_pulled_in_costs(near, far, good):
    near, far = sorted((near, far))
    severity = torch.tensor([[0.0, 1.0]])
    pulled_in, pushed_out = (
        fixed_triplets(at(0, good, poor)[None], severity) for poor in (near, far)
    )
    assert pulled_in >= pushed_out - 1e-6


def test_no_good_and_poor_clip_no_loss():
    embeddings = at(0, 30, 90)[None].requires_grad_()
    loss = fixed_triplets(embeddings, torch.tensor([[0.3, 0.9]]))
    loss.backward()
    assert loss.item() == 0
    assert torch.isfinite(embeddings.grad).all()
