"""Some random sequences of edits, commits, snapshots, restores and undos."""
import unittest

import sequences


class Some(sequences.Sequence):
    first_seed, sequences = 1, 12


if __name__ == "__main__":
    unittest.main()
