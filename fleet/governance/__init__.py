"""What people decide: the policy in force and the waivers that stand."""
