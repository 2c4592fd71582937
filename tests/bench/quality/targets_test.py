from targets import TARGETS, FirstHits


def test_targets_are_cocos_51() -> None:
    assert len(TARGETS) == 51
    assert TARGETS[0] == 100.0
    assert abs(TARGETS[50] / 1e-8 - 1) < 1e-12


def test_hits_of_one_good_evaluation_are_all_its_own() -> None:
    reached = FirstHits()
    reached.record(1, 250.0)
    reached.record(2, 1.0)  # 100 down to 1: eleven targets
    assert reached.hits == [2] * 11
    assert not reached.complete


def test_a_worse_evaluation_changes_nothing() -> None:
    reached = FirstHits()
    reached.record(1, 90.0)
    reached.record(2, 95.0)
    reached.record(3, float("nan"))
    assert reached.hits == [1]
    assert reached.best_gap == 90.0


def test_a_gap_equal_to_the_target_reaches_it() -> None:
    reached = FirstHits()
    reached.record(7, TARGETS[3])
    assert reached.hits == [7] * 4


def test_the_last_target_completes() -> None:
    reached = FirstHits()
    reached.record(5, -1e-12)  # rounding of the optimal value
    assert reached.complete
    assert reached.hits == [5] * 51
