from benchmarks.lines import call_for


def test_work_is_done_at_least_once():
    """Without time there is one call; its seconds are told."""
    calls = []
    turn = call_for(lambda: calls.append(1), 0.0)
    assert (turn.done, len(calls), len(turn.seconds)) == (1, 1, 1)
    assert turn.elapsed_s == sum(turn.seconds)


def test_calls_have_a_limit():
    """However much time there is, no more calls are made than allowed."""
    assert call_for(lambda: None, 60.0, calls_max=7).done == 7
