import plan
from runs import Cell, Problem, seed


def test_every_suite_has_24_functions_each_in_one_group() -> None:
    for suite in plan.SUITES.values():
        assert len(suite.functions) == len(set(suite.functions)) == 24


def test_quick_is_a_part_of_full() -> None:
    full = {cell for cell, _ in plan.cells(plan.PROFILES["full"], (), (), ())}
    quick = {cell for cell, _ in plan.cells(plan.PROFILES["quick"], (), (), ())}
    assert quick < full
    assert set(plan.PROFILES["quick"].instances) <= set(plan.PROFILES["full"].instances)


def test_columns_end_at_their_largest_dimension() -> None:
    dimensions = {name: [cell.dimension for cell, _ in plan.cells(
        plan.PROFILES["full"], ("bbob",), (name,), ())] for name in plan.COLUMNS}
    assert dimensions["automatic"] == [2, 3, 5, 10, 20, 40]
    assert dimensions["ngopt"] == [2, 3, 5, 10, 20]
    assert dimensions["tpe"] == [2, 3, 5, 10]


def test_slow_columns_run_less_of_the_quick_profile() -> None:
    cells = [cell for cell, _ in plan.cells(plan.PROFILES["quick"], (), ("tpe",), ())]
    assert cells == [Cell("bbob", "tpe", 5)]


def test_cells_come_in_the_order_asked_for() -> None:
    cells = [cell for cell, _ in plan.cells(plan.PROFILES["full"], ("bbob",), ("cma", "random"),
                                            (20, 5, 7))]
    assert cells == [Cell("bbob", "cma", 20), Cell("bbob", "cma", 5), Cell("bbob", "random", 20),
                     Cell("bbob", "random", 5)]


def test_every_function_comes_before_the_second_instance() -> None:
    problems = plan.problems(plan.SUITES["bbob"], (1, 2))
    assert len(problems) == 48
    assert {problem.instance for problem in problems[:24]} == {1}


def test_seed_is_of_the_problem_and_not_of_the_algorithm() -> None:
    problem = Problem(3, 1)
    assert seed(Cell("bbob", "cma", 5), problem) == seed(Cell("bbob", "random", 5), problem)
    assert seed(Cell("bbob", "cma", 5), problem) != seed(Cell("bbob", "cma", 10), problem)
    assert 0 <= seed(Cell("bbob", "cma", 5), problem) < 2**31
