"""The rules, a folder to a pillar and a module to a rule; found by walking these folders."""
