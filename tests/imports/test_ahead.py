"""What comes next is made while somebody is busy with what came before."""

from threading import Event, current_thread

import pytest

from imports.ahead import ahead


def test_each_value_is_made_while_the_one_before_is_used():
    made = [Event() for _ in range(3)]

    def steps():
        for number, event in enumerate(made):
            event.set()
            yield number

    for number in ahead(steps()):
        assert number == 2 or made[number + 1].wait(10)


def test_what_goes_wrong_is_raised_after_the_values_before_it():
    def steps():
        yield 1
        raise KeyboardInterrupt

    values = ahead(steps())
    assert next(values) == 1
    with pytest.raises(KeyboardInterrupt):
        next(values)


def test_whoever_stops_early_closes_it_where_it_ran():
    threads = []

    def steps():
        try:
            yield from range(9)
        finally:
            threads.append(current_thread().name)

    values = ahead(steps())
    assert next(values) == 0
    values.close()
    assert threads == ["ahead_0"]
