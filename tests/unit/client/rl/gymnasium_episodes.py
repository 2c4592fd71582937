"""Episodes of gymnasium's own environments, as numbers: what ours are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

import gymnasium
import numpy as np

ENVIRONMENTS = {"cartpole": "CartPole-v1", "acrobot": "Acrobot-v1"}


@dataclass(frozen=True)
class Move:
    state: tuple[float, ...]
    action: int
    next_state: tuple[float, ...]
    reward: float
    terminated: bool


def _skilled(task: str, state: np.ndarray) -> int:
    """Balances the pole throughout; swings the acrobot up."""
    if task == "cartpole":
        return int(0.1 * state[0] + 0.3 * state[1] + 2.0 * state[2] + state[3] > 0.0)
    return 0 if state[2] > 0.0 else 2


def play(task: str, seed: int, chance: float) -> Iterator[Move]:
    """One episode, to its end or its time limit. `chance` of the actions are drawn at random."""
    env = gymnasium.make(ENVIRONMENTS[task])
    env.reset(seed=seed)
    random = np.random.default_rng(seed)
    over = False
    while not over:
        state = np.array(env.unwrapped.state, dtype=np.float64)
        action = _skilled(task, state)
        if random.random() < chance:
            action = int(random.integers(env.action_space.n))
        _, reward, terminated, truncated, _ = env.step(action)
        following = np.array(env.unwrapped.state, dtype=np.float64)
        yield Move(tuple(state.tolist()), action, tuple(following.tolist()), float(reward),
                   bool(terminated))
        over = terminated or truncated
    env.close()
