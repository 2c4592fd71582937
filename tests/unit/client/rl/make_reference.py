"""Writes reference_episodes.txt beside this file: make_reference.py, in an environment with gymnasium.

A line is a move: the task, the state, the action, the next state, the reward, 1 if the episode ended.
"""

from pathlib import Path

import gymnasium
from gymnasium_episodes import play

# Task, seed, share of random actions, moves at most.
EPISODES = (("cartpole", 1, 1.0, 500), ("cartpole", 2, 0.1, 60), ("acrobot", 1, 0.0, 150),
            ("acrobot", 2, 1.0, 40))


def main():
    lines = [f"# Made by make_reference.py with gymnasium {gymnasium.__version__}."]
    for task, seed, chance, most in EPISODES:
        for _, move in zip(range(most), play(task, seed, chance)):
            numbers = (*move.state, move.action, *move.next_state, move.reward,
                       int(move.terminated))
            lines.append(" ".join([task, *map(repr, numbers)]))
    Path(__file__).with_name("reference_episodes.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
