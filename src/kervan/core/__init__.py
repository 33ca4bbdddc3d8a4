"""Vocabulary shared by every floor: errors, names, units, results, messages. No economics."""
