from sqlalchemy import VARCHAR, String


def code_point_text(length: int) -> String:
    """Make the type of a text that is sorted, or compared by order, by code point, whatever the database's language."""
    return String(length).with_variant(VARCHAR(length, collation="C"), "postgresql")
