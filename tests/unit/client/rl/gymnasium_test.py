"""Our environments against gymnasium's: the same states and actions, the same next states.

POLYSTEP_BIN is the folder of polystep-rl-trace.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium_episodes import ENVIRONMENTS, Move, play

# Of one step from the same state, and of our own states after many of them. Without a policy that
# looks at them both systems are unstable: a last bit grows over an episode, whoever computes it.
STEP_TOLERANCE = 1e-12
ON_OUR_OWN = 100
TOLERANCE_ON_OUR_OWN = 1e-9
HORIZON = 500


def trace(task: str, lines: list[str]) -> np.ndarray:
    """Rows of the next state, the reward and whether the episode ended, as ours has them."""
    program = Path(os.environ["POLYSTEP_BIN"]) / "polystep-rl-trace"
    done = subprocess.run([program, task], input="\n".join(lines) + "\n", text=True, check=True,
                          capture_output=True)
    return np.array([[float(word) for word in line.split()] for line in done.stdout.splitlines()])


def from_state(move: Move) -> str:
    return " ".join([*map(repr, move.state), str(move.action)])


@pytest.mark.parametrize("chance", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("task", ENVIRONMENTS)
@pytest.mark.parametrize("seed", range(4))
def test_episode_same_states_and_actions_same_next_states(task, seed, chance):
    moves = list(play(task, seed, chance))
    wanted = np.array([[*m.next_state, m.reward, m.terminated] for m in moves])
    steps = trace(task, [from_state(move) for move in moves])
    np.testing.assert_allclose(steps, wanted, rtol=0.0, atol=STEP_TOLERANCE)
    alone = trace(task, [from_state(moves[0]), *(str(m.action) for m in moves[1:ON_OUR_OWN])])
    np.testing.assert_allclose(alone, wanted[:ON_OUR_OWN], rtol=0.0, atol=TOLERANCE_ON_OUR_OWN)


@pytest.mark.parametrize("task", ENVIRONMENTS)
def test_time_limit_is_ours(task):
    assert gymnasium.spec(ENVIRONMENTS[task]).max_episode_steps == HORIZON


def test_episodes_cover_their_ends():
    """So that the comparison above is one of whole episodes: to the limit, and to a success."""
    assert len(list(play("cartpole", 0, 0.0))) == HORIZON
    swung_up = list(play("acrobot", 0, 0.0))
    assert swung_up[-1].terminated and len(swung_up) < HORIZON
