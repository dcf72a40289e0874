"""Judgement: rules as pure functions of facts, findings, and the arithmetic that turns findings into verdicts."""
