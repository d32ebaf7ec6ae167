"""What was acknowledged is there after the server was killed."""

from tests.server.killing import Ledger, kill_rounds


def test_acknowledged_writes_survive_kill_9(tmp_path):
    """Kill -9 among writes, overwrites and deletions: what was acknowledged stands, and no half object is listed."""
    ledgers = kill_rounds(tmp_path, rounds=1)
    assert sum(ledger.writes for ledger in ledgers) >= 20
    assert all(ledger.acknowledged for ledger in ledgers)


def test_a_loss_would_be_seen():
    """The ledger takes what was acknowledged last or asked for since, and nothing else."""
    ledger = Ledger()
    ledger.settle("a", "1")
    assert ledger.allows("a", "1")
    assert not ledger.allows("a", None)
    ledger.open["a"] = "2"
    assert ledger.allows("a", "2")
    assert not ledger.allows("a", "3")
    ledger.open["a"] = ""
    assert ledger.allows("a", None)
    ledger.settle("a", None)
    assert not ledger.allows("a", "1")
