"""The signed metadata of Notary v1: TUF of 2014, in its own JSON, with its own names, and with keys in certificates."""
