// CartPole and Acrobot against moves of gymnasium's own environments (make_reference.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "client/examples/rl/acrobot.h"
#include "client/examples/rl/angle.h"
#include "client/examples/rl/cart_pole.h"

namespace polystep::rl {
namespace {

struct Move {
  std::array<double, 4> state;
  int action;
  std::array<double, 4> next;
  double reward;
  bool terminated;
};

std::vector<Move> ReferenceMoves(const std::string& task) {
  std::ifstream file("tests/unit/client/rl/reference_episodes.txt");
  std::vector<Move> moves;
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    std::string name;
    stream >> name;
    if (name != task) continue;
    Move move;
    for (double& value : move.state) stream >> value;
    stream >> move.action;
    for (double& value : move.next) stream >> value;
    stream >> move.reward >> move.terminated;
    EXPECT_FALSE(stream.fail()) << line;
    moves.push_back(move);
  }
  return moves;
}

template <class Environment>
void ExpectReference(const std::string& task) {
  const std::vector<Move> moves = ReferenceMoves(task);
  ASSERT_GT(moves.size(), 100u);
  for (const Move& move : moves) {
    const auto outcome = Environment::Step(move.state, move.action);
    for (int i = 0; i < 4; ++i) EXPECT_NEAR(outcome.state[i], move.next[i], 1e-12);
    EXPECT_EQ(outcome.reward, move.reward);
    EXPECT_EQ(outcome.terminated, move.terminated);
  }
  EXPECT_TRUE(std::any_of(moves.begin(), moves.end(), [](const Move& m) { return m.terminated; }));
}

TEST(Environment_Test, CartPole_ReferenceMoves_AreTheSame) {
  ExpectReference<CartPole>("cartpole");
}

TEST(Environment_Test, Acrobot_ReferenceMoves_AreTheSame) { ExpectReference<Acrobot>("acrobot"); }

TEST(Environment_Test, CartPole_OutOfBounds_Terminates) {
  EXPECT_FALSE(CartPole::Step({2.39, 0.0, 0.0, 0.0}, 1).terminated);
  EXPECT_TRUE(CartPole::Step({2.39, 1.0, 0.0, 0.0}, 1).terminated);
  EXPECT_TRUE(CartPole::Step({-2.39, -1.0, 0.0, 0.0}, 0).terminated);
  EXPECT_TRUE(CartPole::Step({0.0, 0.0, 0.2094, 0.1}, 0).terminated);
  EXPECT_TRUE(CartPole::Step({0.0, 0.0, -0.2094, -0.1}, 0).terminated);
}

TEST(Environment_Test, Acrobot_FastLinks_AreWrappedAndBounded) {
  const auto outcome = Acrobot::Step({3.1, -3.1, 12.5, -28.2}, 2);
  EXPECT_LE(std::abs(outcome.state[0]), kPi);
  EXPECT_LE(std::abs(outcome.state[1]), kPi);
  EXPECT_LE(std::abs(outcome.state[2]), 4.0 * kPi);
  EXPECT_LE(std::abs(outcome.state[3]), 9.0 * kPi);
}

template <class Environment>
void ExpectStartsWithin(double most, double spread) {
  double largest = 0.0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random(seed, 0, 0, Draw::kInitial);
    for (double value : Environment::Reset(random)) largest = std::max(largest, std::abs(value));
  }
  EXPECT_LE(largest, most);
  EXPECT_GT(largest, spread);
}

TEST(Environment_Test, Reset_ManySeeds_AreSpreadAsInGymnasium) {
  ExpectStartsWithin<CartPole>(0.05, 0.049);
  ExpectStartsWithin<Acrobot>(0.1f, 0.098);
}

TEST(Environment_Test, Observe_State_IsInSinglePrecision) {
  EXPECT_EQ(CartPole::Observe({0.1, 0.2, 0.3, 0.4})[3], 0.4f);
  const auto seen = Acrobot::Observe({kPi / 2.0, -kPi / 6.0, 1.5, -2.5});
  const std::array<float, 6> wanted = {0.0f, 1.0f, 0.8660254f, -0.5f, 1.5f, -2.5f};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(seen[i], wanted[i], 1e-7);
}

TEST(Environment_Test, SinCosOf_Angles_AreThoseOfTheLibrary) {
  for (double x = -20.0; x < 20.0; x += 0.0173) {
    EXPECT_NEAR(SinCosOf(x).sin, std::sin(x), 1e-14) << x;
    EXPECT_NEAR(SinCosOf(x).cos, std::cos(x), 1e-14) << x;
  }
  EXPECT_EQ(SinCosOf(-1e-9).sin, -SinCosOf(1e-9).sin);
}

}  // namespace
}  // namespace polystep::rl
