"""What every answer of the API is made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    """One shape of an answer.

    Not ninja's Schema, which looks each field of each row up through Python, and all of them again when the answer is
    written: of a hundred services that was two thirds of the time. What is asked with may be a Schema.
    """

    model_config = ConfigDict(from_attributes=True)
